"""What policy and command line add: patterns, names, enforcement, keys, rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.verification.conftest import SOON_AFTER, Seen, Verify
from verifier.errors import ConfigurationError, UsageError
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification import verify as verify_images

RULE = """\
package docker.scout

import rego.v1

default pass := false

pass if {condition}
"""


def document(rules: str = "- pack: dhi", match: str = '"*"', more: str = "") -> str:
    return f"""\
version: 1
name: team
images:
  - match: {match}
    trust:
      keys: [dhi-2]
    require:
      - kind: malware
    rules:
      {rules}
{more}"""


@pytest.fixture
def judge(key_files: dict[str, str], policy_file: Callable[[str], str]) -> Callable[..., Seen]:
    def run(reference: str, text: str, **options: Any) -> Seen:
        additions = Additions(key_files=(key_files["publisher"],))
        given = {"policy": policy_file(text), "additions": additions, "effective_time": SOON_AFTER, **options}
        return Seen(verify_images([reference], Options(**given)))

    return run


def test_the_report_names_the_policy_with_path_and_digest(publisher: Publisher, judge: Any) -> None:
    seen = judge(publisher.image().layout(), document())

    assert seen.exit_code == 0
    assert seen.report.policy.name == "team"
    assert seen.report.policy.path.endswith("policy.yaml")
    assert seen.report.policy.digest.startswith("sha256:")


def test_G13_no_section_for_the_image_means_refused(publisher: Publisher, judge: Any) -> None:
    seen = judge(publisher.image().layout(), document(match="dhi.io/*"))

    assert (seen.exit_code, seen.image.verdict) == (1, "deny")
    assert "no section" in seen.why


def test_G14_names_are_normalised_before_they_are_matched(publisher: Publisher, judge: Any) -> None:
    text = document(match="docker.io/library/python")

    assert judge(publisher.image().layout(), text, requested="python:3.13").exit_code != 2
    assert "no section" not in judge(publisher.image().layout(), text, requested="index.docker.io/library/python").why


@pytest.mark.parametrize("damage", [{"omit": {"*"}}, {"unsigned": {"*"}}, {"omit": {"malware"}}])
def test_G17_enforce_false_lets_through_and_says_so(publisher: Publisher, judge: Any, damage: Any) -> None:
    seen = judge(publisher.image(**damage).layout(), document(more="    enforce: false\n"))

    assert (seen.exit_code, seen.image.verdict, seen.image.enforced) == (0, "warn", False)
    assert seen.image.reasons


def test_enforce_false_does_not_soften_errors(publisher: Publisher, judge: Any) -> None:
    assert judge("oci:/does/not/exist", document(more="    enforce: false\n")).exit_code == 5


def test_a_rule_that_only_warns(publisher: Publisher, judge: Any) -> None:
    rules = "- pack: dhi\n        effects: {dhi-no-embedded-malware: warn, dhi-required-evidence: warn}"

    seen = judge(publisher.image(omit={"malware"}).layout(), document(rules))

    assert (seen.exit_code, seen.image.verdict) == (0, "warn")
    assert seen.rule("dhi-no-embedded-malware").effect == "warn"


def test_G16_C06_effects_for_a_rule_that_does_not_exist(publisher: Publisher, judge: Any) -> None:
    with pytest.raises(ConfigurationError, match="no-such-rule"):
        judge(publisher.image().layout(), document("- pack: dhi\n        effects: {no-such-rule: warn}"))


def test_G15_a_pack_that_does_not_exist(publisher: Publisher, judge: Any) -> None:
    with pytest.raises(ConfigurationError, match="dhi"):
        judge(publisher.image().layout(), document("- pack: nonesuch"))


def test_an_own_rule_decides_beside_the_pack(publisher: Publisher, verify: Verify, tmp_path: Path) -> None:
    rule = tmp_path / "small-sbom.rego"
    rule.write_text(
        RULE.format(condition='count(oci.referrer("https://spdx.dev/Document").statement.predicate.packages) < 3')
    )

    seen = verify(publisher.image().layout(), rules=(str(rule),))

    assert seen.exit_code == 1
    assert seen.rule("small-sbom").result == "fail"


def test_H01_a_rule_that_does_not_compile_ends_the_run(publisher: Publisher, verify: Verify, tmp_path: Path) -> None:
    rule = tmp_path / "broken.rego"
    rule.write_text("package docker.scout\n\nimport rego.v1\n\npass if {\n")

    with pytest.raises(ConfigurationError, match=r"broken\.rego"):
        verify(publisher.image().layout(), rules=(str(rule),))


def test_H05_an_endless_rule_is_unknown_and_harms_no_other(
    publisher: Publisher, verify: Verify, tmp_path: Path
) -> None:
    rule = tmp_path / "endless.rego"
    big = "numbers.range(1, 4000)"
    rule.write_text(
        RULE.format(condition=f"count([1 | some a in {big}; some b in {big}; some c in {big}; a + b + c < 0]) > 0")
    )

    seen = verify(publisher.image(platforms=("linux/amd64",)).layout(), rules=(str(rule),))

    assert seen.exit_code == 1
    assert seen.rule("endless").result == "unknown"
    assert seen.rule("dhi-no-embedded-malware").result == "pass"


def test_policy_config_reaches_its_rule_and_switches_rules_off(
    publisher: Publisher, verify: Verify, tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"policies": [{"name": "dhi-no-embedded-malware", "enabled": false}]}')

    seen = verify(publisher.image().layout(), policy_config=str(config))

    assert "dhi-no-embedded-malware" not in {rule.id for rule in seen.platform().rules}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"policies": 1}', '{"policies": [], "x": 1}', '{"policies": [{"name": "x"}]}']
)
def test_G15_policy_config_that_is_none(publisher: Publisher, verify: Verify, tmp_path: Path, text: str) -> None:
    config = tmp_path / "config.json"
    config.write_text(text)

    with pytest.raises(ConfigurationError):
        verify(publisher.image().layout(), policy_config=str(config))


def test_platform_narrows_the_choice(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(statement_subject={"malware": "sha256:" + "0" * 64})

    seen = verify(publisher.image().layout(), platforms=("linux/arm64/v8",))

    assert [platform.platform for platform in seen.image.platforms] == ["linux/arm64"]
    assert verify(image.layout(), platforms=("linux/arm64",)).exit_code == 1


def test_a_platform_that_the_image_does_not_have(publisher: Publisher, verify: Verify) -> None:
    with pytest.raises(UsageError, match="linux/amd64, linux/arm64"):
        verify(publisher.image().layout(), platforms=("linux/s390x",))


@pytest.mark.parametrize(
    ("requested", "code"),
    [
        ("dhi.io/python:3.13", 0),
        ("dhi.io/node:3.13", 1),
        ("docker.io/acme/dhi-python:3.13", 0),
        ("docker.io/acme/dhi-node:3.13", 1),
        ("registry.example/mirror/dhi/python:3.13", 0),
        ("registry.example/mirror/dhi/node:3.13", 1),
        ("registry.example/mirror/dhi-python:3.13", 0),
        ("registry.example/mirror/dhi-node:3.13", 1),
        ("registry.example/mirror/node:3.13", 0),
        ("dhi.io/python:3.12", 1),
        ("docker.io/acme/dhi-python:3.12", 1),
        ("registry.example/mirror/dhi-python:3.12", 0),
    ],
)
def test_O13_A24_product_and_tag_must_be_the_signed_ones(
    publisher: Publisher, judge: Any, requested: str, code: int
) -> None:
    seen = judge(publisher.image().layout(), document(), requested=requested)

    assert seen.exit_code == code, seen.why


def test_a_tag_that_is_not_signed_warns_elsewhere(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image().layout(), requested="registry.example/mirror/dhi-python:3.12")

    assert (seen.exit_code, seen.image.verdict) == (0, "warn")


def test_A24_a_signed_index_names_no_tag_so_another_one_is_seen(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(sign_index=True).layout(), requested="dhi.io/python:latest")

    assert (seen.exit_code, seen.image.verdict) == (0, "warn")
    assert "latest" in seen.why


def test_A06_platforms_of_different_builds_are_joined_in_an_unsigned_index(
    publisher: Publisher, verify: Verify
) -> None:
    old = publisher.image(
        platforms=("linux/arm64",), tags=("3.12",), labels={"definition": "image/python/debian-13/3.12"}
    )
    image = publisher.image(
        platforms=("linux/amd64",),
        index=lambda index: {**index, "manifests": [*index["manifests"], *old.document(old.index_digest)["manifests"]]},
    )
    image.blobs |= old.blobs
    image.manifests |= old.manifests
    image.listings |= old.listings

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert seen.rule("dhi-platforms-agree").result == "fail"


def test_N02_the_gravest_of_several_images_decides(publisher: Publisher, key_files: dict[str, str]) -> None:
    good, bare = publisher.image().layout(), publisher.image(omit={"*"}).layout()
    options = Options(additions=Additions(key_files=(key_files["publisher"],)), effective_time=SOON_AFTER)

    for order in ([good, bare], [bare, good]):
        assert verify_images(order, options).exit_code == 3
    report = verify_images(["oci:/does/not/exist", good], options)
    assert (report.exit_code, report.verdict, report.complete) == (5, "error", False)
    assert [fault.exit_code for fault in report.errors] == [5]


def test_N03_no_image_at_all_is_a_wrong_call() -> None:
    with pytest.raises(UsageError):
        verify_images([], Options())
