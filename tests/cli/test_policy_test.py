"""`policy test` as it is called: what runs, what it prints, and how it exits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from textwrap import dedent

import defusedxml.ElementTree
import pytest

from tests.cli.conftest import Run

RULE = """\
# METADATA
# title: The count is small
# custom:
#   evidence: [malware]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

violation contains {"message": sprintf("%d is too many", [n])} if {
	n := oci.referrer("https://scout.docker.com/virus/v0.1").statement.predicate.n
	n > object.get(data.config, "most", 0)
}
"""
TESTS = """\
package docker.scout_test

import data.docker.scout
import rego.v1

test_three_are_too_many if not scout.pass

test_three_are_allowed_by_configuration if {
	scout.pass with data.config as {"most": 3}
}

test_the_message_has_the_number if {
	some one in scout.violation
	one.message == "3 is too many"
}
"""
FIXTURE = "statements:\n- {predicateType: https://scout.docker.com/virus/v0.1, predicate: {n: 3}}\n"
CASE = """\
name: two are too many
statements:
- {predicateType: https://scout.docker.com/virus/v0.1, predicate: {n: 2}}
expect:
  rules: {small: fail}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A directory with a rule, its tests, their fixture and a case."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "small.rego").write_text(RULE)
    (folder / "small_test.rego").write_text(TESTS)
    (folder / "small_test.yaml").write_text(FIXTURE)
    (folder / "cases").mkdir()
    (folder / "cases" / "two.yaml").write_text(CASE)
    return folder


def test_tests_and_cases_below_a_directory_run(run: Run, rules: Path) -> None:
    ran = run("policy", "test", str(rules))

    assert ran.code == 0
    lines = [line.partition(" (")[0] for line in ran.out.splitlines()]
    assert lines == [
        f"PASS   {rules}/small_test.rego: test_three_are_too_many",
        f"PASS   {rules}/small_test.rego: test_three_are_allowed_by_configuration",
        f"PASS   {rules}/small_test.rego: test_the_message_has_the_number",
        f"PASS   {rules}/cases/two.yaml: two are too many",
        "4 passed",
    ]


def test_the_shipped_tests_pass(run: Run) -> None:
    ran = run("policy", "test", "policies/dhi")

    assert ran.code == 0, ran.out
    assert "dhi-no-embedded-malware_test.rego: test_a_found_virus_fails" in ran.out


def test_a_failure_says_what_was_expected_and_found(run: Run, rules: Path) -> None:
    (rules / "small_test.rego").write_text(TESTS.replace("if not scout.pass", "if scout.pass"))
    (rules / "cases" / "two.yaml").write_text(CASE.replace("fail", "pass"))

    ran = run("policy", "test", str(rules))

    assert ran.code == 1
    assert f"FAIL   {rules}/small_test.rego: test_three_are_too_many" in ran.out
    assert "rule small: expected pass, found fail: 2 is too many" in ran.out
    assert ran.out.endswith("2 passed, 2 failed\n")


@pytest.mark.parametrize("name", ["small_test.rego", "small.rego", "cases/two.yaml"])
def test_a_file_is_run_by_itself(run: Run, rules: Path, name: str) -> None:
    ran = run("policy", "test", str(rules / name))

    assert ran.code == 0
    assert ("two are too many" in ran.out) is name.startswith("cases")


def test_only_tests_with_a_name(run: Run, rules: Path) -> None:
    found = json.loads(run("policy", "test", "--run", "three", "-o", "json", str(rules)).out)

    assert [test["name"] for test in found["tests"]] == [
        "test_three_are_too_many",
        "test_three_are_allowed_by_configuration",
    ]
    assert run("policy", "test", "--run", "no-such-test", str(rules)).code == 2
    assert run("policy", "test", "--run", "(", str(rules)).code == 2


def test_coverage_joins_tests_and_cases(run: Run, rules: Path) -> None:
    (rules / "other.rego").write_text(RULE)

    found = json.loads(run("policy", "test", "--coverage", "-o", "json", str(rules)).out)

    other, small = found["coverage"]
    assert (other["path"], other["percent"]) == (str(rules / "other.rego"), 0)
    assert (small["percent"], small["notCovered"]) == (100, [])


def test_a_threshold_that_is_missed_fails(run: Run, rules: Path) -> None:
    assert run("policy", "test", "--threshold", "100", str(rules)).code == 0

    head, *_ = TESTS.partition("test_")
    (rules / "small_test.rego").write_text(f'{head}test_few if scout.pass with data.config as {{"most": 9}}\n')
    (rules / "cases" / "two.yaml").unlink()
    ran = run("policy", "test", "--threshold", "90", str(rules))
    assert ran.code == 1
    assert "coverage 80 %, expected 90 %" in ran.out
    assert "lines not reached: 13" in ran.out


def test_junit_has_a_suite_for_each_file(run: Run, rules: Path, tmp_path: Path) -> None:
    (rules / "cases" / "two.yaml").write_text(CASE.replace("fail", "pass"))
    (rules / "lonely_test.rego").write_text(TESTS)

    ran = run("policy", "test", "-o", "text", "-o", f"junit={tmp_path / 'results.xml'}", str(rules))

    root = defusedxml.ElementTree.parse(tmp_path / "results.xml").getroot()
    assert ran.code == 2
    assert [suite.get("name") for suite in root] == [
        f"{rules}/lonely_test.rego",
        f"{rules}/small_test.rego",
        f"{rules}/cases/two.yaml",
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "1")
    (failure,) = root.iter("failure")
    assert failure.get("message") == "rule small: expected pass, found fail: 2 is too many"


def test_G16_nothing_to_run_is_no_pass(run: Run, rules: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (rules / "small_test.rego").write_text("package docker.scout_test\n")

    nothing, no_tests = run("policy", "test", str(tmp_path / "empty")), run("policy", "test", str(rules))

    assert (nothing.code, no_tests.code) == (2, 2)
    assert "no tests were found" in nothing.out
    assert "holds no test" in no_tests.out


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("small.rego", "package other\n", "expected `package docker.scout`"),
        ("small.rego", f"{RULE}pass if unknown == 1\n", "small.rego:17"),
        ("small_test.rego", f"{TESTS}test_x if unknown == 1\n", "small_test.rego:16"),
        ("lonely_test.rego", TESTS, "there is no rule lonely.rego beside it"),
        ("small_test.yaml", "statement: []\n", "small_test.yaml:1:1: Object contains unknown field"),
        ("small_test.json", "{}", "are fixtures of one test"),
        ("small_case.yaml", "name: x\n", "missing required field `expect`"),
        ("small_case.yaml", CASE.replace("small", "smal"), "there is no rule 'smal'"),
    ],
)
def test_H01_a_broken_file_is_named_and_the_rest_runs(
    run: Run, rules: Path, name: str, text: str, expected: str
) -> None:
    (rules / name).write_text(text)
    (rules / "good.rego").write_text(RULE)
    (rules / "good_test.rego").write_text("package docker.scout_test\nimport rego.v1\ntest_good if true\n")

    ran = run("policy", "test", str(rules))

    assert ran.code == 2
    assert "BROKEN" in ran.out
    assert expected in ran.out
    assert f"PASS   {rules}/good_test.rego: test_good" in ran.out


@pytest.mark.parametrize("command", ["test", "lint"])
def test_a_name_that_is_no_text_is_refused(run: Run, rules: Path, command: str) -> None:
    (rules / os.fsdecode(b"\xff_case.yaml")).write_text(CASE)

    ran = run("policy", command, "-o", "json", str(rules))

    assert (ran.code, ran.out) == (2, "")
    assert "is not UTF-8" in ran.err


@pytest.mark.parametrize("arguments", [(), ("/does/not/exist",), ("README.md",), ("--threshold", "101", "policies")])
def test_N04_a_wrong_call_prints_no_result(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run("policy", "test", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_a_saved_image_stands_beside_its_case(run: Run, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    (tmp_path / "testdata").symlink_to(pytestconfig.rootpath / "testdata")
    case = """\
        name: an infected image is refused
        image: oci:testdata/refused
        as: dhi.io/python:3.13
        keyFiles: [testdata/keys/publisher.pub]
        effectiveTime: 2026-01-20
        platform: linux/arm64
        expect: {verdict: deny, exitCode: 1, rules: {dhi-no-embedded-malware: fail}}
    """
    (tmp_path / "infected_case.yaml").write_text(dedent(case))

    ran = run("policy", "test", str(tmp_path / "infected_case.yaml"))

    assert (ran.code, "PASS" in ran.out) == (0, True)


def test_H05_a_test_that_takes_all_memory_does_not_stop_the_others(run: Run, rules: Path) -> None:
    (rules / "small_case.yaml").write_text(CASE)
    (rules / "cases" / "two.yaml").unlink()
    (rules / "small_test.rego").write_text(f"{TESTS}\ntest_huge if count(numbers.range(1, 1000000000000)) > 0\n")

    ran = run("policy", "test", str(rules))

    assert ran.code == 1
    assert f"ERROR  {rules}/small_test.rego: test_huge" in ran.out
    assert f"PASS   {rules}/small_test.rego: test_three_are_too_many" in ran.out
    assert f"PASS   {rules}/small_case.yaml: two are too many" in ran.out


def test_N12_names_and_prints_cannot_write_on_the_terminal(run: Run, rules: Path) -> None:
    (rules / "cases" / "two.yaml").write_text(CASE.replace("name: two", 'name: "\\e[31m\\n::error::"\n#'))

    for form in ("text", "json", "junit"):
        ran = run("policy", "test", "-o", form, str(rules))
        assert ran.code == 0
        assert "\x1b" not in ran.out
        assert "\n::error" not in ran.out


@pytest.mark.parametrize("pack", ["dhi", "base", "signed", "attested"])
def test_the_tests_beside_the_shipped_rules_pass_and_reach_them(run: Run, pack: str) -> None:
    folder = Path("policies") / pack

    ran = run("policy", "test", "--threshold", "95", "-o", "json", str(folder))

    assert ran.code == 0, ran.out
    tested = {test["path"] for test in json.loads(ran.out)["tests"]}
    assert len(tested) >= len(list(folder.glob("*_test.rego"))) > 0
