"""Which statements speak about a finding, and what they come to."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.vex.words import (
    CVE,
    DIGEST,
    NGINX,
    OPENSSL,
    OTHER,
    document,
    excuses,
    found,
    inside,
    match,
    said,
    suppressed,
)
from verifier.vex.scope import Image

EARLIER, LATER = "2026-01-15T00:00:00Z", "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    "product",
    [
        "pkg:docker/dhi/nginx",
        "pkg:oci/dhi%2Fnginx",
        "pkg:docker/dhi/nginx@1.29",
        "pkg:docker/dhi/nginx@1.29?platform=linux%2Famd64",
        f"pkg:docker/dhi/nginx@{DIGEST}",
        f"pkg:oci/nginx@{DIGEST}",
        f"pkg:oci/nginx@{DIGEST}?repository_url=registry.example/team/nginx&arch=amd64",
        "pkg:oci/nginx?repository_url=dhi.io/nginx",
        "pkg:oci/nginx?repository_url=dhi.io",
    ],
)
def test_image_with_the_package_inside_excuses(product: str) -> None:
    assert excuses(said(inside(product, "pkg:deb/debian/openssl")))


@pytest.mark.parametrize(
    "product",
    [
        "pkg:docker/dhi/python",
        "pkg:docker/nginx",
        "pkg:oci/nginx",
        "pkg:docker/dhi/nginx@1.28",
        "pkg:docker/dhi/nginx?platform=linux%2Farm64",
        f"pkg:docker/dhi/nginx@{OTHER}",
        f"pkg:oci/nginx@{OTHER}?repository_url=dhi.io/nginx",
        f"pkg:oci/nginx@{DIGEST}?arch=arm64",
        "pkg:oci/nginx?repository_url=docker.io/library/nginx",
    ],
)
def test_J13_another_image_excuses_nothing_here_even_beside_the_bare_package(product: str) -> None:
    assert not excuses(said(inside(product, "pkg:deb/debian/openssl")))
    assert not excuses(said(inside(product, OPENSSL), OPENSSL))


def test_G21_accusation_beside_another_image_still_counts() -> None:
    elsewhere = said(inside("pkg:docker/dhi/python", OPENSSL), OPENSSL, status="affected", timestamp=LATER)

    assert not excuses(said(), elsewhere)


def test_J14_image_without_package_excuses_only_by_its_digest() -> None:
    assert not excuses(said("pkg:docker/dhi/nginx"))
    assert not excuses(said("pkg:docker/dhi/nginx@1.29"))
    assert not excuses(said(f"pkg:oci/nginx@{OTHER}"))
    assert excuses(said(f"pkg:oci/nginx@{DIGEST}"))


@pytest.mark.parametrize("products", [..., [], None, "everything", [7], [{}], [{"identifiers": 7}]])
def test_J14_statement_without_a_product_excuses_nothing(products: Any) -> None:
    assert not excuses(said(products=products))


@pytest.mark.parametrize("products", [[{"@id": "pkg:docker/dhi/nginx"}], ..., [], [{"@id": "pkg:deb/debian/*"}]])
def test_G21_accusation_of_the_whole_image_or_of_nothing_readable_counts_for_all_packages(products: Any) -> None:
    assert not excuses(said(), said(status="affected", timestamp=LATER, products=products))


@pytest.mark.parametrize(
    "product",
    [OPENSSL, {"identifiers": {"purl": OPENSSL}}, {"@id": "https://example.com/a", "identifiers": {"purl": OPENSSL}}],
)
def test_forms_of_a_component(product: Any) -> None:
    plain = said(products=[product], vulnerability=CVE)

    assert excuses(plain)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({}, True),
        ({"status": "fixed"}, True),
        ({"justification": ...}, False),
        ({"justification": ""}, False),
        ({"justification": "trust me"}, False),
        ({"justification": "Vulnerable_Code_Not_In_Execute_Path"}, False),
        ({"justification": ..., "impact_statement": "it is not built"}, False),
        ({"status": "under_investigation"}, False),
        ({"status": "affected"}, False),
        ({"status": "Not_Affected"}, False),
        ({"status": ...}, False),
    ],
)
def test_J13_only_a_justified_or_fixed_status_excuses(statement: dict[str, Any], expected: bool) -> None:
    assert excuses(said(**statement)) is expected


@pytest.mark.parametrize(
    ("scanned", "stated", "expected"),
    [
        ((CVE,), {"name": CVE.lower()}, True),
        (("GHSA-aaaa-bbbb-cccc", CVE), {"name": CVE}, True),
        ((CVE,), {"name": "DSA-1-1", "aliases": [CVE]}, True),
        (("DSA-1-1",), {"name": "dsa-1-1"}, True),
        ((CVE,), {"name": "CVE-2026-0002"}, False),
        (("CVE-2026-0002", "DSA-1-1"), {"name": CVE, "aliases": ["DSA-1-1"]}, False),  # one advisory, two CVEs
        (("",), {"name": ""}, False),
        ((CVE,), {"name": "CVE-2026-00011"}, False),
    ],
)
def test_vulnerabilities_are_the_same_by_id_or_alias(
    scanned: tuple[str, ...], stated: dict[str, Any], expected: bool
) -> None:
    name, *aliases = scanned

    assert excuses(said(name=stated), finding=found(OPENSSL, name, *aliases)) is expected


@pytest.mark.parametrize("order", [1, -1])
def test_J13_newest_statement_of_a_document_counts_whatever_its_place(order: int) -> None:
    words = [said(timestamp=LATER), said(status="affected", timestamp=EARLIER)]

    assert excuses(*words[::order])
    assert not excuses(*[said(timestamp=EARLIER), said(status="under_investigation", timestamp=LATER)][::order])


def test_J13_of_the_same_time_the_accusation_counts() -> None:
    assert not excuses(said(), said(status="affected"))
    assert not excuses(said(status="affected"), said())


def test_statement_without_a_time_has_that_of_its_document() -> None:
    excuse, accusation = said(timestamp=...), said(status="affected", timestamp=EARLIER)

    assert suppressed(document(excuse, accusation, timestamp=LATER), found())
    assert not suppressed(document(excuse, accusation, timestamp="2026-01-01T00:00:00Z"), found())


@pytest.mark.parametrize("unreadable", ["soon", "2026-13-01T00:00:00Z", 7, "", None])
def test_J19_time_that_cannot_be_read_helps_no_excuse(unreadable: Any) -> None:
    assert not excuses(said(timestamp=unreadable), said(status="affected", timestamp=EARLIER))
    assert not excuses(said(timestamp=LATER), said(status="affected", timestamp=unreadable))


def test_void_statement_neither_excuses_nor_overtakes() -> None:
    assert not excuses(said(status="affected", timestamp=EARLIER), said(justification=..., timestamp=LATER))
    assert excuses(said(timestamp=EARLIER), said(justification=..., timestamp=LATER))


@pytest.mark.parametrize("status", ["affected", "under_investigation", "unheard_of"])
@pytest.mark.parametrize("when", [EARLIER, LATER])
def test_J13_documents_that_disagree_leave_the_finding(status: str, when: str) -> None:
    documents = [document(said()), document(said(status=status, timestamp=when), digest=OTHER)]

    outcome = match(documents).outcomes[0]

    assert not outcome.suppressed
    assert outcome.disputed
    assert {word.statement.status for word in outcome.words} == {"not_affected", status}
    assert outcome.word.statement.status == status


def test_documents_that_agree_suppress_together() -> None:
    documents = [document(said()), document(said(status="fixed"), digest=OTHER), document(digest=f"sha256:{'c' * 64}")]

    outcome = match(documents).outcomes[0]

    assert outcome.suppressed
    assert len(outcome.words) == 2


def test_statement_that_met_nothing_says_why() -> None:
    statements = {
        "no scan of the image names this vulnerability": said(name="CVE-1-1"),
        "a newer statement of the same document counts": said(timestamp=EARLIER),
        "it speaks about other images": said(inside("pkg:docker/dhi/python", OPENSSL)),
        "the vulnerability was found in other packages or versions": said("pkg:deb/debian/openssl@1"),
        "it says not_affected without one of the justifications of OpenVEX": said(justification=...),
        "it names neither a package nor the digest of the image": said("pkg:docker/dhi/nginx"),
        "a package URL in it cannot be read, and no other one fits a finding": said("pkg:deb/debian/*"),
    }

    result = match(document(*statements.values(), said(timestamp=LATER)))

    assert {one.reason for one in result.unmatched} == set(statements)
    assert [one.statement.number for one in result.unmatched] == list(range(len(statements)))


def test_O12_without_a_name_or_digest_of_its_own_no_image_is_meant() -> None:
    unnamed = Image(frozenset(), frozenset({OTHER}))

    assert not excuses(said(inside("pkg:docker/dhi/nginx", OPENSSL)), image=unnamed)
    assert not excuses(said(inside(f"pkg:oci/nginx@{DIGEST}", OPENSSL)), image=unnamed)
    assert excuses(said(inside(f"pkg:oci/nginx@{OTHER}", OPENSSL)), image=unnamed)


def test_finding_whose_package_url_cannot_be_read_is_excused_by_nobody_but_may_be_accused() -> None:
    finding = found("openssl")

    assert not excuses(said("openssl"), finding=finding)
    assert match(document(said("pkg:docker/dhi/nginx", status="affected")), finding).outcomes


def test_all_statements_about_one_vulnerability_are_looked_up_and_not_compared_with_each_finding(
    compared: Counter[str],
) -> None:
    statements = [
        said(f"pkg:deb/debian/p{n}", inside("pkg:docker/dhi/nginx", f"pkg:deb/debian/p{n}@{n}")) for n in range(6_700)
    ]
    findings = [found(f"pkg:deb/debian/p{n}@{n}?distro=debian-13") for n in range(2_000)]
    feed = document(*statements)

    result = match(feed, *findings)

    assert len(result.suppressed) == 2_000
    assert compared.total() < 10_000  # of 13 million


def test_image_is_this_platform() -> None:
    arm = Image(NGINX.names, NGINX.digests, NGINX.tags, platform="linux/arm64/v8")

    assert excuses(said(inside("pkg:docker/dhi/nginx?arch=arm64", OPENSSL)), image=arm)
    assert not excuses(said(inside("pkg:docker/dhi/nginx?arch=amd64", OPENSSL)), image=arm)
