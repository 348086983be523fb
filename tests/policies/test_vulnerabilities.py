"""fixable-vulnerabilities and high-profile-vulnerabilities: Scout's scan, and what OpenVEX may excuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import DIGEST, SCOUT_VULNERABILITIES, VEX, Image, Judge
from verifier.attestation.vex import read_document
from verifier.attestation.vulnerability_scan import findings
from verifier.vex.heard import Heard
from verifier.vex.matching import matched
from verifier.vex.scope import Image as Named
from verifier.vex.voices import Voice

FIXABLE, HIGH_PROFILE = "fixable-vulnerabilities", "high-profile-vulnerabilities"
PACKAGE = "pkg:deb/debian/openssl@3.0.1-1%2Bdeb13u1?os_name=debian&os_version=13"
OLD, RECENT = "2026-01-01T00:00:00Z", "2026-05-29T00:00:00Z"  # the tests' now is 2026-06-01
REASON = "vulnerable_code_not_in_execute_path"


def vulnerability(**changes: Any) -> dict[str, Any]:
    """One with a fix, long overdue; a member set to `...` is left out."""
    members = {
        "source_id": "CVE-2026-0001",
        "fixed_by": "3.0.2",
        "published_at": OLD,
        "cvss": {"severity": "HIGH", "score": 7.5},
    }
    return {name: value for name, value in (members | changes).items() if value is not ...}


def image(*found: Any, vex: tuple[Any, ...] = (), purl: str = PACKAGE, **more: Any) -> Image:
    """With the facts about suppression that the hub would derive."""
    scan = [{"purl": purl, "vulnerabilities": list(found)}]
    documents = [read_document(one, f"sha256:{number:064x}") for number, one in enumerate(vex)]
    named = Named(frozenset({"dhi/python"}), frozenset({DIGEST}))
    heard = Heard(matched=matched([Voice(tuple(documents), named)], list(findings(scan))))
    predicates: dict[str, list[Any]] = {SCOUT_VULNERABILITIES: [scan]} | ({VEX: list(vex)} if vex else {})
    return Image(predicates=predicates, facts={"suppression": heard.facts()}, **more)


def vex(*statements: Any) -> dict[str, Any]:
    return {"@context": VEX, "author": "a", "timestamp": "2026-02-01T00:00:00Z", "statements": list(statements)}


def said(*products: Any, **changes: Any) -> dict[str, Any]:
    named = [{"@id": product} if isinstance(product, str) else product for product in products or (PACKAGE,)]
    statement = {
        "vulnerability": {"name": "CVE-2026-0001"},
        "products": named,
        "status": "not_affected",
        "justification": REASON,
        "timestamp": "2026-02-01T00:00:00Z",
    } | changes
    return {name: value for name, value in statement.items() if value is not ...}


def inside(product: str, *parts: str) -> dict[str, Any]:
    return {"@id": product, "subcomponents": [{"@id": part} for part in parts]}


@pytest.mark.parametrize("rule", [FIXABLE, HIGH_PROFILE])
def test_empty_scan_passes(judge: Judge, rule: str) -> None:
    assert judge(rule, Image(predicates={SCOUT_VULNERABILITIES: [[]]})).result == "pass"


@pytest.mark.parametrize("rule", [FIXABLE, HIGH_PROFILE])
def test_G01_gap_missing_scan_is_unknown(judge: Judge, rule: str) -> None:
    outcome = judge(rule)

    assert outcome.result == "unknown"
    assert SCOUT_VULNERABILITIES in outcome.message


@pytest.mark.parametrize("rule", [FIXABLE, HIGH_PROFILE])
def test_in_toto_scan_has_too_little_for_these_rules(judge: Judge, rule: str) -> None:
    predicates: dict[str, Any] = {"https://in-toto.io/attestation/vulns/v0.1": [{"scanner": {"result": []}}]}

    assert judge(rule, Image(predicates=predicates)).result == "unknown"


@pytest.mark.parametrize("rule", [FIXABLE, HIGH_PROFILE])
@pytest.mark.parametrize(
    "predicate",
    [{}, None, ..., "none", [{}], [7], [{"purl": PACKAGE}], [{"purl": PACKAGE, "vulnerabilities": [{}]}]],
)
def test_G11_scan_of_another_shape_never_passes(judge: Judge, rule: str, predicate: Any) -> None:
    outcome = judge(rule, Image(predicates={SCOUT_VULNERABILITIES: [predicate]}))

    assert outcome.result == "fail"
    assert "expected a list of packages" in outcome.message


def test_overdue_fix_fails_with_its_details(judge: Judge) -> None:
    outcome = judge(FIXABLE, image(vulnerability()))

    assert outcome.result == "fail"
    assert outcome.violations[0].detail == {
        "purl": PACKAGE,
        "vulnerability": "CVE-2026-0001",
        "severity": "HIGH",
        "fixedBy": "3.0.2",
        "cvssScore": 7.5,
        "sla": "7 days",
    }


def test_fix_within_its_time_and_vulnerability_without_a_fix_pass(judge: Judge) -> None:
    assert judge(FIXABLE, image(vulnerability(published_at=RECENT))).result == "pass"
    assert judge(FIXABLE, image(vulnerability(fixed_by=...))).result == "pass"
    assert judge(FIXABLE, image(vulnerability(fixed_by=False))).result == "pass"


def test_exploited_vulnerability_has_one_day(judge: Judge) -> None:
    outcome = judge(FIXABLE, image(vulnerability(published_at=RECENT, cisa_exploited=True)))

    assert outcome.violations[0].detail["sla"] == "1 days (KEV)"
    assert (
        judge(FIXABLE, image(vulnerability(published_at=RECENT, cisa_exploited=True)), kev_sla_days=5).result == "pass"
    )


@pytest.mark.parametrize("published", [..., "", None, 7, "yesterday", "2026-13-45T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_J19_gap_date_that_does_not_parse_is_a_breach(judge: Judge, published: Any) -> None:
    assert judge(FIXABLE, image(vulnerability(published_at=published))).result == "fail"


@pytest.mark.parametrize("published", ["2026-06-05T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_J19_date_in_the_future_is_a_breach(judge: Judge, published: str) -> None:
    assert judge(FIXABLE, image(vulnerability(published_at=published))).result == "fail"


@pytest.mark.parametrize(
    ("severity", "days"), [("critical", 7), (" High ", 7), ("moderate", 30), ("", 30), ("LOW", 30)]
)
def test_J16_severity_is_read_in_any_spelling(judge: Judge, severity: str, days: int) -> None:
    outcome = judge(FIXABLE, image(vulnerability(cvss={"severity": severity})))

    assert outcome.violations[0].detail["sla"] == f"{days} days"


@pytest.mark.parametrize("severity", ["9.8", "catastrophic", "none of your business"])
def test_J16_severity_that_nobody_knows_is_the_worst(judge: Judge, severity: str) -> None:
    found = vulnerability(cvss={"severity": severity}, published_at="2026-05-20T00:00:00Z")

    assert judge(FIXABLE, image(found)).violations[0].detail["sla"] == "7 days"


def test_configured_times_replace_the_default_ones(judge: Judge) -> None:
    found = image(vulnerability(published_at=RECENT))

    assert judge(FIXABLE, found, slas={"HIGH": 2}).result == "fail"
    assert judge(FIXABLE, found, slas={"CRITICAL": 2}).result == "pass"
    assert judge(FIXABLE, found, slas={"CRITICAL": 2}, default_sla_days=1).result == "fail"


def test_package_types_narrow_the_rule(judge: Judge) -> None:
    assert judge(FIXABLE, image(vulnerability()), package_types=["deb"]).result == "fail"
    assert judge(FIXABLE, image(vulnerability()), package_types=["npm"]).result == "pass"
    assert judge(FIXABLE, image(vulnerability(), purl="openssl"), package_types=["npm"]).result == "unknown"


def test_vex_about_the_package_excuses(judge: Judge) -> None:
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said()),))).result == "pass"
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said()),)), excluded_vex_statuses=[]).result == "fail"


@pytest.mark.parametrize("configured", [{}, {"excluded_vex_statuses": ["not_affected", "under_investigation"]}])
def test_vex_under_investigation_excuses_nothing_whatever_is_configured(judge: Judge, configured: Any) -> None:
    statement = said(status="under_investigation", justification=...)

    assert judge(FIXABLE, image(vulnerability(), vex=(vex(statement),)), **configured).result == "fail"


def test_configuration_may_narrow_what_excuses(judge: Judge) -> None:
    fixed = image(vulnerability(), vex=(vex(said(status="fixed", justification=...)),))

    assert judge(FIXABLE, fixed).result == "pass"
    assert judge(FIXABLE, fixed, excluded_vex_statuses=["not_affected"]).result == "fail"


def test_pass_says_how_many_findings_are_excused(judge: Judge) -> None:
    outcome = judge(
        FIXABLE, image(vulnerability(), vulnerability(source_id="CVE-2026-0009", fixed_by=...), vex=(vex(said()),))
    )

    assert (outcome.result, outcome.message) == ("pass", "excused by OpenVEX documents: 1")


def test_G11_excuse_that_nobody_derived_counts_for_nothing(judge: Judge) -> None:
    bare = Image(
        predicates={
            SCOUT_VULNERABILITIES: [[{"purl": PACKAGE, "vulnerabilities": [vulnerability()]}]],
            VEX: [vex(said())],
        }
    )

    assert judge(FIXABLE, bare).result == "fail"


@pytest.mark.parametrize(
    "product", ["pkg:docker/dhi/python", "pkg:oci/dhi%2Fpython", f"pkg:docker/dhi/python@{DIGEST}"]
)
def test_gap_vex_of_image_and_subcomponent_excuses(judge: Judge, product: str) -> None:
    statement = said(inside(product, "pkg:deb/debian/openssl"))

    assert judge(FIXABLE, image(vulnerability(), vex=(vex(statement),))).result == "pass"


@pytest.mark.parametrize(
    "product",
    [
        inside("pkg:docker/dhi/nginx", PACKAGE),
        inside("pkg:docker/dhi/python@sha256:" + "0" * 64, PACKAGE),
        inside("pkg:docker/dhi/python", "pkg:deb/debian/curl"),
        {"@id": "pkg:docker/dhi/python"},
        "pkg:deb/debian/openssl@3.0.0",
        "pkg:deb/debian/openssl-provider",
        "pkg:rpm/debian/openssl",
    ],
)
def test_J13_vex_about_another_image_package_or_version_excuses_nothing(judge: Judge, product: Any) -> None:
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said(product)),))).result == "fail"


@pytest.mark.parametrize("product", ["*", "pkg:deb/debian/*", "pkg:*", "", "pkg:deb/debian/", "pkg:deb"])
def test_J14_wildcards_excuse_nothing(judge: Judge, product: str) -> None:
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said(product)),))).result == "fail"


def test_gap_vex_without_version_and_with_other_qualifiers_excuses_that_package(judge: Judge) -> None:
    for product in ("pkg:deb/debian/openssl", "pkg:deb/debian/openssl@3.0.1-1+deb13u1?os_distro=trixie"):
        assert judge(FIXABLE, image(vulnerability(), vex=(vex(said(product)),))).result == "pass"


def test_J13_not_affected_without_a_reason_excuses_nothing(judge: Judge) -> None:
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said(justification=...)),))).result == "fail"
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said(justification=" ")),))).result == "fail"
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said(justification="because")),))).result == "fail"
    spoken = said(justification=..., impact_statement="the module is not built")
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(spoken),))).result == "fail"


def test_J13_gap_newer_affected_in_any_document_cancels(judge: Judge) -> None:
    affected = said(status="affected", timestamp="2026-03-01T00:00:00Z")

    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said()), vex(affected)))).result == "fail"
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(affected), vex(said())))).result == "fail"


def test_J13_older_affected_is_overtaken_in_its_own_document_and_not_in_another(judge: Judge) -> None:
    affected = said(status="affected", timestamp="2025-12-01T00:00:00Z")

    assert judge(FIXABLE, image(vulnerability(), vex=(vex(affected, said()),))).result == "pass"
    assert judge(FIXABLE, image(vulnerability(), vex=(vex(affected), vex(said())))).result == "fail"


def test_vex_excuses_no_high_profile_vulnerability(judge: Judge) -> None:
    log4shell = "CVE-2021-44228"
    statement = said(vulnerability={"name": log4shell})

    found = image(vulnerability(source_id=log4shell), vex=(vex(statement),))

    assert judge(FIXABLE, found).result == "pass"
    assert judge(HIGH_PROFILE, found).result == "fail"


@pytest.mark.parametrize("timestamp", ["2026-02-01T00:00:00Z", "soon", ""])
def test_J13_affected_of_the_same_or_an_unknown_time_cancels(judge: Judge, timestamp: str) -> None:
    affected = said(status="affected", timestamp=timestamp)

    assert judge(FIXABLE, image(vulnerability(), vex=(vex(said(), affected),))).result == "fail"


def test_vex_about_another_vulnerability_excuses_nothing(judge: Judge) -> None:
    statement = said(vulnerability={"name": "CVE-2026-0002"})

    assert judge(FIXABLE, image(vulnerability(), vex=(vex(statement),))).result == "fail"


def test_vex_document_without_statements_is_no_fault(judge: Judge) -> None:
    assert judge(FIXABLE, image(vulnerability(published_at=RECENT), vex=(vex(), {}))).result == "pass"


def test_G04_J22_every_scan_counts(judge: Judge) -> None:
    bad = [{"purl": PACKAGE, "vulnerabilities": [vulnerability(source_id="CVE-2021-44228")]}]
    for scans in ([[], bad], [bad, []]):
        several = Image(predicates={SCOUT_VULNERABILITIES: scans})
        assert judge(FIXABLE, several).result == "fail"
        assert judge(HIGH_PROFILE, several).result == "fail"


@pytest.mark.parametrize("name", ["CVE-2021-44228", "cve-2024-3094"])
def test_listed_vulnerability_fails_by_id_and_by_alias(judge: Judge, name: str) -> None:
    assert judge(HIGH_PROFILE, image(vulnerability(source_id=name))).result == "fail"
    assert judge(HIGH_PROFILE, image(vulnerability(source_id="GHSA-x", aliases=[name]))).result == "fail"


def test_gap_high_profile_vulnerability_without_cvss_fails(judge: Judge) -> None:
    assert judge(HIGH_PROFILE, image(vulnerability(source_id="CVE-2021-44228", cvss=...))).result == "fail"


def test_exploited_vulnerability_is_high_profile_unless_configured(judge: Judge) -> None:
    exploited = image(vulnerability(cisa_exploited=True, fixed_by=...))

    assert judge(HIGH_PROFILE, exploited).result == "fail"
    assert judge(HIGH_PROFILE, exploited, include_cisa_kev=False).result == "pass"
    assert judge(HIGH_PROFILE, image(vulnerability(cisa_exploited="yes"))).result == "fail"


def test_lists_are_configurable(judge: Judge) -> None:
    found = image(vulnerability(source_id="GHSA-x", aliases=["CVE-2021-44228"]))

    assert judge(HIGH_PROFILE, found, cves=["CVE-1"]).result == "pass"
    assert judge(HIGH_PROFILE, found, ignored_cves=["CVE-2021-44228"]).result == "pass"
    assert judge(HIGH_PROFILE, image(vulnerability()), cves=["CVE-2026-0001"]).result == "fail"
