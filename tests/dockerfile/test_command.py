"""`dhiverify dockerfile` as its users meet it: exit codes, formats, options, what it loads."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.cli.conftest import KEY, THEN, Run, _clean_environment, run
from tests.conftest import Publisher
from tests.dockerfile import guides
from verifier.dockerfile.report import schema

__all__ = ["_clean_environment", "run"]  # fixtures of the command line

SARIF = Path(__file__).parents[1] / "report" / "data" / "sarif-2.1.0.json"
PUBLISHED = Path(__file__).parents[2] / "docs" / "dockerfile.schema.json"
BAD = "FROM dhi.io/python:3.13-dev\nUSER root\n"

Write = Callable[..., str]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(text: str, name: str = "Dockerfile") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize(("text", "code"), [(guides.PYTHON, 0), (BAD, 1), ("FROM scratch\n", 0), ("RUN x\n", 2)])
def test_without_verification_only_errors_in_the_text_count(run: Run, written: Write, text: str, code: int) -> None:
    ran = run("dockerfile", "--no-verify", written(text))

    assert ran.code == code
    assert ("no image is verified" in ran.out) == (code != 2)


def test_a_verified_file_passes(run: Run, written: Write, publisher: Publisher) -> None:
    reference = publisher.image().registry()
    path = written(f'FROM {reference}\nCMD ["app.py"]\n')

    ran = run("dockerfile", *KEY, *THEN, "-q", path)

    assert ran.code == 0
    assert f"ALLOW  {reference}@sha256:" in ran.out
    assert "policy dhi" in ran.out


def test_N02_the_gravest_image_decides(run: Run, written: Write, publisher: Publisher) -> None:
    good, bare = publisher.image().registry(), publisher.image(omit={"*"}, product="dhi/node").registry()

    ran = run(
        "dockerfile", *KEY, *THEN, "-q", "-o", "json", written(f"FROM {bare}\n"), written(f"FROM {good}\n", "other")
    )

    document = json.loads(ran.out)
    assert (ran.code, document["exitCode"]) == (3, 3)
    assert sorted(image["exitCode"] for image in document["images"]) == [0, 3]


def test_text_names_file_line_and_column_and_marks_the_word(run: Run, written: Write) -> None:
    path = written(BAD)

    ran = run("dockerfile", "--no-verify", path)

    lines = ran.out.splitlines()
    start = lines.index(f"{path}:2:6: error: the final image runs as root [root-user]")
    assert lines[start + 1 : start + 4] == [
        "    2 | USER root",
        "      |      ^~~~",
        "    next: Add USER nonroot (65532) at the end of the final stage.",
    ]
    assert lines[-1] == "1 file: 2 errors, 2 notes · exit code 1"


def test_without_a_path_the_dockerfile_here_is_read(run: Run, written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(written(BAD)).parent)

    assert "Dockerfile:2:6:" in run("dockerfile", "--no-verify").out


def test_standard_input_is_read_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))

    ran = run("dockerfile", "--no-verify", "-", "-")

    assert ran.code == 1
    assert ran.out.startswith("-:1:")
    assert "1 file:" in ran.out


def test_build_arguments_target_and_platform(run: Run, written: Write) -> None:
    path = written("ARG T\nFROM dhi.io/python:$T-$TARGETARCH AS app\nFROM dhi.io/python:3-dev AS debug\n")
    options = ("--build-arg", "T=3.13", "--target", "app", "--platform", "linux/arm64")

    ran = run("dockerfile", "--no-verify", *options, path)

    assert ran.code == 0
    assert "dhi.io/python:3.13-arm64@sha256" in ran.out
    assert run("dockerfile", "--no-verify", path).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--build-arg", "T"),
        ("--build-arg", "T=1", "--build-arg", "T=2"),
        ("--target", "none"),
        ("--platform", "x"),
        ("--forbid-insecure",),
        ("-o", "html"),
        ("-o", "text", "-o", "json"),
        ("none-such",),
    ],
)
def test_N04_wrong_calls_are_refused(run: Run, written: Write, arguments: tuple[str, ...]) -> None:
    ran = run("dockerfile", "--no-verify", written(guides.GO), *arguments)

    assert (ran.code, ran.out) == (2, "")


def test_variables_stand_for_flags(run: Run, written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHIVERIFY_NO_VERIFY", "1")
    monkeypatch.setenv("DHIVERIFY_BUILD_ARG", "T=3.13")

    assert run("dockerfile", written("ARG T\nFROM dhi.io/python:$T\n")).code == 0


def test_K16_json_follows_its_schema_and_is_the_same_twice(run: Run, written: Write) -> None:
    path = written(BAD)
    first, second = (run("dockerfile", "--no-verify", "-o", "json", path).out for _ in range(2))

    document = json.loads(first)
    jsonschema_rs.validator_for(schema()).validate(document)
    assert first == second
    assert (document["verified"], document["files"]) == (False, [{"path": path, "stages": 1, "target": "0"}])
    assert document["relaxations"] == ["no image is verified (--no-verify)"]


def test_the_published_schema_is_that_of_the_report() -> None:
    assert json.loads(PUBLISHED.read_text()) == json.loads(json.dumps(schema()))


def sarif_run(document: str) -> Any:
    parsed = json.loads(document)
    jsonschema_rs.validator_for(json.loads(SARIF.read_text()), validate_formats=True).validate(parsed)
    return parsed["runs"][0]


def test_sarif_places_each_finding_in_its_file(run: Run, written: Write, tmp_path: Path) -> None:
    path, result = written(BAD, "Docker file"), tmp_path / "out.sarif"

    ran = run("dockerfile", "--no-verify", "-o", "text", "-o", f"sarif={result}", path)

    found = sarif_run(result.read_text())
    root = next(one for one in found["results"] if one["ruleId"] == "root-user")
    place = root["locations"][0]["physicalLocation"]
    marks = [one["partialFingerprints"]["primaryLocationLineHash"] for one in found["results"]]
    assert ran.code == 1
    assert place["artifactLocation"]["uri"].endswith("/Docker%20file")
    assert place["region"] == {"startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 10}
    assert found["tool"]["driver"]["rules"][root["ruleIndex"]]["id"] == "root-user"
    assert len(set(marks)) == len(marks)


def test_sarif_of_an_image_that_was_not_reached_is_no_success(run: Run, written: Write) -> None:
    ran = run("dockerfile", *KEY, "-q", "-o", "sarif", written("FROM 127.0.0.1:1/dhi/python:3.13\n"))

    invocation = sarif_run(ran.out)["invocations"][0]
    assert (ran.code, invocation["exitCode"], invocation["executionSuccessful"]) == (5, 5, False)


def test_K13_sarif_of_hostile_text_is_valid(run: Run, written: Write) -> None:
    path = written("FROM dhi.io/a\x1b[2J\u202e](http://evil):1\nUSER root\n# \U0010ffff\nRUNN \u2028\n")

    assert sarif_run(run("dockerfile", "--no-verify", "-o", "sarif", path).out)["results"]


LOADS = """
import sys
from verifier.cli.guard import guarded
from verifier.cli.root import root
sys.argv = ["dhiverify", "{command}", {arguments}]
guarded(root)
print("=loaded=", *sys.modules)
"""


@pytest.mark.parametrize(
    ("command", "arguments", "expected"),
    [("dockerfile", '"--no-verify", "-"', True), ("image", '"oci:testdata/allowed"', False), ("env", "", False)],
)
def test_the_parser_is_loaded_by_this_command_alone(
    pytestconfig: pytest.Config, command: str, arguments: str, expected: bool
) -> None:
    program = LOADS.format(command=command, arguments=arguments)

    ran = subprocess.run(
        [sys.executable, "-c", program],
        input="FROM a\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=pytestconfig.rootpath,
    )

    modules = set(ran.stdout.rpartition("=loaded=")[2].split())
    assert ("dockerfile" in modules) is expected
    assert modules.isdisjoint({"urllib3", "ssl"} if command == "dockerfile" else ())
