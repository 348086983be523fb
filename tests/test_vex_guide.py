"""What docs/vex.md shows is run as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.reader import ROOT, Reader
from verifier import strictjson
from verifier.policy import load_document
from verifier.vex.statements import JUSTIFICATIONS

GUIDE = (ROOT / "docs" / "vex.md").read_text()
COMMANDS = re.findall(
    r"<!-- test: exit (\d) -->\n```sh\n(.*?)```(?:\n\n<!-- output -->\n```text\n(.*?)```)?", GUIDE, re.DOTALL
)


@pytest.mark.parametrize(("code", "command", "output"), COMMANDS, ids=[command[:20] for _, command, _ in COMMANDS])
def test_command_does_what_the_guide_says(tmp_path: Path, code: str, command: str, output: str) -> None:
    reader = Reader(tmp_path, "testdata")

    ran = reader.runs(command)

    assert ran.returncode == int(code), ran.stderr
    if output:
        assert ran.stdout == output
    else:
        written = strictjson.loads((reader.folder / "image.vex.json").read_bytes())
        assert written["statements"]


def test_commands_are_found() -> None:
    assert [bool(output) for _, _, output in COMMANDS] == [True, False]


def test_policy_of_the_guide_is_taken(tmp_path: Path) -> None:
    (member,) = re.findall(r"^```yaml\n(.*?)```", GUIDE, re.DOTALL | re.MULTILINE)
    path = tmp_path / "policy.yaml"
    head = "version: 1\nname: a\nimages:\n  - match: dhi.io/*\n    trust: {keys: [dhi-2]}\n    rules: [{pack: dhi}]\n"
    path.write_text(head + "".join(f"    {line}\n" for line in member.splitlines()))

    (entry,) = load_document(str(path)).document.images[0].vex

    assert entry.file == "vex/dhi-nginx.vex.json"


def test_there_are_five_justifications() -> None:
    assert len(JUSTIFICATIONS) == 5
    assert "five justifications" in GUIDE
    assert json.dumps(sorted(JUSTIFICATIONS)).count("vulnerable_code") == 3
