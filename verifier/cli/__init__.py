"""The command line: parses, calls the hub, renders. Exit codes are those of `dhiverify image --help`."""

from __future__ import annotations

import signal
import sys

from verifier.cli.guard import guarded
from verifier.cli.root import root

__all__ = ["main"]


def main() -> None:
    """Entry point of the `dhiverify` command. Whatever happens, a run that did not allow does not exit with 0.

    To be told to end is to be interrupted: files that are half written go away, and as the first process of a
    container, which systems let ignore it, the run ends all the same.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(guarded(root))
