"""Case files: what they may say, and that what they expect is held against what a verification comes to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from verifier.errors import ConfigurationError
from verifier.model import RuleModule
from verifier.policy import read_modules
from verifier.verification.cases import CaseRun, read_case, run_case

VIRUS = "https://scout.docker.com/virus/v0.1"
RULE = b"""package docker.scout
import rego.v1
default pass := false
pass if count(violation) == 0
violation contains {"message": sprintf("n is %d", [found.statement.predicate.n])} if {
	found := oci.referrer("https://scout.docker.com/virus/v0.1")
	found.statement.predicate.n > object.get(data.config, "most", 0)
}
"""
TWO = """package docker.scout
import rego.v1
default pass := false
pass if data.dhiverify.image.signed.products == ["dhi/python"]
"""

Run = Callable[..., CaseRun]


@pytest.fixture
def rules() -> tuple[RuleModule, ...]:
    return read_modules("rules", [("count.rego", RULE), ("two.rego", TWO.encode())])


@pytest.fixture
def run(tmp_path: Path, rules: tuple[RuleModule, ...]) -> Run:
    def of(text: str) -> CaseRun:
        return run_case(read_case(written(tmp_path, text)), rules)

    return of


def written(folder: Path, text: str) -> Path:
    path = folder / "a_case.yaml"
    path.write_text(dedent(text))
    return path


def image(layout: str, root: Path, expect: str, more: str = "") -> str:
    keys = root / "testdata" / "keys" / "publisher.pub"
    stated = f"keyFiles: [{keys}]\neffectiveTime: 2026-01-20\n"
    return f"name: t\nimage: oci:{root}/testdata/{layout}\n{stated}expect: {expect}\n{more}"


@pytest.fixture
def root(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath


def test_a_saved_image_is_verified_for_real(run: Run, root: Path) -> None:
    right = "{verdict: deny, exitCode: 1, rules: {dhi-no-embedded-malware: fail, dhi-requested-tag: skipped}}"

    assert run(image("refused", root, right, "platform: linux/arm64\n")).failures == ()
    assert run(image("allowed", root, "{verdict: allow, exitCode: 0}")).failures == ()
    assert run(image("bare", root, "{exitCode: 3}")).failures == ()


def test_what_is_not_as_expected_says_what_was_found(run: Run, root: Path) -> None:
    wrong = "{verdict: allow, exitCode: 0, rules: {dhi-no-embedded-malware: pass}}"

    verdict, code, rule = run(image("refused", root, wrong)).failures

    assert verdict.startswith("expected verdict allow, found deny: ")
    assert code.startswith("expected exit code 0, found 1")
    assert rule.startswith("rule dhi-no-embedded-malware (linux/arm64): expected pass, found fail: infected files")


def test_an_image_is_judged_by_its_given_name_and_policy(run: Run, root: Path, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "version: 1\nname: p\nimages:\n- {match: dhi.io/*, trust: {keys: [dhi-2]}, rules: [{pack: signed}]}\n"
    )

    assert run(image("allowed", root, "{verdict: deny}", "as: dhi.io/node:24\n")).failures == ()
    (refused,) = run(image("allowed", root, "{rules: {signed: pass}}", "policy: p.yaml\n")).failures
    assert refused.startswith("expected results of rules, and none was evaluated: policy p has no section for oci:")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("as: docker.io/acme/dhi-python:3.13\n", ":6:1: its policy looks for evidence in registry.scout.docker.com"),
        ("policy: p.yaml\n", ":6:1: its policy takes the rules a.example/rules@sha256:"),
    ],
)
def test_a_case_reaches_for_no_registry(run: Run, root: Path, tmp_path: Path, more: str, expected: str) -> None:
    rules = f"[{{bundle: a.example/rules@sha256:{'1' * 64}}}]"
    (tmp_path / "p.yaml").write_text(
        f"version: 1\nname: p\nimages:\n- {{match: '*', trust: {{keys: [dhi-2]}}, rules: {rules}}}\n"
    )

    with pytest.raises(ConfigurationError) as refused:
        run(image("allowed", root, "{exitCode: 0}", more))

    assert expected in str(refused.value)


def test_an_image_that_is_not_there_never_passes(run: Run, root: Path) -> None:
    for expect in ("{rules: {dhi-requested-tag: pass}}", "{verdict: allow}", "{exitCode: 0}"):
        assert run(image("does-not-exist", root, expect)).failures
    assert run(image("does-not-exist", root, "{verdict: error, exitCode: 5}")).failures == ()


def test_statements_are_judged_as_if_they_were_verified(run: Run, tmp_path: Path) -> None:
    subject = {"name": "pkg:docker/dhi/python@3.13", "digest": {"sha256": "1" * 64}}
    whole = {"_type": "https://in-toto.io/Statement/v1", "subject": [subject], "predicateType": VIRUS}
    (tmp_path / "virus.json").write_text(json.dumps(whole | {"predicate": {"n": 2}}))

    shorthand = run(
        f"name: t\nstatements: [{{predicateType: {VIRUS}, predicate: {{n: 2}}}}]\nexpect: {{rules: {{count: fail}}}}"
    )
    file = run("name: t\nstatements: [virus.json]\nexpect: {rules: {count: fail, two: pass}}")
    none = run("name: t\nstatements: []\nexpect: {rules: {count: unknown}}")
    told = run("name: t\nstatements: [virus.json]\nruleConfig: {count: {most: 2}}\nexpect: {rules: {count: fail}}")

    assert (shorthand.failures, file.failures, none.failures) == ((), (), ())
    assert told.failures == ("rule count: expected fail, found pass",)


def test_product_and_tag_are_those_of_the_statements(run: Run) -> None:
    text = f"""\
        name: t
        product: dhi/python
        tag: "3.13"
        config: {{os: linux, architecture: arm64}}
        statements: [{{predicateType: {VIRUS}, predicate: {{}}}}]
        rules: ["built-in:dhi"]
        expect:
          rules: {{dhi-requested-product: pass, dhi-requested-tag: pass, dhi-platform-matches-config: %s}}
    """

    assert run(text % "pass").failures == ()
    assert run((text % "fail") + "    platform: linux/amd64\n").failures == ()


def test_rules_are_those_that_the_case_names(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.rego").write_text(TWO.replace('["dhi/python"]', "[]"))

    assert run("name: t\nstatements: []\nrules: [own.rego]\nexpect: {rules: {own: pass}}").failures == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: t\nstatements: []\nexpect: {}", ":3:1: the case expects nothing"),
        ("name: t\nstatements: []\nexpect: {rules: {}}", ":3:1: the case expects nothing"),
        ("name: t\nexpect: {rules: {count: pass}}", "neither `image` nor `statements`"),
        ("name: t\nimage: oci:x\nstatements: []\nexpect: {exitCode: 1}", "both `image` and `statements`"),
        ("name: t\nimage: dhi.io/python\nexpect: {exitCode: 1}", ":2:1: expected a saved image as oci:DIR"),
        ("name: t\nimage: oci:x\nproduct: x\nexpect: {exitCode: 1}", ":3:1: `product` means nothing beside `image`"),
        ("name: t\nstatements: []\npolicy: x\nexpect: {rules: {count: pass}}", ":3:1: `policy` means nothing beside"),
        ("name: t\nstatements: []\nexpect: {verdict: deny}", ":3:10: `verdict` is that of an image"),
        ("name: t\nstatements: []\nexpect: {verdict: no}", "Invalid enum value 'no'"),
        ("name: t\nstatements: []\nexpect: {rules: {count: passed}}", "Invalid enum value 'passed'"),
        ("name: t\nstatements: []\nefectiveTime: 2026-01-20\nexpect: {exitCode: 1}", ":3:1: Object contains unknown"),
        ("name: t\nstatements: []\nexpect: {exitcode: 1}", ":3:10: Object contains unknown field `exitcode`"),
        ("name: t\nname: u\nstatements: []\nexpect: {exitCode: 1}", ':2:1: found duplicate key "name"'),
        ("name: t\nimage: oci:x\neffectiveTime: soon\nexpect: {exitCode: 1}", ":3:1: expected a date such as"),
        ("name: t\nimage: oci:x\nexpect: {exitCode: 8}", ":3:10: Expected `int` <= 7"),
        ("- 1", "Expected `object`, got `array`"),
        ("", "Expected `object`, got `null`"),
    ],
)
def test_G15_G16_a_case_that_means_nothing_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(ConfigurationError) as refused:
        read_case(path)

    assert expected in str(refused.value)
    assert str(refused.value).startswith(str(path))


def test_an_unknown_member_has_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_case(written(tmp_path, "name: t\nstatements: []\nexpect: {exitcode: 1}"))

    assert refused.value.hint == "Did you mean `exitCode`? Known here: verdict, exitCode, rules."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("statements: []\nexpect: {rules: {cuont: pass}}", ":3:18: there is no rule 'cuont'"),
        ("statements: []\nexpect: {rules: {count: pass}}\nruleConfig: {tow: {}}", ":4:14: there is no rule 'tow'"),
        ("statements: [1]\nexpect: {rules: {count: pass}}", "statement 0 is neither a path nor a statement"),
        ("statements: [none.json]\nexpect: {rules: {count: pass}}", "none.json cannot be read"),
        (
            "statements: [{predicateType: t:x, prdicate: 1}]\nexpect: {rules: {count: pass}}",
            "unknown member 'prdicate'",
        ),
        ("statements: []\nplatform: amd64\nexpect: {rules: {count: pass}}", "expected a platform"),
        ("statements: []\nproduct: UPPER\nexpect: {rules: {count: pass}}", "UPPER"),
        ("statements: []\nrules: [none.rego]\nexpect: {rules: {count: pass}}", "none.rego cannot be read"),
        ("statements: []\nrules: ['built-in:no']\nexpect: {rules: {count: pass}}", "there is no rule pack 'no'"),
    ],
)
def test_a_case_that_cannot_be_carried_out_is_refused(run: Run, text: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        run(f"name: t\n{text}")

    assert expected in str(refused.value)


def test_a_rule_that_an_image_does_not_have_is_refused(run: Run, root: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no rule 'no-malware'") as refused:
        run(image("allowed", root, "{rules: {no-malware: pass}}"))

    assert "dhi-no-embedded-malware" in refused.value.hint


def test_a_statement_about_another_image_is_refused(run: Run, tmp_path: Path) -> None:
    for number in "12":
        subject = {"name": "x", "digest": {"sha256": number * 64}}
        document = {"_type": "https://in-toto.io/Statement/v1", "subject": [subject], "predicateType": VIRUS}
        (tmp_path / f"{number}.json").write_text(json.dumps(document | {"predicate": {}}))

    with pytest.raises(ConfigurationError, match="statement 1: the statement speaks about another image"):
        run("name: t\nstatements: [1.json, 2.json]\nexpect: {rules: {count: pass}}")
