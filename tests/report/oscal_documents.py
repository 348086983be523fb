"""OSCAL documents made of sample reports, each checked by NIST's own schema, and ways to look into them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
from msgspec.structs import replace

from tests.report.samples import ALLOWED, AMD64, FAILED, FULL, NOTHING, STIG, attestation, scan, stig_rule
from verifier.model import Details, Report, StigScan
from verifier.report import format_of

SCHEMA = jsonschema_rs.validator_for(json.loads((Path(__file__).parent / "data" / "oscal-ar_schema.json").read_text()))
REPORTS = {
    "full": FULL,
    "allowed": ALLOWED,
    "failed": FAILED,
    "nothing": NOTHING,
    "twice": replace(FULL, images=FULL.images * 2),
}
Document = dict[str, Any]


def render(report: Report) -> str:
    return format_of("oscal").render(report)


def results(report: Report) -> Document:
    """The assessment results of a report, which NIST's schema accepts."""
    document: Document = json.loads(render(report))
    SCHEMA.validate(document)
    inside: Document = document["assessment-results"]
    return inside


def result(report: Report) -> Document:
    (one,) = results(report)["results"]
    assert isinstance(one, dict)
    return one


def values(thing: Document, name: str) -> list[str]:
    return [prop["value"] for prop in thing.get("props", ()) if prop["name"] == name]


def everything(value: object) -> Iterator[Document]:
    """Every object inside, the outermost first."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from everything(inner)


def finding(report: Report, target: str) -> Document:
    (one,) = [one for one in result(report)["findings"] if one["target"]["target-id"] == target]
    assert isinstance(one, dict)
    return one


def with_scans(*scans: StigScan) -> Report:
    """`ALLOWED` on one platform, with these scans."""
    image = ALLOWED.images[0]
    platform = replace(image.platforms[0], details=Details(stig=scans))
    return replace(ALLOWED, images=(replace(image, platforms=(platform,)),))


def scanned(*words: str) -> Report:
    rules = tuple(stig_rule(number, word, "high") for number, word in enumerate(words))
    return with_scans(replace(scan(attestation(STIG, "stig", 1), AMD64), rules=rules))
