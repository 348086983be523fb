"""Shows a long run on stderr: a spinner on a terminal, a line per stage elsewhere, nothing for a short one."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from verifier.model.progress import Progress
from verifier.report.escape import printable

PATIENCE = 1.0  # seconds that a person waits without asking
_BEAT = 0.2


@contextmanager
def shown(quiet: bool) -> Iterator[Progress]:
    progress, over = Progress(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(progress, over), daemon=True)
    if not quiet:
        watcher.start()
    try:
        yield progress
    finally:
        over.set()
        if not quiet:
            watcher.join()


def _watch(progress: Progress, over: threading.Event) -> None:
    if over.wait(PATIENCE):
        return
    if sys.stderr.isatty():
        _spin(progress, over)
    else:
        _tell(progress, over)


def _spin(progress: Progress, over: threading.Event) -> None:
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        while not over.wait(_BEAT):
            status.update(_line(progress).replace("[", "\\["))


def _tell(progress: Progress, over: threading.Event) -> None:
    told = ""
    while not over.wait(_BEAT):
        if (line := _line(progress)) != told:
            click.echo(line, err=True)
            told = line


def _line(progress: Progress) -> str:
    return printable(f"{progress.stage} {progress.image}")
