"""`policy init`, `lint`, `show` and `schema` as they are called."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

METADATA = "# METADATA\n# title: Own\n# custom:\n#   evidence: []\n"
RULE = f"{METADATA}package docker.scout\nimport rego.v1\ndefault pass := false\n"
POLICY = (
    "version: 1\nname: acme\nimages:\n  - match: dhi.io/*\n    trust: {keys: [dhi-2]}\n    rules: [{path: own.rego}]\n"
)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "own.rego").write_text(RULE)
    path = tmp_path / "acme.yaml"
    path.write_text(POLICY)
    return path


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a command on documents reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_init_writes_a_document_that_lint_accepts(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"

    begun = run("policy", "init", str(file))
    (tmp_path / "release.pub").write_bytes(Path("testdata/keys/publisher.pub").read_bytes())

    assert (begun.code, begun.out) == (0, "")
    assert f"dhiverify policy lint {file}" in begun.err
    assert run("policy", "lint", str(file)).code == 0


def test_init_leaves_a_file_alone(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("mine")

    ran = run("policy", "init", str(file))

    assert (ran.code, file.read_text()) == (2, "mine")
    assert "is there already" in ran.err
    assert run("policy", "init", str(tmp_path / "no" / "folder.yaml")).code == 2


def test_init_without_a_file_writes_to_stdout(run: Run) -> None:
    plain, dash = run("policy", "init"), run("policy", "init", "-")

    assert plain.out == dash.out
    assert "version: 1" in plain.out
    assert "dhiverify policy lint policy.yaml" in plain.err


def test_schema_is_the_published_one(run: Run) -> None:
    ran = run("policy", "schema")

    assert ran.code == 0
    assert json.loads(ran.out) == json.loads(Path("docs/policy.schema.json").read_text())


def test_lint_of_the_policy_in_use(run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("policy", "lint").code == 0

    policy.write_text(POLICY.replace("match", "mtach"))
    monkeypatch.setenv("DHIVERIFY_POLICY", str(policy))

    assert run("policy", "lint").code == 1


def test_G15_lint_names_place_and_remedy(run: Run, policy: Path) -> None:
    policy.write_text(POLICY.replace("trust:", "turst:"))

    ran = run("policy", "lint", str(policy))

    assert ran.code == 1
    assert f"{policy}:5:5: error: " in ran.out
    assert "next: Did you mean `trust`?" in ran.out


def test_H01_lint_compiles_rules(run: Run, policy: Path) -> None:
    broken = policy.parent / "own.rego"
    broken.write_text(f"{RULE}pass if unknown_thing == 1\n")
    (policy.parent / "good.rego").write_text(RULE)

    for path in (policy, policy.parent, broken):
        ran = run("policy", "lint", str(path), "-o", "json")

        found = json.loads(ran.out)
        assert (ran.code, found["exitCode"]) == (1, 1)
        (error,) = (one for one in found["findings"] if one["severity"] == "error")
        assert (error["path"], error["line"]) == (str(broken), 8)


def test_lint_knows_tests_cases_and_fixtures(run: Run, policy: Path) -> None:
    folder = policy.parent
    (folder / "own_test.rego").write_text("package docker.scout_test\ntest_x := true\n")
    (folder / "own_test.yaml").write_text("statements: []\n")
    (folder / "own_case.yaml").write_text("name: x\nstatements: []\nexpect: {rules: {own: fail}}\n")
    names = [str(path) for path in folder.iterdir()]

    assert run("policy", "lint", str(folder)).code == 0
    assert run("policy", "lint", *names).code == 0

    (folder / "own_case.yaml").write_text("name: x\nstatements: []\nexpect: {}\n")
    (folder / "own_test.yaml").write_text("statement: []\n")
    ran = run("policy", "lint", str(folder))
    assert ran.code == 1
    assert f"{folder / 'own_case.yaml'}:3:1: error: the case expects nothing" in ran.out
    assert f"{folder / 'own_test.yaml'}:1:1: error: Object contains unknown field `statement`" in ran.out


def test_strict_lint_takes_warnings_for_errors(run: Run, policy: Path) -> None:
    (policy.parent / "own.rego").write_text(RULE.replace("# title: Own\n", ""))

    assert run("policy", "lint", str(policy)).code == 0
    assert run("policy", "lint", "--strict", str(policy)).code == 1


def test_N04_lint_of_nothing_is_a_wrong_call(run: Run, tmp_path: Path) -> None:
    for path in ("/does/not/exist", str(tmp_path)):
        ran = run("policy", "lint", path)

        assert (ran.code, ran.out) == (2, "")
        assert "next:" in ran.err


def test_N12_lint_output_cannot_write_on_the_terminal(run: Run, policy: Path) -> None:
    policy.write_text(POLICY.replace("name: acme", 'name: acme\n"\\e[31m\\n::error::x": 1'))

    for form in ("text", "json"):
        ran = run("policy", "lint", str(policy), "-o", form)
        assert ran.code == 1
        assert "\x1b" not in ran.out
        assert "\n::error" not in ran.out


def test_show_of_the_default(run: Run) -> None:
    ran = run("policy", "show")

    assert ran.code == 0
    assert "chosen by: default" in ran.out
    assert "section *" in ran.out
    assert "built-in:dhi:" in ran.out


def test_show_for_an_image_names_section_and_origins(run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHIVERIFY_KEY", "mine.pub")

    ran = run("policy", "show", "--policy", str(policy), "--skip-tlog", "-o", "json", "dhi.io/python:3.13")

    found = json.loads(ran.out)
    values = {value["name"]: value["origin"] for value in found["values"]}
    assert ran.code == 0
    assert (found["chosen"], found["decides"], found["path"]) == ("--policy", "dhi.io/*", str(policy))
    assert (values["trust.keyFiles"], values["transparency"]) == ("DHIVERIFY_KEY", "--insecure-ignore-tlog")
    assert values["enforce"] == "default"
    assert [rule["origin"] for rule in found["rules"]] == [f"{policy}:6"]
    assert len(found["relaxations"]) == 1


def test_show_says_which_variable_or_configuration_chose(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DHIVERIFY_POLICY", str(policy))
    assert "chosen by: DHIVERIFY_POLICY" in run("policy", "show").out

    monkeypatch.delenv("DHIVERIFY_POLICY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "dhiverify").mkdir()
    (tmp_path / "dhiverify" / "policy.yaml").write_text(POLICY)
    (tmp_path / "dhiverify" / "own.rego").write_text(RULE)
    ran = run("policy", "show", "dhi.io/python")
    assert (ran.code, "chosen by: your configuration" in ran.out) == (0, True)


def test_G13_show_says_that_an_image_without_section_is_denied(run: Run, policy: Path) -> None:
    ran = run("policy", "show", "--policy", str(policy), "docker.io/library/alpine:3")

    assert ran.code == 1
    assert "no section matches: the image is denied" in ran.out


def test_G14_show_normalises_the_name_as_the_judgement_does(run: Run, policy: Path) -> None:
    policy.write_text(POLICY.replace("dhi.io/*", "docker.io/library/*"))

    assert run("policy", "show", "--policy", str(policy), "alpine").code == 0


def test_show_judges_a_layout_by_its_given_name(run: Run, policy: Path) -> None:
    arguments = ("policy", "show", "--policy", str(policy), "oci:testdata/allowed")

    assert run(*arguments).code == 1
    assert run(*arguments, "--as", "dhi.io/python:3.13").code == 0


def test_N12_show_output_cannot_write_on_the_terminal(run: Run, policy: Path) -> None:
    policy.write_text(POLICY.replace("name: acme", 'name: "a\\e[31m\\nsection"'))

    for form in ("text", "json"):
        ran = run("policy", "show", "--policy", str(policy), "-o", form)
        assert ran.code == 0
        assert "\x1b" not in ran.out


@pytest.mark.parametrize("command", ["init", "show", "lint", "test", "explain", "schema"])
def test_every_command_has_examples(run: Run, command: str) -> None:
    ran = run("policy", command, "--help")

    assert ran.code == 0
    assert f"dhiverify policy {command}" in ran.out.partition("Examples:")[2]


def test_flags_of_the_commands_are_variables(run: Run) -> None:
    ran = run("env", "--all")

    for name in ("DHIVERIFY_STRICT", "DHIVERIFY_RUN", "DHIVERIFY_COVERAGE", "DHIVERIFY_THRESHOLD"):
        assert f"{name}=" in ran.out
