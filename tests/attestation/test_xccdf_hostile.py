import builtins
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attestation.attestation_documents import GROUPS, XCCDF_11, XCCDF_12, rule_result, xccdf_document
from verifier.attestation import xccdf
from verifier.attestation.interface import Unreadable
from verifier.attestation.xccdf_score import default_score, flat_score
from verifier.limits import DEFAULT_LIMITS


def refused(document: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        xccdf.read(document)
    return str(caught.value)


def with_doctype(doctype: str, text: str = "x") -> bytes:
    declaration = b'<?xml version="1.0" encoding="UTF-8"?>'
    document = xccdf_document(target=f"<target>{text}</target>")
    return document.replace(declaration, declaration + doctype.encode())


def test_J01_billion_laughs():
    entities = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))

    assert "never read" in refused(with_doctype(f'<!DOCTYPE Benchmark [<!ENTITY l0 "lol">{entities}]>', "&l9;"))


def test_J02_quadratic_entity_expansion():
    doctype = f'<!DOCTYPE Benchmark [<!ENTITY a "{"a" * 50_000}">]>'

    assert "never read" in refused(with_doctype(doctype, "&a;" * 50_000))


def test_J02_one_huge_token_is_refused():
    assert refused(b"<Benchmark " + b"a" * 8_000_000)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Benchmark [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Benchmark SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE Benchmark PUBLIC "p" "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE Benchmark [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]>',
        "<!DOCTYPE Benchmark>",
    ],
)
def test_J03_external_entities_and_document_types(doctype):
    assert "never read" in refused(with_doctype(doctype, "&x;" if "ENTITY x" in doctype else "x"))


def test_J03_stylesheet_include_and_schema_location_are_not_followed(monkeypatch):
    xccdf.read(xccdf_document())  # imports what it needs

    def refuse(*_args, **_kwargs):
        raise AssertionError("something was opened")

    document = xccdf_document(
        target="<target>t</target>"
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    )
    document = document.replace(b"?>", b'?><?xml-stylesheet type="text/xsl" href="http://127.0.0.1:1/x.xsl"?>', 1)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(builtins, "open", refuse)

    found = xccdf.read(document)

    monkeypatch.undo()
    assert found.target_texts == ["t"]


def test_J04_nesting_beyond_the_limit():
    assert "nested deeper" in refused(xccdf_document(target="<a>" * 100 + "</a>" * 100))
    assert "nested deeper" in refused(b'<Benchmark xmlns="' + XCCDF_12.encode() + b'">' + b"<Group>" * 100_000)


def test_J04_elements_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(xccdf, "DEFAULT_LIMITS", type(DEFAULT_LIMITS)(xml_elements=1000))

    assert "more than 1000" in refused(xccdf_document(target="<a/>" * 1000))


def test_J04_attributes_beyond_the_limit():
    attributes = " ".join(f'a{n}="1"' for n in range(10_000))

    assert "attributes" in refused(xccdf_document(target=f"<target {attributes}/>"))


def test_J04_size_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(xccdf, "DEFAULT_LIMITS", type(DEFAULT_LIMITS)(xml_bytes=1000))

    assert "at most 1000" in refused(xccdf_document())


@pytest.mark.parametrize(
    "namespace", ["http://checklists.nist.gov/xccdf/1.2/", "http://checklists.nist.gov/xccdf/1.3", ""]
)
def test_J05_other_namespace_is_another_document(namespace):
    assert "expected an XCCDF" in refused(xccdf_document(namespace=namespace))


@pytest.mark.parametrize("namespace", ["urn:other", XCCDF_11, f"{XCCDF_12} "])
def test_J05_rule_results_of_another_namespace_do_not_count(namespace):
    foreign = rule_result("SV-2", "pass").replace("<rule-result", f'<rule-result xmlns="{namespace}"')
    real = "".join(rule_result(rule, word) for rules in GROUPS.values() for rule, word in rules.items())

    found = xccdf.read(xccdf_document(results=real + foreign))

    assert len(found.rule_results) == 4


def test_J05_prefix_does_not_matter_and_an_attribute_of_another_namespace_does_not_count():
    document = xccdf_document().replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?")
    document = document.replace(b"xmlns=", b"xmlns:x=")

    assert len(xccdf.read(document).rule_results) == 4
    foreign = xccdf_document().replace(b'idref="SV-2" weight', b'xmlns:o="urn:o" o:idref="SV-1" idref="SV-2" weight')
    assert [entry.rule for entry in xccdf.read(foreign).rule_results] == ["SV-1", "SV-2", "SV-3", "SV-4"]


@pytest.mark.parametrize("namespace", [XCCDF_12, XCCDF_11])
def test_J05_second_test_result(namespace):
    second = xccdf_document({"g": {"SV-1": "pass"}}, benchmark=False, namespace=namespace)

    assert "TestResult" in refused(xccdf_document().replace(b"</Benchmark>", second + b"</Benchmark>"))


@pytest.mark.parametrize("wrap", [b"<metadata>%s</metadata>", b"<Group>%s</Group>", b'<o xmlns="urn:o">%s</o>'])
def test_J05_test_result_hidden_where_none_belongs(wrap):
    hidden = xccdf_document({"g": {"SV-1": "pass"}}, benchmark=False)

    assert "TestResult" in refused(xccdf_document().replace(b"</Benchmark>", wrap % hidden + b"</Benchmark>"))


def test_J05_benchmark_without_a_test_result():
    document = xccdf_document()

    assert "found 0" in refused(document[: document.index(b"<TestResult")] + b"</Benchmark>")


def test_J05_rule_result_outside_the_test_result_does_not_count():
    stray = f"<metadata>{rule_result('SV-9', 'pass')}</metadata>"

    assert len(xccdf.read(xccdf_document(target=stray)).rule_results) == 4


def test_J05_two_results_in_one_rule_result():
    twice = rule_result("SV-1", "pass").replace("</result>", "</result><result>fail</result>")

    assert "several results" in refused(xccdf_document(results=twice))


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "0x64", "1_00", "", "\u0661"])
def test_numbers_that_are_none(value):
    refused(xccdf_document(score=f'<score system="urn:xccdf:scoring:default" maximum="100">{value}</score>'))
    refused(xccdf_document(score=f'<score system="urn:xccdf:scoring:default" maximum="{value}">75</score>'))
    refused(xccdf_document(results=rule_result("SV-1", "pass", f'weight="{value}"')))


def test_negative_weight():
    assert "negative" in refused(xccdf_document(results=rule_result("SV-1", "fail", 'weight="-1"')))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"x",
        b"<a",
        b"\x00",
        b"<?xml version='1.0' encoding='utf-7'?><a/>",
        b"<?xml version='1.0' encoding='x'?><a/>",
        xccdf_document()[:-3],
        xccdf_document() + b"<b/>",
        xccdf_document(target="&undefined;"),
    ],
)
def test_not_xml(document):
    assert refused(document)


def reads_or_refuses(document: bytes) -> None:
    try:
        found = xccdf.read(document)
    except Unreadable:
        return
    score, (flat, maximum) = default_score(found), flat_score(found)
    assert score is None or 0 <= score <= 100.0001
    assert 0 <= flat <= maximum


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_results_or_a_refusal(document):
    reads_or_refuses(document)


@settings(max_examples=100, deadline=None)
@given(
    at=st.integers(0, 2500),
    length=st.integers(0, 8),
    put=st.sampled_from(
        [b"", b"<", b"/>", b'"', b"<Group>", b"</Group>", b"&#0;", b"\xff", b"<TestResult>", b"<result/>"]
    ),
)
def test_any_damage_gives_results_or_a_refusal(at, length, put):
    document = xccdf_document()

    reads_or_refuses(document[:at] + put + document[at + length :])


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.dictionaries(
            st.sampled_from([f"SV-{n}" for n in range(9)]),
            st.sampled_from(["pass", "fail", "fixed", "notchecked", "huh", ""]),
        ),
        max_size=4,
    )
)
def test_scores_stay_in_bounds_whatever_the_results(groups):
    reads_or_refuses(xccdf_document(groups))
