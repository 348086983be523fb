"""Somebody who reads a guide: types its commands as they stand there, in a folder of his own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Block(NamedTuple):
    """A block of a guide that a comment marks: `file` PATH, `test` exit N or a name, or `output`."""

    mark: str
    about: str
    text: str


def blocks_of(guide: str) -> list[Block]:
    return [Block(*found) for found in re.findall(r"<!-- (\w+)(?:: ([^>]+))? -->\n```\w+\n(.*?)```", guide, re.DOTALL)]


class Reader:
    """Has `dhiverify` on the PATH, and the files of `clone` (names in the repository) beside him."""

    def __init__(self, folder: Path, *clone: str, **variables: str) -> None:
        self.folder = folder / "here"
        self.folder.mkdir()
        for name in clone:
            (self.folder / name).symlink_to(ROOT / name)
        program = folder / "bin" / "dhiverify"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
        program.chmod(0o755)
        self.environment = {
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            **variables,
        }

    def runs(self, commands: str, **more: str) -> subprocess.CompletedProcess[str]:
        """What becomes of commands in a shell as GitHub and GitLab start it; `more` are variables for them alone."""
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", commands],
            cwd=self.folder,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def writes(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
