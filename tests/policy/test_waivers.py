"""Waivers in a document: complete, narrow and with an end, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.test_plan import planned
from verifier.errors import ConfigurationError
from verifier.model import Waiver
from verifier.policy.reading import parse
from verifier.policy.waivers import StatedWaiver, moment, problems
from verifier.purl import parse_purl

STATED = {
    "rule": "fixable-vulnerabilities",
    "images": "dhi.io/python",
    "reason": "not reachable",
    "owner": "payments",
    "ticket": "SEC-1",
    "expires": "9999-12-31",
}
DIGEST = "sha256:" + "ab" * 32


def waiver(folder: Path, **changes: Any) -> Waiver:
    members = "".join(f"\n  - {name}: {value}" for name, value in (STATED | changes).items() if value is not ...)
    text = members.replace("\n  - ", "\n      ").replace("\n      ", "\n    - ", 1)
    (found,) = document(folder, f"    waivers:{text}")
    return found


def document(folder: Path, waivers: str) -> tuple[Waiver, ...]:
    head = "version: 1\nname: t\nimages:\n  - match: '*'\n    trust: {keys: [dhi-2]}\n    rules: [{pack: dhi}]\n"
    (section,) = parse(f"{head}{waivers}\n".encode(), "t.yaml").images
    return tuple(one.waiver for one in section.waivers)


def test_a_waiver_says_what_is_accepted_why_and_how_long(tmp_path: Path) -> None:
    found = waiver(
        tmp_path, starts="2020-01-01", digest=DIGEST, purl="pkg:deb/debian/a@1", vulnerability="CVE-2026-1234"
    )

    assert found == Waiver(
        rule="fixable-vulnerabilities",
        images="dhi.io/python",
        reason="not reachable",
        owner="payments",
        ticket="SEC-1",
        expires=datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
        starts=datetime(2020, 1, 1, tzinfo=UTC),
        digest=DIGEST,
        purl="pkg:deb/debian/a@1",
        vulnerability="CVE-2026-1234",
    )


def test_waivers_reach_the_plan_in_their_order(tmp_path: Path) -> None:
    one, two = (f"{{{', '.join(f'{k}: {v}' for k, v in (STATED | {'ticket': t}).items())}}}" for t in ("a", "b"))

    assert [found.ticket for found in planned(tmp_path, f", waivers: [{one}, {two}]").waivers] == ["a", "b"]


@pytest.mark.parametrize("member", STATED)
@pytest.mark.parametrize("value", [..., '""', '" "', ""])
def test_G18_G16_what_a_waiver_must_say_is_there_and_not_empty(tmp_path: Path, member: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"^t\.yaml:\d+:\d+: .*({member}|Expected `str`)"):
        waiver(tmp_path, **{member: value})


@pytest.mark.parametrize("images", ["'*'", "'**'", "'*/*'", "'*/**'", "'**/*'"])
def test_G18_a_waiver_for_every_image_is_refused_unless_it_names_a_digest(tmp_path: Path, images: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^t\.yaml:9:7: a waiver for the images .* would hold for every"):
        waiver(tmp_path, images=images)
    assert waiver(tmp_path, images=images, digest=DIGEST).digest == DIGEST


@pytest.mark.parametrize("images", ["dhi.io/python:3.13", "DHI.io/python", "python", "dhi.io//python", "acme/*"])
def test_G18_H13_a_waiver_that_no_image_fits_is_refused(tmp_path: Path, images: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^t\.yaml:9:7: the pattern .* can never match"):
        waiver(tmp_path, images=images)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-12-31", "2026-12-31T23:59:59.999999+00:00"),
        ("2026-12-31T12:00:00Z", "2026-12-31T12:00:00+00:00"),
        ("2026-12-31t12:00:00.5z", "2026-12-31T12:00:00.500000+00:00"),
        ("2026-12-31T12:00:00+02:00", "2026-12-31T10:00:00+00:00"),
        ("'2026-12-31'", "2026-12-31T23:59:59.999999+00:00"),
    ],
)
def test_H14_dates_need_no_quotes_and_mean_the_whole_day_in_utc(tmp_path: Path, text: str, meant: str) -> None:
    assert waiver(tmp_path, expires=text).expires.isoformat() == meant


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-31T12:00:00",
        "2026-12-31 12:00:00Z",
        "2026-13-01",
        "2026-02-30",
        "2026-1-1",
        "'20261231'",
        "31.12.2026",
        "2026-W05",
        "never",
        "2026-12-31T12:00Z",
        "2026-12-31T25:00:00Z",
        "2026-12-31T12:00:00+25:00",
        "9999-12-31T23:59:59-10:00",
        "0000-01-01",
        "'\uff12026-12-31'",
    ],
)
@pytest.mark.parametrize("member", ["expires", "starts"])
def test_G18_other_times_are_refused(tmp_path: Path, text: str, member: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^t\.yaml:\d+:\d+: `{member}` of a waiver: found "):
        waiver(tmp_path, **{member: text})


@pytest.mark.parametrize("starts", ["2027-01-01", "2026-12-31T23:59:59.999999Z"])
def test_G18_a_waiver_ends_after_it_starts(tmp_path: Path, starts: str) -> None:
    with pytest.raises(ConfigurationError, match="ends before it starts"):
        waiver(tmp_path, expires="2026-12-31", starts=starts)
    assert waiver(tmp_path, expires="2026-12-31", starts="2026-12-31")


@pytest.mark.parametrize("digest", ["sha256:ab", DIGEST.upper(), DIGEST[7:], f"sha512:{'ab' * 64}", f'"{DIGEST}\\n"'])
def test_G18_a_digest_that_could_never_fit_is_refused(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\.digest\)$"):
        waiver(tmp_path, digest=digest)


@pytest.mark.parametrize(
    "purl",
    [
        "pkg:deb/debian/openssl",
        "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12",
        "pkg:npm/%40angular/core@1.0.0",
        "pkg:npm/@angular/core@1.0.0",
        "pkg:golang/github.com/a/b@v1.2.3#sub/path",
        "pkg:oci/a?repository_url=ghcr.io/a/b",
    ],
)
def test_package_urls_are_taken_as_rules_write_them(tmp_path: Path, purl: str) -> None:
    assert waiver(tmp_path, purl=f'"{purl}"').purl == purl
    assert parse_purl(purl)["name"]


@pytest.mark.parametrize(
    "purl",
    [
        "openssl",
        "pkg:openssl",
        "pkg://deb/openssl",
        "PKG:deb/a",
        "pkg:deb/",
        "pkg:deb/a b",
        "pkg:deb/a@",
        "pkg:deb/a@%",
        "pkg:deb/a%FF",
        "pkg:deb/a?b=1&b=2",
    ],
)
def test_G18_what_is_no_package_url_is_refused(tmp_path: Path, purl: str) -> None:
    with pytest.raises(ConfigurationError, match="expected a package URL"):
        waiver(tmp_path, purl=f'"{purl}"')


@pytest.mark.parametrize(
    "found", ["CVE-2026-1234", "cve-2026-123456", "GHSA-abcd-2345-wxyz", "DSA-5532-1", "RUSTSEC-2024-1"]
)
def test_ids_of_any_source_are_taken(tmp_path: Path, found: str) -> None:
    assert waiver(tmp_path, vulnerability=found).vulnerability == found


@pytest.mark.parametrize("found", ["CVE-26-1", "CVE-2026-123", "CVE 2026 1234", "CVE-2026-1234,", "GHSA-abcd", '" "'])
def test_G18_what_is_no_id_is_refused(tmp_path: Path, found: str) -> None:
    with pytest.raises(ConfigurationError, match="expected an id such as"):
        waiver(tmp_path, vulnerability=found)


def test_G18_the_same_waiver_twice_is_refused(tmp_path: Path) -> None:
    one = "{" + ", ".join(f"{name}: {value}" for name, value in STATED.items()) + "}"

    with pytest.raises(ConfigurationError, match=r"^t\.yaml:9:7: the same waiver stands twice"):
        document(tmp_path, f"    waivers:\n    - {one}\n    - {one}")


@pytest.mark.parametrize("member", ["until", "cve", "package"])
def test_G18_G15_an_unknown_member_of_a_waiver_is_refused(tmp_path: Path, member: str) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown field `{member}`"):
        waiver(tmp_path, **{member: "a"})


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_problem_or_has_a_meaning(text: str, purl: str, vulnerability: str) -> None:
    stated = StatedWaiver(
        "r", "dhi.io/a", "b", "c", "d", expires=text, purl=f"pkg:a/{purl}", vulnerability=vulnerability
    )

    found = {member for member, _, _ in problems(stated)}

    assert ("expires" in found) or stated.waiver.expires.tzinfo is UTC
    assert ("purl" in found) or parse_purl(stated.purl)["type"] == "a"


def test_H05_a_hostile_package_url_is_answered_at_once() -> None:
    stated = StatedWaiver("r", "dhi.io/a", "b", "c", "d", expires="2020-01-01", purl="pkg:a/" + "a=/" * 330 + "\x00")

    assert [member for member, _, _ in problems(stated)] == ["purl"]
    assert moment("2020-01-01") < moment("2020-01-01", end=True)
