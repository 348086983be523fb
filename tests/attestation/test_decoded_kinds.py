"""FIPS modules, test reports and bills of materials in detail."""

from __future__ import annotations

import pytest

from tests.attestation.attestation_documents import MANIFEST, b64, statement
from tests.publisher.compliance import module
from verifier.attestation import KINDS
from verifier.attestation.decode import fips_modules, packages, reported_tests
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import AttestationEntry, FipsModule, Package, ReportedTest, Status

SPDX = "https://spdx.dev/Document"
CYCLONEDX = "https://cyclonedx.org/bom/v1.6"
SCOUT = "https://scout.docker.com/sbom/v0.1"


def entry(kind: str) -> AttestationEntry:
    return AttestationEntry(KINDS[kind][0], kind, MANIFEST, Status.VERIFIED)


def modules_of(predicate):
    return fips_modules(statement(predicate, KINDS["fips"][0]), entry("fips"))


def report_of(results):
    predicate = {"reportFormat": "CTRF", "results": results}
    return reported_tests(statement(predicate, KINDS["tests"][0]), entry("tests"))


def packages_of(uri, predicate):
    return packages(statement(predicate, uri), entry("sbom"))


def summary(**counts):
    return {"tests": 2, "passed": 1, "failed": 1} | counts


def test_modules_with_and_without_a_certificate():
    found = modules_of([module(sunset="2030-03-10"), module("Go", status="in process", sunset=None)])

    assert found.attestation == entry("fips")
    certified, pending = found.modules
    assert (certified.status, certified.certification, certified.sunset_date) == ("active", "CMVP #4985", "2030-03-10")
    assert certified.certification_url.endswith("/certificate/4985")
    assert pending == FipsModule("Go", "3.1.2", "pkg:dhi/openssl-provider-fips@3.1.2", "FIPS 140-3", "in process")


@pytest.mark.parametrize("predicate", [{}, [{}], [{"name": "x"}], [module(sunset="soon")], "x"])
def test_modules_that_cannot_be_read_say_why(predicate):
    with pytest.raises(EvidenceInvalid):
        modules_of(predicate)


def test_gap_modules_without_number_are_refused():
    with pytest.raises(EvidenceInvalid, match="1001 modules"):
        modules_of([module()] * (DEFAULT_LIMITS.detail_modules + 1))


def test_tests_with_what_they_printed():
    printed = {"extra": {"stdout": b64("ok\n")}}
    listed = [
        {"name": "starts", "status": "passed"} | printed,
        {"name": "OpenSSL FIPS self-test", "status": "failed", "message": "no provider"},
    ]

    found = report_of({"summary": summary(), "tests": listed})

    assert (found.tests, found.passed, found.failed) == (2, 1, 1)
    assert found.cases == (
        ReportedTest("OpenSSL FIPS self-test", "failed", message="no provider", fips=True),
        ReportedTest("starts", "passed", output="ok\n"),
    )


@pytest.mark.parametrize(("suite", "expected"), [("fips provider", True), (["a", "FIPS"], True), ("tls", False)])
def test_suite_may_say_fips_too(suite, expected):
    (case,) = report_of({"summary": summary(), "tests": [{"name": "kat", "status": "passed", "suite": suite}]}).cases

    assert case.fips is expected


def test_output_that_is_no_text_or_no_base64_hides_nothing_else():
    given = [b64(b"\xff\x00a"), "not base64!", b64("x" * (DEFAULT_LIMITS.detail_output + 1))]
    listed = [{"name": str(n), "status": "passed", "extra": {"stdout": text}} for n, text in enumerate(given)]

    binary, other, long = report_of({"summary": summary(), "tests": listed}).cases

    assert binary.output == "\ufffd\x00a"
    assert other.output.startswith("[extra.stdout is not base64")
    assert long.output == "x" * DEFAULT_LIMITS.detail_output + " […]"


def test_gap_tests_without_number_are_counted_and_failed_ones_kept():
    listed = [{"name": "t", "status": "passed"}] * DEFAULT_LIMITS.detail_tests + [{"name": "bad", "status": "failed"}]

    found = report_of({"summary": summary(tests=5_001, passed=5_000), "tests": listed})

    assert (len(found.cases), found.cases[0].name) == (DEFAULT_LIMITS.detail_tests, "bad")


def test_spdx_packages():
    listed = [
        {
            "name": "zlib",
            "versionInfo": "1.3",
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "Zlib",
            "externalRefs": [
                {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:zlib"},
                {"referenceType": "purl", "referenceLocator": "pkg:deb/debian/zlib@1.3"},
            ],
        },
        {"name": "bare"},
    ]

    found = packages_of(SPDX, {"spdxVersion": "SPDX-2.3", "packages": listed})

    assert (found.total, found.packages) == (
        2,
        (Package("zlib", "1.3", "pkg:deb/debian/zlib@1.3", "Zlib"), Package("bare")),
    )


def test_cyclonedx_packages():
    listed = [
        {
            "group": "@npm",
            "name": "cli",
            "version": "2",
            "purl": "pkg:npm/%40npm/cli@2",
            "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}],
        },
        {"name": "x", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
    ]

    found = packages_of(CYCLONEDX, {"bomFormat": "CycloneDX", "components": listed})

    assert found.packages == (
        Package("@npm/cli", "2", "pkg:npm/%40npm/cli@2", "MIT, Own"),
        Package("x", licenses="MIT OR Apache-2.0"),
    )


def test_scout_packages():
    listed = [{"name": "musl", "version": "1.2", "purl": "pkg:apk/alpine/musl@1.2", "licenses": ["MIT", 7]}]

    assert packages_of(SCOUT, {"artifacts": listed}).packages == (
        Package("musl", "1.2", "pkg:apk/alpine/musl@1.2", "MIT"),
    )


def test_J09_packages_without_number_are_counted_and_cut():
    listed = [{"name": "x", "version": str(number)} for number in range(DEFAULT_LIMITS.detail_packages + 7)]

    found = packages_of(SCOUT, {"artifacts": listed})

    assert (found.total, len(found.packages)) == (DEFAULT_LIMITS.detail_packages + 7, DEFAULT_LIMITS.detail_packages)


@pytest.mark.parametrize(
    ("uri", "predicate"),
    [
        (SPDX, {"spdxVersion": "SPDX-3.0"}),
        (SPDX, {"spdxVersion": "SPDX-2.3", "packages": [{"name": 7}]}),
        (CYCLONEDX, {"components": []}),
        (SCOUT, {}),
        (SCOUT, "{"),
    ],
)
def test_bill_that_cannot_be_read_says_why(uri, predicate):
    with pytest.raises(EvidenceInvalid):
        packages_of(uri, predicate)
