"""What `dhiverify dockerfile` reports. JSON is camelCase; its schema is `docs/dockerfile.schema.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from verifier.dockerfile.bases import ImageEntry
from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.source import Source
from verifier.limits import DEFAULT_LIMITS
from verifier.model import PolicyEntry

SCHEMA = "https://dhiverify.dev/schema/dockerfile/v1"


class FindingEntry(msgspec.Struct, frozen=True, rename="camel"):
    """One finding. Lines and columns count from 1, columns in characters; the end column lies behind the last one.

    `source` is the line at which it begins, or the part of a long line around it; `source_column` is where in it.
    """

    id: str
    severity: Severity
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    remedy: str = ""
    image: str = ""
    source: str = ""
    source_column: int = 1


class FileEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A file that was read. `stages` counts them; `target` names the one that was judged as the final stage."""

    path: str
    stages: int
    target: str


class DockerfileReport(msgspec.Struct, frozen=True, rename="camel"):
    """`verified` is false where images were not to be verified; `complete` where one was undecided."""

    schema: str
    tool: str
    verified: bool
    complete: bool
    exit_code: int
    relaxations: tuple[str, ...]
    files: tuple[FileEntry, ...]
    findings: tuple[FindingEntry, ...]
    images: tuple[ImageEntry, ...] = ()
    policy: PolicyEntry | None = None
    effective_time: str = ""

    def counted(self) -> dict[str, int]:
        """How many findings there are of each severity, the gravest first."""
        counts = Counter(finding.severity for finding in self.findings)
        return {severity.value: counts[severity] for severity in Severity}


def exit_code(findings: Iterable[Finding], images: Iterable[ImageEntry]) -> int:
    """1 for an error; what kept an image from being decided on, or left it without trusted evidence, outranks that."""
    worst = max((image.exit_code for image in images), default=0)
    return max(worst, int(any(finding.severity is Severity.ERROR for finding in findings)))


def finding_entry(finding: Finding, source: Source) -> FindingEntry:
    place = finding.place
    shown, column = _around(source.line(place.line), place.column)
    return FindingEntry(
        finding.id,
        finding.severity,
        place.file,
        place.line,
        place.column,
        place.end_line,
        place.end_column,
        finding.message,
        finding.remedy,
        finding.image,
        shown,
        column,
    )


def _around(line: str, column: int) -> tuple[str, int]:
    """As much of a line as is shown, and where the column is in that."""
    most = DEFAULT_LIMITS.dockerfile_shown
    start = max(0, min(column - 1 - most // 4, len(line) - most)) if len(line) > most else 0
    return line[start : start + most], column - start


def schema() -> dict[str, object]:
    """JSON Schema 2020-12 of the report, made from the value itself."""
    document = msgspec.json.schema(DockerfileReport)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dhiverify dockerfile report",
        **document,
    }
