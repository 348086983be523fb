"""What an output format is."""

from __future__ import annotations

from typing import Protocol

from verifier.model import Report


class Format(Protocol):
    """Turns the report into text. Pure: no file, no clock, no terminal is touched."""

    name: str  # as in --output NAME[=PATH]
    description: str

    def render(self, report: Report) -> str:
        """The whole document, ending in a newline, every foreign text escaped for this format."""
