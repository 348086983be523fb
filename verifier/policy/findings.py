"""What `policy lint` says, finding by finding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from verifier.errors import ConfigurationError
from verifier.policy.checks import Problem
from verifier.policy.places import Places, shown

Severity: TypeAlias = Literal["error", "warning", "note"]


class Finding(msgspec.Struct, frozen=True, rename="camel"):
    """`line` and `column` count from 1, and are 0 where the whole file is meant. Only errors make a file unusable."""

    severity: Severity
    path: str
    line: int
    column: int
    message: str
    hint: str = ""


class LintReport(msgspec.Struct, frozen=True, rename="camel"):
    """What was read, and what was found in it, file by file in the order of the text."""

    files: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def placed(severity: Severity, problem: Problem, places: Places) -> Finding:
    """A problem of the document that `places` knows."""
    line, column = places.at(problem.where)
    text = f"{problem.text} (in {shown(problem.where)})"
    return Finding(severity, places.path, line, column, text, problem.hint or "")


def refused(path: str, fault: ConfigurationError) -> Finding:
    """An error that was raised about `path`, whose message may begin with it and with line and column."""
    found = re.fullmatch(rf"{re.escape(path)}:(?:(\d+):)?(?:(\d+):)? (.*)", str(fault), re.DOTALL)
    if not found:
        return Finding("error", path, 0, 0, str(fault), fault.hint)
    line, column, text = found.groups()
    return Finding("error", path, int(line or 0), int(column or 0), text, fault.hint)


def together(files: Iterable[str], findings: Iterable[Finding]) -> LintReport:
    """Each file and finding once, in order."""
    order = {name: number for number, name in enumerate(dict.fromkeys(files))}
    distinct = dict.fromkeys(findings)
    ordered = sorted(distinct, key=lambda one: (order.get(one.path, len(order)), one.line, one.column))
    return LintReport(tuple(order), tuple(ordered))
