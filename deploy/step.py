#!/usr/bin/env python3
"""The step of a pipeline: installs dhiverify, runs it once, and hands on what was judged.

    python3 -I deploy/step.py github      inputs as JSON in INPUTS, outputs in GITHUB_OUTPUT
    python3 -I deploy/step.py gitlab      images in VERIFIER_IMAGE, options in DHIVERIFY_…, results in dhiverify/

Standard library only, Python 3.11 or later. `-I` keeps out what the judged commit brought into the working directory.
What is installed is the source beside this file, with the dependencies of requirements.lock by their hashes: whoever
pins this one commit pins all of it.

The step ends with dhiverify's own exit code, with 2 for inputs of which no call can be made, and with 7 where dhiverify
could not be installed, or allowed something that its reports do not bear out.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).resolve().parent.parent
USAGE, INTERNAL = 2, 7

# The flags of `dhiverify image`, by what an input of their name holds: one value a line, one value, or true or false.
LISTS = (
    "key",
    "certificate-identity",
    "certificate-identity-regexp",
    "certificate-oidc-issuer",
    "certificate-oidc-issuer-regexp",
    "attestation-repo",
    "platform",
    "annotations",
    "predicate-type",
    "rules",
    "rules-key",
    "base-key",
    "vex",
    "vex-bundle",
    "output",
)
TEXTS = (
    "certificate-github-workflow-repository",
    "certificate-github-workflow-ref",
    "certificate-github-workflow-sha",
    "certificate-github-workflow-name",
    "certificate-github-workflow-trigger",
    "trusted-root",
    "policy",
    "policy-config",
    "base",
    "as",
    "compat",
    "effective-time",
    "result-file",
    "timeout",
    "jobs",
    "registry-cacert",
    "log-format",
)
SWITCHES = ("insecure-ignore-tlog", "forbid-insecure", "allow-http-registry", "offline")

# Every character that may stand in what is handed on: none of them means anything to a shell, a file of variables or
# the runner of a pipeline.
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@:/._-]*@sha256:[0-9a-f]{64}")
_SUMMARY_BYTES = 1_000_000  # GitHub drops the summary of a step that is over 1 MiB

JSON, PINNED = "report.json", "reference.txt"
GITHUB = {"json": JSON, "pinned": PINNED, "markdown": "report.md", "sarif": "report.sarif", "github": "annotations.txt"}
GITLAB = {"json": JSON, "pinned": PINNED, "junit": "junit.xml", "codequality": "codequality.json"}


class InputRefusedError(ValueError):
    """An input of which no call can be made."""


class Call(NamedTuple):
    """What to run: `program` is an installed dhiverify, and empty for the one that has to be installed first."""

    images: list[str]
    options: list[str]
    program: str = ""


class Outcome(NamedTuple):
    """What a run came to. `references` are the images that may be deployed, and empty unless all were allowed."""

    code: int
    verdict: str = "error"
    references: tuple[str, ...] = ()

    @property
    def digests(self) -> list[str]:
        return [reference.rpartition("@")[2] for reference in self.references]


def main(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    pipelines = {"github": github, "gitlab": gitlab}
    if len(arguments) != 1 or arguments[0] not in pipelines:
        say(f"expected one of {', '.join(pipelines)}")
        return USAGE
    try:
        return pipelines[arguments[0]](os.environ)
    except (OSError, LookupError, ValueError) as fault:
        say(f"what came of the run could not be handed on: {type(fault).__name__}: {fault}")
        return INTERNAL


def github(environ: Mapping[str, str]) -> int:
    """Judges what the inputs name. Writes outputs, job summary and annotations, however the run ends."""
    folder = Path(tempfile.mkdtemp(prefix="dhiverify-", dir=environ.get("RUNNER_TEMP")))
    with commands_stopped():
        outcome = judged(folder, GITHUB, lambda: from_inputs(environ))
    outputs = {
        "verdict": outcome.verdict,
        "exit-code": str(outcome.code),
        "reference": "\n".join(outcome.references),
        "digest": "\n".join(outcome.digests),
        "report": present(folder / JSON),
        "sarif": present(folder / GITHUB["sarif"]),
    }
    append(environ["GITHUB_OUTPUT"], "".join(delimited(name, value) for name, value in outputs.items()))
    append(environ["GITHUB_STEP_SUMMARY"], summary(folder / GITHUB["markdown"], outcome))
    sys.stdout.write(annotated(folder / GITHUB["github"], outcome))
    return outcome.code


def gitlab(environ: Mapping[str, str]) -> int:
    """Judges VERIFIER_IMAGE. Leaves reports and `verified.env` in dhiverify/, however the run ends."""
    folder = Path(environ["CI_PROJECT_DIR"]) / "dhiverify"
    folder.mkdir()  # never one of before, whose reports could be taken for those of this run
    outcome = judged(folder, GITLAB, lambda: from_variables(environ))
    reference = outcome.references[0] if len(outcome.references) == 1 else ""
    variables = {"VERDICT": outcome.verdict, "REFERENCE": reference, "DIGEST": reference.rpartition("@")[2]}
    append(folder / "verified.env", "".join(f"VERIFIED_{name}={value}\n" for name, value in variables.items()))
    if not outcome.references:
        (folder / PINNED).unlink(missing_ok=True)
    return outcome.code


def from_inputs(environ: Mapping[str, str]) -> Call:
    """The call that the inputs of the action make. Raises `InputRefusedError`."""
    given: dict[str, str] = json.loads(environ["INPUTS"])
    options = []
    for name in LISTS:
        options += [f"--{name}={value}" for value in lines_of(given[name])]
    for name in TEXTS:
        values = lines_of(given[name])
        if len(values) > 1:
            raise InputRefusedError(f"expected one line as {name}, found {len(values)}")
        options += [f"--{name}={value}" for value in values]
    for name in SWITCHES:
        if given[name] not in ("", "true", "false"):
            raise InputRefusedError(f"expected true or false as {name}, found {given[name]!a}")
        options += [f"--{name}"] * (given[name] == "true")
    if environ.get("RUNNER_DEBUG") == "1":
        options += ["-vv", "--debug"]
    return call(lines_of(given["image"]), lines_of(given["output"]), options, given["program"].strip())


def from_variables(environ: Mapping[str, str]) -> Call:
    """The call that a GitLab job's variables make; dhiverify reads its own. Raises `InputRefusedError`."""
    outputs = environ.get("DHIVERIFY_OUTPUT", "").split()
    options = [f"--output={output}" for output in outputs]
    images = environ.get("VERIFIER_IMAGE", "").split()
    return call(images, outputs, options, environ.get("VERIFIER_PROGRAM", ""))


def call(images: list[str], outputs: list[str], options: list[str], program: str) -> Call:
    """Raises `InputRefusedError` for no image, and for a further report without a file: stdout is the log's."""
    if not images:
        raise InputRefusedError("no image is named: nothing would be judged")
    for output in outputs:
        if not output.partition("=")[2]:
            raise InputRefusedError(f"expected FORMAT=PATH as output, found {output!a}")
    return Call(images, options, program)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def judged(folder: Path, formats: Mapping[str, str], wanted: Callable[[], Call]) -> Outcome:
    """Runs dhiverify once, with its text in the log and each of `formats` in `folder`. Raises nothing."""
    try:
        named = wanted()
        with tempfile.TemporaryDirectory(prefix="dhiverify-") as place:
            program = [named.program] if named.program else installed(Path(place))
            outputs = ["--output=text", *(f"--output={name}={folder / file}" for name, file in formats.items())]
            command = [*program, "image", *outputs, *named.options, "--", *named.images]
            code = run(command).returncode
    except ValueError as fault:  # of our own, or of a value that no argument of a program can be, such as one with NUL
        say(f"no call can be made of the inputs: {fault}")
        return Outcome(USAGE)
    except (OSError, subprocess.CalledProcessError) as fault:
        say(f"dhiverify could not be installed or started: {fault}")
        return Outcome(INTERNAL)
    return borne_out(folder, code if code >= 0 else INTERNAL)


def run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Both streams go into one, as in `say`: a runner reads no line before it was told to obey none."""
    return subprocess.run(command, check=False, stderr=subprocess.STDOUT)  # noqa: S603 - a list, and no shell


def installed(place: Path) -> list[str]:
    """The command of a dhiverify in an environment of its own below `place`. Raises `CalledProcessError`."""
    python = str(place / "bin" / "python")
    pip = [python, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--no-compile"]
    for command in (
        [sys.executable, "-I", "-m", "venv", str(place)],
        [*pip, "--only-binary=:all:", "--require-hashes", f"--requirement={SOURCE / 'requirements.lock'}"],
        [*pip, "--no-index", "--no-deps", "--no-build-isolation", str(SOURCE)],
    ):
        run(command).check_returncode()
    return [python, "-I", "-m", "verifier"]


def borne_out(folder: Path, code: int) -> Outcome:
    """What the reports say, as far as they agree with the exit code. Without a whole report nothing is allowed."""
    try:
        report = json.loads((folder / JSON).read_bytes())
        references = tuple((folder / PINNED).read_text("utf-8").splitlines())
        verdict, said, complete = report["verdict"], report["exitCode"], report["complete"]
        judged_images = len(report["images"])
    except (OSError, ValueError, KeyError, TypeError):
        return Outcome(code or INTERNAL)
    if code:
        return Outcome(code, verdict if said == code and verdict in ("deny", "error") else "error")
    if said != 0 or complete is not True or verdict not in ("allow", "warn"):
        say("the exit code says allowed, and the report does not")
        return Outcome(INTERNAL)
    if not all(map(_REFERENCE.fullmatch, references)):
        say("an image was allowed whose name cannot be handed on: letters, digits and @:/._- can")
        return Outcome(INTERNAL)
    every = len(references) == judged_images  # an image on which nothing is enforced passes, and is not allowed
    return Outcome(0, verdict, references if every else ())


def present(path: Path) -> str:
    return str(path) if path.is_file() else ""


def delimited(name: str, value: str) -> str:
    """An output in the form that takes several lines. Nobody can guess where it ends."""
    end = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def append(path: str | Path, text: str) -> None:
    with Path(path).open("a", encoding="utf-8") as stream:
        stream.write(text)


def summary(path: Path, outcome: Outcome) -> str:
    """The report in Markdown, where it is there and GitHub would show it."""
    report = path.read_text("utf-8") if path.is_file() else ""
    if len(report.encode()) > _SUMMARY_BYTES:
        report = f"dhiverify: **{outcome.verdict}**. The report is too long for a job summary.\n"
    if outcome.verdict != "error":
        return report
    return f"dhiverify: **nothing is allowed**, exit code {outcome.code}. The log of the step says why.\n\n{report}"


def annotated(path: Path, outcome: Outcome) -> str:
    found = path.read_text("utf-8") if path.is_file() else ""
    if outcome.verdict != "error":
        return found
    return f"{found}::error title=dhiverify::nothing is allowed, exit code {outcome.code}: the log says why\n"


@contextmanager
def commands_stopped() -> Iterator[None]:
    """Whatever pip and dhiverify print meanwhile, the runner obeys none of it."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)  # noqa: T201 - the way to talk to the runner
    try:
        yield
    finally:
        print(f"::{token}::", flush=True)  # noqa: T201 - as above


def say(message: str) -> None:
    print(f"dhiverify step: {message}", flush=True)  # noqa: T201 - the log of the step


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
