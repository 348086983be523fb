"""Verified evidence decoded into a report: what auditors load, beside a verdict that it does not change."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.conftest import Publisher
from tests.publisher import keys
from tests.publisher.compliance import REAL_SCAN, module, real_stig
from tests.publisher.spec import FIPS
from verifier.errors import EvidenceMissing, EvidenceUntrusted
from verifier.model import Details, ImageResult
from verifier.policy import Additions
from verifier.verification import Options, inspect, verify
from verifier.verification.decoded import decoded

ALL = ("stig", "fips", "tests", "sbom")
SCANNED = datetime(2026, 11, 21, tzinfo=UTC)
SOON_AFTER = datetime(2026, 11, 25, tzinfo=UTC)
FAILED = ("V-203739", "V-203776", "V-203750", "V-203751", "V-203649", "V-263659")

Ask = Callable[..., Options]


@pytest.fixture
def asking(key_files: dict[str, str]) -> Ask:
    def options(*details: str, key: str = "publisher", at: datetime = SOON_AFTER, **more: Any) -> Options:
        additions = Additions(key_files=(key_files[key],), **more)
        return Options(additions=additions, effective_time=at, details=details)

    return options


def details_of(image: ImageResult, platform: str = "linux/amd64") -> Details:
    (found,) = [p.details for p in image.platforms if p.platform == platform]
    assert found is not None
    return found


def one_platform(publisher: Publisher, **fields: Any) -> str:
    return publisher.image(**{**FIPS, "platforms": ("linux/amd64",), "at": SCANNED, **fields}).layout()


def test_real_scan_denies_the_image_and_names_the_six_failed_rules(publisher: Publisher, asking: Ask) -> None:
    reference = one_platform(publisher, evidence={"stig": real_stig()})

    report = verify([reference], asking("stig"))

    assert (report.verdict, report.exit_code) == ("deny", 1)
    (platform,) = report.images[0].platforms
    (refused,) = [rule for rule in platform.rules if rule.result == "fail"]
    assert refused.id == "dhi-stig-scan-score"
    assert f"found 77.777779; 6 rules failed: {', '.join(FAILED)}" in refused.violations[0].message
    named = refused.violations[0].detail["failed"]
    assert [text.partition(":")[0] for text in named] == list(FAILED)
    (scan,) = details_of(report.images[0]).stig
    assert tuple(rule.vulnerability for rule in scan.rules if rule.result == "fail") == FAILED


def test_details_change_nothing_but_themselves(publisher: Publisher, asking: Ask) -> None:
    reference = publisher.image(**FIPS, at=SCANNED).layout()

    with_them, without = verify([reference], asking(*ALL)), verify([reference], asking())

    assert all(platform.details is None for platform in without.images[0].platforms)
    bare = [msgspec.structs.replace(platform, details=None) for platform in with_them.images[0].platforms]
    read_too = {"sbom", "scout-provenance", "source"}  # forms of a bill that no rule needs are read for the details
    for left, right in zip(bare, without.images[0].platforms, strict=True):
        assert (left.verdict, left.rules, left.digest) == (right.verdict, right.rules, right.digest)
        changed = set(left.attestations) ^ set(right.attestations)
        assert {entry.kind for entry in changed} <= read_too


def test_every_kind_is_decoded_with_the_line_of_the_report(publisher: Publisher, asking: Ask) -> None:
    reference = one_platform(publisher)

    (image,) = inspect([reference], asking(*ALL)).images

    found = details_of(image)
    assert (len(found.stig), len(found.fips), len(found.tests)) == (1, 1, 1)
    assert found.packages[0].total == 12
    assert found.unreadable == ()
    (platform,) = image.platforms
    for one in (*found.stig, *found.fips, *found.tests, *found.packages):
        assert one.attestation in platform.attestations
        assert one.attestation.status == "verified"
    assert found.stig[0].image_digest == platform.digest


def test_only_kinds_that_are_asked_for_are_decoded(publisher: Publisher, asking: Ask) -> None:
    (image,) = verify([one_platform(publisher)], asking("fips")).images

    found = details_of(image)
    assert (found.stig, found.tests, found.packages) == ((), (), ())
    assert found.fips[0].modules[0].certification == "CMVP #4985"


@pytest.mark.parametrize(
    "damage",
    [
        {"unsigned": {"stig"}},
        {"signed_by": {"stig": keys.stranger}},
        {"statement_subject": {"stig": "sha256:" + "0" * 64}},
    ],
)
def test_A01_C01_what_is_not_verified_is_never_decoded(publisher: Publisher, asking: Ask, damage: Any) -> None:
    reference = one_platform(publisher, **damage)

    found = details_of(verify([reference], asking(*ALL)).images[0])

    assert (found.stig, found.unreadable) == ((), ())
    assert found.fips


def test_J01_J03_document_that_cannot_be_decoded_is_said_and_hides_nothing(publisher: Publisher, asking: Ask) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2">&a;</Benchmark>'
    predicate = real_stig()
    predicate[0]["output"][0]["content"] = base64.b64encode(bomb).decode()
    reference = one_platform(publisher, evidence={"stig": predicate})

    (image,) = verify([reference], asking(*ALL)).images

    found = details_of(image)
    (digest,) = [entry.digest for entry in image.platforms[0].attestations if entry.kind == "stig"]
    (said,) = found.unreadable
    assert said.startswith(f"the stig attestation {digest} cannot be decoded: the XCCDF document has a document type")
    assert found.stig == ()
    assert found.fips[0].modules


def test_J22_several_scans_of_one_platform_are_all_shown(publisher: Publisher, asking: Ask) -> None:
    reference = one_platform(publisher, extra=(("stig", real_stig()),))

    found = details_of(verify([reference], asking("stig")).images[0])

    assert sorted(len(scan.rules) for scan in found.stig) == [10, 198]
    assert len({scan.attestation.digest for scan in found.stig}) == 2


def test_decoded_hands_out_one_kind_and_what_stands_beside_it(publisher: Publisher, asking: Ask) -> None:
    reference = one_platform(publisher, evidence={"fips": [module(status="in process", sunset=None)]})

    found = details_of(decoded(reference, "fips", asking(), beside=("tests",)))

    assert found.fips[0].modules[0].status == "in process"
    assert (len(found.tests), found.stig) == (1, ())


def test_decoded_says_why_there_is_nothing(publisher: Publisher, asking: Ask) -> None:
    plain = publisher.image(platforms=("linux/amd64",)).layout()

    with pytest.raises(EvidenceMissing, match="no evidence of the kind stig is there; there is: malware"):
        decoded(plain, "stig", asking())
    with pytest.raises(EvidenceUntrusted, match="kind stig is there and not verified: no trusted key"):
        decoded(one_platform(publisher), "stig", asking(key="stranger"))


def test_document_of_a_scan_is_the_one_that_was_signed(publisher: Publisher, asking: Ask) -> None:
    reference = one_platform(publisher, evidence={"stig": real_stig()})

    (scan,) = details_of(decoded(reference, "stig", asking())).stig

    assert scan.document == REAL_SCAN.read_bytes()
