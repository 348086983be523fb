"""JSON Lines: every line is a report of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, hostile
from verifier.model import Fault, Report, Verdict
from verifier.report import format_of

OTHER = replace(ALLOWED.images[0], reference="dhi.io/node:24")
LOST = replace(FAILED.images[0], reference="dhi.io/lost:1")
SEVERAL = replace(
    FULL,
    verdict=Verdict.ERROR,
    exit_code=5,
    complete=False,
    errors=(Fault(LOST.reference, LOST.reasons[0], "Check the network.", 5),),
    images=(FULL.images[0], OTHER, LOST),
)


def lines(report: Report) -> list[dict[str, Any]]:
    text = format_of("jsonl").render(report)
    assert text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


@pytest.fixture(scope="module")
def validator(pytestconfig: pytest.Config) -> jsonschema.Draft202012Validator:
    schema = Path(pytestconfig.rootpath) / "docs" / "report.schema.json"
    return jsonschema.Draft202012Validator(json.loads(schema.read_text()))


def test_every_line_follows_the_schema_of_a_report(validator: jsonschema.Draft202012Validator) -> None:
    for line in lines(SEVERAL):
        validator.validate(line)


def test_a_line_that_is_no_report_is_refused_by_the_schema(validator: jsonschema.Draft202012Validator) -> None:
    bad = lines(FULL)[0] | {"verdict": "fine"}

    with pytest.raises(jsonschema.ValidationError):
        validator.validate(bad)


def test_a_line_says_what_a_run_for_this_image_alone_would() -> None:
    first, second, third = lines(SEVERAL)

    assert [line["images"][0]["reference"] for line in (first, second, third)] == [
        "dhi.io/python:3.13",
        "dhi.io/node:24",
        "dhi.io/lost:1",
    ]
    assert [(line["verdict"], line["exitCode"], line["complete"]) for line in (first, second, third)] == [
        ("deny", 1, True),
        ("allow", 0, True),
        ("error", 5, False),
    ]
    assert [len(line["errors"]) for line in (first, second, third)] == [0, 0, 1]


def test_a_line_about_one_image_is_the_report_as_json() -> None:
    (line,) = lines(FULL)

    assert line == json.loads(format_of("json").render(FULL))


def test_an_error_that_belongs_to_no_image_stands_on_every_line() -> None:
    elsewhere = replace(SEVERAL, errors=(Fault("ghcr.io/x", "no such host", "", 5),))

    assert [(len(line["errors"]), line["complete"]) for line in lines(elsewhere)] == [(1, False)] * 3


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K09_one_line_for_each_image_whatever_it_holds(text: str) -> None:
    written = format_of("jsonl").render(hostile(text))

    assert len(written.splitlines()) == 1
    assert not any(command in written for command in ("##[", "##vso["))
