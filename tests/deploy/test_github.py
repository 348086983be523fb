"""The action, run as a runner of GitHub Actions runs it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import Publisher
from tests.deploy.conftest import KEY, THEN, layout
from tests.deploy.runners import ACTION, ROOT, WORKFLOW, GitHub, Step, program, read
from verifier.cli.image import image as command
from verifier.cli.options import variable_of

# How much is said, and where: the action decides that itself.
NOT_INPUTS = {"verbose", "quiet", "debug"}


def flags() -> set[str]:
    """The options of `dhiverify image` by their names in DHIVERIFY_…, in lower case."""
    options = (parameter for parameter in command.params if parameter.param_type_name == "option")
    names = {variable_of(option).removeprefix("DHIVERIFY_").replace("_", "-").lower() for option in options}
    return names - NOT_INPUTS


def obeyed(step: Step) -> list[str]:
    """The lines of a log that a runner takes for commands, whichever stream it reads first."""
    lines, ending = [], ""
    for line in (*step.err.splitlines(), *step.out.splitlines()):
        if ending:
            ending = "" if line == f"::{ending}::" else ending
        elif line.startswith("::stop-commands::"):
            ending = line.removeprefix("::stop-commands::")
        elif line.lstrip().startswith("::") or "##[" in line:
            lines.append(line)
    return lines


def test_K14_an_allowed_image_is_handed_on_by_its_digest(github: GitHub, publisher: Publisher) -> None:
    name = publisher.image().registry("acme/dhi-python")

    step = github.verify(name, key=KEY, effective_time=THEN)

    assert step.code == 0, step.out + step.err
    digest = json.loads(Path(step.outputs["report"]).read_bytes())["images"][0]["digest"]
    assert step.outputs["verdict"] in ("allow", "warn")
    assert step.outputs["exit-code"] == "0"
    assert step.outputs["digest"] == digest
    assert step.outputs["reference"] == f"{name.rpartition(':')[0]}@{digest}"


@pytest.mark.parametrize(("name", "code"), [("refused", 1), ("bare", 3), ("unsigned", 4), ("does-not-exist", 5)])
def test_the_step_ends_with_dhiverifys_exit_code_and_still_reports(github: GitHub, name: str, code: int) -> None:
    step = github.verify(layout(name), key=KEY, effective_time=THEN)

    assert (step.code, step.outputs["exit-code"]) == (code, str(code))
    assert step.outputs["verdict"] == ("deny" if code < 5 else "error")
    assert (step.outputs["reference"], step.outputs["digest"]) == ("", "")
    assert json.loads(Path(step.outputs["report"]).read_bytes())["exitCode"] == code
    assert json.loads(Path(step.outputs["sarif"]).read_bytes())["version"] == "2.1.0"
    assert f"testdata/{name}" in step.summary
    assert any(line.startswith("::error ") for line in obeyed(step))


def test_one_refused_image_keeps_all_from_being_handed_on(github: GitHub) -> None:
    both = github.verify(layout("allowed"), layout("refused"), key=KEY, effective_time=THEN)
    good = github.verify(layout("allowed"), layout("fips"), key=KEY, effective_time=THEN)

    assert (both.code, both.outputs["reference"], both.outputs["digest"]) == (1, "", "")
    assert good.code == 0
    assert [line.rpartition("@")[0] for line in good.outputs["reference"].splitlines()] == [
        layout("allowed"),
        layout("fips"),
    ]
    assert len(good.outputs["digest"].splitlines()) == 2


def test_inputs_and_flags_are_the_same() -> None:
    inputs = set(read(ACTION)["inputs"])

    assert inputs == flags() | {"image", "program"}


def test_the_workflow_passes_every_input_on() -> None:
    workflow = read(WORKFLOW)

    (step,) = (step for step in workflow["jobs"]["verify"]["steps"] if step.get("id") == "verify")

    assert step["with"] == {name: f"${{{{ inputs.{name} }}}}" for name in flags() | {"image"}}
    assert step["with"].keys() <= workflow[True if True in workflow else "on"]["workflow_call"]["inputs"].keys()


@pytest.mark.parametrize("path", [ACTION, WORKFLOW], ids=lambda path: path.name)
def test_K08_no_expression_stands_in_a_script(path: Path) -> None:
    document = read(path)
    jobs = document.get("jobs", {"action": document.get("runs")})

    scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]

    assert scripts
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("path", [ACTION, WORKFLOW], ids=lambda path: path.name)
def test_actions_of_others_are_named_by_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))

    assert used
    for name, comment in used:
        assert name.startswith("./") or re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", name)
        assert name.startswith("./") or re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_only_the_job_that_uploads_may_write() -> None:
    workflow = read(WORKFLOW)

    assert workflow["permissions"] == {}
    assert workflow["jobs"]["verify"]["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["code-scanning"]["permissions"] == {
        "actions": "read",
        "contents": "read",
        "security-events": "write",
    }


@pytest.mark.parametrize(
    "inputs",
    [
        {"image": " \n"},
        {"policy": "dhi\nsigned"},
        {"offline": "yes"},
        {"output": "html"},
        {"output": "html="},
        {"image": "dhi.io/python:3.13\0"},
        {"image": "dhi.io/python:\ud800"},
    ],
    ids=lambda inputs: "-".join(inputs),
)
def test_inputs_that_make_no_call_are_refused(github: GitHub, inputs: dict[str, str]) -> None:
    step = github.verify(layout("allowed"), **{"key": KEY, **inputs})

    assert step.code == 2
    assert (step.outputs["verdict"], step.outputs["exit-code"], step.outputs["reference"]) == ("error", "2", "")
    assert (step.outputs["report"], step.outputs["sarif"]) == ("", "")
    assert "nothing is allowed" in step.summary
    assert any("nothing is allowed" in line for line in obeyed(step))


@pytest.mark.parametrize(
    "inputs",
    [{"policy": "--help"}, {"key": "--version"}, {"image": "--help"}, {"as": "x; echo y"}, {"rules": "$(touch made)"}],
    ids=lambda inputs: "-".join(inputs),
)
def test_an_input_is_a_value_and_nothing_else(github: GitHub, inputs: dict[str, str]) -> None:
    step = github.verify(layout("allowed"), **{"key": KEY, "effective_time": THEN, **inputs})

    assert step.code not in (0, 1)
    assert step.outputs["reference"] == ""
    assert list(github.workspace.iterdir()) == []


def test_lists_and_switches_reach_the_command_line(github: GitHub) -> None:
    step = github.verify(
        layout("fips"),
        key=f"\n  {KEY}\n\n{ROOT}/testdata/keys/stranger.pub\n",
        platform="linux/amd64",
        effective_time=THEN,
        insecure_ignore_tlog="true",
        output="html=page.html\njunit=junit.xml",
    )

    assert step.code == 0, step.out + step.err
    relaxed = "\n".join(json.loads(Path(step.outputs["report"]).read_bytes())["relaxations"])
    assert "only platform linux/amd64" in relaxed
    assert "transparency log proofs are not looked at" in relaxed
    assert sorted(path.name for path in github.workspace.iterdir()) == ["junit.xml", "page.html"]


def test_K15_a_report_that_cannot_be_written_is_no_pass(github: GitHub) -> None:
    step = github.verify(layout("allowed"), key=KEY, effective_time=THEN, output="html=no/such/folder.html")

    assert step.code == 2
    assert (step.outputs["verdict"], step.outputs["reference"]) == ("error", "")


def test_nothing_of_the_working_directory_is_run(github: GitHub) -> None:
    """A pull request may bring files that are called like the modules that a step imports."""
    for name in ("verifier", "json", "venv", "pip", "subprocess", "sitecustomize"):
        (github.workspace / f"{name}.py").write_text("raise SystemExit(0)\n")
    (github.workspace / "policy.yaml").write_text("images: []\n")

    step = github.verify(layout("refused"), key=KEY, effective_time=THEN)

    assert step.code == 1


@pytest.mark.parametrize(
    "before",
    [
        "exit 0",
        "kill -9 $$",
        'for last; do :; done; touch "${last}"; exit 0',
    ],
)
def test_a_run_without_a_report_is_no_pass(github: GitHub, tmp_path: Path, before: str) -> None:
    broken = program(tmp_path, before)

    step = github.verify("x", program=str(broken))

    assert step.code == 7
    assert (step.outputs["verdict"], step.outputs["reference"], step.outputs["report"]) == ("error", "", "")


@pytest.mark.parametrize(
    ("report", "reference"),
    [
        ('{"verdict": "deny", "exitCode": 1, "complete": true}', "a@sha256:" + "0" * 64),
        ('{"verdict": "allow", "exitCode": 0, "complete": false}', "a@sha256:" + "0" * 64),
        ('{"verdict": "allow", "exitCode": 0', "a@sha256:" + "0" * 64),
        ("[]", "a@sha256:" + "0" * 64),
        ('{"verdict": "allow", "exitCode": 0, "complete": true}', "a:1.2"),
        ('{"verdict": "allow", "exitCode": 0, "complete": true}', "a$(touch x)@sha256:" + "0" * 64),
        ('{"verdict": "allow", "exitCode": 0, "complete": true}', "-a@sha256:" + "0" * 64),
    ],
)
def test_a_report_that_does_not_bear_out_the_exit_code_is_no_pass(
    github: GitHub, tmp_path: Path, report: str, reference: str
) -> None:
    lines = (
        'for option; do case "$option" in',
        f"--output=json=*) printf '%s' '{report}' > \"${{option#--output=json=}}\" ;;",
        f"--output=pinned=*) printf '%s\\n' '{reference}' > \"${{option#--output=pinned=}}\" ;;",
        "esac; done; exit 0",
    )

    step = github.verify("x", program=str(program(tmp_path, *lines)))

    assert (step.code, step.outputs["verdict"], step.outputs["reference"]) == (7, "error", "")


def test_K08_nobody_else_gives_orders_to_the_runner(github: GitHub, tmp_path: Path) -> None:
    """Neither text of dhiverify's log nor a value that is handed on is obeyed."""
    loud = program(
        tmp_path,
        "echo '::set-output name=reference::evil'",
        "echo '::add-path::/evil' >&2",
    )

    step = github.verify(layout("allowed"), key=KEY, effective_time=THEN, program=str(loud))

    assert {"::set-output name=reference::evil", "::add-path::/evil"} <= set(step.out.splitlines())
    assert not [line for line in obeyed(step) if "evil" in line]
    assert step.outputs["reference"].startswith(layout("allowed"))


@pytest.mark.parametrize("name", ["image", "output", "offline", "program", "policy"])
@pytest.mark.parametrize("order", ["##[add-mask]evil", "::add-path::evil"])
def test_K08_an_input_gives_no_orders_to_the_runner(github: GitHub, name: str, order: str) -> None:
    step = github.verify(layout("allowed"), **{"key": KEY, name: order})

    assert step.code in (2, 7)
    assert "evil" in step.out
    assert not [line for line in obeyed(step) if "evil" in line]


def test_K08_the_end_of_an_output_differs_each_time(github: GitHub, tmp_path: Path) -> None:
    ends = set()
    for _ in range(2):
        github.verify(layout("allowed"), key=KEY, effective_time=THEN)
        written = (tmp_path / "temporary" / "GITHUB_OUTPUT.txt").read_text("utf-8")
        ends |= set(re.findall(r"<<(.+)", written))

    assert len(ends) == 2 * len(read(ACTION)["outputs"])


def test_a_summary_that_github_would_drop_is_said_to_be_too_long(github: GitHub, tmp_path: Path) -> None:
    big = program(
        tmp_path,
        'for option; do case "$option" in --output=markdown=*) markdown="${option#--output=markdown=}" ;; esac; done',
        f'PYTHONPATH="{ROOT}" "{sys.executable}" -P -m verifier "$@"',
        "code=$?",
        'head -c 1048577 /dev/zero | tr "\\0" x > "$markdown"',
        "exit $code",
    )

    step = github.verify(layout("refused"), key=KEY, effective_time=THEN, program=str(big))

    assert step.code == 1
    assert "too long for a job summary" in step.summary
    assert len(step.summary) < 200


@pytest.mark.parametrize("found", [True, False])
def test_python_is_found_or_set_up(github: GitHub, tmp_path: Path, found: bool) -> None:
    first, second, _ = read(ACTION)["runs"]["steps"]
    old, new = (tmp_path / name for name in ("python3", "python3.12"))
    old.write_text("#!/bin/sh\nexit 1\n")
    new.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for path in (old, new) if found else (old,):
        path.chmod(0o755)

    step = github.run(first, {"PATH": str(tmp_path)})

    assert step.code == 0
    assert step.outputs == ({"python": str(new)} if found else {})
    assert second["if"] == "${{ steps.found.outputs.python == '' }}"
