"""What others wrote, on its way to terminals, pipelines and files: shown as it is, and never obeyed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import KEY, THEN, Run
from tests.conftest import Publisher
from tests.publisher.kinds import VIRUS

TEMPLATES = "{{7*7}} ${7*7} {0.__class__} %(x)s %d {% raw %} [bold]x[/bold] <b>&amp;"
COMMANDS = (
    "::set-output name=image::evil",
    "  ::add-mask::e",
    "##[add-mask]e",
    "x ##[set-output name=a]b",
    "##vso[x]y",
)


def rule(tmp_path: Path, message: str) -> tuple[str, str]:
    """A rule that repeats a foreign text as its message, as rules about packages and files do."""
    path = tmp_path / "says.rego"
    text = json.dumps(message)
    path.write_text(
        f'package docker.scout\n\nimport rego.v1\n\nviolation contains {{"message": {text}}}\n\npass := false\n'
    )
    return ("--rules", str(path))


@pytest.mark.parametrize("form", ["text", "json"])
def test_H15_templates_in_messages_stay_what_they_are(run: Run, tmp_path: Path, form: str) -> None:
    ran = run("image", *KEY, *THEN, *rule(tmp_path, TEMPLATES), "-o", form, "oci:testdata/allowed")

    assert ran.code == 1
    assert (TEMPLATES if form == "text" else json.dumps(TEMPLATES)) in ran.out


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_K08_no_line_is_a_command_to_the_runner_of_a_pipeline(
    run: Run, tmp_path: Path, form: str, command: str
) -> None:
    """GitHub obeys `::` at the start of a line, blanks aside, and `##[` anywhere; others `##vso[`, `##teamcity[`."""
    ran = run("image", *KEY, *THEN, *rule(tmp_path, command), "-o", form, "oci:testdata/allowed")

    assert ran.code == 1
    assert command.strip().partition(" ")[0].lstrip(":#") in ran.out
    assert not [
        line for line in ran.out.splitlines() if line.lstrip().startswith("::") or "##[" in line or "##v" in line
    ]
    if form == "json":
        messages = [
            v["message"] for r in json.loads(ran.out)["images"][0]["platforms"][0]["rules"] for v in r["violations"]
        ]
        assert command in messages


@pytest.mark.parametrize("form", ["text", "json"])
def test_K08_no_log_line_and_no_error_is_one_either(run: Run, capfd: Any, form: str) -> None:
    import logging

    from verifier.cli.run import start_logging

    start_logging({"verbose": 0, "quiet": False, "log_format": form})
    logging.getLogger("verifier.test").warning("##[add-mask]e")
    assert "##[" not in capfd.readouterr().err
    logging.getLogger("verifier").handlers = []

    assert "##[" not in run("image", "dhi.io/##[add-mask]e").err


@pytest.mark.parametrize(
    "argument", ["--x\x1b[2J", "--x\n::set-output name=a::b", "--output=\x1b]0;x\x07", "\u202etxt.x"]
)
def test_K07_arguments_are_repeated_without_what_they_could_do_to_a_terminal(run: Run, argument: str) -> None:
    ran = run("image", argument, "oci:testdata/allowed")

    assert ran.code == 2
    assert all(character == "\n" or character.isprintable() for character in ran.err)
    assert not [line for line in ran.err.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize("form", ["xlsx", "ods", "JSON", "pdf", ""])
def test_K06_formats_that_do_not_exist_are_refused(run: Run, tmp_path: Path, form: str) -> None:
    ran = run("image", *KEY, *THEN, "-o", f"{form}={tmp_path}/report", "oci:testdata/allowed")

    assert (ran.code, ran.out) == (2, "")
    assert list(tmp_path.iterdir()) == []


HOSTILE_NAMES = ("../../evil", "/tmp/evil", "CON", "a" * 300, "x.", "..\\evil", "C:evil", "nul\x00")


def test_K10_K11_files_are_named_by_the_user_alone(publisher: Publisher, run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    profiles = [{"name": name, "output": name, "file": name} for name in HOSTILE_NAMES]
    labels = {"name": "../../evil", "title": "CON"}
    image = publisher.image(
        platforms=("linux/amd64",),
        product="dhi/con",
        labels=labels,
        evidence={VIRUS: {"scanner": {"uri": "../../evil", "report": "/tmp/evil"}}, "stig": profiles},
    )

    ran = run("image", *KEY, *THEN, "-o", f"json={home}/report.json", "-o", f"text={home}/CON", image.layout())

    assert ran.code == 1
    assert sorted(path.name for path in home.iterdir()) == ["CON", "report.json"]
    assert not (tmp_path.parent / "evil").exists()


def test_K10_a_link_in_the_place_of_a_report_is_replaced_not_followed(run: Run, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (tmp_path / "report.json").symlink_to(precious)

    assert run("image", *KEY, *THEN, "-o", f"json={tmp_path}/report.json", "oci:testdata/allowed").code == 0

    assert precious.read_text() == "keep me"
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "allow"


def test_K11_a_name_that_no_file_can_have_is_no_pass(run: Run, tmp_path: Path) -> None:
    assert run("image", *KEY, *THEN, "-o", f"json={tmp_path}/{'a' * 300}", "oci:testdata/allowed").code == 2
    assert list(tmp_path.iterdir()) == []


def test_K15_N10_a_disk_that_is_full_leaves_no_piece_of_a_report(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
        "from verifier.cli import main; main()"
    )
    arguments = ["image", *KEY, *THEN, "-o", f"json={tmp_path}/report.json", "oci:testdata/allowed"]

    process = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False)

    assert process.returncode not in (0, 1)
    assert b"Traceback" not in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_K16_the_same_evidence_gives_the_same_report_everywhere(publisher: Publisher) -> None:
    image = publisher.image(evidence={"malware": {"scanner": 1}}, unsigned={"tests"}, extra=(("malware", {}),))
    reports = set()
    for number, zone in enumerate(("UTC", "Asia/Kathmandu", "America/St_Johns")):
        for subject in image.listings:
            image.relist(subject, image.listings[subject][::-1])
        environ = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(number), "LC_ALL": "C"}
        layout = image.layout().removeprefix("oci:")
        process = subprocess.run(
            [sys.executable, "-m", "verifier", "image", *KEY, *THEN, "-o", "json", f"oci:{layout}"],
            capture_output=True,
            env=environ,
            check=False,
        )
        assert process.returncode == 1
        reports.add(process.stdout.replace(layout.encode(), b"LAYOUT"))

    assert len(reports) == 1
