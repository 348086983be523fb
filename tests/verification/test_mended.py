"""Ways that once led to `allow`, a hang or a crash, each shown closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import only
from tests.verification.conftest import SOON_AFTER, Seen, Verify
from verifier import strictjson
from verifier.errors import LimitExceeded, UsageError
from verifier.oci import parse_reference
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification import verify as verify_images
from verifier.verification.metered import Meter


def evil_entries(publisher: Publisher) -> list[Any]:
    evil = publisher.image(omit={"*"}, user="root", platforms=("linux/amd64",))
    entries: list[Any] = evil.document(evil.index_digest)["manifests"]
    return entries


@pytest.mark.parametrize("name", ["Manifests", "MANIFESTS", "manife\u017fts", "Config", "Layers", "Subject"])
def test_B15_A12_members_of_an_index_that_differ_in_case(publisher: Publisher, verify: Verify, name: str) -> None:
    entries = evil_entries(publisher)
    seen = verify(publisher.image(index=lambda index: {**index, name: entries}).registry())

    assert (seen.exit_code, seen.image.verdict) == (5, "error")
    assert "case" in seen.image.reasons[0]


@pytest.mark.parametrize("name", ["Digest", "Size", "Platform", "mediatype"])
def test_B15_members_of_a_descriptor_that_differ_in_case(publisher: Publisher, verify: Verify, name: str) -> None:
    (evil, *_) = evil_entries(publisher)

    def smuggle(index: Any) -> Any:
        first, *rest = index["manifests"]
        return {**index, "manifests": [{**first, name: evil.get(name.lower(), "x")}, *rest]}

    assert verify(publisher.image(index=smuggle).registry()).exit_code == 5


@pytest.mark.parametrize("change", [{"Config": {"User": "root"}}, {"OS": "linux"}])
def test_B15_members_of_a_configuration_that_differ_in_case(
    publisher: Publisher, verify: Verify, change: dict[str, Any]
) -> None:
    image = publisher.image(image_config=lambda platform, config: {**config, **change})

    assert verify(image.layout()).exit_code == 5


def test_B15_user_in_another_case(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(
        image_config=lambda platform, config: {**config, "config": {**config["config"], "user": "root"}}
    )

    assert verify(image.layout()).exit_code == 5


def test_B19_a_duplicate_is_found_among_very_many_members() -> None:
    body = "{" + ",".join(f'"{n}":0' for n in range(60_000)) + ',"59999":0}'

    with pytest.raises(strictjson.JSONRefused, match="59999"):
        strictjson.loads(body.encode())


@pytest.mark.parametrize("predicate", [None, "text", {}, [], 1])
@pytest.mark.parametrize("kind", ["provenance", "sbom"])
def test_B23_G11_required_evidence_that_cannot_be_read(
    publisher: Publisher, verify: Verify, kind: str, predicate: Any
) -> None:
    image = publisher.image(statement=only(kind, lambda statement: {**statement, "predicate": predicate}))

    seen = verify(image.layout())

    assert seen.exit_code == 1, (kind, predicate)


def vex(status: str, when: str) -> Any:
    statement = {
        "vulnerability": {"name": "CVE-2026-0001"},
        "products": [{"@id": "pkg:deb/debian/bash@5.2"}],
        "status": status,
        "timestamp": when,
    }
    return {"@context": "https://openvex.dev/ns", "author": "x", "timestamp": when, "statements": [statement]}


def test_J13_G04_both_versions_of_a_predicate_type_are_read(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(extra=(("https://openvex.dev/ns", vex("affected", "2026-01-10T00:00:00Z")),))

    seen = verify(image.layout())

    assert [entry.status for entry in seen.all("https://openvex.dev/ns")] == ["verified"]


def test_A05_G01_a_platform_without_evidence_is_refused_by_any_policy(
    publisher: Publisher, key_files: dict[str, str], policy_file: Callable[[str], str], tmp_path: Path
) -> None:
    (tmp_path / "own.rego").write_text(
        "# METADATA\n# custom:\n#   evidence: []\npackage docker.scout\n\nimport rego.v1\n\npass := true\n"
    )
    text = f"version: 1\nname: own\nimages:\n  - match: '*'\n    trust: {{keyFiles: [{key_files['publisher']}]}}\n"
    text += f"    rules: [{{path: {tmp_path / 'own.rego'}}}]\n"
    image = publisher.image()
    image.listings[image["arm64"].digest] = []

    seen = Seen(verify_images([image.registry()], Options(policy=policy_file(text), effective_time=SOON_AFTER)))

    assert seen.exit_code == 1
    assert seen.platform("linux/arm64").verdict == "deny"
    assert "linux/arm64" in seen.image.reasons[0]


def test_A27_as_takes_no_digest(publisher: Publisher, verify: Verify) -> None:
    with pytest.raises(UsageError, match="--as"):
        verify(publisher.image().layout(), requested=f"dhi.io/python:3.99@sha256:{'a' * 64}")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("dhi.io:443/python", "dhi.io/python"),
        ("docker.io:443/acme/dhi-python", "docker.io/acme/dhi-python"),
        ("registry-1.docker.io/acme/dhi-python", "docker.io/acme/dhi-python"),
    ],
)
def test_G14_other_spellings_of_a_registry_are_the_same_registry(text: str, name: str) -> None:
    assert parse_reference(text).name == name


def test_K14_a_narrowed_choice_pins_the_platform_that_was_judged(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()

    one = verify(image.layout(), platforms=("linux/amd64",))
    both = verify(image.layout(), platforms=("linux/amd64", "linux/arm64"))

    assert one.image.pinned.endswith(image["amd64"].digest)
    assert both.image.pinned == ""
    assert verify(image.layout()).image.pinned.endswith(image.index_digest)


def test_I03_all_that_one_image_makes_us_fetch_is_bounded() -> None:
    meter = Meter("the pieces", 10)
    meter.take(6)

    with pytest.raises(LimitExceeded, match="together"):
        meter.take(5)


def test_I03_I04_configurations_without_end_are_a_registry_error(publisher: Publisher, verify: Verify) -> None:
    def swell(platform: str, config: Any) -> Any:
        return {**config, "history": [{"comment": "x" * 1000}] * 2500}

    seen = verify(publisher.image(image_config=swell, omit={"*"}).registry())

    assert (seen.exit_code, seen.image.verdict) == (5, "error")


def test_two_keys_in_one_run(publisher: Publisher, key_files: dict[str, str]) -> None:
    additions = Additions(key_files=tuple(key_files.values()))

    report = verify_images([publisher.image().layout()], Options(additions=additions, effective_time=SOON_AFTER))

    assert report.exit_code == 0
