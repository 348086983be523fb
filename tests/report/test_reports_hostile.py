"""Reports that would look better than the run that they are about, or cost more than they say."""

from __future__ import annotations

import json

import defusedxml.ElementTree
import pytest
from msgspec.structs import replace

from tests.report.samples import FAILED, FULL, stig_rule
from tests.report.scans import scan_of, with_rules
from verifier.cli.scan_text import Chosen, scans_text
from verifier.errors import UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Details, Report
from verifier.report import format_of

ID = "xccdf_{}_rule_SV-203601r958401_rule"


def controls(report: Report) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(format_of("hdf").render(report))["profiles"][0]["controls"]
    return found


def test_two_rules_that_are_written_under_one_id_are_one_line_with_the_worst_result() -> None:
    """Readers keep the last line of an id: a passed rule behind a failed one would take its place."""
    failed, passed = (replace(stig_rule(1, word), id=ID.format(word)) for word in ("fail", "pass"))

    report = with_rules(failed, passed)

    (line,) = json.loads(format_of("cklb").render(report))["stigs"][0]["rules"]
    assert line["status"] == "open"
    assert len(controls(report)) == 1


@pytest.mark.parametrize("word", ["notchecked", "informational", "unheard of"])
def test_J07_hdf_does_not_say_passed_where_the_checklists_say_not_reviewed(word: str) -> None:
    report = with_rules(stig_rule(1, "pass"), stig_rule(1, word))

    (line,) = json.loads(format_of("cklb").render(report))["stigs"][0]["rules"]
    (control,) = controls(report)
    assert line["status"] == "not_reviewed"
    assert "passed" not in json.dumps(control["results"])


@pytest.mark.parametrize("markup", ["<x:a\u06dd xmlns:x='urn:x'/>", "<x:a xmlns:x='urn:x' b\u06dd='c'/>"])
def test_K13_a_name_that_cannot_be_written_is_refused_and_not_mangled(markup: str) -> None:
    scan = scan_of(FULL)
    document = scan.document.replace(b"<status", f"{markup}<status".encode(), 1)

    with pytest.raises(UsageError, match="cannot be copied"):
        format_of("xccdf").render(with_rules(*scan.rules, document=document))


def test_K13_an_error_without_a_message_is_an_error_to_junit() -> None:
    failed = replace(FAILED, errors=(), images=(replace(FAILED.images[0], reasons=("",)),))

    suites = defusedxml.ElementTree.fromstring(format_of("junit").render(failed))

    assert suites.attrib["errors"] == "1"


def test_a_control_is_not_satisfied_by_the_scans_of_some_platforms() -> None:
    (image,) = FULL.images
    first, second = (replace(one, details=_passed(one.details or Details())) for one in image.platforms)
    unreadable = replace(second, details=Details(unreadable=("the stig attestation …",)))

    whole = replace(FULL, images=(replace(image, platforms=(first, second)),))
    part = replace(FULL, images=(replace(image, platforms=(first, unreadable)),))

    assert _state(whole) == "satisfied"
    assert _state(part) == "not-satisfied"


def _passed(details: Details) -> Details:
    (scan,) = details.stig
    return replace(details, stig=(replace(scan, rules=(stig_rule(1, "pass"),)),))


def _state(report: Report) -> str:
    (result,) = json.loads(format_of("oscal").render(report))["assessment-results"]["results"]
    (finding,) = (one for one in result["findings"] if one["target"]["target-id"] == "sc-13_smt")
    state: str = finding["target"]["status"]["state"]
    return state


def test_one_long_id_does_not_pad_every_line_of_a_terminal() -> None:
    rules = [replace(stig_rule(number, "pass"), vulnerability="", rule="", id=f"r{number}") for number in range(50)]
    longest = replace(rules[0], id="\U000e0001" * DEFAULT_LIMITS.report_text)

    shown = scans_text(with_rules(*rules, longest).images[0], Chosen(), (), colours=False)

    assert len(shown) < 50_000


@pytest.mark.parametrize("name", ["ckl", "cklb", "hdf"])
def test_where_a_scan_comes_from_stays_short_beside_each_of_its_rules(name: str) -> None:
    text = "\U000e0001" * DEFAULT_LIMITS.report_text  # of which each is shown by ten
    more = {"profile": text, "scanner": text, "contradictions": (text,) * 9}
    rules = [replace(stig_rule(number, "pass"), id=f"r{number}") for number in range(50)]

    one = format_of(name).render(with_rules(rules[0], **more))
    all_of_them = format_of(name).render(with_rules(*rules, **more))

    assert scan_of(FULL).attestation.digest in one
    assert (len(all_of_them) - len(one)) / 49 < 12_000
