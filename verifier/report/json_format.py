"""The report as JSON, camelCase, for pipelines. Its schema is `docs/report.schema.json`."""

from __future__ import annotations

import re

import msgspec

from verifier.model import Report
from verifier.report.escape import printable_json
from verifier.report.interface import Per
from verifier.report.narrow import without_texts

_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonFormat:
    name = "json"
    description = "machine-readable, with a published schema; written for every exit code but 2"
    suffix = "json"
    details = ("stig", "fips", "tests")
    per: Per = "run"

    def render(self, report: Report) -> str:
        return as_json(without_texts(report))


def as_json(value: object) -> str:
    """Any result of a command, indented, without what a runner or a terminal would obey."""
    return printable_json(msgspec.json.format(encoded(value), indent=2).decode()) + "\n"


def encoded(value: object) -> bytes:
    """The value as compact JSON. A path that is not UTF-8 stands in it with escapes for its bytes."""
    try:
        return msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        return msgspec.json.encode(_clean(msgspec.to_builtins(value, enc_hook=str)))


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    if isinstance(value, dict):
        return {_clean(name): _clean(inner) for name, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, list | tuple) else value


def schema() -> dict[str, object]:
    """JSON Schema 2020-12 of the report, made from the value itself."""
    document = msgspec.json.schema(Report)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "dhiverify report", **document}
