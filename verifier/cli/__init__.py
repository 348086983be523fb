"""The command line: parses, calls the hub, renders. Exit codes are those of `dhiverify image --help`."""

from __future__ import annotations

import sys

from verifier.cli.guard import guarded
from verifier.cli.root import root

__all__ = ["main"]


def main() -> None:
    """Entry point of the `dhiverify` command. Whatever happens, a run that did not allow does not exit with 0."""
    sys.exit(guarded(root))
