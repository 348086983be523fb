"""Every option of a policy has an effect; and what several sections, keys, rules and images come to together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import FIPS, keys
from tests.verification.conftest import SOON_AFTER, Seen
from verifier.errors import ConfigurationError
from verifier.verification import Options
from verifier.verification import verify as verify_images

Judge = Callable[..., Seen]
FINGERPRINT = keys.publisher.fingerprint
RULE = "package docker.scout\n\nimport rego.v1\n\ndefault pass := false\n\npass if {condition}\n"
TRUST = {"keyFiles": ["publisher"]}
OWN_RULE = [{"path": "own.rego"}]


@pytest.fixture
def judge(policy_file: Callable[[str], str], key_files: dict[str, str], tmp_path: Path) -> Judge:
    """`judge(reference…, sections=[…])`: key files are written as `publisher` and `stranger`."""
    (tmp_path / "own.rego").write_text(RULE.format(condition="true"))

    def run(*references: str, sections: list[dict[str, Any]], **options: Any) -> Seen:
        images = [{"match": "*", "trust": TRUST, "rules": [{"pack": "dhi"}], **section} for section in sections]
        for section in images:
            named = section["trust"].get("keyFiles", [])
            section["trust"] = {**section["trust"], "keyFiles": [key_files[name] for name in named]}
        text = json.dumps({"version": 1, "name": "team", "images": images})
        return Seen(verify_images(references, Options(policy_file(text), effective_time=SOON_AFTER, **options)))

    return run


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"match": "dhi.io/*"}, 1),
        ({"trust": {"keys": ["dhi-2"]}}, 4),
        ({"trust": {"keyFiles": ["stranger"]}}, 4),
        ({"trust": {"keyFiles": ["publisher"], "keys": ["dhi-2"]}}, 0),
        ({"trust": {"keyFiles": ["publisher"], "deniedKeys": [FINGERPRINT]}}, 4),
        ({"trust": {"keyFiles": ["publisher"], "deniedKeys": [f"sha256:{FINGERPRINT}"]}}, 4),
        ({"transparency": "require"}, 4),
        ({"require": [{"kind": "stig"}]}, 1),
        ({"require": [{"kind": "stig", "compliance": ["cis"]}]}, 1),
        ({"require": [{"kind": "stig", "compliance": ["stig"]}]}, 0),
        ({"rules": OWN_RULE}, 0),
    ],
)
def test_C06_C20_every_option_of_a_section_has_an_effect(
    publisher: Publisher, judge: Judge, changed: dict[str, Any], code: int
) -> None:
    seen = judge(publisher.image(platforms=("linux/amd64",)).layout(), sections=[changed])

    assert seen.exit_code == code, seen.why


@pytest.mark.parametrize("fingerprint", [FINGERPRINT.upper(), FINGERPRINT[:-1], f"SHA256:{FINGERPRINT}", "", "dhi-1"])
def test_C20_G16_a_denied_key_that_is_no_fingerprint_is_refused(
    publisher: Publisher, judge: Judge, fingerprint: str
) -> None:
    with pytest.raises(ConfigurationError, match="deniedKeys"):
        judge(publisher.image().layout(), sections=[{"trust": {**TRUST, "deniedKeys": [fingerprint]}}])


def test_C06_transparency_ignore_opens_no_annotation(publisher: Publisher, judge: Judge) -> None:
    layout = publisher.image(rekor_annotation="not JSON").layout()

    assert judge(layout, sections=[{"transparency": "if-present"}]).exit_code == 4
    assert judge(layout, sections=[{"transparency": "ignore"}]).exit_code == 0


def test_C06_age_and_configuration_reach_their_rule(publisher: Publisher, judge: Judge) -> None:
    layout = publisher.image().layout()
    configured = [{"pack": "dhi", "config": {"dhi-fresh-evidence": {"max_age_days": 1}}}]

    assert judge(layout, sections=[{"maxAgeDays": 30}]).rule("dhi-fresh-evidence").result == "pass"
    assert judge(layout, sections=[{"maxAgeDays": 1}]).rule("dhi-fresh-evidence").result == "fail"
    assert judge(layout, sections=[{"rules": configured}]).rule("dhi-fresh-evidence").result == "fail"


def test_C06_O11_evidence_is_looked_for_where_the_section_says(publisher: Publisher, judge: Judge) -> None:
    place = publisher.image().registry("evidence/python")
    mirror = publisher.image(omit={"*"}).registry("acme/dhi/python")
    host = mirror.partition("/")[0]

    def sections(match: str) -> list[dict[str, Any]]:
        return [{"evidence": [{"repository": f"{host}/evidence/{{name}}", "match": match}]}]

    assert judge(mirror, sections=sections("*")).exit_code == 0
    assert judge(mirror, sections=sections("dhi.io/*")).exit_code == 3
    assert judge(mirror, sections=sections("*")).only("malware").location.startswith(place.rpartition(":")[0])


def test_O11_both_places_are_searched_and_each_finding_says_where(publisher: Publisher, judge: Judge) -> None:
    publisher.image(omit={"secrets"}).registry("evidence/python")
    mirror = publisher.image(signed_by={"*": keys.stranger, "secrets": keys.publisher}).registry("acme/dhi/python")
    sections = [{"evidence": [{"repository": f"{mirror.partition('/')[0]}/evidence/{{name}}"}]}]

    seen = judge(mirror, sections=sections)

    assert seen.exit_code == 0, seen.why
    assert {(e.status, e.location.partition("/")[2].partition("@")[0]) for e in seen.all("malware")} == {
        ("untrusted", "acme/dhi/python"),
        ("verified", "evidence/python"),
    }
    assert [e.status for e in seen.all("secrets")] == ["verified"]


def test_C23_a_key_counts_only_where_its_section_says(publisher: Publisher, judge: Judge) -> None:
    sections = [
        {"match": "dhi.io/*", "trust": {"keyFiles": ["stranger"]}},
        {"match": "docker.io/acme/*", "trust": {"keyFiles": ["publisher"]}},
    ]
    layout = publisher.image().layout()

    assert judge(layout, sections=sections, requested="docker.io/acme/python").exit_code == 0
    assert judge(layout, sections=sections, requested="dhi.io/python").exit_code == 4


def test_G12_the_first_section_that_fits_decides_alone(publisher: Publisher, judge: Judge) -> None:
    strict, lax = {"match": "dhi.io/*", "require": [{"kind": "stig"}]}, {"match": "*", "require": []}
    layout = publisher.image().layout()

    assert judge(layout, sections=[strict, lax], requested="dhi.io/python:3.13").exit_code == 1
    assert judge(layout, sections=[lax, strict], requested="dhi.io/python:3.13").exit_code == 0


def test_G12_any_key_is_enough_and_every_rule_must_pass(publisher: Publisher, judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "refuses.rego").write_text(RULE.format(condition="false"))
    layout = publisher.image(signed_by={"malware": keys.stranger}).layout()
    both = {"keyFiles": ["publisher", "stranger"]}

    assert judge(layout, sections=[{"trust": both}]).exit_code == 0
    assert judge(layout, sections=[{}]).exit_code == 1
    for rules in ([*OWN_RULE, {"path": "refuses.rego"}], [{"path": "refuses.rego"}, *OWN_RULE]):
        assert judge(layout, sections=[{"trust": both, "rules": rules}]).exit_code == 1


@pytest.mark.parametrize("turned", [False, True])
def test_G09_each_of_several_images_is_judged_by_its_own_section(
    publisher: Publisher, judge: Judge, turned: bool
) -> None:
    plain = publisher.image().registry("team/plain")
    claimed = publisher.image(**FIPS, omit={"stig"}).registry("strict/fips")
    host = plain.partition("/")[0]
    sections = [
        {"match": f"{host}/team/*", "enforce": False},
        {"match": f"{host}/strict/*", "require": [{"kind": "stig"}]},
    ]

    seen = judge(*([claimed, plain] if turned else [plain, claimed]), sections=sections)

    verdicts = {image.reference.rpartition("/")[0]: (image.verdict, image.enforced) for image in seen.report.images}
    assert seen.exit_code == 1
    assert verdicts == {f"{host}/team": ("allow", True), f"{host}/strict": ("deny", True)}


def test_G23_L01_a_verdict_is_never_taken_from_a_run_under_another_policy(publisher: Publisher, judge: Judge) -> None:
    reference = publisher.image().registry()

    codes = [
        judge(reference, sections=[section]).exit_code
        for section in ({"rules": OWN_RULE}, {"require": [{"kind": "stig"}]}, {"rules": OWN_RULE})
    ]

    assert codes == [0, 1, 0]


def test_L04_what_was_allowed_is_judged_anew(publisher: Publisher, judge: Judge) -> None:
    image = publisher.image()
    reference = image.registry()
    assert judge(reference, sections=[{}]).exit_code == 0

    image.corrupt(image["amd64"].attestation("malware").statement_digest)
    assert judge(reference, sections=[{}]).exit_code == 1

    revoked = {"trust": {**TRUST, "deniedKeys": [FINGERPRINT]}}
    assert judge(reference, sections=[revoked]).exit_code == 4
