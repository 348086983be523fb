"""What the README shows is run as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import verifier
from tests.reader import ROOT, Reader

README = (ROOT / "README.md").read_text()


def blocks(name: str) -> list[str]:
    return re.findall(rf"<!-- test: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)


def test_the_library_example_runs() -> None:
    (example,) = blocks("library")

    ran = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True)

    assert len(example.strip().splitlines()) <= 10
    assert re.match(r"(allow|warn) oci:testdata/allowed@sha256:", ran.stdout)
    assert "deny oci:testdata/refused@sha256:" in ran.stdout
    assert "because dhi-no-embedded-malware" in ran.stdout


def test_every_public_name_can_be_imported() -> None:
    assert all(getattr(verifier, name) is not None for name in verifier.__all__)
    with pytest.raises(AttributeError):
        _ = verifier.no_such_name


def script(job: Any) -> list[str]:
    """The commands of a GitHub or GitLab job, but for the installation."""
    commands = [step["run"] for step in job["steps"]] if "steps" in job else job["script"]
    return [command for command in commands if not command.startswith("pip install")]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(("layout", "allowed"), [("allowed", True), ("refused", False), ("bare", False)])
def test_the_pipeline_gates_a_deploy(tmp_path: Path, number: int, layout: str, allowed: bool) -> None:
    job = YAML(typ="safe", pure=True).load(blocks("pipeline")[number])["gate"]
    reader = Reader(
        tmp_path,
        IMAGE=f"oci:{ROOT}/testdata/{layout}",
        GITHUB_OUTPUT=str(tmp_path / "github.env"),
        DHIVERIFY_KEY=f"{ROOT}/testdata/keys/publisher.pub",
    )

    ran = reader.runs("\n".join(script(job)))

    handed_on = [path.read_text() for path in (tmp_path / "github.env", reader.folder / "gate.env") if path.exists()]
    assert (ran.returncode == 0) is allowed, ran.stdout + ran.stderr
    assert len(handed_on) == (1 if allowed else 0)
    if allowed:
        assert re.fullmatch(
            rf"(image|VERIFIED_IMAGE)=oci:{ROOT}/testdata/allowed@sha256:[0-9a-f]{{64}}\n", handed_on[0]
        )


def test_every_path_that_the_readme_links_exists() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
