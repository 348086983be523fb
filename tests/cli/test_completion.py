"""Completion as a shell asks for it: scripts, commands, options, values; quiet whatever happens."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from tests.cli.conftest import Run
from verifier.attestation import ALIASES
from verifier.cli.completion import files, formats, policies, predicate_types
from verifier.cli.root import root
from verifier.report import FORMATS

COMMANDS = list(root.lazy)
SHELLS = ("bash", "zsh", "fish")


def asked(shell: str, *words: str, **environ: str) -> list[str]:
    """The values that the real command offers for the last of `words`, asked as the script of `shell` asks."""
    number = words[-1] if shell == "fish" else str(len(words))
    question = {"_DHIVERIFY_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(("dhiverify", *words))}
    process = subprocess.run(
        [sys.executable, "-m", "verifier"],
        env={"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", **question, "COMP_CWORD": number, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "")
    return offered(shell, process.stdout.splitlines())


def offered(shell: str, lines: list[str]) -> list[str]:
    if shell == "zsh":  # type, value and description, a line each
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines if line]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("",), COMMANDS),
        (("doct",), ["doctor"]),
        (("attestation", ""), ["list", "get"]),
        (("trust", "l"), ["list"]),
        (("completion", ""), list(SHELLS)),
        (("doctor", "--plat"), ["--platform"]),
        (("attestation", "get", "--stat"), ["--statement"]),
        (("image", "--log-format", ""), ["text", "json"]),
        (("image", "--no-such"), []),
        (("attestation", "get", "--predicate-type", "spdx"), ["spdx", "spdxjson"]),
        (("image", "--policy", "dh"), ["dhi"]),
        (("image", "--output", ""), list(FORMATS)),
        (("image", "--output", "ck"), ["ckl", "cklb"]),
    ],
)
def test_commands_options_and_values(shell: str, words: tuple[str, ...], values: list[str]) -> None:
    assert asked(shell, *words) == values


@pytest.mark.parametrize("shell", SHELLS)
def test_settings_that_a_run_would_refuse_do_not_disturb(shell: str) -> None:
    broken = {"DHIVERIFY_TIMEOUT": "soon", "DHIVERIFY_NO_SUCH": "1", "DHIVERIFY_POLICY": "/nowhere"}

    assert asked(shell, "doctor", "--effective-time", "never", "--plat", **broken) == ["--platform"]


@pytest.mark.parametrize("shell", SHELLS)
def test_script_of_each_shell_calls_the_command(run: Run, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # the shell itself is not needed

    ran = run("completion", shell)

    assert (ran.code, ran.err) == (0, "")
    assert f"_DHIVERIFY_COMPLETE={shell}_complete" in ran.out


def test_shell_without_a_script_is_refused(run: Run) -> None:
    ran = run("completion", "csh")

    assert (ran.code, ran.out) == (2, "")
    assert "'bash'" in ran.err


def test_how_to_install_it_is_said_for_each_shell(run: Run) -> None:
    said = run("completion", "--help").out

    assert all(f"dhiverify completion {shell}" in said for shell in SHELLS)
    assert all(file in said for file in ("~/.bashrc", "~/.zshrc", "~/.config/fish/completions/dhiverify.fish"))


ASK = """
set -eu
eval "$(dhiverify completion bash)"
complete -p dhiverify
ask() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _dhiverify_completion dhiverify
    echo "${COMPREPLY[*]}"
}
ask dhiverify doct
ask dhiverify attestation ''
ask dhiverify image --insec
"""


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_script_in_a_real_bash(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    command = tmp_path / "dhiverify"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m verifier "$@"\n')
    command.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.defpath}", "PYTHONPATH": str(pytestconfig.rootpath)}

    process = subprocess.run(
        ["bash", "--norc", "-c", ASK], env=environ, capture_output=True, text=True, check=False, cwd=tmp_path
    )

    registered, *answers = process.stdout.splitlines()
    assert (process.returncode, process.stderr) == (0, "")
    assert registered.endswith("-F _dhiverify_completion dhiverify")
    assert answers == ["doctor", "list get", "--insecure-ignore-tlog"]


@click.command()
@click.option("--predicate-type", multiple=True, shell_complete=predicate_types)
@click.option("--policy", shell_complete=policies)
@click.option("--output", multiple=True, shell_complete=formats("text", "json"))
@click.option("--key", shell_complete=files)
def command() -> None:
    """Has every option for whose values there is a list."""


def values(option: str, incomplete: str) -> list[tuple[str, str]]:
    found = ShellComplete(command, {}, "command", "_COMMAND_COMPLETE").get_completions([option], incomplete)
    return [(item.value, item.type) for item in found]


def test_predicate_types_are_the_known_words() -> None:
    assert {value for value, _ in values("--predicate-type", "")} == set(ALIASES)
    assert values("--predicate-type", "spdx") == [("spdx", "plain"), ("spdxjson", "plain")]
    assert values("--predicate-type", "https://spdx") == []


def test_policies_are_the_built_in_ones_or_else_files() -> None:
    assert ("dhi", "plain") in values("--policy", "")
    assert values("--policy", "dh") == [("dhi", "plain")]
    assert values("--policy", "./po") == [("./po", "file")]


def test_policies_of_a_damaged_installation_are_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("verifier.policy.shipped.__file__", str(tmp_path / "verifier" / "policy" / "shipped.py"))

    assert values("--policy", "dh") == [("dh", "file")]


def test_formats_and_files() -> None:
    assert values("--output", "j") == [("json", "plain")]
    assert values("--output", "json=") == []
    assert values("--key", "k") == [("k", "file")]


def test_N01_the_environment_cannot_stand_in_for_a_verdict() -> None:
    asked = {"_DHIVERIFY_COMPLETE": "bash_complete", "COMP_WORDS": "dhiverify x", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "verifier", "image", "oci:no-such-layout"]

    ended = subprocess.run(command, env={**os.environ, **asked}, capture_output=True, check=False)

    assert ended.returncode == 5
