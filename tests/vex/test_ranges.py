"""Version ranges, each in the order of its ecosystem."""

from __future__ import annotations

import pytest

from tests.vex.words import document, excuses, found, match, said

NAME = "pkg:deb/debian/openssl"


def ranged(text: str) -> str:
    return f"{NAME}?vers={text.replace('>', '%3E').replace('<', '%3C').replace('|', '%7C').replace('+', '%2B')}"


@pytest.mark.parametrize(
    ("stated", "version", "expected"),
    [
        ("vers:deb/>=3.0|<3.5.4-2", "3.5.4-1", True),
        ("vers:deb/>=3.0|<3.5.4-1", "3.5.4-1", False),
        ("vers:deb/<3.5.4-1", "3.5.4~rc1-1", True),
        ("vers:deb/<1:1.0", "3.5.4-1", True),
        ("vers:deb/3.5.3-1|3.5.4-1", "3.5.4-1", True),
        ("vers:debian/<=3.5.4-1", "3.5.4-1", True),
        ("vers:npm/<9", "3.5.4-1", False),  # another ecosystem's order
        ("vers:deb/", "3.5.4-1", False),
        ("vers:deb/>=|<", "3.5.4-1", False),
        ("3.5.4-1", "3.5.4-1", False),
        ("vers:deb/" + "|".join(f"!={n}" for n in range(400)), "3.5.4-1", False),  # over the bound
    ],
)
def test_range_excuses_the_versions_in_it(stated: str, version: str, expected: bool) -> None:
    assert excuses(said(ranged(stated)), finding=found(f"{NAME}@{version}")) is expected


def test_range_may_stand_in_the_place_of_the_version() -> None:
    stated = said(f"{NAME}@vers:deb%2F%3C4")

    assert excuses(stated, finding=found(f"{NAME}@3.5.4-1"))
    assert not excuses(stated, finding=found(f"{NAME}@4.1-1"))


def test_version_and_range_together_mean_nothing() -> None:
    assert not excuses(said(f"{NAME}@3.5.4-1?vers=vers:deb/%3C4"), finding=found(f"{NAME}@3.5.4-1"))


def test_J12_range_that_cannot_be_read_accuses() -> None:
    accused = document(said(NAME), said(ranged("vers:deb/>=|<"), status="affected", timestamp="2026-03-01T00:00:00Z"))

    assert not match(accused, found(f"{NAME}@3.5.4-1")).suppressed


@pytest.mark.parametrize(
    ("name", "stated", "version"),
    [
        ("pkg:apk/alpine/musl", "vers:alpine/<1.2.5-r1", "1.2.5-r0"),
        ("pkg:golang/golang.org/x/crypto", "vers:golang/<v0.31.0", "v0.30.0"),
        ("pkg:pypi/urllib3", "vers:pypi/<2.5", "2.4.0"),
        ("pkg:npm/lodash", "vers:npm/<4.17.21", "4.17.20"),
    ],
)
def test_other_ecosystems_have_their_own_order(name: str, stated: str, version: str) -> None:
    assert excuses(said(f"{name}?vers={stated.replace('<', '%3C')}"), finding=found(f"{name}@{version}"))
