"""Ways to turn the step or a hook green, or to have it hand on what was not judged."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.runners import STEP
from tests.deploy.test_hooks import HOOKS, call

REFERENCE = "dhi.io/python@sha256:" + "0" * 64


def test_N07_no_name_of_a_staged_file_is_an_option(dhiverify: Path, tmp_path: Path) -> None:
    hook, name = HOOKS["dhiverify-policy-lint"], "--output=text=kept.rego"
    (tmp_path / name).write_text("no rule\n")
    (tmp_path / "kept.rego").write_text("kept\n")

    ran = call(dhiverify, hook, hook["args"], [name])

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert (tmp_path / "kept.rego").read_text() == "kept\n"


@pytest.mark.parametrize(("images", "references"), [(1, (REFERENCE,)), (2, ())])
def test_N02_nothing_is_handed_on_when_an_image_only_passes_because_nothing_is_enforced_on_it(
    tmp_path: Path, images: int, references: tuple[str, ...]
) -> None:
    step: dict[str, Any] = runpy.run_path(str(STEP))
    report = {"verdict": "warn", "exitCode": 0, "complete": True, "images": [{}] * images}
    (tmp_path / step["JSON"]).write_text(json.dumps(report))
    (tmp_path / step["PINNED"]).write_text(f"{REFERENCE}\n")

    outcome = step["borne_out"](tmp_path, 0)

    assert (outcome.code, outcome.verdict, outcome.references) == (0, "warn", references)
