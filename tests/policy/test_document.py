"""The policy document: every fault is named with its place, and no emptiness reads as consent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import ConfigurationError
from verifier.policy import load_document
from verifier.policy.document import parse

GOOD = """\
version: 1
name: team
images:
  - match: docker.io/acme/*
    trust:
      keys: [dhi-2]
    rules:
      - pack: dhi
"""


def test_a_short_document_is_enough() -> None:
    document = parse(GOOD.encode(), "team.yaml")

    assert document.name == "team"
    assert document.images[0].transparency == "if-present"
    assert document.images[0].enforce is True


def test_the_builtin_document_is_read_like_any_other() -> None:
    loaded = load_document("dhi")

    assert (loaded.document.name, loaded.path) == ("dhi", "built-in:dhi")
    assert loaded.digest.startswith("sha256:")
    assert [section.match for section in loaded.document.images] == ["*"]


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (("    trust:", "    trusts: 1\n    trust:"), "team.yaml:5:5", "trusts"),
        (("keys: [dhi-2]", "keys: [dhi-2]\n      keyz: []"), "team.yaml:7:7", "keyz"),
        (("version: 1", "version: 2"), "team.yaml:1:1", "2"),
        (("keys: [dhi-2]", "keys: dhi-2"), "team.yaml:6:7", "array"),
        (("name: team", "name: team\nname: two"), "team.yaml:3:1", "duplicate"),
        (("- pack: dhi", "- pack: [dhi"), "team.yaml:9:1", "expected"),
        (("    rules:", "    enforce: maybe\n    rules:"), "team.yaml:7:5", "bool"),
        (("    rules:", "    transparency: sometimes\n    rules:"), "team.yaml:7:5", "sometimes"),
    ],
)
def test_G15_C06_every_fault_says_where_it_stands(change: tuple[str, str], place: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(GOOD.replace(*change).encode(), "team.yaml")

    assert str(caught.value).startswith(place)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        ("      keys: [dhi-2]", "      keys: []"),
        ("keys: [dhi-2]", 'keys: [""]'),
        ("      - pack: dhi", "      []"),
        ("- pack: dhi", "- pack: dhi\n        path: rules"),
        ("- pack: dhi", "- config: {}"),
        ("    rules:", "    maxAgeDays: 0\n    rules:"),
        ("match: docker.io/acme/*", 'match: ""'),
        (GOOD[GOOD.index("images") :], "images: []\n"),
    ],
)
def test_G16_emptiness_is_a_fault(change: tuple[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        parse(GOOD.replace(*change).encode(), "team.yaml")


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"\xff", b"a: *b", b"a: !!python/object:os.system {}", b"- " * 999]
)
def test_H14_G15_documents_that_are_none(body: bytes) -> None:
    with pytest.raises(ConfigurationError):
        parse(body, "team.yaml")


def test_H14_yaml_1_2_booleans_and_octals_are_not_guessed() -> None:
    with pytest.raises(ConfigurationError):
        parse(GOOD.replace("    rules:", "    enforce: off\n    rules:").encode(), "team.yaml")


def test_N14_G15_files_that_cannot_be_policies(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large.yaml").write_bytes(b"#" * (1 << 20) + b"##")

    for name in ("fifo", "large.yaml", "missing.yaml", ""):
        with pytest.raises(ConfigurationError):
            load_document(str(tmp_path / name))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_a_configuration_error(body: bytes) -> None:
    with pytest.raises(ConfigurationError):
        parse(body, "any.yaml")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abc:-[]{}&*!|>'\"%@#\n ,?", max_size=60))
def test_any_text_is_a_document_or_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(text.encode(), "any.yaml")
