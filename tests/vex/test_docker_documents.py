"""Docker's own documents, held against scans that spell packages as Docker Scout, Trivy and Grype do."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.vex.words import NGINX, document, found, match, real, suppressed
from verifier.vex.scope import Image

NGINX_VEX = "dhi-nginx.vex.json"
KSERVE_VEX = "dhi-kserve-localmodelnode-agent.vex.json"
KSERVE = Image(frozenset({"dhi/kserve-localmodelnode-agent"}), frozenset())
SCOUT = "os_distro=trixie&os_name=debian&os_version=13"


@pytest.mark.parametrize(
    ("purl", "vulnerability"),
    [
        (f"pkg:deb/debian/lz4@1.10.0-4?{SCOUT}", "CVE-2025-62813"),  # as Scout spells it
        ("pkg:deb/dhi/lz4@1.10.0-4?os_name=debian&os_version=13", "CVE-2025-62813"),
        ("pkg:deb/debian/liblz4-1@1.10.0-4?arch=amd64&distro=debian-13.1", "CVE-2025-62813"),  # Trivy
        ("pkg:deb/debian/liblz4-1@1.10.0-4?arch=amd64&distro=debian-13&upstream=lz4", "cve-2025-62813"),  # Grype
        ("pkg:deb/debian/glibc@2.41-12?distro=trixie", "CVE-2010-4756"),
        ("pkg:deb/dhi/libc6@2.41-12?arch=arm64", "CVE-2018-20796"),
        ("pkg:deb/debian/tar@1.35%2Bdfsg-3.1?distro=debian-13", "CVE-2005-2541"),
        ("pkg:deb/debian/tar@1.35+dfsg-3.1?distro=debian-13", "CVE-2025-45582"),
        ("pkg:deb/debian/shadow@1:4.13+dfsg1-1+deb12u1?distro=debian-12", "CVE-2007-5686"),
        ("pkg:deb/debian/shadow@4.13%2Bdfsg1-1%2Bdeb12u1?distro=debian-12.9&epoch=1", "CVE-2024-56433"),
        ("pkg:deb/debian/openssl@3.5.4?distro=debian-13", "CVE-2025-9232"),
        ("pkg:deb/debian/lib32z1@1:1.3.dfsg+really1.3.1-1", "CVE-2023-45853"),
    ],
)
def test_nginx_document_suppresses(purl: str, vulnerability: str) -> None:
    assert suppressed(real(NGINX_VEX), found(purl, vulnerability)) == [(purl, vulnerability)]


@pytest.mark.parametrize(
    ("purl", "vulnerability"),
    [
        (f"pkg:deb/debian/lz4@1.9.4-1?{SCOUT}", "CVE-2025-62813"),  # the version of bookworm, in trixie
        ("pkg:deb/debian/lz4@1.10.0-5", "CVE-2025-62813"),
        ("pkg:deb/debian/glibc@2.41-12?distro=debian-12", "CVE-2010-4756"),
        ("pkg:deb/ubuntu/libc6@2.41-12", "CVE-2018-20796"),
        ("pkg:deb/debian/openssl@3.1.2?distro=debian-12", "CVE-2025-9232"),  # under investigation
        ("pkg:deb/debian/libssl3t64@3.5.4-1", "CVE-2025-9232"),  # a newer statement investigates again
        (f"pkg:deb/debian/sqlite3@3.46.1-7?{SCOUT}", "CVE-2025-52099"),
        ("pkg:deb/debian/lz4@1.10.0-4", "CVE-2025-62814"),
    ],
)
def test_nginx_document_leaves(purl: str, vulnerability: str) -> None:
    assert suppressed(real(NGINX_VEX), found(purl, vulnerability)) == []


@pytest.mark.parametrize("version", ["1.55.6", "v1.55.6"])
@pytest.mark.parametrize("vulnerability", ["CVE-2020-8911", "CVE-2020-8912"])
def test_kserve_document_suppresses_in_its_own_image_alone(version: str, vulnerability: str) -> None:
    finding = found(f"pkg:golang/github.com/aws/aws-sdk-go@{version}", vulnerability)

    assert suppressed(real(KSERVE_VEX), finding, image=KSERVE)
    assert not suppressed(real(KSERVE_VEX), finding, image=NGINX)  # "code isn't called" is said of kserve
    assert not suppressed(
        real(KSERVE_VEX), found("pkg:golang/github.com/aws/aws-sdk-go@1.55.7", vulnerability), image=KSERVE
    )


def test_every_statement_is_accounted_for() -> None:
    result = match(real(NGINX_VEX), found(f"pkg:deb/debian/lz4@1.10.0-4?{SCOUT}", "CVE-2025-62813"))

    reasons = [one.reason for one in result.unmatched]
    assert len(result.outcomes[0].words) + len(reasons) == 55
    assert reasons.count("a newer statement of the same document counts") == 1
    assert reasons.count("no scan of the image names this vulnerability") == 53


def test_documents_of_two_images_conflict_only_where_both_speak_of_this_one() -> None:
    accusing = document(
        {"vulnerability": {"name": "CVE-2025-62813"}, "status": "affected", "products": [{"@id": "pkg:deb/debian/lz4"}]}
    )
    finding = found(f"pkg:deb/debian/lz4@1.10.0-4?{SCOUT}", "CVE-2025-62813")

    assert match([real(NGINX_VEX), accusing], finding).disputed
    assert match([real(NGINX_VEX), real(KSERVE_VEX)], finding).suppressed


def test_2_000_packages_are_looked_up_in_the_document(compared: Counter[str]) -> None:
    nginx = real(NGINX_VEX)
    names = sorted({one.vulnerability for one in nginx.statements})
    findings = [found(f"pkg:deb/debian/package-{n}@1.{n}?{SCOUT}", names[n % len(names)]) for n in range(2_000)]

    match(nginx, *findings)

    assert compared.total() < 2_000
