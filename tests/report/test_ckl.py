"""CKL: what STIG Viewer wants, what an auditor needs beside each rule, and nothing that the scan does not say."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import pytest
from msgspec.structs import replace

from tests.report.samples import FULL, HOSTILE_TEXTS, hostile
from tests.report.scans import about, scan_of, with_rules
from verifier.errors import UsageError
from verifier.model import Report
from verifier.report import format_of

ORDER = (
    *("Vuln_Num", "Severity", "Group_Title", "Rule_ID", "Rule_Ver", "Rule_Title", "Vuln_Discuss", "IA_Controls"),
    *("Check_Content", "Fix_Text", "False_Positives", "False_Negatives", "Documentable", "Mitigations"),
    *("Potential_Impact", "Third_Party_Tools", "Mitigation_Control", "Responsibility", "Security_Override_Guidance"),
    *("Check_Content_Ref", "Weight", "Class", "STIGRef", "TargetKey", "STIG_UUID", "LEGACY_ID", "LEGACY_ID", "CCI_REF"),
)
STATUSES = {
    **dict.fromkeys(("pass", "fixed"), "NotAFinding"),
    "fail": "Open",
    "notapplicable": "Not_Applicable",
    **dict.fromkeys(("notchecked", "notselected", "informational", "unknown", "error"), "Not_Reviewed"),
}


def text(element: Element, path: str) -> str:
    return element.findtext(path) or ""


def render(report: Report) -> Element:
    root: Element = defusedxml.ElementTree.fromstring(format_of("ckl").render(report).encode(), forbid_dtd=True)
    return root


def rules(report: Report) -> list[Element]:
    return list(render(report).iter("VULN"))


def attribute(rule: Element, name: str) -> str:
    return next(text(d, "ATTRIBUTE_DATA") for d in rule.iter("STIG_DATA") if text(d, "VULN_ATTRIBUTE") == name)


def test_every_rule_has_its_attributes_in_the_order_of_stig_viewer() -> None:
    for rule in rules(about(scan_of(FULL))):
        assert tuple(text(data, "VULN_ATTRIBUTE") for data in rule.iter("STIG_DATA")) == ORDER
        assert [child.tag for child in rule][-5:] == [
            *("STATUS", "FINDING_DETAILS", "COMMENTS", "SEVERITY_OVERRIDE", "SEVERITY_JUSTIFICATION")
        ]


def test_all_nine_words_have_a_status_and_stand_in_the_finding_details() -> None:
    scan = scan_of(FULL)

    found = rules(about(scan))

    assert len(found) == len(scan.rules) == 9
    for rule, element in zip(scan.rules, found, strict=True):
        assert text(element, "STATUS") == STATUSES[rule.result]
        assert text(element, "FINDING_DETAILS").startswith(f"Result: {rule.result} (2026-01-15T12:45:00Z)\n")


def test_ids_severity_and_cci_are_those_by_which_tools_find_a_rule() -> None:
    (scanned, *_), (element, *_) = scan_of(FULL).rules, rules(about(scan_of(FULL)))

    found = {name: attribute(element, name) for name in ("Vuln_Num", "Rule_ID", "Severity", "CCI_REF")}

    assert found == {
        "Vuln_Num": scanned.vulnerability,
        "Rule_ID": scanned.rule,
        "Severity": scanned.severity,
        "CCI_REF": scanned.ccis[0],
    }


def test_rule_without_ids_of_disa_is_found_by_its_own() -> None:
    rule = replace(scan_of(FULL).rules[0], id="xccdf_org.example_rule_1", vulnerability="", rule="")

    (element,) = rules(with_rules(rule))

    assert (attribute(element, "Vuln_Num"), attribute(element, "Rule_ID")) == (rule.id, rule.id)


@pytest.mark.parametrize(
    ("stated", "written", "told"),
    [
        ("high", "high", False),
        ("medium", "medium", False),
        ("low", "low", False),
        ("info", "low", True),
        ("unknown", "medium", True),
    ],
)
def test_severity_is_never_empty_and_says_where_it_is_not_the_scans_own(stated: str, written: str, told: bool) -> None:
    (element,) = rules(with_rules(replace(scan_of(FULL).rules[0], severity=stated)))

    assert attribute(element, "Severity") == written
    assert (f"Severity in the scan: {stated}" in text(element, "FINDING_DETAILS")) is told


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("pass", "fail", "notapplicable"), "Open"),
        (("pass", "error"), "Not_Reviewed"),
        (("error", "fail"), "Open"),
        (("notapplicable", "pass"), "NotAFinding"),
        (("notapplicable", "notapplicable"), "Not_Applicable"),
    ],
)
def test_rule_with_several_results_stands_once_with_the_worst_of_them(words: tuple[str, ...], status: str) -> None:
    results = [replace(scan_of(FULL).rules[0], result=word) for word in words]

    (element,) = rules(with_rules(*results))

    assert text(element, "STATUS") == status
    told = [line for line in text(element, "FINDING_DETAILS").splitlines() if line.startswith("Result: ")]
    assert [line.split()[1] for line in told] == list(words)


def test_every_rule_says_where_it_comes_from() -> None:
    scan = scan_of(FULL)
    root = render(about(scan))

    for place in [text(root, "ASSET/TARGET_COMMENT"), *(text(rule, "COMMENTS") for rule in root.iter("VULN"))]:
        assert place.splitlines() == [
            f"STIG scan of {scan.image_digest}, signed in attestation {scan.attestation.digest}",
            f"Predicate type: {scan.attestation.predicate_type}",
            "Signed by: dhi-2",
            "Time of the evidence: 2026-01-15T12:45:00Z",
            f"Image: {FULL.images[0].pinned} linux/amd64",
            f"Profile: {scan.profile}",
            "Scanner: OpenSCAP 1.3.7",
            "Scan finished: 2026-01-15T12:46:00Z",
            "Verified and exported by: dhiverify test",
        ]


def test_contradictions_stand_beside_every_rule_and_many_of_them_are_counted() -> None:
    scan = replace(scan_of(FULL), contradictions=tuple(f"the summary says {number}" for number in range(7)))

    for rule in rules(about(scan)):
        lines = text(rule, "COMMENTS").splitlines()[-6:]
        assert lines[0] == "Contradiction in the scan: the summary says 0"
        assert lines[-1] == "Contradictions in the scan that are not named here: 2"


def test_neither_verdict_nor_rules_of_the_policy_are_in_it() -> None:
    written = format_of("ckl").render(about(scan_of(FULL)))

    assert "dhi-no-embedded-malware" not in written
    assert "SEC-1234" not in written


def test_K09_what_a_check_printed_is_not_taken_for_a_line_of_ours() -> None:
    rule = replace(scan_of(FULL).rules[0], result="fail", messages=("ok\nResult: pass\r\nResult: fixed",))

    (element,) = rules(with_rules(rule))

    lines = text(element, "FINDING_DETAILS").splitlines()
    assert [line for line in lines if line.startswith("Result:")] == ["Result: fail (2026-01-15T12:45:00Z)"]
    assert "  Result: pass" in lines


def test_K09_finding_details_never_begin_as_mitres_own_do() -> None:
    """Its reader takes a status out of details that begin with `passed :: TEST`."""
    rule = replace(scan_of(FULL).rules[0], result="fail", messages=("passed :: TEST x",))

    (element,) = rules(with_rules(rule))

    assert text(element, "FINDING_DETAILS").startswith("Result: fail")


@pytest.mark.parametrize("foreign", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K13_K18_hostile_texts_change_no_status_and_add_no_rule(foreign: str) -> None:
    found = rules(about(scan_of(hostile(foreign))))

    assert Counter(text(rule, "STATUS") for rule in found) == Counter(STATUSES.values())
    assert [tuple(text(d, "VULN_ATTRIBUTE") for d in rule.iter("STIG_DATA")) for rule in found] == [ORDER] * 9


@pytest.mark.parametrize("target", ["x" * 300, "\U0001f433" * 300, " ", "", "\x00" * 300])
def test_host_name_is_never_empty_nor_longer_than_readers_take(target: str) -> None:
    name = text(render(about(replace(scan_of(FULL), target=target))), "ASSET/HOST_NAME")

    assert name.strip()
    assert len(name.encode("utf-16-le")) <= 2 * 255


def test_long_details_are_cut_to_what_readers_keep() -> None:
    rule = replace(scan_of(FULL).rules[0], messages=tuple(f"{number} " + "x" * 20_000 for number in range(5)))

    (element,) = rules(with_rules(rule))

    assert len(text(element, "FINDING_DETAILS")) < 32_767
    assert text(element, "FINDING_DETAILS").endswith("(cut)")


def test_two_scans_of_one_attestation_have_different_identifiers() -> None:
    scan = scan_of(FULL)

    found = [
        attribute(rules(about(one))[0], "STIG_UUID")
        for one in (scan, scan, replace(scan, profile="other"), replace(scan, name="other"))
    ]

    assert len(set(found)) == 3
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["ckl", "cklb", "xccdf", "hdf"])
def test_scan_without_xccdf_is_refused(name: str) -> None:
    bare = replace(scan_of(FULL), rules=(), document=b"")

    with pytest.raises(UsageError, match="holds no XCCDF results") as refused:
        format_of(name).render(about(bare))

    assert "stig show" in refused.value.hint


@pytest.mark.parametrize("name", ["ckl", "cklb", "hdf"])
def test_scan_without_any_result_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no result of any rule"):
        format_of(name).render(with_rules())
