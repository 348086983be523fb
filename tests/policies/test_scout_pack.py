"""The pack that takes the place of ours under `--compat scout`: it comes to what Docker's nine policies come to.

With DHI_TEST_SCOUT_POLICIES, a directory with Docker's own files (the folder `rego` of the public repository
docker-hardened-images/policies), these run over the same images, and what they come to is compared.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import regorus
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.policies.dhi_images import (
    NOW,
    NOW_NS,
    SCOUT_VULNERABILITIES,
    SECRETS,
    SLSA_02,
    SPDX,
    STIG,
    TESTS,
    VEX,
    VIRUS,
    Image,
)
from tests.policies.scout_images import CASES, FAMOUS, FIXABLE, SIGNED, Case, finding, found
from tests.policies.test_pack import JSON, NINE
from verifier.limits import Limits
from verifier.model import Result, RuleModule, RuleOutcome
from verifier.policy.modules import load_pack, load_rules
from verifier.rules import Rules

ASKED = {SPDX, SLSA_02, SCOUT_VULNERABILITIES, VEX, VIRUS, SECRETS, TESTS, STIG}
THEIRS = os.environ.get("DHI_TEST_SCOUT_POLICIES", "")


@pytest.fixture(scope="module")
def scout() -> dict[str, RuleModule]:
    return {module.id: module for module in load_pack("scout")}


class Judges:
    """One worker per set of rules and configuration."""

    def __init__(self) -> None:
        self._workers: dict[str, Rules] = {}

    def __call__(self, modules: dict[str, RuleModule], case: Case) -> RuleOutcome:
        module = modules[case.rule]
        key = f"{module.path} {json.dumps(case.config)}"
        if key not in self._workers:
            configured = replace(module, config=case.config)
            self._workers[key] = Rules([configured], NOW, Limits(rules_seconds=600), compat="scout")
        (outcome,) = self._workers[key].evaluate(case.given)
        return outcome

    def close(self) -> None:
        for rules in self._workers.values():
            rules.close()


@pytest.fixture(scope="module")
def judge() -> Iterator[Judges]:
    judges = Judges()
    yield judges
    judges.close()


@pytest.mark.parametrize("name", CASES)
def test_the_pack_comes_to_what_docker_s_policies_come_to(
    judge: Judges, scout: dict[str, RuleModule], name: str
) -> None:
    case = CASES[name]

    outcome = judge(scout, case)

    assert len(outcome.violations) == case.violations, outcome
    assert outcome.result == ("fail" if case.violations else "pass"), outcome


@pytest.mark.skipif(not THEIRS, reason="DHI_TEST_SCOUT_POLICIES names no directory")
@pytest.mark.parametrize("name", CASES)
def test_docker_s_own_files_come_to_the_same(judge: Judges, scout: dict[str, RuleModule], name: str) -> None:
    theirs = {module.id: module for module in load_rules(Path(THEIRS))}
    case = CASES[name]

    outcome, ours = judge(theirs, case), judge(scout, case)

    if name == "score in hundredths":  # 57 of 100 is a little less than 57 percent where numbers are floating point
        assert outcome.violations[0].detail["score"] == "57.00%"
    elif outcome.result is Result.UNKNOWN:  # an error in a built-in function, which OPA takes for undefined
        assert outcome.message.startswith("evaluation failed: ")
    else:
        assert outcome.result == ours.result
        assert _structure(outcome) == _structure(ours)


def _structure(outcome: RuleOutcome) -> list[str]:
    """The details without what is said in words or rounded for display."""
    worded = {"reason", "message", "score", "cvssScore"}
    details = (
        {k: v for k, v in one.detail.items() if k not in worded} | {"has": [*one.detail]} for one in outcome.violations
    )
    return sorted(json.dumps(detail, sort_keys=True) for detail in details)


def test_the_pack_has_the_nine_topics_of_docker(scout: dict[str, RuleModule]) -> None:
    assert scout.keys() == NINE


def test_every_rule_is_documented_and_says_what_it_reads(scout: dict[str, RuleModule]) -> None:
    for name, module in scout.items():
        assert module.path == f"built-in:scout/{name}.rego"
        assert module.title
        assert module.description
        assert module.remediation
        assert module.details_order
        assert module.not_compliant_title
        assert module.evidence is not None
        assert {*module.evidence, *module.optional} <= ASKED
        assert all(f'"{kind}"' in module.source.partition("package docker.scout")[2] for kind in module.evidence)


def test_weights_and_result_types_are_docker_s(scout: dict[str, RuleModule]) -> None:
    assert {name for name, module in scout.items() if module.weight != 10} == {FAMOUS}
    assert scout[FAMOUS].weight == 20
    assert {name for name, module in scout.items() if module.result_type == "vulnerability"} == {FAMOUS, FIXABLE}
    assert {name for name, module in scout.items() if module.result_type == "boolean"} == {"dhi-default-non-root-user"}


def test_only_the_rule_about_signatures_cannot_be_waived(scout: dict[str, RuleModule]) -> None:
    assert {name for name, module in scout.items() if not module.waivable} == {SIGNED}


def test_details_are_as_announced(judge: Judges, scout: dict[str, RuleModule]) -> None:
    for case in CASES.values():
        for violation in judge(scout, case).violations:
            assert violation.message
            assert set(violation.detail) == set(scout[case.rule].details_order)


def test_scores_have_one_decimal(judge: Judges, scout: dict[str, RuleModule]) -> None:
    for score, shown in ((7, "7.0"), (9.81, "9.8"), (0.04, "0.0"), (10, "10.0"), ("high", "high"), (..., "0.0")):
        cvss = {"severity": "HIGH"} | ({} if score is ... else {"score": score})
        image = found(finding(cvss=cvss, source_id="CVE-2021-44228")).given()
        for rule in (FIXABLE, FAMOUS):
            assert judge(scout, Case(rule, 1, image)).violations[0].detail["cvssScore"] == shown


def in_scout(module: RuleModule, case: Case) -> tuple[Any, int]:
    """`pass` and the number of violations where dhiverify is not: the published contract alone."""
    engine = regorus.Engine()
    engine.add_policy(module.path, module.source)
    engine.add_data_json(json.dumps({"config": case.config}))
    engine.set_input_json(json.dumps(case.given.input))
    newest = {kind: several[0] for kind, several in case.given.statements.items()}
    given = {kind: {"statement": json.loads(body), "image": image} for kind, (image, body) in newest.items()}
    unsigned = {"error": "no matching signatures"}
    engine.add_extension("oci.referrer", 1, given.get)
    engine.add_extension(
        "cosign.verify_images",
        2,
        lambda images, options: {image: {} if image in case.given.verified else unsigned for image in images},
    )
    engine.add_extension("time.now_ns", 0, lambda: NOW_NS)
    violations = json.loads(engine.eval_rule_as_json("data.docker.scout.violation"))
    return json.loads(engine.eval_rule_as_json("data.docker.scout.pass")), len(violations)


@pytest.mark.parametrize("name", CASES)
def test_the_pack_comes_to_the_same_in_scout(scout: dict[str, RuleModule], name: str) -> None:
    case = CASES[name]

    assert in_scout(scout[case.rule], case) == (case.violations == 0, case.violations)


@pytest.fixture(scope="module")
def whole_pack() -> Iterator[Rules]:
    with Rules(load_pack("scout"), NOW, Limits(rules_seconds=600), compat="scout") as rules:
        yield rules


@settings(max_examples=60, deadline=None)
@given(predicate=JSON, user=JSON, label=JSON)
def test_G11_any_json_passes_or_fails_and_raises_nothing(
    whole_pack: Rules, predicate: Any, user: Any, label: Any
) -> None:
    labels = {"com.docker.dhi.version": label, "com.docker.dhi.compliance": label, "com.docker.dhi.shell": ""}
    config = {"User": user, "Labels": labels}

    outcomes = whole_pack.evaluate(Image(config=config, predicates={kind: [predicate] for kind in ASKED}).given())

    assert {outcome.id for outcome in outcomes} == NINE
    assert {outcome.result for outcome in outcomes} <= {Result.PASS, Result.FAIL}, outcomes


SCORED = st.one_of(
    st.none(), st.text(max_size=3), st.floats(0, 10), st.integers(0, 10), st.lists(st.none(), max_size=1)
)
DATES = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.integers(),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]+)?(Z|[+-][0-2][0-9]:[0-6][0-9])",
        fullmatch=True,
    ),
)


@settings(max_examples=150, deadline=None)
@given(published=DATES, score=SCORED, severity=SCORED, aliases=SCORED, fixed=SCORED, exploited=SCORED)
def test_G11_no_vulnerability_raises(whole_pack: Rules, **members: Any) -> None:
    named = {"published": "published_at", "fixed": "fixed_by", "exploited": "cisa_exploited"}
    cvss = {"score": members.pop("score"), "severity": members.pop("severity")}
    one = finding(cvss=cvss, **{named.get(name, name): value for name, value in members.items()})

    outcomes = whole_pack.evaluate(found(one, finding()).given())

    assert {outcome.result for outcome in outcomes} <= {Result.PASS, Result.FAIL}, outcomes


@pytest.mark.skipif(not shutil.which("opa"), reason="opa is not installed")
def test_opa_accepts_every_rule(scout: dict[str, RuleModule], tmp_path: Path) -> None:
    listed = subprocess.run(["opa", "capabilities", "--current"], check=True, capture_output=True)
    capabilities = json.loads(listed.stdout)
    anything = {"type": "any"}
    for name, count in {"oci.referrer": 1, "cosign.verify_images": 2}.items():
        declared = {"args": [anything] * count, "result": anything, "type": "function"}
        capabilities["builtins"].append({"name": name, "decl": declared})
    (tmp_path / "capabilities.json").write_text(json.dumps(capabilities))

    for module in scout.values():
        (tmp_path / "rule.rego").write_text(module.source)
        command = ["opa", "check", "--strict", "--capabilities", str(tmp_path / "capabilities.json")]
        checked = subprocess.run([*command, str(tmp_path / "rule.rego")], check=False, capture_output=True, text=True)
        assert checked.stderr == ""
