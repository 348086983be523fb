"""The report as JSON, camelCase, for pipelines. Its schema is `docs/report.schema.json`."""

from __future__ import annotations

import msgspec

from verifier.model import Report
from verifier.report.escape import printable_json


class JsonFormat:
    name = "json"
    description = "machine-readable, with a published schema; written for every exit code but 2"

    def render(self, report: Report) -> str:
        return as_json(report)


def as_json(value: msgspec.Struct) -> str:
    """Any result of a command, indented, without what a runner or a terminal would obey."""
    document = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()
    return printable_json(document) + "\n"


def schema() -> dict[str, object]:
    """JSON Schema 2020-12 of the report, made from the value itself."""
    document = msgspec.json.schema(Report)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "dhiverify report", **document}
