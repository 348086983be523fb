"""`dhiverify blob` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

DATA = Path(__file__).parent.parent / "signature" / "data"
FILE, BUNDLE = (str(DATA / f"CVE-2026-42899.json.sha256{suffix}") for suffix in ("", ".sig"))


def test_a_signed_file_is_verified_offline_and_out_of_the_box(run: Run) -> None:
    ran = run("blob", FILE, "--bundle", BUNDLE)

    assert ran.code == 0
    assert ran.out.startswith("VERIFIED")
    assert "dhi-2" in ran.out
    assert "log proved" in ran.out


def test_json_of_a_signed_file(run: Run, tmp_path: Path) -> None:
    ran = run("blob", FILE, "--bundle", BUNDLE, "-o", "json", "-o", f"text={tmp_path / 'report.txt'}")

    report = json.loads(ran.out)
    assert (report["verdict"], report["exitCode"], report["transparency"]) == ("allow", 0, "proved")
    assert report["trustedRoot"]["digest"].startswith("sha256:")
    assert (tmp_path / "report.txt").read_text().startswith("VERIFIED")


def test_another_file_is_refused_with_a_reason(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("other")

    ran = run("blob", str(other), "--bundle", BUNDLE)

    assert ran.code == 4
    assert "messageDigest" in ran.out
    assert "next:" in ran.out


def test_N08_a_relaxation_is_shown_and_can_be_forbidden(run: Run) -> None:
    ran = run("blob", FILE, "--bundle", BUNDLE, "--skip-tlog")
    assert (ran.code, "relaxed:" in ran.out, "log unchecked" in ran.out) == (0, True, True)

    assert run("blob", FILE, "--bundle", BUNDLE, "--skip-tlog", "--forbid-insecure").code == 2


def test_C04_an_identity_needs_an_issuer(run: Run) -> None:
    ran = run("blob", FILE, "--bundle", BUNDLE, "--certificate-identity", "someone@example.com")

    assert ran.code == 2
    assert "issuer" in ran.err


def test_what_cannot_be_read_says_what_to_give(run: Run) -> None:
    for arguments in (
        (FILE, "--bundle", "no-such-file"),
        ("no-such-file", "--bundle", BUNDLE),
        ("sha512:ab", "--bundle", BUNDLE),
    ):
        ran = run("blob", *arguments)
        assert ran.code == 2
        assert "next:" in ran.err
