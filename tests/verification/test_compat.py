"""`--compat scout` over whole images: Docker's outcome where rules are concerned, and our own where trust is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.policies.test_pack import NINE
from tests.publisher import keys
from tests.verification.conftest import SOON_AFTER, Seen, Verify
from verifier.cli.image import image as image_command
from verifier.cli.run import options_of
from verifier.model import Health
from verifier.policy import Additions
from verifier.report.scout import result_file
from verifier.verification import Options
from verifier.verification import verify as verify_images

ONE = ("linux/amd64",)
HEADER = "package docker.scout\n\nimport rego.v1\n\n"


@pytest.fixture
def as_scout(verify: Verify) -> Callable[..., Seen]:
    """Judges a reference under `--compat scout`."""
    return lambda reference, **more: verify(reference, compat="scout", **more)


def results(seen: Seen) -> dict[str, str]:
    return {rule.id: str(rule.result) for rule in seen.platform().rules}


def test_nine_rules_take_the_place_of_the_pack(publisher: Publisher, as_scout: Callable[..., Seen]) -> None:
    seen = as_scout(publisher.image().layout())

    assert seen.exit_code == 0
    assert results(seen) == dict.fromkeys(NINE, "pass")
    assert {rule.path for rule in seen.platform().rules} == {f"built-in:scout/{name}.rego" for name in NINE}
    assert seen.image.health == Health(100, "A")


@pytest.mark.parametrize(
    ("rule", "image"),
    [
        ("dhi-default-non-root-user", {"user": "0"}),
        ("dhi-default-non-root-user", {"user": ""}),
        ("dhi-default-non-root-user", {"user": "root", "version": "3.13-dev"}),
        ("fixable-vulnerabilities", {"omit": {"vulnerabilities"}}),
        ("high-profile-vulnerabilities", {"omit": {"scout-vulnerabilities"}}),
        ("dhi-unintentional-shell-or-package-manager", {"omit": {"sbom"}}),
        ("dhi-no-embedded-malware", {"evidence": {"malware": {"scanner": {"report": ""}}}}),
        ("dhi-no-failing-tests", {"evidence": {"tests": {"results": {}}}}),
        ("dhi-stig-scan-score", {"compliance": ("fips",), "evidence": {"stig": []}}),
    ],
)
def test_what_docker_s_policies_let_through_passes_here_and_not_elsewhere(
    publisher: Publisher, verify: Verify, as_scout: Callable[..., Seen], rule: str, image: dict[str, Any]
) -> None:
    layout = publisher.image(platforms=ONE, **image).layout()

    assert results(as_scout(layout))[rule] == "pass"
    assert results(verify(layout))[rule] in ("fail", "unknown")


@pytest.mark.parametrize(
    ("rule", "image"),
    [
        ("dhi-default-non-root-user", {"user": None}),
        ("dhi-default-non-root-user", {"user": "root"}),
        ("dhi-no-embedded-malware", {"omit": {"malware"}}),
        ("dhi-no-embedded-secrets", {"omit": {"secrets"}}),
        ("dhi-no-failing-tests", {"omit": {"tests"}}),
        ("dhi-signed-supply-chain-attestations", {"omit": {"spdx"}}),
        ("dhi-stig-scan-score", {"compliance": ("fips",), "omit": {"stig"}}),
    ],
)
def test_what_docker_s_policies_refuse_is_refused(
    publisher: Publisher, as_scout: Callable[..., Seen], rule: str, image: dict[str, Any]
) -> None:
    seen = as_scout(publisher.image(platforms=ONE, **image).layout())

    assert seen.exit_code == 1
    assert results(seen)[rule] == "fail"


def test_slsa_v1_does_not_answer_as_it_does_elsewhere(
    publisher: Publisher, verify: Verify, as_scout: Callable[..., Seen]
) -> None:
    layout = publisher.image(platforms=ONE, slsa="v1").layout()

    assert results(as_scout(layout))["dhi-signed-supply-chain-attestations"] == "fail"
    assert results(verify(layout))["dhi-signed-supply-chain-attestations"] == "pass"


def test_required_kinds_and_ages_are_not_asked_for(
    publisher: Publisher, verify: Verify, as_scout: Callable[..., Seen]
) -> None:
    layout = publisher.image(platforms=ONE, compliance=("fips",), omit={"fips"}).layout()

    assert as_scout(layout).exit_code == 0
    assert verify(layout).exit_code == 1


def test_one_bad_platform_is_enough(publisher: Publisher, as_scout: Callable[..., Seen]) -> None:
    def config(platform: str, document: Any) -> Any:
        return document | {"config": document["config"] | {"User": "root"}} if platform == "linux/arm64" else document

    image = publisher.image(image_config=config)

    seen = as_scout(image.layout())

    assert seen.exit_code == 1
    assert seen.rule("dhi-default-non-root-user").result == "pass"
    assert seen.rule("dhi-default-non-root-user", "linux/arm64").result == "fail"
    assert json.loads(result_file(seen.report))["dhi-default-non-root-user"] == {
        "pass": False,
        "violations": [{"user": "root", "explicit": True}],
        "bindings": {
            "violation": [
                {
                    "message": "expected a user other than root, found root",
                    "detail": {"user": "root", "explicit": True},
                }
            ]
        },
        "metrics": {},
    }


def test_B01_untrusted_evidence_stays_exit_4(publisher: Publisher, as_scout: Callable[..., Seen]) -> None:
    seen = as_scout(publisher.image(platforms=ONE, signed_by={"*": keys.stranger}).layout())

    assert (seen.exit_code, seen.image.verdict) == (4, "deny")


def test_G01_no_evidence_at_all_stays_exit_3(publisher: Publisher, as_scout: Callable[..., Seen]) -> None:
    seen = as_scout(publisher.image(platforms=ONE, omit={"*"}).layout())

    assert (seen.exit_code, seen.image.verdict) == (3, "deny")


@pytest.mark.parametrize("damage", [{"unsigned": {"malware"}}, {"signed_by": {"malware": keys.stranger}}])
def test_B01_no_rule_sees_a_statement_that_is_not_verified(
    publisher: Publisher, as_scout: Callable[..., Seen], damage: dict[str, Any]
) -> None:
    seen = as_scout(publisher.image(platforms=ONE, **damage).layout())

    assert seen.exit_code == 1
    reasons = [violation.detail["reason"] for violation in seen.rule("dhi-no-embedded-malware").violations]
    assert "there is no malware scan" in reasons


def test_A01_a_scan_of_another_image_is_no_scan(publisher: Publisher, as_scout: Callable[..., Seen]) -> None:
    image = publisher.image(platforms=ONE, statement_subject={"secrets": "sha256:" + "0" * 64})

    seen = as_scout(image.layout())

    assert (seen.exit_code, seen.only("secrets").status) == (1, "invalid")
    assert results(seen)["dhi-no-embedded-secrets"] == "fail"


def test_a_file_takes_the_place_of_the_pack_s_rule_of_its_name(
    publisher: Publisher, verify: Verify, as_scout: Callable[..., Seen], tmp_path: Path
) -> None:
    rule = tmp_path / "high-profile-vulnerabilities.rego"
    rule.write_text(HEADER + "pass := false\n")
    layout = publisher.image(platforms=ONE).layout()

    alone, beside = as_scout(layout, rules=(str(rule),)), verify(layout, rules=(str(rule),))

    assert {o.path for o in alone.platform().rules if o.id == rule.stem} == {str(rule)}
    assert {(o.path, str(o.result)) for o in beside.platform().rules if o.id == rule.stem} == {
        (str(rule), "fail"),
        (f"built-in:dhi/{rule.name}", "pass"),
    }
    assert len(results(alone)) == len(NINE)
    assert (alone.exit_code, beside.exit_code) == (1, 1)


def test_an_error_in_a_rule_stays_unknown_and_denies(
    publisher: Publisher, as_scout: Callable[..., Seen], tmp_path: Path
) -> None:
    rule = tmp_path / "broken.rego"
    rule.write_text(HEADER + 'pass if time.parse_rfc3339_ns("soon") > 0\n')

    seen = as_scout(publisher.image(platforms=ONE).layout(), rules=(str(rule),))

    assert (seen.exit_code, results(seen)["broken"]) == (1, "unknown")
    assert seen.image.health == Health(90, "A")  # 100 of 110


SIGNATURES = (
    HEADER
    + """\
default pass := false

types := ["https://spdx.dev/Document", "https://slsa.dev/provenance/v0.2", "https://scout.docker.com/virus/v0.1"]

images := [found.image | some type in types; found := oci.referrer(type)]

options := {
	"key_ref": "https://dhi.io/keyring/latest.pub",
	"ignore_sct": true,
	"ignore_tlog": true,
	"check_claims": true,
	"experimental_oci11": true,
}

results := cosign.verify_images(images, options)

pass if {
	count(images) == 3
	every image in images {
		regex.match(`^[^@]+@sha256:[0-9a-f]{64}$`, image)
		not results[image].error
	}
}
"""
)


@pytest.mark.parametrize("layout", [True, False])
def test_cosign_answers_for_what_a_referrer_gives(
    publisher: Publisher, as_scout: Callable[..., Seen], tmp_path: Path, layout: bool
) -> None:
    rule = tmp_path / "signatures.rego"
    rule.write_text(SIGNATURES)
    image = publisher.image(platforms=ONE)

    seen = as_scout(image.layout() if layout else image.registry(), rules=(str(rule),))

    assert results(seen)["signatures"] == "pass", seen.rule("signatures")


def test_the_policy_s_configuration_of_a_rule_holds_for_the_one_in_its_place(
    publisher: Publisher, key_files: dict[str, str], policy_file: Callable[[str], str]
) -> None:
    text = """\
version: 1
name: team
images:
  - match: "*"
    trust: {keys: [dhi-2]}
    rules:
      - pack: dhi
        effects: {dhi-no-failing-tests: warn}
        config: {dhi-stig-scan-score: {target_score: 10}}
"""
    evidence = {"stig": [{"name": "gpos", "summary": {"defaultScore": 50, "maxDefaultScore": 100}}]}
    image = publisher.image(platforms=ONE, compliance=("fips",), omit={"tests"}, evidence=evidence)
    additions = Additions(key_files=(key_files["publisher"],), compat="scout")

    options = Options(policy=policy_file(text), additions=additions, effective_time=SOON_AFTER)
    seen = Seen(verify_images([image.layout()], options))

    assert (seen.exit_code, seen.image.verdict) == (0, "warn")
    assert (results(seen)["dhi-stig-scan-score"], results(seen)["dhi-no-failing-tests"]) == ("pass", "fail")


def test_the_report_names_the_relaxation(publisher: Publisher, key_files: dict[str, str]) -> None:
    layout = publisher.image(platforms=ONE).layout()
    arguments = ["--compat", "scout", "--key", key_files["publisher"], layout]

    options = options_of(image_command.make_context("image", arguments).params)
    report = verify_images([layout], options)

    assert [text for text in report.relaxations if "--compat scout" in text]
