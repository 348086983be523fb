"""Runners whose dhiverify is the source of this checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.deploy.runners import ROOT, GitHub, GitLab, program

KEY = str(ROOT / "testdata/keys/publisher.pub")
THEN = "2026-01-20"


def layout(name: str) -> str:
    return f"oci:{ROOT}/testdata/{name}"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("DHIVERIFY_", "DOCKER_", "GIT_", "REGISTRY_", "XDG_")):
            monkeypatch.delenv(name)


@pytest.fixture
def dhiverify(tmp_path: Path) -> Path:
    return program(tmp_path)


@pytest.fixture
def github(tmp_path: Path, dhiverify: Path) -> GitHub:
    return GitHub(tmp_path, dhiverify)


@pytest.fixture
def gitlab(tmp_path: Path, dhiverify: Path) -> GitLab:
    return GitLab(tmp_path, dhiverify)
