"""Annotations on GitHub: the only format that gives orders to a runner, and only its own."""

from __future__ import annotations

import re
import subprocess
import sys
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, NOTHING, hostile
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report, RuleOutcome
from verifier.report import format_of
from verifier.report.github_format import command

COMMAND = re.compile("::(?P<level>error|warning|notice) title=(?P<title>[^:,\r\n]*)::(?P<message>[^\r\n]*)")


def commands(report: Report) -> list[tuple[str, str, str]]:
    """Level, title and message of each, as the runner reads them. Nothing else may stand in the text."""
    return [parsed(line) for line in format_of("github").render(report).split("\n")[:-1]]


def parsed(line: str) -> tuple[str, str, str]:
    found = COMMAND.fullmatch(line)
    assert found, line
    return found["level"], unquote(found["title"]), unquote(found["message"])


def with_rules(*rules: RuleOutcome) -> Report:
    image = FULL.images[0]
    platforms = tuple(replace(platform, rules=rules) for platform in image.platforms)
    return replace(FULL, images=(replace(image, platforms=platforms),))


def test_one_annotation_for_each_rule_the_gravest_first() -> None:
    about = [(level, title) for level, title, _ in commands(FULL)]

    assert about == [
        ("error", "dhi-no-embedded-malware: dhi.io/python:3.13"),
        ("error", "dhi-no-failing-tests: dhi.io/python:3.13"),
        ("warning", "dhi-fresh-evidence: dhi.io/python:3.13"),
        ("notice", "fixable-vulnerabilities: dhi.io/python:3.13"),
        ("notice", "dhiverify"),
    ]


def test_an_annotation_says_what_was_found_where_and_what_to_do() -> None:
    _, _, message = commands(FULL)[0]

    assert message.split("\n") == [
        "must hold: No malware was found",
        "1 infected file",
        "on linux/amd64, linux/arm64",
        "next: Rebuild on a newer base.",
    ]


def test_what_is_allowed_is_one_notice() -> None:
    assert commands(ALLOWED) == [("notice", "dhiverify", "allow: 1 of 1 images may run, exit code 0")]


@pytest.mark.parametrize("report", [FAILED, NOTHING], ids=["failed", "nothing"])
def test_K13_a_refusal_without_rules_is_an_error(report: Report) -> None:
    assert commands(report)[0][0] == "error"


def test_no_more_are_written_than_github_shows_and_the_rest_is_counted() -> None:
    _, bad, _, warns, waived, _ = FULL.images[0].platforms[0].rules
    rules = [replace(rule, id=f"{rule.id}-{number}") for rule in (bad, warns, waived) for number in range(15)]

    found = commands(with_rules(*rules))

    levels = [level for level, _, _ in found]
    assert [levels.count(level) for level in ("error", "warning", "notice")] == [DEFAULT_LIMITS.shown_annotations] * 3
    assert "16 more annotations are left out" in found[-1][2]


def test_N08_relaxations_are_told() -> None:
    assert "relaxed: only linux/amd64" in commands(replace(ALLOWED, relaxations=("only linux/amd64",)))[-1][2]


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K08_hostile_texts_are_data_of_the_same_commands(text: str) -> None:
    levels = [level for level, _, _ in commands(hostile(text))]

    assert levels == ["error", *(level for level, _, _ in commands(FULL))]
    written = format_of("github").render(hostile(text))
    assert "##[" not in written
    assert "##vso[" not in written


@given(st.text(), st.text())
def test_K08_title_and_message_come_back_as_written_and_end_nothing(title: str, message: str) -> None:
    written = command("error", f"x{title}", (message, "next"))

    level, _, told = parsed(written)

    assert level == "error"
    assert written.isprintable()
    assert told.endswith("\nnext")
    assert told.count("\n") == 1


def test_K08_a_percent_sign_is_no_escape() -> None:
    assert parsed(command("error", "100%3A%0A", ("50%0A::error::x",))) == ("error", "100%3A%0A", "50%0A::error::x")


def test_K08_a_run_prints_its_commands_and_nothing_else_on_stdout(pytestconfig: pytest.Config) -> None:
    arguments = ("--key", "testdata/keys/publisher.pub", "--effective-time", "2026-01-20", "-o", "github")

    ran = subprocess.run(
        [sys.executable, "-m", "verifier", "image", *arguments, "oci:testdata/refused"],
        capture_output=True,
        check=False,
        text=True,
        cwd=pytestconfig.rootpath,
    )

    found = [parsed(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 1
    assert ("error", "dhi-no-embedded-malware: oci:testdata/refused") in [(level, title) for level, title, _ in found]
    assert found[-1][2].startswith("deny: 0 of 1 images may run, exit code 1")
