"""What a report looks like, and what foreign text can do to it: nothing."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from verifier.model import (
    SCHEMA,
    AttestationEntry,
    Fault,
    ImageResult,
    PlatformResult,
    PolicyEntry,
    Report,
    Result,
    RuleOutcome,
    Status,
    Verdict,
    Violation,
)
from verifier.report import format_of
from verifier.report.escape import printable
from verifier.report.json_format import schema
from verifier.report.narrow import only_types

DIGEST = "sha256:" + "a" * 64
SPDX = AttestationEntry("https://spdx.dev/Document", "sbom", DIGEST, Status.VERIFIED, "publisher.pub", layout="dhi")
STRANGE = AttestationEntry(
    "https://scout.docker.com/virus/v0.1", "malware", DIGEST, Status.UNTRUSTED, reason="no trusted key", hint="Ask."
)
FAILED = RuleOutcome(
    "dhi-no-embedded-malware",
    "No malware was found",
    Result.FAIL,
    "enforce",
    "1 infected file",
    (Violation("1 infected file"),),
    "Rebuild.",
)
PASSED = RuleOutcome("dhi-no-embedded-secrets", "No secrets", Result.PASS, "enforce")
PLATFORM = PlatformResult("linux/amd64", DIGEST, Verdict.DENY, attestations=(SPDX, STRANGE), rules=(PASSED, FAILED))
IMAGE = ImageResult(
    "dhi.io/python:3.13", DIGEST, Verdict.DENY, f"dhi.io/python@{DIGEST}", exit_code=1, platforms=(PLATFORM,)
)
REPORT = Report(
    SCHEMA,
    "dhiverify test",
    "2026-01-20T00:00:00Z",
    Verdict.DENY,
    1,
    True,
    policy=PolicyEntry("dhi", "built-in:dhi", DIGEST),
    images=(IMAGE,),
)


def render(name: str, report: Report = REPORT) -> str:
    return format_of(name).render(report)


def test_text_puts_what_stands_in_the_way_first_with_its_remedy() -> None:
    shown = render("text")

    assert shown.index("DENY") < shown.index("FAIL") < shown.index("1 infected file") < shown.index("next: Rebuild.")
    assert shown.index("FAIL") < shown.index("passed: dhi-no-embedded-secrets") < shown.index("verified")
    assert shown.splitlines()[-1].endswith("deny, exit code 1")


def test_text_of_an_error_names_cause_and_next_step() -> None:
    fault = Fault("dhi.io/python:3.13", "dhi.io does not answer", "Check the network.", 5)
    failed = ImageResult("dhi.io/python:3.13", "", Verdict.ERROR, exit_code=5, reasons=(fault.message,))

    shown = render("text", replace(REPORT, images=(failed,), errors=(fault,), complete=False))

    assert "dhi.io does not answer" in shown
    assert "next: Check the network." in shown


def test_N08_every_relaxation_is_printed() -> None:
    relaxed = replace(REPORT, relaxations=("only platform linux/amd64 is judged (--platform)",))

    assert "relaxed: only platform linux/amd64" in render("text", relaxed)
    assert json.loads(render("json", relaxed))["relaxations"]


def test_G17_what_is_not_enforced_says_so() -> None:
    assert "not enforced" in render("text", replace(REPORT, images=(replace(IMAGE, enforced=False),)))


def test_json_follows_the_published_schema(pytestconfig: pytest.Config) -> None:
    published = json.loads((Path(pytestconfig.rootpath) / "docs" / "report.schema.json").read_text())

    assert published == json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator(published).validate(json.loads(render("json")))


def test_json_has_the_names_of_the_contract() -> None:
    document = json.loads(render("json"))

    assert set(document) >= {
        "schema",
        "tool",
        "effectiveTime",
        "verdict",
        "exitCode",
        "complete",
        "errors",
        "relaxations",
        "policy",
        "images",
    }
    (image,) = document["images"]
    assert set(image) >= {
        "reference",
        "digest",
        "verdict",
        "enforced",
        "reasons",
        "signatures",
        "attestations",
        "platforms",
    }
    (platform,) = image["platforms"]
    assert set(platform) >= {"platform", "digest", "verdict", "signatures", "attestations", "rules"}
    assert set(platform["attestations"][0]) >= {
        "predicateType",
        "kind",
        "digest",
        "status",
        "signer",
        "reason",
        "layout",
        "location",
        "transparency",
        "time",
    }
    assert set(platform["rules"][0]) >= {
        "id",
        "title",
        "result",
        "effect",
        "message",
        "violations",
        "remediation",
        "waiver",
        "evidence",
    }


def test_pinned_names_allowed_images_and_no_other() -> None:
    allowed = replace(IMAGE, verdict=Verdict.WARN, exit_code=0)

    assert render("pinned") == ""
    assert render("pinned", replace(REPORT, images=(allowed, IMAGE))) == f"dhi.io/python@{DIGEST}\n"


def test_narrowing_a_report_keeps_its_verdict() -> None:
    narrowed = only_types(REPORT, {"https://spdx.dev/Document"})

    assert [entry.kind for entry in narrowed.images[0].platforms[0].attestations] == ["sbom"]
    assert narrowed.verdict is Verdict.DENY


HOSTILE = "\x1b]8;;http://x\x07\x1b[2J\r\n::set-output\u202e\u200b\x9b\ud800\u2028\x00"


def test_K07_K09_terminal_escapes_and_line_breaks_are_shown_not_sent() -> None:
    rule = replace(FAILED, title=HOSTILE, violations=(Violation(HOSTILE),), remediation=HOSTILE)
    entry = replace(STRANGE, predicate_type=HOSTILE, reason=HOSTILE, signer=HOSTILE, time=HOSTILE)
    platform = PlatformResult(HOSTILE, HOSTILE, Verdict.DENY, attestations=(entry,), rules=(rule,))
    image = replace(IMAGE, reference=HOSTILE, product=HOSTILE, platforms=(platform,))

    shown = render("text", replace(REPORT, images=(image,)))

    assert all(character == "\n" or character.isprintable() for character in shown)
    assert not any(line.startswith("::") for line in shown.splitlines())


@given(st.text())
def test_K07_no_text_gets_through_unprintable(text: str) -> None:
    assert printable(text).isprintable()


def test_K07_long_text_is_cut() -> None:
    assert len(printable("x" * 100_000)) < 3_000
