"""CKL: the checklist of DISA's STIG Viewer 2, in XML, which STIG Manager, eMASS and MITRE's tools read.

There is no public schema. The elements and their order are those that STIG Viewer 2.17 writes (facts as of 2026-08);
it wants STIG_DATA in this very order. Nothing stands for what the scan does not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from verifier.model import Report
from verifier.report import checklist
from verifier.report.checklist import Line, Scanned
from verifier.report.escape import printable
from verifier.report.identifiers import stable_uuid
from verifier.report.interface import Per
from verifier.report.xml_text import DECLARATION, plain


class CklFormat:
    name = "ckl"
    description = "STIG Viewer 2 checklist of each STIG scan: its rules and where they come from, not the verdict"
    suffix = "ckl"
    details = ("stig",)
    per: Per = "scan"

    def render(self, report: Report) -> str:
        about = checklist.scanned(report)
        origin = checklist.origin(about)
        root = Element("CHECKLIST")
        _texts(SubElement(root, "ASSET"), _asset(about, origin))
        stig = SubElement(SubElement(root, "STIGS"), "iSTIG")
        _add_about(SubElement(stig, "STIG_INFO"), about)
        for line in checklist.lines(about.scan):
            _add_rule(SubElement(stig, "VULN"), about, line, origin)
        indent(root, "\t")
        return f"{DECLARATION}{tostring(root, encoding='unicode', short_empty_elements=False)}\n"


def _asset(about: Scanned, origin: str) -> Iterator[tuple[str, str]]:
    yield "ROLE", "None"
    yield "ASSET_TYPE", "Computing"
    yield "HOST_NAME", checklist.host_name(about)
    yield from (("HOST_IP", ""), ("HOST_MAC", ""), ("HOST_FQDN", ""))
    yield "TARGET_COMMENT", origin
    yield from (("TECH_AREA", ""), ("TARGET_KEY", ""))
    yield "WEB_OR_DATABASE", "false"
    yield from (("WEB_DB_SITE", ""), ("WEB_DB_INSTANCE", ""))


def _add_about(parent: Element, about: Scanned) -> None:
    scan = about.scan
    known = {
        "version": printable(scan.benchmark_version),
        "classification": "UNCLASSIFIED",
        "customname": "",
        "stigid": checklist.benchmark(scan),
        "description": printable(scan.profile_title or scan.profile),
        "filename": "",
        "releaseinfo": "",
        "title": checklist.title(scan),
        "uuid": _uuid(about),
        "notice": "",
        "source": "",
    }
    for name, text in known.items():
        data = SubElement(parent, "SI_DATA")
        SubElement(data, "SID_NAME").text = name
        if text:
            SubElement(data, "SID_DATA").text = text


def _add_rule(parent: Element, about: Scanned, line: Line, origin: str) -> None:
    for name, text in _stig_data(about, line):
        data = SubElement(parent, "STIG_DATA")
        _texts(data, (("VULN_ATTRIBUTE", name), ("ATTRIBUTE_DATA", text)))
    found = (
        ("STATUS", line.status.value),
        ("FINDING_DETAILS", checklist.finding_details(line)),
        ("COMMENTS", origin),
        ("SEVERITY_OVERRIDE", ""),
        ("SEVERITY_JUSTIFICATION", ""),
    )
    _texts(parent, found)


def _stig_data(about: Scanned, line: Line) -> Iterator[tuple[str, str]]:
    """In STIG Viewer's order."""
    scan, rule = about.scan, line.rule
    yield "Vuln_Num", line.vulnerability
    yield "Severity", line.severity
    yield "Group_Title", printable(rule.group)
    yield "Rule_ID", line.rule_id
    yield "Rule_Ver", printable(rule.version)
    yield "Rule_Title", printable(rule.title)
    yield "Vuln_Discuss", plain(rule.discussion)
    yield "IA_Controls", ""
    yield "Check_Content", plain(rule.check)
    yield "Fix_Text", plain(rule.fix)
    yield from (("False_Positives", ""), ("False_Negatives", ""))
    yield "Documentable", "false"
    yield from (("Mitigations", ""), ("Potential_Impact", ""), ("Third_Party_Tools", ""), ("Mitigation_Control", ""))
    yield from (("Responsibility", ""), ("Security_Override_Guidance", ""))
    yield "Check_Content_Ref", "M"
    yield "Weight", str(rule.weight)
    yield "Class", "Unclass"
    yield "STIGRef", f"{checklist.title(scan)} :: Version {printable(scan.benchmark_version)}"
    yield "TargetKey", ""
    yield "STIG_UUID", _uuid(about)
    yield from (("LEGACY_ID", ""), ("LEGACY_ID", ""))
    yield from (("CCI_REF", printable(cci)) for cci in rule.ccis)


def _uuid(about: Scanned) -> str:
    return stable_uuid("ckl", *checklist.identity(about))


def _texts(parent: Element, texts: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> None:
    for name, text in texts:
        SubElement(parent, name).text = text
