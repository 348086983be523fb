"""`vex show` and `vex export` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import KEY, THEN, Run
from tests.conftest import Publisher
from tests.publisher import keys
from tests.verification.test_suppression import CVE, OTHER_CVE, PURL, said, vex, with_vex

ALLOWED = "oci:testdata/allowed"
ONE = ("--platform", "linux/amd64")


def signed(folder: Path) -> tuple[str, str]:
    path = folder / "publisher.pub"
    path.write_bytes(keys.publisher.public_pem)
    return "--key", str(path)


def test_show_is_a_table_of_documents_findings_and_silence(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    reference = with_vex(publisher, vex(said(), said("under_investigation", name=OTHER_CVE))).layout()

    ran = run("vex", "show", *signed(tmp_path), reference)

    assert ran.code == 0
    assert "of 1 findings: 1 suppressed, 0 kept, 0 not spoken of" in ran.out
    assert f"SUPPRESSED  {CVE}  {PURL}" in ran.out
    assert "1 statements met nothing: no scan of the image names this vulnerability" in ran.out
    assert f"{OTHER_CVE}  under_investigation" in ran.out
    assert "by Docker Hardened Images <dhi@docker.com>, 2026-01-13T00:00:00Z, signed by" in ran.out


@pytest.mark.parametrize(("other", "word"), [("affected", "DISPUTED"), (None, "KEPT")])
def test_show_says_what_is_kept_and_why(
    run: Run, publisher: Publisher, tmp_path: Path, other: str | None, word: str
) -> None:
    documents = (vex(), vex(said(other))) if other else (vex(said("affected")),)

    ran = run("vex", "show", *signed(tmp_path), with_vex(publisher, *documents).layout())

    assert ran.code == 0
    assert f"{word:10}  {CVE}" in ran.out
    assert "0 suppressed, 1 kept" in ran.out


def test_show_cuts_long_lists_unless_all_is_said(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    many = vex(*(said(name=f"CVE-2024-{number}") for number in range(12)))
    reference, key = with_vex(publisher, many).layout(), signed(tmp_path)

    short, whole = run("vex", "show", *key, reference), run("vex", "show", "--all", *key, reference)

    assert "and 2 more (--all names them)" in short.out
    assert "CVE-2024-11" not in short.out
    assert "CVE-2024-11" in whole.out


def test_show_in_json(run: Run) -> None:
    ran = run("vex", "show", "--output", "json", *KEY, *ONE, ALLOWED)

    shown: dict[str, Any] = json.loads(ran.out)
    assert ran.code == 0
    assert shown["schema"] == "https://dhiverify.dev/schema/vex/v1"
    (platform,) = shown["platforms"]
    assert platform["findings"][0]["suppressed"] is True
    assert platform["documents"][0]["digest"] == platform["findings"][0]["words"][0]["document"]
    assert shown["relaxations"] == ["only platform linux/amd64 is judged (--platform)"]


def test_K01_text_of_a_document_cannot_steer_the_terminal(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    hostile = "\x1b[2J\u202e"
    odd = vex(said(name=f"CVE{hostile}"), said(status=f"fixed{hostile}")) | {"author": f"Docker{hostile}"}

    ran = run("vex", "show", *signed(tmp_path), with_vex(publisher, odd).layout())

    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_exit_code_says_whether_there_is_none_or_none_that_is_trusted(
    run: Run, publisher: Publisher, tmp_path: Path
) -> None:
    key = signed(tmp_path)

    assert run("vex", "show", *key, with_vex(publisher).layout()).code == 3
    assert run("vex", "export", *key, with_vex(publisher).layout()).code == 3
    untrusted = with_vex(publisher, vex(), signed_by={"vex": keys.stranger}).layout()
    assert run("vex", "show", *key, untrusted).code == 4
    assert run("vex", "export", *key, untrusted).code == 4
    assert run("vex", "show", "--vex", "a.json", *key, untrusted).code == 2


def test_export_is_openvex_on_stdout(run: Run) -> None:
    ran = run("vex", "export", "--format", "openvex", *KEY, *ONE, ALLOWED)

    written = json.loads(ran.out)
    assert ran.code == 0
    assert written["@context"] == "https://openvex.dev/ns/v0.2.0"
    (statement,) = written["statements"]
    assert statement["products"][0]["@id"].startswith("pkg:oci/python@sha256:")
    assert statement["products"][0]["subcomponents"] == [{"@id": "pkg:deb/debian/zlib1g@1.3.1-1"}]


def test_export_says_on_stderr_what_is_left_out(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    disputed = vex(said(), said(name=OTHER_CVE))

    ran = run("vex", "export", *signed(tmp_path), with_vex(publisher, disputed, vex(said("affected"))).layout())

    assert ran.code == 0
    assert "left out, contradicted by another statement: 1" in ran.err
    assert [one["vulnerability"]["name"] for one in json.loads(ran.out)["statements"]] == [OTHER_CVE]


def test_image_takes_a_file_with_its_bundle(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{}")

    ran = run("image", *KEY, *THEN, "--vex", str(path), "--vex-bundle", str(path), ALLOWED)

    assert ran.code == 0
    assert "a.json@sha256:" in ran.out
    assert "is not applied: its bundle is no proof" in ran.out
