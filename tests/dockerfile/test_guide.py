"""What docs/dockerfile.md shows is so."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import KEY, THEN, Run, _clean_environment, run
from tests.conftest import Publisher
from tests.dockerfile.conftest import Judge
from verifier.dockerfile.findings import CHECKS

__all__ = ["_clean_environment", "run"]  # fixtures of the command line

GUIDE = (Path(__file__).parents[2] / "docs" / "dockerfile.md").read_text()


def shown(language: str) -> str:
    (text,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(text)


def test_its_table_names_every_check_once() -> None:
    named = re.findall(r"^\| `([a-z-]+)` \|", GUIDE, re.MULTILINE)

    assert sorted(named) == sorted(CHECKS)


def test_its_file_has_nothing_but_notes(judge: Judge) -> None:
    assert judge(shown("dockerfile")).grave == []


def test_its_policy_lets_images_for_building_through(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    build = publisher.image(omit={"*"}).registry("library/golang")
    base = publisher.image().registry()
    policy, file = tmp_path / "policy.yaml", tmp_path / "Dockerfile"
    policy.write_text(shown("yaml").replace("docker.io", build.partition("/")[0]))
    file.write_text(f'FROM {build} AS build\nFROM {base}\nCOPY --from=build /a /a\nCMD ["/a"]\n')

    ran = run("dockerfile", *KEY, *THEN, "-q", "--policy", str(policy), str(file))
    without = run("dockerfile", *KEY, *THEN, "-q", str(file))

    assert (ran.code, without.code) == (0, 3)
    assert "(not enforced)" in ran.out
