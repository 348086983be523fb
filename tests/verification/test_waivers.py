"""Waivers: what they accept, for how long, and what they can never accept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import keys
from tests.verification.conftest import SOON_AFTER, Seen
from verifier.model import WaiverEntry
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification import verify as verify_images

NAME = "dhi.io/python"
ROOT, MALWARE = "dhi-default-non-root-user", "dhi-no-embedded-malware"
SCOUT = "https://scout.docker.com/vulnerabilities/v0.1"
FIXABLE = "fixable-vulnerabilities"
OPENSSL, ZLIB = "pkg:deb/debian/openssl@3.5.1?os_name=debian&os_version=13", "pkg:deb/debian/zlib1g@1.3.1"
INFECTED = {"scanner": {"report": "SW5mZWN0ZWQgZmlsZXM6IDIK"}}  # Infected files: 2

Judge = Callable[..., Seen]


def waiver(rule: str, **members: str) -> str:
    stated = {
        "images": NAME,
        "reason": "accepted until the new base is out",
        "owner": "platform team",
        "ticket": "ACME-7",
        "expires": "9999-12-31",
        **members,
    }
    return f"      - rule: {rule}\n" + "".join(f"        {name}: '{text}'\n" for name, text in stated.items())


@pytest.fixture
def judge(key_files: dict[str, str], policy_file: Callable[[str], str]) -> Judge:
    """Judges an image as dhi.io/python by the rules of the pack, under these waivers."""

    def run(image: Any, *waivers: str, **options: Any) -> Seen:
        text = "version: 1\nname: team\nimages:\n  - match: '*'\n    trust: {keys: [dhi-2]}\n    rules: [{pack: dhi}]\n"
        if waivers:
            text += "    waivers:\n" + "".join(waivers)
        given = {
            "policy": policy_file(text),
            "additions": Additions(key_files=(key_files["publisher"],)),
            "effective_time": SOON_AFTER,
            "requested": f"{NAME}:3.13",
            **options,
        }
        return Seen(verify_images([image.layout()], Options(**given)))

    return run


def the(seen: Seen) -> WaiverEntry:
    (entry,) = seen.image.waivers
    return entry


def scan(*entries: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "purl": purl,
            "vulnerabilities": [
                {
                    "source_id": name,
                    "fixed_by": "9",
                    "published_at": "2025-01-01T00:00:00Z",
                    "cvss": {"severity": "HIGH", "score": 7.5},
                }
            ],
        }
        for purl, name in entries
    ]


def test_G18_a_waiver_accepts_what_a_rule_found_and_says_so(publisher: Publisher, judge: Judge) -> None:
    image = publisher.image(user="root")
    assert judge(image).exit_code == 1

    seen = judge(image, waiver(ROOT))

    assert (seen.exit_code, seen.image.verdict) == (0, "warn")
    assert seen.rule(ROOT).result == "fail"
    assert "ACME-7" in str(seen.rule(ROOT).waiver)
    assert "platform team" in str(seen.rule(ROOT).waiver)
    assert (the(seen).state, the(seen).platforms) == ("applied", ("linux/amd64", "linux/arm64"))
    assert any(reason.startswith(f"waived: {ROOT}") for reason in seen.image.reasons)


@pytest.mark.parametrize(
    ("members", "state", "note"),
    [
        ({"expires": "2020-01-01"}, "expired", "counts"),
        ({"starts": "9998-01-01"}, "pending", "counts"),
        ({"images": "dhi.io/nginx"}, "unused", "other images"),
        ({"images": "docker.io/**"}, "unused", "other images"),
        ({"digest": "sha256:" + "0" * 64}, "unused", "another digest"),
        ({"purl": "pkg:deb/debian/bash"}, "unused", "something else"),
    ],
)
def test_G18_a_waiver_holds_neither_longer_nor_for_more_than_it_says(
    publisher: Publisher, judge: Judge, members: dict[str, str], state: str, note: str
) -> None:
    seen = judge(publisher.image(user="root"), waiver(ROOT, **members))

    assert (seen.exit_code, the(seen).state) == (1, state)
    assert note in the(seen).note
    assert seen.rule(ROOT).waiver is None


def test_G18_the_effective_time_of_rules_does_not_revive_an_expired_waiver(publisher: Publisher, judge: Judge) -> None:
    then = SOON_AFTER.replace(year=2019)

    seen = judge(publisher.image(user="root"), waiver(ROOT, expires="2020-01-01"), effective_time=then)

    assert the(seen).state == "expired"
    assert seen.exit_code == 1


def test_G18_a_waiver_of_a_digest_is_for_that_platform_or_index_alone(publisher: Publisher, judge: Judge) -> None:
    image = publisher.image(user="root")

    one = judge(image, waiver(ROOT, digest=image["amd64"].digest))
    all_of_them = judge(image, waiver(ROOT, digest=image.index_digest))

    assert one.exit_code == 1
    assert one.rule(ROOT, "linux/amd64").waiver
    assert one.rule(ROOT, "linux/arm64").waiver is None
    assert the(one).platforms == ("linux/amd64",)
    assert all_of_them.exit_code == 0


def test_G18_a_waiver_of_one_vulnerability_leaves_the_others(publisher: Publisher, judge: Judge) -> None:
    evidence = {SCOUT: scan((OPENSSL, "CVE-2025-1001"), (ZLIB, "CVE-2025-1002"))}
    image = publisher.image(evidence=evidence)

    seen = judge(image, waiver(FIXABLE, vulnerability="CVE-2025-1001"))

    assert (seen.exit_code, the(seen).state) == (1, "applied")
    assert seen.rule(FIXABLE).waiver is None
    waived = {str(v.detail["vulnerability"]): bool(v.waiver) for v in seen.rule(FIXABLE).violations}
    assert waived == {"CVE-2025-1001": True, "CVE-2025-1002": False}


def test_G18_two_waivers_accept_their_union_and_no_more(publisher: Publisher, judge: Judge) -> None:
    first = waiver(FIXABLE, vulnerability="CVE-2025-1001", purl="pkg:deb/debian/openssl")
    second = waiver(FIXABLE, vulnerability="CVE-2025-1002", purl=ZLIB, ticket="ACME-8")
    covered = publisher.image(evidence={SCOUT: scan((OPENSSL, "CVE-2025-1001"), (ZLIB, "CVE-2025-1002"))})
    crossed = publisher.image(evidence={SCOUT: scan((OPENSSL, "CVE-2025-1002"), (ZLIB, "CVE-2025-1001"))})

    assert judge(covered, first, second).exit_code == 0
    assert judge(crossed, first, second).exit_code == 1


@pytest.mark.parametrize("purl", ["pkg:deb/debian/openssl@3.5.2", "pkg:deb/debian/openss", "pkg:deb/ubuntu/openssl"])
def test_G18_a_waiver_of_another_package_accepts_nothing(publisher: Publisher, judge: Judge, purl: str) -> None:
    image = publisher.image(evidence={SCOUT: scan((OPENSSL, "CVE-2025-1001"))})

    assert judge(image, waiver(FIXABLE, purl=purl)).exit_code == 1


def test_G18_what_was_not_kept_of_a_flood_of_violations_is_not_accepted(publisher: Publisher, judge: Judge) -> None:
    flood = scan(*((f"pkg:deb/debian/p{number}@1", "CVE-2025-1001") for number in range(1_100)))
    image = publisher.image(evidence={SCOUT: flood}, platforms=("linux/amd64",))

    assert judge(image, waiver(FIXABLE, vulnerability="CVE-2025-1001")).exit_code == 1


def test_G01_G18_a_waiver_finds_no_missing_evidence(publisher: Publisher, judge: Judge) -> None:
    image = publisher.image(omit={"malware"})
    waivers = (waiver(MALWARE), waiver("dhi-required-evidence"))

    seen = judge(image, *waivers)

    assert seen.exit_code == 1
    assert seen.rule(MALWARE).result == "unknown"
    assert {entry.state for entry in seen.image.waivers} == {"unused"}
    assert "could not be evaluated" in seen.image.waivers[0].note
    assert "cannot be waived" in seen.image.waivers[1].note


@pytest.mark.parametrize(("damage", "code"), [({"omit": {"*"}}, 3), ({"signed_by": {"*": keys.stranger}}, 4)])
def test_G18_no_waiver_softens_missing_or_untrusted_evidence(
    publisher: Publisher, judge: Judge, damage: dict[str, Any], code: int
) -> None:
    rules = [outcome.id for outcome in judge(publisher.image()).platform().rules]

    seen = judge(publisher.image(**damage), *(waiver(rule) for rule in rules))

    assert (seen.exit_code, seen.image.verdict) == (code, "deny")


def test_G18_every_report_shows_waivers_that_were_not_needed(publisher: Publisher, judge: Judge) -> None:
    seen = judge(publisher.image(evidence={"malware": INFECTED}), waiver(MALWARE), waiver(ROOT))

    assert seen.exit_code == 0
    assert [(w.rule, w.state) for w in seen.image.waivers] == [(MALWARE, "applied"), (ROOT, "unused")]
    assert "does not fail" in seen.image.waivers[1].note
