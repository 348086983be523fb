"""What somebody else's linters say of the files in deploy/ and of the examples in docs/ci.md.

Each linter is first shown a file that it has to refuse: one that accepts everything proves nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.deploy.conftest import KEY, THEN, layout
from tests.deploy.guide import as_workflow, examples, workflows
from tests.deploy.runners import ACTION, ROOT, TEMPLATE, WORKFLOW, GitHub, read

pytestmark = pytest.mark.checker

REQUIRED = os.environ.get("DHI_TEST_REQUIRE_CHECKERS") == "1"
DOCKERFILE = ROOT / "deploy/Dockerfile"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
Check = Callable[..., str]

INJECTION = as_workflow("- run: echo ${{ github.event.issue.title }}")
YAMLLINT = """
extends: default
rules:
  line-length: {max: 120}
  document-start: disable
  truthy: {check-keys: false}
  comments: {min-spaces-from-content: 1}
"""


def tool(name: str) -> str:
    """Where a checker is: on the path, or beside this Python. Without it the test is skipped, or fails if required."""
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if not path:
        (pytest.fail if REQUIRED else pytest.skip)(f"{name} is not installed")
    return path


def said(command: Sequence[str | Path], stdin: str = "") -> str:
    """What a linter complains of; "" for nothing. A linter that fails without a word said something, too."""
    ran = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd=ROOT)
    return (ran.stdout + ran.stderr or f"exit code {ran.returncode}") if ran.returncode else ""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def scripts() -> list[tuple[str, str]]:
    """Every shell script with its shell, of deploy/ and of the guide."""
    found = [("bash", step["run"]) for step in read(ACTION)["runs"]["steps"] if "run" in step]
    found += [
        ("bash", step["run"]) for job in read(WORKFLOW)["jobs"].values() for step in job["steps"] if "run" in step
    ]
    found += [("sh", "\n".join(read(TEMPLATE)[".dhiverify"]["script"]))]
    return found + [("sh", text) for name in ("shell", "install", "container") for text in examples(name)]


def test_actionlint(file: Callable[[str, str], Path]) -> None:
    linter = tool("actionlint")
    lint = [linter, "-no-color", "-shellcheck=", "-pyflakes="]

    assert "potentially untrusted" in said([*lint, "-"], INJECTION)
    assert "is not defined in object" in said([*lint, "-"], INJECTION.replace("issue.title", "x").replace("event", "e"))

    assert said([*lint, WORKFLOW]) == ""
    assert [found for text in workflows() if (found := said([*lint, "-"], text))] == []


def test_zizmor(file: Callable[[str, str], Path]) -> None:
    linter = tool("zizmor")

    def findings(path: Path) -> list[str]:
        command = [linter, "--offline", "--no-config", "--persona=pedantic", "--no-exit-codes", "--format=json", path]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        return [found["ident"] for found in json.loads(ran.stdout)]

    assert "template-injection" in findings(file("bad/.github/workflows/bad.yml", INJECTION))
    unpinned = as_workflow("- uses: actions/checkout@v7")
    assert {"unpinned-uses", "artipacked"} <= set(findings(file("bad/.github/workflows/unpinned.yml", unpinned)))

    assert findings(ACTION) == []
    assert findings(WORKFLOW) == []
    for number, text in enumerate(workflows()):
        assert findings(file(f"good/.github/workflows/{number}.yml", text)) == []


@pytest.mark.parametrize(
    ("schema", "path", "kind"),
    [
        ("vendor.github-actions", ACTION, None),
        ("vendor.github-workflows", WORKFLOW, "github-workflow"),
        ("vendor.gitlab-ci", TEMPLATE, "gitlab"),
    ],
)
def test_schemas_of_the_vendors(file: Callable[[str, str], Path], schema: str, path: Path, kind: str | None) -> None:
    lint = [tool("check-jsonschema"), "--builtin-schema", schema]
    shown = path.read_text("utf-8").replace("\n.dhiverify:", "\ndhiverify:")  # of a hidden job, no schema asks anything
    misspelt = (
        shown.replace("  using:", "  used:").replace("runs-on:", "run-on:").replace("when: always", "when: often")
    )

    assert said([*lint, file("bad.yml", misspelt)])

    assert said([*lint, file("good.yml", shown)]) == ""
    for number, text in enumerate(examples(kind) if kind else []):
        assert said([*lint, file(f"{number}.yml", text)]) == ""


def test_yamllint(file: Callable[[str, str], Path]) -> None:
    lint = [tool("yamllint"), "--strict", "-d", YAMLLINT]
    kinds = ("github-workflow", "github-step", "gitlab", "pre-commit")

    assert "duplication of key" in said([*lint, file("bad.yml", "a: 1\na: 2\n")])

    assert said([*lint, ACTION, WORKFLOW, TEMPLATE, HOOKS]) == ""
    for number, text in enumerate(text for kind in kinds for text in examples(kind)):
        assert said([*lint, file(f"{number}.yml", text)]) == ""


def test_hadolint(file: Callable[[str, str], Path]) -> None:
    lint = [tool("hadolint"), "--no-color", "--failure-threshold=style"]
    bad = DOCKERFILE.read_text("utf-8").replace("USER 65532:65532", "USER root") + "RUN cd /x\n"

    assert {"DL3002", "DL3003"} <= set(re.findall(r"DL\d+", said([*lint, file("Dockerfile", bad)])))

    assert said([*lint, DOCKERFILE]) == ""


def test_shellcheck() -> None:
    lint = [tool("shellcheck"), "--norc"]

    assert "SC2086" in said([*lint, "--shell=sh", "-"], "rm $1\n")

    for shell, script in scripts():
        assert said([*lint, f"--shell={shell}", "-"], script) == ""


def test_pre_commit(file: Callable[[str, str], Path]) -> None:
    linter = tool("pre-commit")
    bad = HOOKS.read_text("utf-8").replace("language: python", "language: cobol")
    (example,) = examples("pre-commit")

    assert "cobol" in said([linter, "validate-manifest", file("bad.yaml", bad)])
    assert said([linter, "validate-config", file("bad-config.yaml", example.replace("rev:", "version:"))])

    assert said([linter, "validate-manifest", HOOKS]) == ""
    assert said([linter, "validate-config", file("config.yaml", example)]) == ""


@pytest.fixture
def index() -> None:
    """Installing for real asks a package index, which may not be there."""
    if not REQUIRED:
        pytest.skip("a package index may be missing")


SOURCES = ("requirements.lock", "pyproject.toml", "README.md", "LICENSE", "policies", "verifier")


def source(folder: Path) -> Path:
    """What the Dockerfile copies, which is all that an installation needs."""
    folder.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.usefixtures("index")
def test_the_action_installs_what_it_is_pinned_at(github: GitHub) -> None:
    step = github.verify(layout("allowed"), key=KEY, effective_time=THEN, program="")

    assert step.code == 0, step.out + step.err
    assert step.outputs["verdict"] in ("allow", "warn")


@pytest.mark.usefixtures("index")
def test_the_commands_of_the_dockerfile_leave_no_build_tools(tmp_path: Path) -> None:
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text("utf-8"))
    commands = re.sub(
        r"(?<![^\s=])/(?=build|wheels|opt|config|work)",
        f"{tmp_path}/",
        "\n".join(re.findall(r"^RUN (.*)$", text, re.MULTILINE)),
    )
    (tmp_path / "opt").mkdir()

    subprocess.run(["sh", "-euc", commands], cwd=source(tmp_path / "source"), check=True, capture_output=True)

    (site,) = (tmp_path / "opt/dhiverify/lib").glob("python3*/site-packages")
    ran = subprocess.run(
        [tmp_path / "opt/dhiverify/bin/python", "-I", "-m", "verifier", "image", "--key", KEY, layout("allowed")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {path.name.partition("-")[0] for path in site.iterdir()} & {"pip", "hatchling", "editables"} == set()


@pytest.mark.usefixtures("index")
def test_the_guide_installs_by_hand(tmp_path: Path) -> None:
    (script,) = examples("install")
    git = ["git", "-C", str(source(tmp_path / "origin")), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=all"]):
        subprocess.run([*git, *command], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()

    ran = subprocess.run(
        ["sh", "-euc", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "REPOSITORY": (tmp_path / "origin").as_uri(), "COMMIT": commit},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("dhiverify ")
