"""The hooks for pre-commit: their entry points, called with what pre-commit would add."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.conftest import KEY, THEN, layout
from tests.deploy.runners import ROOT, read

HOOKS = {hook["id"]: hook for hook in read(ROOT / ".pre-commit-hooks.yaml")}


def call(dhiverify: Path, hook: Any, args: list[str], files: list[str]) -> subprocess.CompletedProcess[str]:
    """As pre-commit does: the entry, `args` of the user, and those of the staged files that match."""
    program, *entry = shlex.split(hook["entry"])
    assert program == "dhiverify"
    named = [file for file in files if re.search(hook.get("files", ""), file)]
    passed = named if hook.get("pass_filenames", True) else []
    return subprocess.run(
        [dhiverify, *entry, *args, *passed], cwd=dhiverify.parent, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("policy", "code"), [("images: []\n", 1), ((ROOT / "policies/dhi.yaml").read_text("utf-8"), 0)]
)
def test_the_linter_gets_the_staged_documents(dhiverify: Path, tmp_path: Path, policy: str, code: int) -> None:
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / "other.yaml").write_text("not: a policy\n")

    ran = call(dhiverify, HOOKS["dhiverify-policy-lint"], [], ["policy.yaml", "other.yaml"])

    assert ran.returncode == code, ran.stdout + ran.stderr
    assert "policy.yaml" in ran.stdout or code == 0
    assert "other.yaml" not in ran.stdout


@pytest.mark.parametrize(("expected", "code"), [("true", 0), ("false", 1)])
def test_the_tests_of_rules_run(dhiverify: Path, tmp_path: Path, expected: str, code: int) -> None:
    (tmp_path / "a.rego").write_text("package docker.scout\n\nimport rego.v1\n\ndefault pass := true\n")
    (tmp_path / "a_test.rego").write_text(
        f"package docker.scout_test\n\nimport rego.v1\n\ntest_pass if data.docker.scout.pass == {expected}\n"
    )

    ran = call(dhiverify, HOOKS["dhiverify-policy-test"], ["."], ["a.rego"])

    assert ran.returncode == code, ran.stdout + ran.stderr


@pytest.mark.parametrize(("name", "code"), [("allowed", 0), ("refused", 1)])
def test_images_are_judged_whatever_is_staged(dhiverify: Path, name: str, code: int) -> None:
    hook = HOOKS["dhiverify-image"]

    ran = call(dhiverify, hook, ["--key", KEY, "--effective-time", THEN, layout(name)], ["README.md"])

    assert ran.returncode == code, ran.stdout + ran.stderr
    assert hook["always_run"] is True
