"""What docs/ci.md shows is what the files in deploy/ offer, and its scripts are run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.deploy.conftest import KEY, THEN, layout
from tests.deploy.guide import GUIDE, examples, workflows
from tests.deploy.runners import ACTION, ROOT, TEMPLATE, WORKFLOW, read
from verifier.cli.image import image as command
from verifier.cli.options import known_variables

ACTION_NAME = "acme/dhiverify/deploy/github@"
WORKFLOW_NAME = "acme/pipelines/.github/workflows/verify.yml@"


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def jobs() -> Iterator[Any]:
    for text in workflows():
        yield from load(text)["jobs"].values()


def test_examples_give_inputs_that_there_are() -> None:
    steps = [step for job in jobs() for step in job.get("steps", ()) if step.get("uses", "").startswith(ACTION_NAME)]
    calls = [job for job in jobs() if job.get("uses", "").startswith(WORKFLOW_NAME)]
    workflow = read(WORKFLOW)
    inputs = workflow["on"]["workflow_call"]["inputs"]

    assert steps
    assert calls
    assert [name for step in steps for name in step["with"] if name not in read(ACTION)["inputs"]] == []
    assert [name for call in calls for name in call["with"] if name not in inputs] == []
    assert all(call["with"].keys() >= {name for name in inputs if inputs[name].get("required")} for call in calls)


def test_a_caller_grants_what_the_workflow_needs() -> None:
    """GitHub refuses to start a workflow that asks for more than its caller has."""
    needed: dict[str, str] = {}
    for job in read(WORKFLOW)["jobs"].values():
        needed |= job["permissions"]

    assert [job["permissions"] for job in jobs() if "permissions" in job] == [needed]


def test_the_guide_names_every_output() -> None:
    for name in read(ACTION)["outputs"]:
        assert re.search(rf"^\| .*`{name}`", GUIDE, re.MULTILINE), name


def test_examples_for_gitlab_name_what_there_is() -> None:
    (example,) = map(load, examples("gitlab"))
    own = read(TEMPLATE)[".dhiverify"]["variables"]

    assert (ROOT / example["include"][0]["file"]) == TEMPLATE
    assert example["verify"]["extends"] == ".dhiverify"
    assert example["verify"]["variables"].keys() <= known_variables().keys() | own.keys()
    assert example["include"][0]["ref"] == example["verify"]["variables"]["VERIFIER_COMMIT"]


def test_examples_for_pre_commit_name_hooks_that_there_are() -> None:
    (example,) = map(load, examples("pre-commit"))

    hooks = {hook["id"] for hook in read(ROOT / ".pre-commit-hooks.yaml")}

    assert {hook["id"] for hook in example["repos"][0]["hooks"]} == hooks


def test_the_guide_has_the_exit_codes_of_the_command() -> None:
    said = re.findall(r"^      (\d) |  (\d) ", command.help or "", re.MULTILINE)

    assert set(re.findall(r"^\| (\d) \|", GUIDE, re.MULTILINE)) == {a or b for a, b in said} == set("01234567")


@pytest.mark.parametrize(("name", "code"), [("allowed", 0), ("refused", 1), ("bare", 3)])
def test_the_script_deploys_what_was_verified(dhiverify: Path, tmp_path: Path, name: str, code: int) -> None:
    (script,) = examples("shell")
    deploy = tmp_path / "deploy"
    deploy.write_text('#!/bin/sh\nprintf "%s" "$1" > deployed\n')
    deploy.chmod(0o755)
    (tmp_path / "reference.txt").write_text("that of yesterday\n")

    ran = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
            "IMAGE": layout(name),
            "DHIVERIFY_KEY": KEY,
            "DHIVERIFY_EFFECTIVE_TIME": THEN,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == code, ran.stdout + ran.stderr
    assert (tmp_path / "junit.xml").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "deployed").exists() is (code == 0)
    if code == 0:
        assert re.fullmatch(rf"{layout(name)}@sha256:[0-9a-f]{{64}}", (tmp_path / "deployed").read_text("utf-8"))


def test_paths_that_the_guide_links_exist() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", GUIDE)
    places = set(re.findall(r"\]\(#([^)]+)\)", GUIDE))
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^##+ (.+)$", GUIDE, re.MULTILINE)}

    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    assert places <= headings
