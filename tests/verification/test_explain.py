"""Explanations: the verdict of `verify`, and beside each rule what it read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.verification.conftest import SOON_AFTER
from verifier.errors import UsageError
from verifier.limits import Limits
from verifier.model import AttestationEntry, Status
from verifier.oci import Settings
from verifier.policy import Additions
from verifier.verification import Options, verify
from verifier.verification.explain import ExplainedRule, ExplanationReport, explain

KEY = "testdata/keys/publisher.pub"
OWN = """# METADATA
# custom:
#   evidence: [malware]
package docker.scout
import rego.v1
default pass := false
wanted := data.config.wanted
found := oci.referrer("https://scout.docker.com/virus/v0.1").statement.predicateType
pass if {
	print("looking at", input.source.image.name)
	found == wanted
}
"""


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.chdir(pytestconfig.rootpath)


def options(**more: Any) -> Options:
    policy = more.pop("policy", "dhi")
    additions = Additions(key_files=(KEY,), **more)
    return Options(policy=policy, additions=additions, effective_time=SOON_AFTER, settings=Settings(jobs=4))


def rule(report: ExplanationReport, name: str, platform: str = "linux/amd64") -> ExplainedRule:
    (found,) = (one for one in report.platforms if one.platform == platform)
    (explained,) = (one for one in found.rules if one.outcome.id == name)
    return explained


@pytest.mark.parametrize("layout", ["allowed", "refused", "bare", "unsigned", "does-not-exist"])
def test_G12_the_verdict_is_that_of_the_image(layout: str) -> None:
    reference = f"oci:testdata/{layout}"

    judged, explained = verify([reference], options()), explain(reference, (), options())

    assert (explained.exit_code, explained.verdict) == (judged.exit_code, judged.verdict)
    assert explained.reasons == judged.images[0].reasons
    outcomes = [tuple(one.outcome for one in platform.rules) for platform in explained.platforms]
    assert outcomes == [platform.rules for platform in judged.images[0].platforms]


def test_a_rule_is_explained_by_what_it_read(tmp_path: Path) -> None:
    (tmp_path / "own.rego").write_text(OWN)
    config = tmp_path / "config.json"
    config.write_text('{"policies": [{"name": "own", "config": {"wanted": "other"}}]}')

    report = explain(
        "oci:testdata/allowed", ["own"], options(rules=(str(tmp_path / "own.rego"),), policy_config=str(config))
    )

    own = rule(report, "own")
    assert [one.outcome.id for one in report.platforms[0].rules] == ["own"]
    assert (own.outcome.result, own.config) == ("fail", {"wanted": "other"})
    assert own.inputs["input.source.image.name"] == "dhi/python"
    assert (own.values["wanted"], own.values["found"]) == ("other", "https://scout.docker.com/virus/v0.1")
    assert own.prints
    (asked,) = (one for one in own.asked if one.name == "oci.referrer")
    (entry,) = own.evidence
    assert isinstance(entry, AttestationEntry)
    assert (entry.kind, entry.status, entry.signer) == ("malware", Status.VERIFIED, KEY)
    assert asked.digests == (entry.digest,)


def test_evidence_that_did_not_reach_a_rule_is_shown() -> None:
    secrets = rule(explain("oci:testdata/refused", ["dhi-no-embedded-secrets"], options()), "dhi-no-embedded-secrets")

    (entry,) = secrets.evidence
    assert (secrets.outcome.result, entry.status) == ("unknown", Status.UNTRUSTED)
    assert "no trusted key made this signature" in entry.reason


@pytest.mark.parametrize(("layout", "code"), [("bare", 3), ("unsigned", 4)])
def test_that_no_rule_softens_missing_evidence_is_said(layout: str, code: int) -> None:
    report = explain(f"oci:testdata/{layout}", (), options())

    assert report.exit_code == code
    assert f"exit code {code}" in report.notes[0]
    assert "no waiver" in report.notes[0]


def test_a_waived_rule_says_so(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    waiver = "{rule: dhi-no-embedded-malware, images: dhi.io/*, reason: r, owner: o, ticket: T-1, expires: 9999-12-31}"
    policy.write_text(
        "version: 1\nname: p\nimages:\n"
        f"- {{match: dhi.io/*, trust: {{keys: [dhi-2]}}, rules: [{{pack: dhi}}], waivers: [{waiver}]}}\n"
    )
    judged = options(policy=str(policy))

    report = explain(
        "oci:testdata/refused",
        ["dhi-no-embedded-malware"],
        Options(judged.policy, judged.additions, "dhi.io/python:3.13", judged.effective_time),
    )

    waived = rule(report, "dhi-no-embedded-malware", "linux/arm64")
    assert (waived.outcome.result, "T-1" in str(waived.outcome.waiver)) == ("fail", True)


@pytest.mark.parametrize("reference", ["oci:testdata/allowed", "oci:testdata/does-not-exist"])
def test_an_unknown_rule_is_a_wrong_call_before_anything_is_read(reference: str) -> None:
    with pytest.raises(UsageError, match="no rule 'dhi-no-embeded-malware' is evaluated") as refused:
        explain(reference, ["dhi-no-embeded-malware"], options())

    assert "Did you mean `dhi-no-embedded-malware`?" in refused.value.hint


def test_G13_an_image_without_section_is_explained_by_its_reason(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nname: p\nimages:\n- {match: a.b/*, trust: {keys: [dhi-2]}, rules: [{pack: dhi}]}\n")

    report = explain("oci:testdata/allowed", (), options(policy=str(policy)))

    assert (report.exit_code, report.platforms) == (1, ())
    assert "has no section for" in report.reasons[0]


def test_H05_explanations_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = explain("oci:testdata/allowed", (), options())
    monkeypatch.setattr("verifier.verification.explain.DEFAULT_LIMITS", Limits(explained_run=20_000))

    short = explain("oci:testdata/allowed", (), options())

    rules = [one for platform in short.platforms for one in platform.rules]
    assert [one.outcome for one in rules] == [one.outcome for platform in whole.platforms for one in platform.rules]
    assert (short.verdict, rules[0].fault) == (whole.verdict, "")
    assert rules[0].values
    assert "name the rules to explain" in rules[-1].fault
    assert (rules[-1].inputs, rules[-1].values, rules[-1].asked) == ({}, {}, ())
