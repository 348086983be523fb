"""JSON Lines: a report for each image, each on a line of its own, for stores of logs and events.

Every line follows `docs/report.schema.json` and can be read without the others. https://jsonlines.org
"""

from __future__ import annotations

from msgspec.structs import replace

from verifier.model import ImageResult, Report
from verifier.report.escape import printable_json
from verifier.report.interface import Per
from verifier.report.json_format import encoded
from verifier.report.narrow import without_texts


class JsonLinesFormat:
    name = "jsonl"
    description = "a report as JSON for each image, one on a line, for stores of logs and events"
    suffix = "jsonl"
    details = ("stig", "fips", "tests")
    per: Per = "run"

    def render(self, report: Report) -> str:
        short = without_texts(report)
        return "".join(_line(_about(short, image)) for image in short.images)


def _line(report: Report) -> str:
    return printable_json(encoded(report).decode()) + "\n"


def _about(report: Report, image: ImageResult) -> Report:
    """The report as a run for this image alone would give it; errors that belong to no image stand on every line."""
    others = {one.reference for one in report.images} - {image.reference}
    errors = tuple(fault for fault in report.errors if fault.image not in others)
    return replace(
        report,
        images=(image,),
        verdict=image.verdict,
        exit_code=image.exit_code,
        errors=errors,
        complete=report.complete or not errors,
    )
