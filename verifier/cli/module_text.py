"""FIPS modules and self-tests for a person and for a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from verifier.attestation.moment import day
from verifier.cli.scan_text import heading, proof
from verifier.cli.tones import text_of
from verifier.model import Details, FipsModule, ImageResult, ReportedTest, ReportedTests
from verifier.report.escape import printable
from verifier.report.json_format import as_json
from verifier.report.text_format import Line

_SHOWN_LINES = 12  # of what a test printed


def modules_json(image: ImageResult) -> str:
    """A list of platforms: `platform`, `digest`, `modules` and `tests`, the latter FIPS tests only."""
    listed = [
        {
            "platform": platform.platform,
            "digest": platform.digest,
            "modules": platform.details.fips,
            "tests": [_self_tests(report) for report in platform.details.tests],
            "unreadable": platform.details.unreadable,
        }
        for platform in image.platforms
        if platform.details
    ]
    return as_json(listed)


def _self_tests(report: ReportedTests) -> ReportedTests:
    return msgspec.structs.replace(report, cases=tuple(case for case in report.cases if case.fips))


def modules_text(image: ImageResult, now: datetime, relaxations: Sequence[str], *, colours: bool) -> str:
    return text_of(_lines(image, now, relaxations), colours=colours)


def _lines(image: ImageResult, now: datetime, relaxations: Sequence[str]) -> Iterator[Line]:
    for platform in image.platforms:
        yield from heading(platform)
        yield from _modules(platform.details or Details(), now)
        yield from _tests(platform.details or Details())
        yield Line("")
    yield from (Line(f"relaxed: {printable(relaxation)}", tone="warn") for relaxation in relaxations)
    yield Line("nothing was judged: `dhiverify image` decides whether an image may run", tone="note")


def _modules(details: Details, now: datetime) -> Iterator[Line]:
    if not details.fips:
        yield Line("no verified list of modules", 2, "warn")
    for listed in details.fips:
        yield Line(f"{len(listed.modules)} cryptographic module{'s' * (len(listed.modules) != 1)}", 2, "head")
        yield from proof(listed.attestation)
        for module in listed.modules:
            yield from _module(module, now)


def _module(module: FipsModule, now: datetime) -> Iterator[Line]:
    tone = "allow" if module.status.casefold() == "active" else "warn"
    yield Line(printable(f"{module.status:<11}{module.name} {module.version}, {module.standard}"), 4, tone)
    if module.package:
        yield Line(printable(module.package), 15)
    certificate = " ".join(part for part in (module.certification, module.certification_url) if part)
    yield Line(f"certificate: {printable(certificate) or 'none stated'}", 15)
    end = day(module.sunset_date).ns
    over = end is not None and end <= int(now.timestamp()) * 1_000_000_000
    said = f"{printable(module.sunset_date) or 'none stated'}{', which has passed' if over else ''}"
    yield Line(f"sunset date: {said}", 15, "deny" if over else "")


def _tests(details: Details) -> Iterator[Line]:
    for report in details.tests:
        cases = _self_tests(report).cases
        yield Line(f"{len(cases)} of {report.tests} tests call themselves FIPS tests", 2, "head")
        yield from proof(report.attestation)
        for case in cases:
            yield from _case(case)


def _case(case: ReportedTest) -> Iterator[Line]:
    yield Line(printable(f"{case.status:<11}{case.name}"), 4, "allow" if case.status == "passed" else "deny")
    said = [line for line in (case.message, *case.output.splitlines()) if line.strip()]
    yield from (Line(printable(line), 15, "note") for line in said[:_SHOWN_LINES])
    if len(said) > _SHOWN_LINES:
        yield Line(f"… and {len(said) - _SHOWN_LINES} more lines (see --output json)", 15, "note")
