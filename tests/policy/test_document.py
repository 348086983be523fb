"""The policy document: every fault is named with its place, and no emptiness reads as consent."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import ConfigurationError
from verifier.policy import load_document
from verifier.policy.reading import parse

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
    assert not document.images[0].transparency
    assert document.images[0].enforce is True


def test_G15_a_fault_is_found_where_it_stands_whatever_the_document_is_called() -> None:
    for name in ("a - at `[99]", "images - at `$.images[9].match"):
        with pytest.raises(ConfigurationError, match=r"^team\.yaml:\d+:1: Object contains unknown field"):
            parse(f"{GOOD}{name}: 1\n".encode(), "team.yaml")


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
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"a: *b",
        b"a: !!python/object:os.system {}",
        b"- " * 999,
        b"? a: [b]",
        b"-__: 1",
        b"? {a: [b]}",
    ],
)
def test_H14_G15_documents_that_are_none(body: bytes) -> None:
    with pytest.raises(ConfigurationError):
        parse(body, "team.yaml")


def test_H14_yaml_1_2_booleans_and_octals_are_not_guessed() -> None:
    with pytest.raises(ConfigurationError):
        parse(GOOD.replace("    rules:", "    enforce: off\n    rules:").encode(), "team.yaml")


CONFIGURED = GOOD + "        config:\n          own:\n            value: {}\n"


def test_configuration_is_plain_json_whatever_its_style() -> None:
    text = (
        "{a: 1.50, b: 0x10, c: 1_000, d: [~, true, 'x'], e: \"y\", f: 1e3}\n            more: >\n              folded"
    )

    config = parse(CONFIGURED.format(text).encode(), "team.yaml").images[0].rules[0].config["own"]

    assert config["value"] == {"a": 1.5, "b": 16, "c": 1000, "d": [None, True, "x"], "e": "y", "f": 1000.0}
    assert config["more"] == "folded\n"
    values = [config, config["more"], *config["value"].values()]
    assert {type(value) for value in values} <= {dict, list, str, int, float, bool, type(None)}
    assert msgspec.json.decode(msgspec.json.encode(config)) == config


@pytest.mark.parametrize(
    ("value", "column", "words"),
    [
        (".nan", 13, "'nan'"),
        ("[1, -.inf]", 24, "'-inf'"),
        ("1e999", 13, "'inf'"),
        ("!!set {a, b}", 20, "tags"),
        ("!!binary aGVsbG8=", 20, "tags"),
        ("!own text", 20, "tags"),
        ("{1: a}", 21, "a string as key"),
        ("{? [a] : b}", 23, "a string as key"),
        ("{true: a}", 21, "a string as key"),
        ('"\\uD800"', 13, "surrogate"),
        ('{"\\uD800": 1}', 21, "surrogate"),
        ("1" * 30, 13, "digits"),
        ("0x" + "f" * 5000, 13, "digits"),
        ("{<<: {a: 1}}", 21, "merge keys"),
        ("[" * 70 + "]" * 70, 0, "nested"),
    ],
)
def test_H14_G15_what_json_does_not_have_is_refused_with_its_place(value: str, column: int, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        parse(CONFIGURED.replace("{}", value).encode(), "team.yaml")

    assert str(caught.value).startswith(f"team.yaml:11:{column or ''}")


def test_an_unknown_member_is_named_before_its_value() -> None:
    with pytest.raises(ConfigurationError, match="unknown field `until`"):
        parse(GOOD.replace("    rules:", "    until: 2099-01-01\n    rules:").encode(), "team.yaml")


def test_G15_a_name_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^team\.yaml:2:1: .*surrogate"):
        parse(GOOD.replace("name: team", 'name: "\\uD800"').encode(), "team.yaml")


def test_H14_aliases_cannot_make_a_small_document_large() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    body = "\n".join(["a0: &a0 [x, x]", *levels]).encode()

    with pytest.raises(ConfigurationError, match=r"^team\.yaml:1:5: anchors and aliases are not supported"):
        parse(body, "team.yaml")


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("docker.io/Acme/*", "Write docker.io/acme/*."),
        ("DHI.io/python", "Write dhi.io/python."),
        ("dhi.io/python:3.13", "Write dhi.io/python."),
        ("localhost:5000/app:1", "Write localhost:5000/app."),
        ("dhi.io/python@sha256:00", "Write dhi.io/python."),
        ("index.docker.io/acme/*", "Write docker.io/acme/*."),
        ("registry-1.docker.io/acme/*", "Write docker.io/acme/*."),
        ("acme/*", "Write docker.io/acme/*, or"),
        ("docker.io/python", "Write docker.io/library/python."),
        ("docker.io/*", "Write docker.io/library/*."),
        ("dhi.io:443/python", "Leave it out: dhi.io/python."),
        ("dhi.io", "Write dhi.io/** for everything there."),
        ("python", "Write docker.io/library/python"),
        ("dhi.io//python", "one slash"),
        ("dhi.io/", "one slash"),
    ],
)
def test_H13_patterns_that_fit_no_name_are_refused(pattern: str, hint: str) -> None:
    evidence = f"match: '*'\n    evidence:\n      - repository: dhi.io/x\n        match: {pattern}"

    for text, place in ((f"match: {pattern}", "4:5"), (evidence, "7:9")):
        with pytest.raises(ConfigurationError, match="can never match") as caught:
            parse(GOOD.replace("match: docker.io/acme/*", text).encode(), "team.yaml")
        assert str(caught.value).startswith(f"team.yaml:{place}: ")
        assert hint in caught.value.hint


@pytest.mark.parametrize(
    "pattern",
    [
        *("'*'", "'**'", "'*/*'", "'**/a'", "dhi.io/**", "docker.io/**", "docker.io/*/dhi-*"),
        *("localhost/a", "localhost:5000/a/**", "'[::1]:5000/a'", "'*.example.com/**'"),
    ],
)
def test_patterns_that_fit_a_name_are_taken(pattern: str) -> None:
    assert parse(GOOD.replace("docker.io/acme/*", pattern).encode(), "team.yaml").images[0].match in pattern


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
