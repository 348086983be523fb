"""The Dockerfile, as far as that can be held without building it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.deploy.conftest import KEY, THEN, layout
from tests.deploy.runners import ROOT

FILE = ROOT / "deploy/Dockerfile"
TEXT = re.sub(r"\\\n\s*", "", FILE.read_text("utf-8"))
BUILD, RUNTIME = re.split(r"^FROM .*\n", TEXT, flags=re.MULTILINE)[1:]


def instructions(stage: str, name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", stage, re.MULTILINE)


def test_what_is_copied_exists_and_may_be_seen() -> None:
    sources = [source for line in instructions(BUILD, "COPY") for source in line.split()[:-1]]
    ignored = (FILE.parent / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    seen = {line.removeprefix("!") for line in ignored if line.startswith("!")}

    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert ignored[1] == "*"
    assert set(sources) == seen


def test_what_the_build_needs_is_copied() -> None:
    """Every path of the tree that the build back end is told to take."""
    wanted = re.findall(
        r'"(verifier|policies)"|= "(README\.md)"|\["(LICENSE)"\]', (ROOT / "pyproject.toml").read_text()
    )

    assert {name for found in wanted for name in found if name} <= set(" ".join(instructions(BUILD, "COPY")).split())


def test_both_bases_are_hardened_and_can_be_pinned() -> None:
    bases = dict(line.split("=", 1) for line in re.findall(r"^ARG (\w*BASE=.*)$", TEXT, re.MULTILINE))

    assert bases == {"BUILD_BASE": "dhi.io/python:3.13-debian13-dev", "BASE": "dhi.io/python:3.13-debian13"}
    assert re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE) == ["${BUILD_BASE}", "${BASE}"]


def test_nothing_is_installed_whose_hash_was_not_checked() -> None:
    (fetched, built) = instructions(BUILD, "RUN")
    installs = [command for command in built.split("&&") if "pip" in command and "venv" not in command.split()[2:3]]

    assert "--require-hashes" in fetched
    assert "--only-binary=:all:" in fetched
    assert len(installs) == 3
    assert all("--no-index" in command for command in installs)


def test_the_image_runs_as_nobody_and_without_a_shell() -> None:
    (entry,) = instructions(RUNTIME, "ENTRYPOINT")

    assert instructions(RUNTIME, "USER") == ["65532:65532"]
    assert instructions(RUNTIME, "RUN") == []
    assert json.loads(entry) == ["/opt/dhiverify/bin/python", "-I", "-m", "verifier"]
    assert all(line.startswith("--from=build ") for line in instructions(RUNTIME, "COPY"))


_WATCHED = """
import os, sys
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.link", "os.symlink", "tempfile.mkdtemp", "tempfile.mkstemp")
def watch(event, details):
    if event == "open" and (details[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        if isinstance(details[0], str) and details[0] != os.devnull:  # pipes are numbers
            print("opened", details[0], file=sys.stderr)
    elif event in CHANGES:
        print(event, details, file=sys.stderr)
sys.addaudithook(watch)
from verifier.cli import main
main()
"""


def watched(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-c", _WATCHED, "image", "--quiet", "--key", KEY, "--effective-time", THEN, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_judging_writes_nothing() -> None:
    """So a read-only root file system takes nothing away; not even /tmp is needed."""
    ran = watched(layout("allowed"))

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("ALLOW")


def test_a_report_is_all_that_is_written(tmp_path: Path) -> None:
    ran = watched("--output", f"text={tmp_path}/report.txt", layout("bare"))

    changed = ran.stderr.splitlines()
    assert ran.returncode == 3
    assert changed
    assert [line for line in changed if str(tmp_path) not in line] == []


def test_our_own_check_of_dockerfiles_has_nothing_but_notes() -> None:
    command = [sys.executable, "-m", "verifier", "dockerfile", "--no-verify", "-o", "json", "deploy/Dockerfile"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert {finding["severity"] for finding in json.loads(ran.stdout)["findings"]} == {"note"}
