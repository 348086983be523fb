"""`policy explain` as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import KEY, THEN, Run

PRINTING = """package docker.scout
import rego.v1
default pass := false
pass if {
	print("\\u001b[31m::error::", data.config)
	input.source.image.name == "dhi/python"
}
"""


@pytest.mark.parametrize(
    ("layout", "code"),
    [("allowed", 0), ("refused", 1), ("bare", 3), ("unsigned", 4), ("does-not-exist", 5)],
)
def test_N01_it_exits_as_image_does(run: Run, layout: str, code: int) -> None:
    ran = run("policy", "explain", *KEY, *THEN, "-o", "json", f"oci:testdata/{layout}")

    assert (ran.code, json.loads(ran.out)["exitCode"]) == (code, code)


def test_the_exit_code_is_the_image_s_whichever_rule_is_named(run: Run) -> None:
    ran = run("policy", "explain", *KEY, *THEN, "oci:testdata/refused", "dhi-default-non-root-user")

    assert ran.code == 1
    assert "PASS    dhi-default-non-root-user" in ran.out
    assert "UNKNOWN" not in ran.out


def test_text_says_why(run: Run) -> None:
    ran = run("policy", "explain", *KEY, *THEN, "oci:testdata/refused", "dhi-no-embedded-malware")

    assert ran.out.startswith("DENY  oci:testdata/refused@sha256:")
    assert "FAIL    dhi-no-embedded-malware: No malware was found" in ran.out
    assert "- infected files: 1" in ran.out
    assert "effect enforce · built-in:dhi/dhi-no-embedded-malware.rego" in ran.out
    assert "verified  malware  https://scout.docker.com/virus/v0.1" in ran.out
    assert "by testdata/keys/publisher.pub" in ran.out
    assert "\x1b" not in ran.out


def test_that_nothing_softens_missing_evidence_is_said(run: Run) -> None:
    assert "note: exit code 3 (no evidence at all)" in run("policy", "explain", *KEY, "oci:testdata/bare").out
    assert "note: exit code 4 (evidence, and none" in run("policy", "explain", *KEY, "oci:testdata/unsigned").out


def test_N04_an_unknown_rule_is_a_wrong_call(run: Run) -> None:
    ran = run("policy", "explain", *KEY, "oci:testdata/allowed", "dhi-no-malware")

    assert (ran.code, ran.out) == (2, "")
    assert "next: Did you mean `dhi-no-embedded-malware`?" in ran.err


def test_N12_what_a_rule_prints_cannot_write_on_the_terminal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "printing.rego").write_text(PRINTING)
    arguments = ("--rules", str(tmp_path / "printing.rego"), "oci:testdata/allowed", "printing")

    for form in ("text", "json"):
        ran = run("policy", "explain", *KEY, *THEN, "-o", form, *arguments)
        assert ran.code == 0
        assert "\x1b" not in ran.out
        assert "error::" in ran.out
