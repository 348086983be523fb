"""Bases that are verified: what the hub decides becomes findings, and what it proves sharpens them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.dockerfile.conftest import Judged
from tests.publisher import keys
from verifier.dockerfile import Outcome, Request, Wanted, judge_sources, verify_images
from verifier.dockerfile.source import source_of
from verifier.oci import Settings
from verifier.policy import Additions
from verifier.verification import Options

SOON_AFTER = datetime(2026, 1, 20, tzinfo=UTC)


class Verifying:
    """`verifying(text)` judges a Dockerfile with its images; `asked` is what was to be verified."""

    def __init__(self, key: Path) -> None:
        self.key = key
        self.asked: list[Wanted] = []

    def __call__(self, text: str, **request: Any) -> Judged:
        def verify(wanted: Wanted) -> Outcome:
            self.asked.append(wanted)
            options = Options(
                additions=Additions(key_files=(str(self.key),)),
                effective_time=SOON_AFTER,
                settings=Settings(jobs=4, timeout=20),
            )
            return verify_images(wanted, options)

        return Judged(judge_sources([source_of("Dockerfile", text.encode())], Request(**request), verify))


@pytest.fixture
def verifying(tmp_path: Path) -> Verifying:
    path = tmp_path / "publisher.pub"
    path.write_bytes(keys.publisher.public_pem)
    return Verifying(path)


def test_a_verified_base_leaves_nothing_but_the_digest_to_write(publisher: Publisher, verifying: Verifying) -> None:
    image = publisher.image(config={"Entrypoint": None, "Cmd": ["python3"]})
    reference = image.registry()

    judged = verifying(f'FROM {reference}\nCOPY app.py /app.py\nCMD ["python3", "/app.py"]\n')

    (entry,) = judged.report.images
    assert (judged.exit_code, judged.grave, judged.report.complete) == (0, [], True)
    assert (entry.reference, entry.verdict) == (reference, "allow")
    assert judged.only("no-digest").remedy == f"Write {reference}@{entry.digest}."
    assert judged.report.policy is not None


def test_N02_a_refused_base_is_an_error_wherever_it_stands(publisher: Publisher, verifying: Verifying) -> None:
    good = publisher.image().registry()
    bare = publisher.image(omit={"*"}, product="dhi/node").registry()

    judged = verifying(f'FROM {bare} AS build\nFROM {good}\nCOPY --from=build /a /a\nCMD ["/a"]\n')

    finding = judged.only("verification-refused")
    assert (judged.exit_code, finding.severity, finding.line) == (3, "error", 1)
    assert "no signed evidence was found" in finding.message


def test_evidence_of_a_stranger_gives_its_own_exit_code(publisher: Publisher, verifying: Verifying) -> None:
    reference = publisher.image(keys=(keys.stranger,)).registry()

    judged = verifying(f'FROM {reference}\nCMD ["/a"]\n')

    assert (judged.exit_code, judged.grave) == (4, ["error verification-refused"])


def test_N01_a_registry_that_is_not_there_is_no_pass(verifying: Verifying) -> None:
    judged = verifying('FROM 127.0.0.1:1/dhi/python:3.13\nCMD ["/a"]\n')

    assert (judged.exit_code, judged.report.complete) == (5, False)
    assert "could not be verified" in judged.only("verification-refused").message


def test_images_of_copy_and_mount_are_verified_too_and_each_once(publisher: Publisher, verifying: Verifying) -> None:
    good = publisher.image().registry()
    bad = publisher.image(omit={"*"}, product="dhi/node").registry()

    judged = verifying(
        f"FROM {good} AS a\nRUN --mount=from={bad},target=/x /x/y\nFROM {good}\nCOPY --from={bad} /a /a\n"
        f"ONBUILD COPY --from={bad} /a /a\n"
    )

    assert [set(one.platforms) for one in verifying.asked] == [{good, bad}]
    assert [finding.line for finding in judged.all("verification-refused")] == [2, 4, 5]
    assert len([one for one in publisher.registry().log if one.target.endswith("/manifests/3.13")]) == 2


@pytest.mark.parametrize(
    ("fields", "instruction", "expected"),
    [
        ({"user": "0"}, "", ["error verification-refused", "warning root-user"]),
        ({"user": ""}, "", ["error verification-refused", "warning root-user"]),
        ({"user": "postgres"}, "EXPOSE 80", ["warning privileged-port"]),
        ({"user": "0"}, "EXPOSE 80", ["error verification-refused", "warning root-user"]),
        ({"shell": ("bash",)}, "RUN echo hi", []),
        ({}, "RUN echo hi", ["error run-without-shell"]),
        ({"shell": ("bash",), "package_manager": ("apt",)}, "RUN apt-get update", []),
        ({"shell": ("bash",)}, "RUN apt-get update", ["error missing-package-manager"]),
        ({}, "HEALTHCHECK CMD curl x", ["error shell-form"]),
        ({}, "COPY --chmod=600 a b", ["error unreadable-file"]),
        ({"config": {"Env": ["WHO=0"]}}, "USER $WHO", ["error root-user"]),
        ({"config": {"Entrypoint": ["/usr/bin/app"]}}, "", ["warning command-after-entrypoint"]),
    ],
)
def test_what_the_configuration_says_is_known(
    publisher: Publisher, verifying: Verifying, fields: dict[str, Any], instruction: str, expected: list[str]
) -> None:
    reference = publisher.image(**fields).registry()

    assert verifying(f'FROM {reference}\n{instruction}\nCMD ["app"]\n').grave == expected


@pytest.mark.parametrize(
    ("config", "severity", "said"),
    [
        ({"Entrypoint": None, "Cmd": None}, "warning", "has none either"),
        ({"Entrypoint": ["/nginx"], "Cmd": ["-g", "x"]}, "note", "will run: /nginx -g x"),
    ],
)
def test_without_a_command_what_the_base_declares_counts(
    publisher: Publisher, verifying: Verifying, config: dict[str, Any], severity: str, said: str
) -> None:
    finding = verifying(f"FROM {publisher.image(config=config).registry()}\n").only("no-command")

    assert finding.severity == severity
    assert said in finding.message


def test_O13_a_build_variant_behind_a_runtime_tag_or_digest_is_found(
    publisher: Publisher, verifying: Verifying
) -> None:
    image = publisher.image(variant="dev", user="0", shell=("bash",), package_manager=("apt",))
    tag, digest = image.registry(), image.index_digest

    by_tag = verifying(f"FROM {tag} AS a\nFROM a\n")
    by_digest = verifying(f"FROM {tag.rpartition(':')[0]}@{digest}\n")

    assert "build-variant-in-final-stage" in [one.id for one in by_tag.report.findings]
    assert "build-variant-in-final-stage" in [one.id for one in by_digest.report.findings]


def test_a_base_under_another_name_passes_by_policy_alone(publisher: Publisher, verifying: Verifying) -> None:
    reference = publisher.image().registry("acme/golden")

    judged = verifying(f'FROM {reference}\nCMD ["/a"]\n')

    assert (judged.exit_code, judged.grave) == (0, ["warning base-not-hardened"])
    assert "though your policy allows it" in judged.only("base-not-hardened").message


def test_platforms_of_from_are_those_that_are_judged(publisher: Publisher, verifying: Verifying) -> None:
    reference = publisher.image().registry()

    judged = verifying(f'FROM --platform=linux/arm64 {reference}\nCMD ["/a"]\n', platforms=("linux/amd64",))

    assert judged.report.images[0].platforms == ("linux/arm64",)


def test_a_platform_that_an_image_does_not_have_is_an_error_of_that_image(
    publisher: Publisher, verifying: Verifying
) -> None:
    image, other = publisher.image().registry(), publisher.image(product="dhi/node").registry()

    judged = verifying(f"FROM {image} AS a\nFROM {other}\n", platforms=("linux/s390x", "linux/amd64"))
    alone = verifying(f"FROM --platform=linux/s390x {image}\n")

    assert (judged.exit_code, len(judged.all("verification-refused")), alone.exit_code) == (1, 2, 1)
    assert "it has no platform linux/s390x; it has linux/amd64" in alone.only("verification-refused").message
