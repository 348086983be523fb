"""`dhiverify stig`: scans as rules with results, and the documents that were signed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import KEY, Run
from tests.conftest import Publisher
from tests.publisher import keys
from tests.publisher.compliance import PROFILE, REAL_SCAN, real_stig
from tests.publisher.spec import FIPS

EVIL = "\x1b]8;;http://evil\x07\u202egnp\r\x1b[2K ::error::x"
Publish = Callable[..., str]


def output_of(document: bytes) -> list[dict[str, str]]:
    return [{"format": "xccdf", "content": base64.b64encode(document).decode()}]


@pytest.fixture
def scanned(publisher: Publisher) -> Publish:
    """An image with the real scan on one platform, or with what is given."""

    def publish(predicate: Any = None, **fields: Any) -> str:
        evidence = {"stig": real_stig() if predicate is None else predicate}
        named = {"platforms": ("linux/amd64",), "at": datetime(2026, 11, 21, tzinfo=UTC), "evidence": evidence}
        return publisher.image(**{**FIPS, **named, **fields}).layout()

    return publish


def test_show_tells_what_was_scanned_and_puts_failed_rules_first(run: Run, scanned: Publish) -> None:
    ran = run("stig", "show", *KEY, scanned())

    assert ran.code == 0
    lines = [line.strip() for line in ran.out.splitlines()]
    assert "named      Docker Hardened Image - Alpine 3.22/3.23/3.24 / Debian 12/13 GPOS STIG Profile" in lines
    assert f"profile    {PROFILE}" in lines
    assert "benchmark  Datastream XCCDF Checklist Beta GPOS v3r2 1.0" in lines
    assert "scanner    OpenSCAP 1.3.7" in lines
    assert "signed by  testdata/keys/publisher.pub" in lines
    assert "documents  xccdf" in lines
    assert "rules      198: 6 fail, 85 pass, 107 notapplicable" in lines
    assert "default    computed 77.777778 of 100 · stated 77.777779 of 100 · summary 77.777779 of 100" in lines
    assert "flat       computed 85 of 91 · stated 85 of 91" in lines
    table = lines[lines.index("result         severity  rule      CCI         800-53     title") + 1 :]
    assert table[0].startswith("fail           high      V-203739  CCI-002450  SC-13      The operating system must")
    assert [row.split()[0] for row in table[:198]] == ["fail"] * 6 + ["pass"] * 85 + ["notapplicable"] * 107


def test_show_narrows_the_table_and_not_the_facts(run: Run, scanned: Publish) -> None:
    ran = run("stig", "show", *KEY, "--result", "fail", "--severity", "high", scanned())

    assert "198: 6 fail" in ran.out
    assert [line.split()[2] for line in ran.out.splitlines() if line.startswith("    fail ")] == [
        "V-203739",
        "V-203776",
    ]
    assert " pass  " not in ran.out


def test_J06_show_tells_of_contradictions(run: Run, scanned: Publish) -> None:
    ran = run("stig", "show", *KEY, scanned(real_stig(defaultScore=100.0, passed=91, failed=0)))

    assert ran.code == 0
    assert "contradiction: the summary says a default score of 100, the XCCDF results 77.7778" in ran.out
    assert "contradiction: the summary says 0 rules are fail, the XCCDF results 6" in ran.out


def test_show_as_json_has_rules_and_no_texts(run: Run, scanned: Publish) -> None:
    (scan,) = json.loads(run("stig", "show", *KEY, "-o", "json", scanned()).out)

    assert (scan["profile"], len(scan["rules"])) == (PROFILE, 198)
    assert (scan["counts"]["pass"], scan["defaultScore"]["stated"]) == (85, 77.777779)
    assert scan["attestation"]["signer"] == "testdata/keys/publisher.pub"
    assert "document" not in scan
    assert not any({"discussion", "rationale", "check", "fix"} & rule.keys() for rule in scan["rules"])


def test_show_as_json_with_texts(run: Run, scanned: Publish) -> None:
    ran = run("stig", "show", *KEY, "-o", "json", "--texts", "--result", "fail", scanned())

    (scan,) = json.loads(ran.out)
    assert len(scan["rules"]) == 6
    assert all(rule["discussion"] and rule["check"] for rule in scan["rules"])
    assert scan["document"]


def test_show_of_a_scan_without_results_calls_it_a_claim(run: Run, scanned: Publish) -> None:
    ran = run("stig", "show", *KEY, scanned([{"name": "GPOS", "summary": {"defaultScore": 100}}]))

    assert ran.code == 0
    assert "no XCCDF results: its summary is a claim that nobody can look into" in ran.out
    assert "documents  none" in ran.out
    assert "default    summary 100" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("oci:testdata/allowed", *KEY), 3, "no evidence of the kind stig is there"),
        (("oci:testdata/fips",), 4, "not verified"),
        (("oci:testdata/fips", *KEY, "--result", "failed"), 2, "no result of XCCDF"),
        (("oci:testdata/fips", *KEY, "--severity", "awful"), 2, "awful"),
        (("oci:testdata/fips", *KEY, "-o", "csv"), 2, "no output format"),
        (("oci:testdata/nowhere", *KEY), 5, "nowhere"),
        (("oci:testdata/fips", *KEY, "--platform", "linux/s390x"), 2, "s390x"),
    ],
)
def test_show_says_why_there_is_nothing(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = run("stig", "show", *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_J01_show_says_what_cannot_be_decoded(run: Run, scanned: Publish) -> None:
    ran = run("stig", "show", *KEY, scanned([{"name": "x", "output": [{"format": "xccdf", "content": "PCFET0NU"}]}]))

    assert ran.code == 1
    assert "cannot be decoded: expected XCCDF in XML" in ran.out


def test_K07_K08_texts_of_a_scan_cannot_move_the_cursor_or_give_orders(run: Run, scanned: Publish) -> None:
    title = b"::error::owned &#x202e;&#x85; <!-- -->##[error]x"
    document = REAL_SCAN.read_bytes().replace(b"The operating system must implement NSA-approved", title)
    predicate = real_stig()
    predicate[0] |= {"name": EVIL, "output": output_of(document)}

    ran = run("stig", "show", *KEY, scanned(predicate))

    assert ran.code == 0
    assert not {"\x1b", "\u202e", "\r", "\x07", "\x85"} & set(ran.out)
    assert "##[" not in ran.out
    assert not [line for line in ran.out.splitlines() if line.lstrip().startswith("::")]


def test_extract_writes_the_very_bytes(run: Run, scanned: Publish, tmp_path: Path) -> None:
    ran = run("stig", "extract", *KEY, scanned(), "--output", str(tmp_path / "results.xml"))

    assert (ran.code, ran.out) == (0, "")
    assert (tmp_path / "results.xml").read_bytes() == REAL_SCAN.read_bytes()
    assert f"557284 bytes, profile {PROFILE} on linux/amd64, attestation sha256:" in ran.err


def test_extract_to_a_pipe(run: Run, scanned: Publish) -> None:
    ran = run("stig", "extract", *KEY, "-q", scanned())

    assert (ran.out.encode(), ran.err) == (REAL_SCAN.read_bytes(), "")


def test_extract_of_html_warns_that_somebody_else_wrote_it(run: Run, tmp_path: Path) -> None:
    target = str(tmp_path / "report.html")

    ran = run(
        "stig", "extract", *KEY, "oci:testdata/fips", "--platform", "linux/amd64", "--format", "html", "-o", target
    )

    assert ran.code == 0
    assert Path(target).read_text().startswith("<!DOCTYPE html>")
    assert "Open it in a sandbox." in ran.err


def test_extract_refuses_several_and_names_them(run: Run) -> None:
    ran = run("stig", "extract", *KEY, "oci:testdata/fips")

    assert (ran.code, ran.out) == (2, "")
    assert f"linux/amd64: {PROFILE}; linux/arm64: {PROFILE}" in ran.err
    assert "next: Name one with --platform and --profile, or a directory" in ran.err


def test_K10_extract_into_a_directory_takes_no_name_from_the_evidence(
    run: Run, scanned: Publish, tmp_path: Path
) -> None:
    profiles = [{**real_stig()[0], "name": name} for name in ("../../evil", "/etc/passwd", "CON")]

    ran = run("stig", "extract", *KEY, scanned(profiles), "-o", f"{tmp_path}/out/")

    assert ran.code == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(written) == 3
    assert all(re.fullmatch(r"dhiverify-layout-1-linux-amd64-[0-9a-f]{12}\.xml", name) for name in written)
    assert all(path.read_bytes() == REAL_SCAN.read_bytes() for path in (tmp_path / "out").iterdir())


def test_extract_takes_one_profile_by_id_or_name(run: Run, scanned: Publish, tmp_path: Path) -> None:
    other = {"name": "Broken", "output": output_of(b"no XML at all")}
    image, target = scanned([*real_stig(), other]), tmp_path / "one"

    assert run("stig", "extract", *KEY, image, "--profile", PROFILE, "-o", str(target)).code == 0
    assert target.read_bytes() == REAL_SCAN.read_bytes()
    assert run("stig", "extract", *KEY, image, "--profile", "Broken", "-o", str(target)).code == 0
    assert target.read_bytes() == b"no XML at all"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--profile", "nobody's"), 3, f"Profiles with one: {PROFILE}"),
        (("--format", "html"), 3, "there is no html document"),
    ],
)
def test_extract_of_what_is_not_there(run: Run, scanned: Publish, more: tuple[str, ...], code: int, said: str) -> None:
    ran = run("stig", "extract", *KEY, scanned(), *more)

    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_A01_extract_takes_nothing_that_is_not_verified(run: Run, scanned: Publish) -> None:
    ran = run("stig", "extract", *KEY, scanned(signed_by={"stig": keys.stranger}))

    assert (ran.code, ran.out) == (4, "")


@pytest.mark.parametrize("name", ["show", "extract"])
def test_evidence_that_is_damaged_is_not_for_want_of_a_key(run: Run, scanned: Publish, name: str) -> None:
    image = scanned([{"name": "x", "summary": {"defaultScore": 10**400}}])

    ran = run("stig", name, *KEY, image)

    assert ran.code == 4
    assert "an integer of 401 digits" in ran.err
    assert "--key" not in ran.err
    assert "--key" in run("stig", name, image).err


def test_format_of_other_commands_in_the_environment_is_no_file_name(
    run: Run, scanned: Publish, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = scanned()
    monkeypatch.setenv("DHIVERIFY_OUTPUT", str(tmp_path / "json"))

    ran = run("stig", "extract", *KEY, image)

    assert (ran.code, len(ran.out)) == (0, len(REAL_SCAN.read_text()))
    assert not (tmp_path / "json").exists()


@pytest.mark.parametrize("name", ["show", "extract"])
def test_help_has_examples(run: Run, name: str) -> None:
    assert f"dhiverify stig {name} dhi.io/" in run("stig", name, "--help").out
