"""The template's job, run as a runner of GitLab runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Publisher
from tests.deploy.conftest import KEY, THEN, layout
from tests.deploy.runners import STEP, TEMPLATE, GitLab, program, read

KEYS = {"DHIVERIFY_KEY": KEY, "DHIVERIFY_EFFECTIVE_TIME": THEN}


def test_K14_an_allowed_image_is_handed_on_by_its_digest(gitlab: GitLab, publisher: Publisher) -> None:
    name = publisher.image().registry("acme/dhi-python")

    job = gitlab.verify(name, **KEYS)

    assert job.code == 0, job.out + job.err
    reference = (gitlab.project / "dhiverify/reference.txt").read_text("utf-8").strip()
    assert reference.startswith(f"{name.rpartition(':')[0]}@sha256:")
    assert job.outputs["VERIFIED_VERDICT"] in ("allow", "warn")
    assert job.outputs["VERIFIED_REFERENCE"] == reference
    assert job.outputs["VERIFIED_DIGEST"] == reference.rpartition("@")[2]


@pytest.mark.parametrize(("name", "code"), [("refused", 1), ("bare", 3), ("unsigned", 4), ("does-not-exist", 5)])
def test_the_job_ends_with_dhiverifys_exit_code_and_still_reports(gitlab: GitLab, name: str, code: int) -> None:
    job = gitlab.verify(layout(name), **KEYS)

    reports = read(TEMPLATE)[".dhiverify"]["artifacts"]["reports"]
    assert job.code == code
    assert job.outputs == {
        "VERIFIED_VERDICT": "deny" if code < 5 else "error",
        "VERIFIED_REFERENCE": "",
        "VERIFIED_DIGEST": "",
    }
    assert all((gitlab.project / path).read_bytes() for path in reports.values())
    assert json.loads((gitlab.project / reports["codequality"]).read_bytes())
    assert not (gitlab.project / "dhiverify/reference.txt").exists()


@pytest.mark.parametrize(
    ("broken", "code", "left"),
    [
        ({"VERIFIER_PROGRAM": "false"}, 1, ["verified.env"]),
        ({"VERIFIER_COMMIT": "0" * 40}, 5, []),
        ({"VERIFIER_COMMIT": ""}, 2, []),
    ],
)
def test_reports_of_an_earlier_job_are_not_taken_for_this_one(
    gitlab: GitLab, broken: dict[str, str], code: int, left: list[str]
) -> None:
    first = gitlab.verify(layout("allowed"), **KEYS)
    second = gitlab.verify(layout("allowed"), **KEYS, **broken)

    assert (first.code, second.code) == (0, code)
    assert second.outputs.get("VERIFIED_REFERENCE", "") == ""
    assert [path.name for path in gitlab.project.rglob("*") if path.is_file()] == left


def test_of_several_images_the_file_tells_which_may_be_deployed(gitlab: GitLab) -> None:
    both = gitlab.verify(layout("allowed"), layout("fips"), **KEYS)
    references = (gitlab.project / "dhiverify/reference.txt").read_text("utf-8").splitlines()
    one = gitlab.verify(layout("allowed"), layout("refused"), **KEYS)

    assert (both.code, both.outputs["VERIFIED_REFERENCE"], len(references)) == (0, "", 2)
    assert one.code == 1
    assert not (gitlab.project / "dhiverify/reference.txt").exists()


@pytest.mark.parametrize("commit", ["", "main", "0123", "--upload-pack=touch made", "HEAD\n" + "0" * 40])
def test_only_a_commit_says_what_is_run(gitlab: GitLab, commit: str) -> None:
    job = gitlab.verify(layout("allowed"), **KEYS, VERIFIER_COMMIT=commit)

    assert job.code == 2
    assert "expected 40 hexadecimal digits" in job.err
    assert list(gitlab.project.iterdir()) == []


def test_a_commit_that_cannot_be_had_is_no_verdict(gitlab: GitLab) -> None:
    job = gitlab.verify(layout("allowed"), **KEYS, VERIFIER_COMMIT="0" * 40)

    assert job.code == 5
    assert list(gitlab.project.iterdir()) == []


@pytest.mark.parametrize("variables", [{"VERIFIER_IMAGE": " "}, {"DHIVERIFY_OUTPUT": "html"}])
def test_variables_that_make_no_call_are_refused(gitlab: GitLab, variables: dict[str, str]) -> None:
    job = gitlab.verify(layout("allowed"), **KEYS | variables)

    assert job.code == 2
    assert job.outputs["VERIFIED_REFERENCE"] == ""


def test_flags_are_variables_and_further_reports_are_written(gitlab: GitLab) -> None:
    job = gitlab.verify(
        layout("fips"), **KEYS, DHIVERIFY_PLATFORM="linux/amd64", DHIVERIFY_OUTPUT="csv=dhiverify/a.csv"
    )

    assert job.code == 0, job.out + job.err
    assert "linux/amd64" in (gitlab.project / "dhiverify/a.csv").read_text("utf-8")
    assert "linux/arm64" not in (gitlab.project / "dhiverify/a.csv").read_text("utf-8")


def test_K10_a_link_in_place_of_the_folder_is_not_followed(gitlab: GitLab, tmp_path: Path) -> None:
    (gitlab.project / "dhiverify").symlink_to(tmp_path)
    (tmp_path / "report.json").write_text("theirs")

    job = gitlab.verify(layout("allowed"), **KEYS)

    assert job.code == 0, job.out + job.err
    assert (tmp_path / "report.json").read_text("utf-8") == "theirs"
    assert not (gitlab.project / "dhiverify").is_symlink()


def test_the_step_itself_writes_into_no_folder_of_before(gitlab: GitLab, tmp_path: Path) -> None:
    step = program(tmp_path)
    (gitlab.project / "dhiverify").mkdir()

    ran = subprocess.run(
        [sys.executable, "-I", STEP, "gitlab"],
        env={"CI_PROJECT_DIR": str(gitlab.project), "VERIFIER_IMAGE": layout("allowed"), "VERIFIER_PROGRAM": str(step)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 7
    assert list((gitlab.project / "dhiverify").iterdir()) == []


def test_no_variable_that_is_handed_on_is_one_that_dhiverify_refuses(gitlab: GitLab) -> None:
    """Later jobs get these variables, and one of them may run dhiverify again."""
    first = gitlab.verify(layout("allowed"), **KEYS)
    second = gitlab.verify(layout("allowed"), **KEYS | first.outputs)

    assert (first.code, second.code) == (0, 0)


def test_the_job_needs_nothing_of_the_project() -> None:
    job = read(TEMPLATE)[".dhiverify"]

    assert job["variables"]["GIT_STRATEGY"] == "none"
    assert job["artifacts"]["when"] == "always"
    assert "allow_failure" not in job
