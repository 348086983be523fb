"""Lines of a result for a person: colours on a terminal, the same words plainly in a pipe."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

import click

from verifier.report.text_format import Line

_COLOURS = {"allow": "green", "warn": "yellow", "deny": "red"}


def text_of(lines: Iterable[Line], *, colours: bool) -> str:
    return "".join(f"{' ' * line.indent}{_styled(line) if colours else line.text}\n" for line in lines)


def _styled(line: Line) -> str:
    if not line.text or not line.tone:
        return line.text
    head, note = line.tone == "head" or None, line.tone == "note" or None
    return click.style(line.text, fg=_COLOURS.get(line.tone), bold=head, dim=note)


def columns(*, terminal: bool) -> int | None:
    """How wide a line of a table may be; None in a pipe, where everything is written."""
    return shutil.get_terminal_size().columns if terminal else None


def clipped(text: str, width: int) -> str:
    """At most `width` characters of it."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
