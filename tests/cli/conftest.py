"""`run(*arguments)` calls the command line in this process, as the entry point does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from verifier.cli.guard import guarded
from verifier.cli.root import root

KEY = ("--key", "testdata/keys/publisher.pub")
THEN = ("--effective-time", "2026-01-20")


class Ran(msgspec.Struct, frozen=True):
    """Exit code, and what was printed where."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    for name in os.environ:
        if name.startswith(("DHIVERIFY_", "DOCKER_", "REGISTRY_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(pytestconfig.rootpath)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Run:
    def call(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["dhiverify", *arguments])
        code = guarded(root)
        printed = capfd.readouterr()
        return Ran(code, printed.out, printed.err)

    return call
