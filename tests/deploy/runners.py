"""The runners of pipelines, as far as a step can tell: their shells, variables and files.

Steps are taken from the very files in deploy/, and run as GitHub Actions and GitLab document it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
STEP = ROOT / "deploy/step.py"
ACTION = ROOT / "deploy/github/action.yml"
WORKFLOW = ROOT / "deploy/github/verify.yml"
TEMPLATE = ROOT / "deploy/gitlab/dhiverify.gitlab-ci.yml"

_OUTPUT = re.compile(r"(?P<name>[\w-]+)(?:=(?P<line>[^\n]*)|<<(?P<end>[^\n]+)\n(?P<lines>.*?)\n?(?P=end))\n", re.DOTALL)

_BASH = shutil.which("bash") or "/bin/bash"


def read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def program(folder: Path, *before: str) -> Path:
    """A `dhiverify` of this source, which runs the shell commands `before` first."""
    path = folder / "dhiverify"
    lines = ("#!/bin/sh", *before, f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -P -m verifier "$@"', "")
    path.write_text("\n".join(lines))
    path.chmod(0o755)
    return path


class Step(msgspec.Struct, frozen=True):
    """How a step ended, and what it left behind."""

    code: int
    out: str
    err: str
    outputs: dict[str, str] = {}
    summary: str = ""


class GitHub:
    """A runner of GitHub Actions with a working directory of its own."""

    def __init__(self, folder: Path, dhiverify: Path) -> None:
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self._temporary = folder / "temporary"
        self._temporary.mkdir()
        self._program = dhiverify

    def verify(self, *images: str, environ: Mapping[str, str] = {}, **inputs: str) -> Step:
        """The action's last step, with `inputs` (`_` for `-`) and the defaults of the others."""
        action = read(ACTION)
        given = {name: value.get("default", "") for name, value in action["inputs"].items()}
        given |= {"image": "\n".join(images), "program": str(self._program)}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        (step,) = (step for step in action["runs"]["steps"] if step.get("id") == "verify")
        expressions = {
            "${{ toJSON(inputs) }}": json.dumps(given, indent=2),
            "${{ steps.found.outputs.python || steps.python.outputs.python-path }}": sys.executable,
        }
        return self.run(step, {name: expressions[text] for name, text in step["env"].items()} | dict(environ))

    def run(self, step: Any, environ: Mapping[str, str]) -> Step:
        files = {name: self._temporary / f"{name}.txt" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        assert step["shell"] == "bash"
        own = {"RUNNER_TEMP": str(self._temporary), "GITHUB_ACTION_PATH": str(ACTION.parent)}
        ran = subprocess.run(
            [_BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.workspace,
            env={"PATH": os.environ["PATH"], **own, **{name: str(path) for name, path in files.items()}, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        written = files["GITHUB_OUTPUT"].read_text("utf-8")
        assert _OUTPUT.sub("", written) == ""
        outputs = {found["name"]: found["line"] or found["lines"] or "" for found in _OUTPUT.finditer(written)}
        return Step(ran.returncode, ran.stdout, ran.stderr, outputs, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"))


class GitLab:
    """A runner of GitLab with a project directory, and a repository from which dhiverify can be fetched."""

    def __init__(self, folder: Path, dhiverify: Path) -> None:
        self.project = folder / "project"
        self.project.mkdir()
        self._program = dhiverify
        self._repository = folder / "dhiverify.git"
        self.commit = _commit(self._repository)

    def verify(self, *images: str, **variables: str) -> Step:
        """The script of the template, with `variables` beside those that it sets itself."""
        job = read(TEMPLATE)[".dhiverify"]
        own = {
            "PATH": os.environ["PATH"],
            "CI_PROJECT_DIR": str(self.project),
            "VERIFIER_REPOSITORY": self._repository.as_uri(),
            "VERIFIER_COMMIT": self.commit,
            "VERIFIER_IMAGE": " ".join(images),
            "VERIFIER_PROGRAM": str(self._program),
        }
        ran = subprocess.run(
            [_BASH, "-eo", "pipefail", "-c", "\n".join(job["script"])],
            cwd=self.project,
            env=job["variables"] | own | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        return Step(ran.returncode, ran.stdout, ran.stderr, self._dotenv(job["artifacts"]["reports"]["dotenv"]))

    def _dotenv(self, name: str) -> dict[str, str]:
        path = self.project / name
        if not path.is_file():
            return {}
        return dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines())


def _commit(repository: Path) -> str:
    """A repository with one commit that holds the step."""
    step = repository / "deploy" / "step.py"
    step.parent.mkdir(parents=True)
    step.write_bytes(STEP.read_bytes())
    git = ["git", "-C", str(repository), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    quiet = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=step"]):
        subprocess.run([*git, *command], env=quiet, check=True)
    return subprocess.run(
        [*git, "rev-parse", "HEAD"], env=quiet, check=True, capture_output=True, text=True
    ).stdout.strip()
