"""What an XCCDF document says to people: titles, discussions, checks, mends, and the names of its rules."""

from __future__ import annotations

import pytest

from tests.attestation.attestation_documents import XCCDF_11, XCCDF_12
from verifier.attestation.interface import Unreadable
from verifier.attestation.stig_ids import disa_ids
from verifier.attestation.stig_rules import stig_rules
from verifier.attestation.xccdf_texts import read_texts
from verifier.limits import DEFAULT_LIMITS
from verifier.model import StigRule

XHTML = 'xmlns:h="http://www.w3.org/1999/xhtml"'
RULE = "xccdf_mil.disa.stig_rule_SV-203739r987791_rule"
RESULT = f'<rule-result idref="{RULE}"><result>fail</result></rule-result>'


def document(inside: str = "", results: str = RESULT, *, group: str = "", rule: str = RULE, namespace: str = XCCDF_12):
    return (
        f'<Benchmark xmlns="{namespace}" {XHTML} id="b"><title>GPOS</title><version>1.0</version>'
        f'<Profile id="p"><title>For images</title></Profile>'
        f'<Group id="g"><title>Outer</title><Group id="{group or "h"}"><title>Inner</title>'
        f'<Rule id="{rule}" severity="high">{inside}</Rule></Group></Group>'
        '<TestResult test-system="cpe:/a:redhat:openscap:1.3.7"><profile idref="p"/>'
        f"{results}</TestResult></Benchmark>"
    ).encode()


def only(*given: str, **more: str) -> StigRule:
    (rule,) = stig_rules(read_texts(document(*given, **more)))
    return rule


@pytest.mark.parametrize("namespace", [XCCDF_12, XCCDF_11])
def test_everything_that_a_rule_says(namespace):
    inside = (
        "<version>SRG-OS-000403</version><title>Only   approved\n  anchors</title>"
        "<description>Why it matters.</description><rationale>Because.</rationale>"
        '<ident system="http://cyber.mil/cci">CCI-004909</ident><ident system="http://iase.disa.mil/cci">CCI-000803'
        '</ident><ident system="http://cce.mitre.org">CCE-80000</ident><fixtext>Remove the others.</fixtext>'
        '<fix>rm x</fix><check system="urn:manual"><check-content>Look.</check-content></check>'
    )
    results = (
        f'<rule-result idref="{RULE}" severity="low" time="2026-01-02T03:04:05+01:00" weight="2.5">'
        "<result>fail</result><message>first</message><message>second</message></rule-result>"
    )

    rule = only(inside, results, namespace=namespace)

    assert (rule.id, rule.vulnerability, rule.rule) == (RULE, "V-203739", "SV-203739r987791_rule")
    assert (rule.version, rule.title, rule.group) == ("SRG-OS-000403", "Only approved anchors", "Inner")
    assert (rule.discussion, rule.rationale) == ("Why it matters.", "Because.")
    assert (rule.check, rule.fix) == ("Look.", "Remove the others.")
    assert (rule.ccis, rule.controls) == (("CCI-004909", "CCI-000803"), ("SC-17", "IA-7"))
    assert (rule.severity, rule.time, rule.weight) == ("low", "2026-01-02T02:04:05Z", 2.5)
    assert rule.messages == ("first", "second")


def test_what_is_not_said_is_empty_and_not_invented():
    rule = only("", '<rule-result idref="elsewhere"><result>pass</result></rule-result>')

    assert rule == StigRule(id="elsewhere", result="pass", severity="unknown")


def test_texts_keep_paragraphs_and_lose_the_indentation_of_the_document():
    inside = """<description>First line
                of a paragraph.

                Then:
                    a command
                <h:pre>set x
                  y</h:pre>after <h:b>all</h:b><h:br/>next</description>"""

    assert only(inside).discussion == (
        "First line\nof a paragraph.\n\nThen:\n    a command\n\nset x\ny\n\nafter all\nnext"
    )


def test_disa_hides_the_discussion_in_escaped_elements():
    inside = (
        "<description>&lt;VulnDiscussion&gt;Weak &amp;amp; old.&lt;/VulnDiscussion&gt;"
        "&lt;FalsePositives&gt;none&lt;/FalsePositives&gt;</description>"
    )

    assert only(inside).discussion == "Weak &amp; old."
    assert only("<description>&lt;VulnDiscussion&gt;never closed</description>").discussion == "never closed"


def test_check_in_another_document_is_named():
    check = '<check system="oval"><check-content-ref href="a.xml" name="def:1"/></check>'
    results = f'<rule-result idref="{RULE}"><result>pass</result>{check}</rule-result>'

    assert only("", results).check == "a.xml#def:1 (oval)"
    assert only(f"<complex-check>{check}</complex-check>").check == "a.xml#def:1 (oval)"


def test_first_of_several_languages_is_kept():
    twice = "<title>one</title><title>two</title><description> </description><description>a</description>"

    rule = only(twice)

    assert (rule.title, rule.discussion) == ("one", "a")


@pytest.mark.parametrize(("severity", "expected"), [("", "high"), ("info", "info"), ("HIGH", "unknown")])
def test_severity_of_the_result_counts_before_that_of_the_rule(severity, expected):
    results = f'<rule-result idref="{RULE}" severity="{severity}"><result>pass</result></rule-result>'

    assert only("", results).severity == expected


@pytest.mark.parametrize(
    ("identifier", "group", "expected"),
    [
        ("xccdf_mil.disa.stig_rule_SV-203739r987791_rule", "", ("V-203739", "SV-203739r987791_rule")),
        ("xccdf_._rule_V_203716", "", ("V-203716", "")),
        ("SV-230221r858734_rule", "V-230221", ("V-230221", "SV-230221r858734_rule")),
        ("SV-86473r3_rule", "xccdf_mil.disa.stig_group_V-71849", ("V-71849", "SV-86473r3_rule")),
        ("SV-86473r3_rule", "", ("", "SV-86473r3_rule")),
        ("V-203716", "", ("V-203716", "")),
        ("xccdf_org.ssgproject.content_rule_sshd_disable_root", "", ("", "")),
        ("", "", ("", "")),
        ("SV-203739r987791_rule/../../etc", "", ("", "")),
        ("V-" + "9" * 5_000, "", ("", "")),
    ],
)
def test_ids_by_which_auditors_know_a_rule(identifier, group, expected):
    assert disa_ids(identifier, group) == expected


def test_group_id_names_the_vulnerability_of_older_rules():
    old = "SV-86473r3_rule"
    results = f'<rule-result idref="{old}"><result>pass</result></rule-result>'

    assert only("", results, group="V-71849", rule=old).vulnerability == "V-71849"


def test_J07_words_that_xccdf_does_not_know_become_unknown():
    results = "".join(
        f'<rule-result idref="{RULE}">{inside}</rule-result>'
        for inside in ("<result>passed</result>", "<result/>", "", "<result>notchecked</result>")
    )

    rules = stig_rules(read_texts(document("", results)))

    assert [rule.result for rule in rules] == ["unknown", "unknown", "unknown", "notchecked"]


def test_J05_texts_in_another_namespace_or_place_are_not_the_rules():
    inside = (
        '<x:title xmlns:x="urn:other">false</x:title><title>true</title>'
        '<x:fixtext xmlns:x="urn:other">false</x:fixtext><metadata><fixtext>false</fixtext></metadata>'
    )

    rule = only(inside)

    assert (rule.title, rule.fix) == ("true", "")


def test_scanner_is_stated_by_a_fact_or_else_by_the_test_system():
    facts = (
        '<target-facts><fact name="urn:xccdf:fact:scanner:name">OpenSCAP</fact>'
        '<fact name="urn:xccdf:fact:scanner:version">1.3.7</fact></target-facts>'
    )

    assert read_texts(document("", facts + RESULT)).scanner == "OpenSCAP 1.3.7"
    assert read_texts(document("", RESULT)).scanner == "cpe:/a:redhat:openscap:1.3.7"


def test_J04_text_too_long_is_cut_with_a_mark():
    long = "x" * (DEFAULT_LIMITS.detail_text + 1)

    assert only(f"<fixtext>{long}</fixtext>").fix == "x" * DEFAULT_LIMITS.detail_text + " […]"


def test_J04_more_results_than_anybody_shows_are_refused():
    results = RESULT * (DEFAULT_LIMITS.detail_rules + 1)

    with pytest.raises(Unreadable, match="more than 10000 rule results"):
        read_texts(document("", results))


def test_J04_texts_that_are_repeated_without_end_are_refused():
    """One rule of 20,000 characters with 500 results is a document of 60 KB and a report of 10 MB."""
    inside = f"<fixtext>{'x' * DEFAULT_LIMITS.detail_text}</fixtext>"

    with pytest.raises(Unreadable, match="texts of all rules"):
        stig_rules(read_texts(document(inside, RESULT * 500)))


def test_J04_white_space_without_end_takes_no_time():
    rule = only(f"<description>a{' ' * 10_000}\n{(' ' * 50 + chr(10)) * 10_000}x</description>")

    assert rule.discussion == "a […]"
