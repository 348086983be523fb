"""What an output format is."""

from __future__ import annotations

from typing import Literal, Protocol

from verifier.model import Report

Per = Literal["run", "image", "scan"]
"""What one document of a format is about: all images of a run, one image, or one STIG scan of one platform."""


class Format(Protocol):
    """Turns the report into text. Pure: no file, no clock, no terminal is touched."""

    name: str  # as in --output NAME[=PATH]
    description: str
    suffix: str  # of a file's name: "html"
    details: tuple[str, ...]  # kinds of evidence that must be read and decoded for it: "stig"
    per: Per

    def render(self, report: Report) -> str:
        """One whole document, ending in a newline, every foreign text escaped for this format.

        `report` is what `verifier.report.parts` made of the whole one: about one image or scan where `per` says so.
        Raises `UsageError` for a report of which no such document can be made.
        """
