"""The reader: BuildKit's parser with its guards, and a second parser as witness."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.dockerfile import guides
from tests.dockerfile.conftest import Judge
from verifier.dockerfile.instructions import Dockerfile
from verifier.dockerfile.parser import parse
from verifier.dockerfile.scene import images
from verifier.dockerfile.source import read, source_of
from verifier.dockerfile.stages import build
from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS

SAMPLE = Path(__file__).parent / "data" / "Dockerfile.sample"


def parsed(text: str | bytes) -> Dockerfile:
    return parse(source_of("Dockerfile", text if isinstance(text, bytes) else text.encode()))


def test_the_sample_is_read_as_buildkit_reads_it() -> None:
    dockerfile = parse(read(str(SAMPLE)))

    lines = [(one.keyword, one.line, one.end_line) for one in dockerfile.instructions]
    assert (dockerfile.escape, dockerfile.syntax) == ("`", "docker/dockerfile:1")
    assert lines == [
        ("ARG", 3, 3),
        ("FROM", 4, 5),
        ("WORKDIR", 6, 6),
        ("RUN", 7, 10),
        ("RUN", 11, 14),
        ("COPY", 15, 19),
        ("ONBUILD", 20, 21),
        ("FROM", 23, 23),
        ("RUN", 24, 24),
        ("FROM", 26, 26),
        ("COPY", 27, 27),
        ("COPY", 28, 28),
        ("COPY", 29, 29),
        ("CMD", 30, 30),
    ]


def test_every_image_of_the_sample_is_found_and_nothing_else() -> None:
    found = build(parse(read(str(SAMPLE))), {}, {}, "")

    assert [(use.how, use.name, use.instruction.line) for use in images(found)] == [
        ("from", "dhi.io/golang:1.26-dev", 4),
        ("copy", "busybox:1.37", 20),  # where it is written, and where it takes effect
        ("copy", "busybox:1.37", 20),
        ("mount", "alpine:3.24", 24),
        ("from", f"dhi.io/python:3.13@sha256:{'0' * 64}", 26),
        ("copy", "dhi.io/nginx:1.29", 29),
    ]
    assert [stage.name for stage in found.stages] == ["build", "tools", ""]
    assert [use.stage for use in found.stages[2].uses] == [0, 1, None]
    assert found.needed() == {0, 1, 2}


def test_words_are_placed_where_they_stand_and_not_in_comments() -> None:
    dockerfile = parsed("FROM \\\n  # a:1\n\n  a:1 \\\n  AS b\nRUN  ca:1 \\\n  a:1\n")

    start, run = dockerfile.instructions
    place = start.place("a:1")
    assert (place.line, place.column, place.end_line, place.end_column) == (4, 3, 4, 6)
    assert (run.place("a:1").line, run.place("a:1").column) == (6, 7)  # no whole word there: the first that fits
    assert (run.place("none").line, run.place().end_line, run.place().end_column) == (6, 7, 6)


@pytest.mark.parametrize("surrogate", [b"\xed\xa0\x80", b"\xff", b"\xc3"])
def test_what_is_no_utf_8_never_reaches_the_parser(surrogate: bytes) -> None:
    with pytest.raises(ConfigurationError, match="not UTF-8 at byte 5"):
        parsed(b"FROM " + surrogate)


def test_a_null_byte_hides_nothing() -> None:
    with pytest.raises(ConfigurationError, match="Dockerfile:2: it holds a null byte"):
        parsed("FROM dhi.io/python:3.13\nUSER nonroot\0\nUSER root\n")


def test_a_trigger_keeps_its_flags_and_heredocs() -> None:
    plain, continued, heredoc, split = parsed(
        "FROM a\nonbuild COPY --from=x --chmod=600 /a \\\n  /b\nONBUILD \\\n RUN --mount=from=y z\n"
        "ONBUILD RUN <<EOF\nFROM z\nEOF\nONB\\\nUILD COPY --from=w a b\n"
    ).instructions[1:]

    assert plain.inner is not None
    assert (plain.inner.flag("from"), plain.inner.flag("chmod"), plain.inner.args) == ("x", "600", ("/a", "/b"))
    assert continued.inner is not None
    assert continued.inner.flag("mount") == "from=y"
    assert heredoc.inner is not None
    assert heredoc.inner.heredocs == ("FROM z\n",)
    assert split.inner is not None
    assert (split.inner.flag("from"), split.inner.line) == ("w", 9)


def test_keywords_count_in_any_case() -> None:
    assert [one.keyword for one in parsed("froM a As B\nonBuild run x\n").instructions] == ["FROM", "ONBUILD"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM a\nRUNN x\n", "'RUNN' is no instruction"),
        ("FROM a\nCOPY --form=b c d\n", "COPY has no flag --form"),
        ("FROM a\nUSER --x y\n", "USER has no flag --x"),
        ("FROM a b\n", "FROM takes an image"),
        ("FROM a AS 1b\n", "'1b' cannot name a stage"),
        ("RUN x\nFROM a\n", "RUN stands above the first FROM"),
        ("FROM a\nONBUILD ONBUILD RUN x\n", "ONBUILD cannot hold ONBUILD"),
        ("FROM a\nONBUILD FROM b\n", "ONBUILD cannot hold FROM"),
        ("FROM a\nONBUILD COPY --bogus a b\n", "COPY has no flag --bogus"),
        ("FROM a\nONBUILD\n", "what follows ONBUILD cannot be read"),
    ],
)
def test_what_the_parser_takes_and_the_build_refuses_is_an_error(judge: Judge, text: str, said: str) -> None:
    finding = judge(text).only("invalid-instruction")

    assert finding.severity == "error"
    assert said in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "ARG A=1\n",
        "RUN x\n",
        "FROM a\nRUN <<EOF\n",
        "# escape=`\n# escape=`\nFROM a\n",
        "FROM a\nENV x\n",
    ],
)
def test_what_is_no_dockerfile_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parsed(text)


def test_lines_up_to_the_bound_of_the_parser(judge: Judge) -> None:
    most = DEFAULT_LIMITS.dockerfile_line
    longest = "RUN ".ljust(most, "x")

    assert len(parsed(f"FROM a\n{longest}\nFROM b").instructions) == 3
    with pytest.raises(ConfigurationError, match="Dockerfile:2: a line is longer than 65535 bytes"):
        parsed(f"FROM a\n{longest}x\nFROM b")


def test_directives_are_read_only_at_the_top() -> None:
    late = parsed("FROM a\n# escape=`\nRUN x\\y\n")
    other = parsed("# Escape=`\n#syntax = acme/frontend:1 \n# note=x\n# syntax=later\nFROM a\n")

    assert (late.escape, late.syntax) == ("\\", "")
    assert (other.escape, other.syntax, other.syntax_line) == ("`", "acme/frontend:1", 2)


@pytest.mark.parametrize(
    ("syntax", "count"),
    [
        ("docker/dockerfile:1", 0),
        ("docker.io/docker/dockerfile:1.20-labs@sha256:00", 0),
        ("docker/dockerfile-upstream:master", 0),
        ("acme/dockerfile:1", 1),
        ("docker/dockerfile.example/x", 1),
        ("registry.example/docker/dockerfile:1", 1),
    ],
)
def test_a_frontend_of_somebody_else_may_read_another_build(judge: Judge, syntax: str, count: int) -> None:
    found = judge(f"# syntax={syntax}\nFROM dhi.io/python:3.13\n").all("foreign-frontend")

    assert [(one.severity, one.line) for one in found] == [("error", 1)] * count


def test_byte_order_mark_and_windows_line_ends(judge: Judge) -> None:
    judged = judge(b"\xef\xbb\xbf# escape=`\r\nFROM a `\r\n  AS b\r\nUSER root\r\n")

    assert judged.only("root-user").line == 4
    assert judged.only("root-user").source == "USER root"


# The second witness


WITNESS = """
const {DockerfileParser} = require("dockerfile-ast");
const text = require("fs").readFileSync(0, "utf8");
const file = DockerfileParser.parse(text);
const rows = file.getInstructions().map(one => [
  one.getKeyword(), one.getRange().start.line + 1, one.getRange().end.line + 1,
  one.getKeyword() === "FROM" ? [one.getImage(), one.getBuildStage()] : null,
]);
console.log(JSON.stringify({escape: file.getEscapeCharacter(), rows}));
"""


def witnessed(text: str) -> Any:
    modules = os.environ.get("DHI_TEST_NODE_MODULES", "")
    node = shutil.which("node")
    if not node or not (Path(modules) / "dockerfile-ast").is_dir() or not modules:
        if os.environ.get("DHI_TEST_REQUIRE_CHECKERS") == "1":
            pytest.fail("node with dockerfile-ast in DHI_TEST_NODE_MODULES is required")
        pytest.skip("no node with dockerfile-ast in DHI_TEST_NODE_MODULES")
    environ = {**os.environ, "NODE_PATH": modules}
    ran = subprocess.run([node, "-e", WITNESS], input=text, capture_output=True, text=True, check=True, env=environ)
    return json.loads(ran.stdout)


def ours(text: str) -> Any:
    dockerfile = parsed(text)
    rows = []
    for one in dockerfile.instructions:
        name = one.args[2] if one.keyword == "FROM" and len(one.args) == 3 else None
        rows.append([one.keyword, one.line, one.end_line, [one.args[0], name] if one.keyword == "FROM" else None])
    return {"escape": dockerfile.escape, "rows": rows}


@pytest.mark.checker
@pytest.mark.parametrize(
    "text",
    [
        SAMPLE.read_text(),
        "from a:1 as b\n\n# c\nRUN x \\\n# d\n  y\nFROM b\n",
        "FROM a\nRUN <<-E cat <<F\n\tFROM x\n\tE\nFROM y\nF\nCMD z\n",
        "# escape=`\r\nFROM a`\r\n  # why\r\n\r\n  :1 AS b\r\nCOPY a `\r\n b\r\n",
        *guides.ALL.values(),
    ],
    ids=["sample", "continued", "heredocs", "windows", *guides.ALL],
)
def test_another_parser_sees_the_same_instructions(text: str) -> None:
    assert ours(text) == witnessed(text)


@pytest.mark.checker
def test_the_other_parser_would_show_a_difference() -> None:
    assert witnessed("FROM a\nRUN <<EOF\nFROM b\nEOF\n") != ours("FROM a\nRUN x\nFROM b\n")
