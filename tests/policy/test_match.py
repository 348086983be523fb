"""Which names a pattern means."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.errors import ConfigurationError
from verifier.model import Place, Reference
from verifier.policy.locate import locate
from verifier.policy.match import expand, matches


def name(text: str) -> Reference:
    registry, _, repository = text.partition("/")
    return Reference(registry, repository, "latest")


@pytest.mark.parametrize(
    ("pattern", "image", "fits"),
    [
        ("*", "dhi.io/python", True),
        ("dhi.io/*", "dhi.io/python", True),
        ("dhi.io/*", "dhi.io/a/b", False),
        ("docker.io/acme/**", "docker.io/acme/a/b", True),
        ("docker.io/acme/**", "docker.io/acme", False),
        ("docker.io/*/dhi-*", "docker.io/acme/dhi-python", True),
        ("docker.io/*/dhi-*", "docker.io/acme/python", False),
        ("docker.io/org*", "docker.io/orgevil/app", False),
        ("docker.io/org/*", "docker.io/orgevil/app", False),
        ("docker.io/acme/*", "evil-docker.io/acme/app", False),
        ("docker.io/acme/*", "docker.io.evil.example/acme/app", False),
        ("dhi.io/*", "dhi.io.evil.example/python", False),
        ("dhi.io/p.thon", "dhi.io/python", False),
    ],
)
def test_C23_C24_patterns_match_by_component(pattern: str, image: str, fits: bool) -> None:
    assert matches(pattern, name(image)) is fits


@pytest.mark.parametrize(
    "pattern",
    [
        "!dhi.io/node",
        "dhi.io/!node",
        "dhi.io/[a-z]*",
        "dhi.io/pytho[n]",
        "dhi.io/pytho?",
        "dhi.io/{python,node}",
        "dhi.io/pyth\\on",
        "~dhi.io/.*",
        "^dhi.io/python$",
        "dhi.io/python|x",
        " dhi.io/python",
        "",
    ],
)
def test_H13_only_the_asterisk_means_more_than_itself(pattern: str) -> None:
    assert not matches(pattern, name("dhi.io/python"))


@pytest.mark.parametrize(
    "pattern",
    ["dhi.io/Python", "DHI.io/python", "dhi.io/p\u0443thon", "dhi.io/pyth%6fn", "dhi.io/python/", "dhi.io//python"],
)
def test_C29_C30_names_are_compared_byte_by_byte(pattern: str) -> None:
    assert not matches(pattern, name("dhi.io/python"))


def test_a_layout_fits_only_the_pattern_for_everything() -> None:
    assert matches("*", Reference(path="build"))
    assert not matches("**/build", Reference(path="build"))


def test_O11_places_are_made_from_the_requested_name() -> None:
    place = Place("registry.scout.docker.com/{namespace}/{name}")

    assert expand(place, name("docker.io/acme/dhi-python")) == "registry.scout.docker.com/acme/dhi-python"


def test_N06_F08_the_policy_never_comes_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dhiverify").mkdir()
    (tmp_path / "dhiverify" / "policy.yaml").touch()
    (tmp_path / "policy.yaml").touch()
    monkeypatch.chdir(tmp_path)

    assert locate(None, {"HOME": str(tmp_path / "nowhere"), "XDG_CONFIG_HOME": "."}) == "dhi"
    assert locate(None, {"XDG_CONFIG_HOME": str(tmp_path)}) == str(tmp_path / "dhiverify" / "policy.yaml")


def test_the_order_in_which_a_policy_is_looked_for(tmp_path: Path) -> None:
    environ = {"DHIVERIFY_POLICY": "from-variable", "XDG_CONFIG_HOME": str(tmp_path)}

    assert locate("from-flag", environ) == "from-flag"
    assert locate(None, environ) == "from-variable"


def test_an_empty_choice_of_policy_is_a_fault() -> None:
    with pytest.raises(ConfigurationError, match="--policy is empty"):
        locate("", {"DHIVERIFY_POLICY": "from-variable"})
