"""What the formats that are lists agree on: what speaks against an image, and that a refusal is never an empty list."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, NOTHING
from verifier.model import Fault, ImageResult, Report, Verdict, Violation
from verifier.report.findings import Finding, findings, foremost
from verifier.report.fingerprints import fingerprints, image_name, path_of


def found(report: Report) -> list[Finding]:
    return list(findings(report))


def marks(report: Report) -> list[str]:
    return list(fingerprints(found(report)))


def with_messages(*messages: str) -> Report:
    """One rule of one platform, with a violation for each message."""
    image = FULL.images[0]
    platform = image.platforms[0]
    rule = replace(platform.rules[1], violations=tuple(map(Violation, messages)))
    return replace(FULL, images=(replace(image, platforms=(replace(platform, rules=(rule,)),)),))


def test_each_violation_is_a_finding_and_only_what_denies_is_an_error() -> None:
    first = [finding for finding in found(FULL) if finding.where == "linux/amd64"]

    assert [(finding.check, finding.level, finding.result) for finding in first] == [
        ("dhi-no-embedded-malware", "error", "fail"),
        ("dhi-no-failing-tests", "error", "unknown"),
        ("dhi-fresh-evidence", "warning", "fail"),
        ("fixable-vulnerabilities", "warning", "fail"),
    ]
    assert first[-1].waiver.startswith("SEC-1234")


def test_nothing_speaks_against_an_image_that_is_allowed() -> None:
    assert found(ALLOWED) == []


def test_an_image_without_evidence_has_one_finding_that_says_so() -> None:
    (finding,) = found(NOTHING)

    assert (finding.check, finding.level) == ("dhiverify-no-evidence", "error")
    assert finding.message.startswith("no evidence was found")


def test_K13_every_image_that_is_refused_or_failed_has_an_error() -> None:
    image = FULL.images[0]
    bare = replace(image, platforms=(), reasons=())
    unproved = replace(image.platforms[0], rules=())
    for code in range(1, 8):
        for verdict in (Verdict.DENY, Verdict.ERROR):
            for platforms in ((), (unproved,), ALLOWED.images[0].platforms):
                refused = replace(bare, verdict=verdict, exit_code=code, platforms=platforms)
                assert any(one.level == "error" for one in found(replace(FULL, images=(refused,)))), refused


def test_a_platform_that_nothing_proves_is_named() -> None:
    image = FULL.images[0]
    unproved = replace(image.platforms[1], rules=())

    about = [one for one in found(replace(FULL, images=(replace(image, platforms=(unproved,)),))) if not one.rule]

    assert [(one.check, one.where) for one in about] == [("dhiverify-unproved-platform", "linux/arm64")]


def test_G17_what_is_not_enforced_is_a_warning_and_never_silent() -> None:
    let_through = replace(FULL.images[0], enforced=False, verdict=Verdict.WARN, exit_code=0)

    all_of_it = found(replace(FULL, images=(let_through,)))

    assert {one.level for one in all_of_it} == {"warning"}
    assert all_of_it[0].check == "dhiverify-not-enforced"


def test_an_image_that_no_rule_judged_is_not_silent() -> None:
    listed = replace(ALLOWED.images[0], verdict=Verdict.WARN, platforms=(), reasons=("listed only",))

    (finding,) = found(replace(FULL, images=(listed,)))

    assert (finding.check, finding.level, finding.message) == ("dhiverify-not-judged", "warning", "listed only")


def test_an_error_is_told_once_with_its_remedy() -> None:
    fault = Fault("dhi.io/python:3.13", FAILED.errors[0].message, "Check the network.", 5)

    (finding,) = found(replace(FAILED, errors=(fault,)))

    assert (finding.check, finding.result, finding.remediation) == ("dhiverify-registry", "error", "Check the network.")


def test_an_error_about_an_image_that_is_not_listed_is_told_too() -> None:
    elsewhere = Fault("ghcr.io/other", "no such host", "Check the name.", 5)

    (finding,) = found(replace(ALLOWED, errors=(elsewhere,)))

    assert (finding.image.reference, finding.message) == ("ghcr.io/other", "no such host")


def test_the_gravest_come_first_and_the_rest_is_counted() -> None:
    kept, left = foremost(findings(FULL), 3)

    assert ([one.level for one in kept], left) == (["error"] * 3, 5)


def test_K16_fingerprints_stay_when_tag_digest_count_or_day_change() -> None:
    digest = "sha256:" + "a" * 64
    monday = with_messages(f"the scan of {digest} is of 2026-01-15T12:45:00Z, 31 days ago, with 4 of 91 rules failed")
    tuesday = with_messages(
        "the scan of sha256:" + "b" * 64 + " is of 2026-01-16T12:45:00+01:00, 32 days ago, with 5 of 91 rules failed"
    )
    image = tuesday.images[0]
    another_build = replace(
        tuesday, images=(replace(image, reference="dhi.io/python:3.14", digest="sha256:" + "9" * 64),)
    )

    assert marks(monday) == marks(tuesday) == marks(another_build)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CVE-2026-1 in libc6", "CVE-2026-2 in libc6"),
        ("CVE-2026-1 in pkg:deb/libc6@2.41-12", "CVE-2026-1 in pkg:deb/libc6@2.41-13"),
        ("CVE-2026-1 in openssl 3.1.2", "CVE-2026-1 in openssl 3.1.3"),
    ],
)
def test_fingerprints_differ_for_what_is_another_thing(one: str, other: str) -> None:
    assert marks(with_messages(one)) != marks(with_messages(other))


def test_fingerprints_are_unique_also_where_messages_repeat() -> None:
    several = marks(with_messages("1 of 2 failed", "1 of 3 failed", "1 of 4 failed"))

    assert len(set(several)) == 3
    assert len(set(marks(FULL))) == len(marks(FULL))


@pytest.mark.parametrize(
    ("reference", "name", "path"),
    [
        ("dhi.io/python:3.13", "dhi.io/python", "dhi.io/python"),
        ("localhost:5000/a/b:1", "localhost:5000/a/b", "localhost/5000/a/b"),
        ("localhost:5000/a/b", "localhost:5000/a/b", "localhost/5000/a/b"),
        ("dhi.io/python@sha256:" + "a" * 64, "dhi.io/python", "dhi.io/python"),
        ("oci:testdata/refused", "oci:testdata/refused", "oci/testdata/refused"),
        ("oci:refused", "oci:refused", "oci/refused"),
        ("oci:../x:tag", "oci:../x", "oci/x"),
        ("oci:/srv/x", "oci:/srv/x", "oci/srv/x"),
    ],
)
def test_names_and_paths_of_images(reference: str, name: str, path: str) -> None:
    assert image_name(reference) == name
    assert path_of(reference) == path


@pytest.mark.parametrize(
    "reference", ["", "..", "/", "../../etc/passwd", "\\\\host\\share", "C:\\x", "a b\n%0A?x#y", "\ud800", "x" * 9_999]
)
def test_K10_no_name_makes_a_path_that_leads_out_or_is_no_uri(reference: str) -> None:
    path = path_of(reference)

    assert path
    assert not set(path) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%/")
    assert not {"", ".", ".."} & set(path.split("/"))
    assert len(path) < 2_000


def test_an_image_result_without_anything_is_a_finding() -> None:
    empty = ImageResult("x", "", Verdict.DENY, exit_code=1)

    assert [one.message for one in findings(replace(FULL, images=(empty,)))] == ["the verdict is deny"]
