"""XCCDF: what was signed, all of it, and facts on where it comes from in the place that the schemas have for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import pytest
from lxml import etree
from msgspec.structs import replace

from tests.publisher.compliance import REAL_SCAN
from tests.report.samples import FULL, HOSTILE_TEXTS, hostile
from tests.report.scans import about, scan_of
from verifier.errors import UsageError
from verifier.model import Report
from verifier.report import format_of

V12, V11 = "http://checklists.nist.gov/xccdf/1.2", "http://checklists.nist.gov/xccdf/1.1"
FACT = "urn:dhiverify:fact:"
SCHEMAS = Path("/usr/share/openscap/schemas/xccdf")

RESULT = '<rule-result idref="r"><result>pass</result></rule-result><score>1</score>'
BARE = f'<TestResult xmlns="{V12}" id="t"><target>host</target>{RESULT}</TestResult>'


def export(document: bytes | str, report: Report = FULL) -> str:
    signed = document if isinstance(document, bytes) else document.encode()
    return format_of("xccdf").render(about(replace(scan_of(report), document=signed)))


def parsed(text: str | bytes) -> Element:
    signed = text if isinstance(text, bytes) else text.encode()
    root: Element = defusedxml.ElementTree.fromstring(signed, forbid_dtd=True)
    return root


def facts(text: str, namespace: str = V12) -> list[tuple[str, str]]:
    """Those that were added, from wherever they stand."""
    found = [(fact.get("name", ""), fact.text or "") for fact in parsed(text).iter(f"{{{namespace}}}fact")]
    return [(name.removeprefix(FACT), value) for name, value in found if name.startswith(FACT)]


def content(text: str | bytes) -> Any:
    """Names, attributes and texts of all elements, without the added facts and a place that holds nothing else."""
    return _content(parsed(text))


def _content(element: Element) -> Any:
    kept = [child for child in element if not child.get("name", "").startswith(FACT)]
    inside = [_content(child) for child in kept]
    return (
        element.tag,
        sorted(element.attrib.items()),
        (element.text or "").strip(),
        [one for one in inside if not (one[0].endswith("}target-facts") and one[1:] == _NOTHING)],
        (element.tail or "").strip(),
    )


_NOTHING = ([], "", [], "")


def children(text: str, namespace: str = V12) -> list[str]:
    """Of the TestResult."""
    root = parsed(text)
    result = next(root.iter(f"{{{namespace}}}TestResult"))
    return [child.tag.rpartition("}")[2] for child in result]


def test_everything_of_the_real_scan_stays() -> None:
    signed = REAL_SCAN.read_text(encoding="utf-8")

    written = export(signed)

    assert content(written) == content(signed)
    ours = [line for line in written.splitlines() if FACT in line]
    assert [line for line in written.splitlines() if line not in ours] == signed.splitlines()


def test_facts_say_where_it_comes_from() -> None:
    scan = replace(scan_of(FULL), contradictions=("the summary says 9", "the summary says 8"))

    written = format_of("xccdf").render(about(scan))

    note = "These facts were added to what was signed; dhiverify stig extract writes the signed bytes."
    assert facts(written) == [
        ("attestation:digest", scan.attestation.digest),
        ("attestation:predicate-type", scan.attestation.predicate_type),
        ("attestation:signer", "dhi-2"),
        ("attestation:time", "2026-01-15T12:45:00Z"),
        ("image:digest", scan.image_digest),
        ("image:reference", FULL.images[0].pinned),
        ("image:platform", "linux/amd64"),
        ("exported-by", "dhiverify test"),
        ("note", note),
        ("contradiction", "Contradiction in the scan: the summary says 9"),
        ("contradiction", "Contradiction in the scan: the summary says 8"),
    ]


@pytest.mark.parametrize(
    ("inside", "order"),
    [
        ("<target>h</target>", ["target", "target-facts", "rule-result", "score"]),
        (
            "<target>h</target><target>i</target><target-address>::1</target-address><platform idref='p'/>",
            ["target", "target", "target-address", "target-facts", "platform", "rule-result", "score"],
        ),
        ("<target>h</target><target-facts/>", ["target", "target-facts", "rule-result", "score"]),
        ("", ["rule-result", "score", "target-facts"]),  # of no schema; nothing is lost all the same
    ],
    ids=["none", "behind addresses", "empty", "no target"],
)
def test_facts_stand_where_the_schema_has_them_once(inside: str, order: list[str]) -> None:
    document = f'<TestResult xmlns="{V12}">{inside}{RESULT}</TestResult>'

    written = export(document)

    assert children(written) == order
    assert len(facts(written)) == len(set(facts(written))) == 9
    assert content(written) == content(document)


def test_facts_of_the_scanner_stay_before_ours() -> None:
    there = '<target-facts><fact name="urn:x" type="string">y</fact></target-facts>'

    written = export(BARE.replace("</target>", f"</target>{there}"))

    names = [fact.get("name", "") for fact in parsed(written).iter(f"{{{V12}}}fact")]
    assert names[0] == "urn:x"
    assert all(name.startswith(FACT) for name in names[1:])


def test_xccdf_1_1_stays_1_1_and_a_lone_test_result_stays_alone() -> None:
    written = export(BARE.replace(V12, V11))

    assert parsed(written).tag == f"{{{V11}}}TestResult"
    assert len(facts(written, V11)) == 9
    assert V12 not in written


def test_prefixes_stay_also_where_only_a_value_speaks_of_them() -> None:
    document = (
        f'<cdf:TestResult xmlns:cdf="{V12}" xmlns:o="urn:o" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<cdf:target>h</cdf:target><cdf:rule-result idref="r" xsi:type="cdf:ruleResultType"><cdf:result>pass'
        "</cdf:result></cdf:rule-result><cdf:score>1</cdf:score></cdf:TestResult>"
    )

    written = export(document)

    assert document.partition("<cdf:rule-result")[2] in written
    assert f"<cdf:fact name={FACT}attestation:digest".replace("=", '="', 1) in written


@pytest.mark.parametrize(
    "foreign",
    [
        '<rule-result xmlns="" idref="r"><result>fail</result></rule-result>',
        '<x:target-facts xmlns:x="urn:x"/>',
        '<x:TestResult xmlns:x="urn:x"><x:target>h</x:target><x:target-facts/></x:TestResult>',
        f'<x:remark xmlns:x="{V12}" x:idref="a" idref="b"/>',
    ],
)
def test_J05_what_is_of_another_namespace_stays_so_and_gets_no_facts(foreign: str) -> None:
    document = BARE.replace("</target>", f"</target>{foreign}")

    written = export(document)

    assert content(written) == content(document)
    assert children(written).count("target-facts") - children(document).count("target-facts") == 1


def test_comments_and_processing_instructions_are_left_out() -> None:
    told = '<?xml-stylesheet href="https://evil.example/x.xsl"?><!-- a -->'

    written = export(told + BARE.replace("</target>", f"<!-- b --></target>{told}"))

    assert written == export(BARE)


@pytest.mark.parametrize("foreign", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K13_K18_hostile_facts_are_texts(foreign: str) -> None:
    written = format_of("xccdf").render(about(scan_of(hostile(foreign))))

    harmless = format_of("xccdf").render(about(scan_of(hostile("x"))))
    assert [element.tag for element in parsed(written).iter()] == [element.tag for element in parsed(harmless).iter()]
    assert [name for name, _ in facts(written)] == [name for name, _ in facts(harmless)]


@pytest.mark.parametrize(
    "text",
    [
        "a\u202eb\u200bc\x9b",
        "x\n::error::y\n \t::z",
        "##[error] ##vso[task] ##",
        "\ue000\U000e0041",
        "a\u2028\x85b",
        "&amp;lt;b&gt; ]]&gt; \"'",
    ],
)
def test_K07_K08_what_was_signed_moves_nothing_and_says_the_same(text: str) -> None:
    document = BARE.replace("<target>host", f'<target x="{text.replace(chr(34), "").replace(chr(10), " ")}">{text}')

    written = export(document)

    assert content(written) == content(document)
    assert written.replace("\n", "").replace("\t", "").isprintable()
    assert not [line for line in written.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in written
    assert "##vso[" not in written


def test_K13_a_carriage_return_that_was_meant_stays_one() -> None:
    written = export(BARE.replace("<target>host", "<target>a&#13;b"))

    assert parsed(written).findtext(f"{{{V12}}}target") == "a\rb"
    assert "\r" not in written


def test_other_encodings_become_utf_8() -> None:
    document = f'<?xml version="1.0" encoding="ISO-8859-1"?>{BARE.replace("host", "hôte")}'.encode("latin-1")

    written = export(document)

    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    assert parsed(written).findtext(f"{{{V12}}}target") == "hôte"


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]>' + BARE,
        f'<!DOCTYPE a SYSTEM "file:///etc/passwd">{BARE}',
        BARE[:-5],
        "no XML",
    ],
)
def test_J01_J03_what_decoding_refuses_is_refused_here_as_well(document: str) -> None:
    with pytest.raises(UsageError, match="cannot be copied"):
        export(document)


def schema(version: str) -> etree.XMLSchema:
    """Of Debian's openscap-common. From the file, so that its relative imports are found; nothing is fetched."""
    path = SCHEMAS / ("1.2/xccdf_1.2.xsd" if version == V12 else "1.1/xccdf-schema.xsd")
    if not path.exists():
        pytest.skip("the schemas of XCCDF are not here: install openscap-common")
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))


def test_exports_follow_the_official_schema() -> None:
    xsd = schema(V12)

    for written in (export(REAL_SCAN.read_bytes()), *(export(scan_of(hostile(x)).document) for x in ("x", "\x00"))):
        xsd.assertValid(etree.fromstring(written.encode()))
    assert not xsd.validate(etree.fromstring(export(REAL_SCAN.read_bytes()).replace(">pass<", ">good<", 1).encode()))


def test_export_of_xccdf_1_1_follows_its_schema() -> None:
    xsd = schema(V11)
    document = (
        f'<TestResult xmlns="{V11}" id="t" end-time="2026-01-15T12:46:00"><benchmark href="b.xml"/>'
        f"<target>h</target>{RESULT}</TestResult>"
    )

    for good in (document, export(document)):
        xsd.assertValid(etree.fromstring(good.encode()))
    assert not xsd.validate(etree.fromstring(export(document).replace(' name="urn:', ' title="urn:').encode()))
