"""The examples of docs/ci.md, each with the comment before it that says what it is."""

from __future__ import annotations

import re

from tests.deploy.runners import ROOT

GUIDE = (ROOT / "docs/ci.md").read_text("utf-8")


def examples(name: str) -> list[str]:
    found = re.findall(rf"<!-- check: {name} -->\n```\w+\n(.*?)```", GUIDE, re.DOTALL)
    assert found, name
    return found


def as_workflow(step: str) -> str:
    """A workflow around one step."""
    indented = "".join(f"      {line}\n" for line in step.splitlines())
    return (
        "name: t\non: push\npermissions: {}\nconcurrency: {group: t, cancel-in-progress: true}\n"
        f"jobs:\n  t:\n    name: t\n    runs-on: ubuntu-latest\n    environment: t\n    steps:\n{indented}"
    )


def workflows() -> list[str]:
    return [*examples("github-workflow"), *map(as_workflow, examples("github-step"))]
