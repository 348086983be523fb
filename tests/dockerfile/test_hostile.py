"""Dockerfiles that were written to harm who reads them: no crash, no endless run, no escape from the report."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dockerfile.conftest import Judge
from verifier.dockerfile import DockerfileReport, Request, judge_sources, unverified
from verifier.dockerfile.findings import CHECKS
from verifier.dockerfile.source import read, source_of
from verifier.dockerfile.text_form import as_text
from verifier.errors import ConfigurationError, DhiverifyError
from verifier.limits import DEFAULT_LIMITS
from verifier.report import as_json

PLAIN, FOR_PLATFORMS = Request(), Request({"A": "dhi.io/x:1"}, ("linux/amd64", "linux/arm64"))


def outcome_of(body: bytes, request: Request = PLAIN) -> DockerfileReport | DhiverifyError:
    """The report, shown once; or the refusal of what cannot be read."""
    try:
        report = judge_sources([source_of("Dockerfile", body)], request, unverified)
    except DhiverifyError as fault:
        return fault
    as_text(report)
    return report


def test_a_file_over_the_bound_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="larger than 262144 bytes"):
        source_of("Dockerfile", b"FROM a\n" + b"#" * DEFAULT_LIMITS.dockerfile_bytes)


def test_N14_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "Dockerfile"
    os.mkfifo(pipe)

    for name in (str(pipe), "/dev/zero", str(tmp_path), str(tmp_path / "none"), "a\0b"):
        with pytest.raises(ConfigurationError):
            read(name)


def test_more_instructions_than_the_bound_are_refused(judge: Judge) -> None:
    with pytest.raises(ConfigurationError, match="more than 5000 instructions"):
        judge("FROM a\n" + "RUN x\n" * 5_000)
    with pytest.raises(ConfigurationError, match="triggers of ONBUILD counted"):
        judge("FROM a AS b\n" + "ONBUILD RUN x\n" * 100 + "FROM b\n" * 100)


QUOTES, LONG = "'\"" * 30_000, "a;apt-get b\n" * 18_000
HOSTILE = {
    "chain of stages": "FROM a AS s0\n"
    + "".join(f"FROM s{n} AS s{n + 1}\nCOPY --from={n} a b\n" for n in range(2_400)),
    "variables that double": "ARG A0=xxxxxxxx\n"
    + "".join(f"ARG A{n + 1}=$A{n}$A{n}\n" for n in range(90))
    + "FROM $A90\n",
    "environment that doubles": "FROM a\nENV A0=xxxxxxxx\n"
    + "".join(f"ENV A{n + 1}=$A{n}$A{n}\n" for n in range(90))
    + "USER $A90\n",
    "many variables": "FROM a\n"
    + "".join(f"ENV {' '.join(f'A{n}x{m}=1' for m in range(3_000))}\n" for n in range(5))
    + "ENV B=$A\nUSER $A\n" * 2_000,
    "deep substitutions": "FROM " + "${A:-" * 10_000 + "}" * 10_000 + "\n",
    "missing variables": "FROM a\nUSER " + "".join(f"$A{n}" for n in range(8_000)) + "\n",
    "quotes": "FROM dhi.io/python:3\n" + f"RUN {QUOTES}\n" * 3,
    "separators": "FROM dhi.io/python:3\n" + f"RUN {';A=x' * 15_000}\n" * 4,
    "assignments": "FROM dhi.io/python:3\n" + f"RUN {'A= ' * 20_000}\n" * 4,
    "ports": "FROM dhi.io/python:3\n" + f"EXPOSE {'80 ' * 20_000}\n" * 4,
    "mounts": f"FROM a\nRUN --mount={'from=x,' * 9_000} x\n",
    "copies": "FROM dhi.io/python:3\n" + "COPY --chmod=600 --chown=0:0 a /a\n" * 4_900,
    "volumes": f"FROM dhi.io/python:3\nVOLUME {' /a' * 20_000}\n",
    "heredoc": f"FROM dhi.io/python:3\nRUN <<E\n{LONG}E\n",
    "continued lines": "FROM dhi.io/python:3\nRUN x" + "\\\nx" * 80_000 + "\n",
    "continued lines and comments": "FROM dhi.io/python:3\nRUN x" + "\\\n#\n\nxxxxxxxxx" * 18_000 + "\n",
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_every_text_within_the_bound_is_read_to_its_end(name: str) -> None:
    found = outcome_of(HOSTILE[name].encode())

    assert found.exit_code < 3


EVIL = "\x1b]8;;http://evil\x1b\\x\x1b[2J\r\u202e\u200b##[error]::set-output name=a::b"


@pytest.mark.parametrize(
    "template",
    [
        "FROM {}\n",
        "FROM a AS {}\n",
        "FROM dhi.io/python:3.13\nUSER $A{}\n",
        "FROM dhi.io/python:3.13\nCOPY --from={} a b\n",
        "FROM dhi.io/python:3.13\nCOPY --chmod=600 a {}\n",
        "FROM dhi.io/python:3.13\n{} x\n",
        "FROM dhi.io/python:3.13\nVOLUME /a{}\n",
        "# syntax={}\nFROM dhi.io/python:3.13\n",
    ],
)
def test_K07_K08_foreign_text_cannot_command_a_terminal_or_runner(template: str) -> None:
    text = template.format(EVIL.replace(" ", ""))
    report = judge_sources([source_of(f"Docker{EVIL}file", text.encode())], Request(), unverified)

    for shown in (as_text(report), as_json(report)):
        assert shown.replace("\n", "").isprintable()
        assert "##[" not in shown
        assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


KEYWORDS = st.sampled_from(
    [
        *("FROM", "COPY", "ADD", "RUN", "ONBUILD", "USER", "ENV", "ARG", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK"),
        *("SHELL", "VOLUME", "WORKDIR", "LABEL", "from", "#", "x"),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "dhi.io/python:3.13-dev",
            "scratch",
            "AS",
            "b",
            "B",
            "--from=b",
            "--from=0",
            "--chmod=600",
            "--chown=0:$A",
            "$A",
        ),
        *(
            "${A:-b}",
            "${",
            "'",
            '"',
            "\\\n",
            "\\",
            "`",
            "<<EOF",
            "EOF\n",
            '["a", "b"]',
            "[",
            "80",
            "0",
            "/a",
            "A=$B",
            "A",
        ),
        *(
            "--mount=from=b,type=bind",
            '--mount="',
            "go build",
            "apt-get install ca-certificates",
            "CMD",
            "\t",
            "\r",
            "\u2028",
        ),
    ]
)
LINES = st.builds(lambda keyword, words: f"{keyword} {' '.join(words)}\n", KEYWORDS, st.lists(WORDS, max_size=6))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.one_of(st.lists(LINES, max_size=12).map(lambda lines: "FROM a\n" + "".join(lines)), st.text()))
def test_every_text_ends_in_findings_or_a_refusal(text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    lines = body.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")

    for request in (PLAIN, FOR_PLATFORMS):
        found = outcome_of(body, request)
        grave = isinstance(found, DockerfileReport) and any(one.severity == "error" for one in found.findings)
        assert found.exit_code == (int(grave) if isinstance(found, DockerfileReport) else 2)
        for one in found.findings if isinstance(found, DockerfileReport) else ():
            assert one.id in CHECKS
            assert 1 <= one.line <= one.end_line <= len(lines)
            assert 1 <= one.column <= len(lines[one.line - 1]) + 1


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary())
def test_every_bytes_end_in_findings_or_a_refusal(body: bytes) -> None:
    assert outcome_of(b"FROM a\n" + body).exit_code < 3
