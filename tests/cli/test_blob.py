"""`dhiverify blob` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.sigstore import EMAIL, ISSUER, WORKFLOW, PrivateSigstore, statement

DATA = Path(__file__).parent.parent / "signature" / "data"
FILE, BUNDLE = (str(DATA / f"CVE-2026-42899.json.sha256{suffix}") for suffix in ("", ".sig"))
CONTENT = b"a release\n"


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the trusted root of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path))


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
    assert report["schema"].endswith("/blob/v1")
    assert report["tool"].startswith("dhiverify ")
    assert (report["status"], report["signer"], report["time"]) == ("verified", "dhi-2", "2026-05-23T09:09:10Z")
    assert (report["path"], report["relaxations"], report["predicateType"]) == (FILE, [], "")
    assert report["digest"].startswith("sha256:")
    assert report["trustedRoot"]["digest"].startswith("sha256:")
    assert (tmp_path / "report.txt").read_text().startswith("VERIFIED")


def test_another_file_is_refused_with_a_reason(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("other")

    ran = run("blob", str(other), "--bundle", BUNDLE)

    assert ran.code == 4
    assert ran.out.startswith("INVALID")
    assert "messageDigest" in ran.out
    assert "next:" in ran.out


def test_a_release_with_a_statement_by_a_workflow(run: Run, tmp_path: Path) -> None:
    sigstore = PrivateSigstore()
    file, bundle, root = (tmp_path / name for name in ("app.tar.gz", "app.sigstore.json", "root.json"))
    file.write_bytes(CONTENT)
    bundle.write_text(json.dumps(sigstore.bundle(statement=statement(CONTENT), signer=sigstore.leaf(), logs=("v1",))))
    root.write_text(json.dumps(sigstore.trusted_root()))
    arguments = ("blob", str(file), "--bundle", str(bundle), "--trusted-root", str(root))

    def signed_by(who: str) -> tuple[str, ...]:
        return ("--certificate-identity", who, "--certificate-oidc-issuer", ISSUER)

    right, wrong, nobody = run(*arguments, *signed_by(WORKFLOW)), run(*arguments, *signed_by(EMAIL)), run(*arguments)

    assert (right.code, wrong.code, nobody.code) == (0, 4, 4)
    assert f"signed by: {WORKFLOW} ({ISSUER})" in right.out
    assert "statement: https://example.com/predicate/v1" in right.out
    assert str(root) in right.out
    assert wrong.out.startswith("UNTRUSTED")
    assert "--certificate-identity" in nobody.out


def test_N13_a_digest_names_the_file_as_well(run: Run) -> None:
    digest = json.loads(run("blob", FILE, "--bundle", BUNDLE, "-o", "json").out)["digest"]

    assert run("blob", digest, "--bundle", BUNDLE).code == 0
    assert run("blob", "sha256:" + "0" * 64, "--bundle", BUNDLE).code == 4


def test_N12_a_file_name_cannot_write_on_the_terminal(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m\nVERIFIED"
    file.write_text("other")

    for form in ("text", "json"):
        ran = run("blob", str(file), "--bundle", BUNDLE, "-o", form)
        assert ran.code == 4
        assert "\x1b" not in ran.out
        assert "\nVERIFIED" not in ran.out


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
        (FILE, "--bundle", BUNDLE, "--key", "no-such-key"),
        (FILE, "--bundle", BUNDLE, "--trusted-root", "no-such-root"),
    ):
        ran = run("blob", *arguments)
        assert ran.code == 2
        assert "next:" in ran.err
