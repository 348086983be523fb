"""Signed notes of logs: which are believed, and that nothing else than a note gets through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publisher import keys
from tests.sigstore import Checkpoint, Line, Log, PrivateSigstore, Trusted, key, witnesses
from tests.sigstore.logs import checkpoint as note_of
from verifier.errors import EvidenceInvalid
from verifier.model import trust
from verifier.signature import checkpoint
from verifier.trust.trusted_root import read_trusted_root

SIGSTORE = PrivateSigstore()
LEAVES = [hashlib.sha256(b"leaf %d" % number).digest() for number in range(5)]
LOGS = sorted(SIGSTORE.logs)
ROOT = hashlib.sha256(b"another root").digest()


def trusted(log: Log) -> trust.Log:
    document = SIGSTORE.trusted_root(logs=(Trusted(whom=log),))
    return read_trusted_root(json.dumps(document).encode(), "test").logs[0]


def note(log: str | Log = "v1", **options: Any) -> str:
    return note_of(SIGSTORE.log(log), LEAVES, Checkpoint(**options))


def judge(text: str, log: str | Log = "v1") -> checkpoint.Checkpoint:
    found = checkpoint.read(text)
    checkpoint.verify(found, trusted(SIGSTORE.log(log)))
    return found


@pytest.mark.parametrize("log", LOGS)
def test_the_log_signs_for_size_and_root(log: str) -> None:
    found = judge(note(log, root=ROOT), log)

    assert (found.size, found.root) == (5, ROOT)


@pytest.mark.parametrize(
    "signing", [key("log", "p384"), key("log", "p521"), keys.rsa2048, key("log", "ed25519")], ids=lambda key: key.name
)
@pytest.mark.parametrize("version", [1, 2])
def test_every_kind_of_key_that_a_root_may_name(signing: keys.SigningKey, version: int) -> None:
    log = Log("log.example", signing, version)
    own = msgspec.structs.replace(trusted(log), key_id=log.log_id)

    checkpoint.verify(checkpoint.read(note(log, hint=log.log_id[:4])), own)
    with pytest.raises(EvidenceInvalid, match="not signed by the key"):
        checkpoint.verify(checkpoint.read(note(log, hint=log.log_id[:4], key=key("other", "p384"))), own)


def test_a_key_id_for_checkpoints_alone_is_what_the_lines_name() -> None:
    own = msgspec.structs.replace(trusted(SIGSTORE.log("v2")), checkpoint_key_id=b"\1\2\3\4more")

    checkpoint.verify(checkpoint.read(note("v2", hint=b"\1\2\3\4")), own)
    with pytest.raises(EvidenceInvalid, match="names another key"):
        checkpoint.verify(checkpoint.read(note("v2")), own)


def test_D09_P10_witnesses_before_and_after_do_not_matter() -> None:
    assert judge(note("v2", before=witnesses(10), after=witnesses(21)), "v2").size == 5


def test_D09_too_many_signatures() -> None:
    with pytest.raises(EvidenceInvalid, match="has 33 signatures; at most 32"):
        judge(note("v2", after=witnesses(32)), "v2")


@pytest.mark.parametrize("log", LOGS)
def test_a_second_line_of_the_log_harms_nothing(log: str) -> None:
    own = SIGSTORE.log(log)
    bad = SIGSTORE.log_line(log, signature=b"\0" * 64)
    unknown = Line(name=own.host, key=key("next key of this log"))

    assert judge(note(log, before=(bad, unknown)), log).size == 5


def test_extension_lines_are_signed_and_mean_nothing() -> None:
    assert judge(note(extensions=("Timestamp: 1700000000000000000",))).size == 5


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"unsigned": True, "after": witnesses(1)}, "no signature of the log"),
        ({"name": "rekor.elsewhere.example"}, "no signature of the log"),
        ({"origin": "rekor.elsewhere.example"}, "is of the log"),
        ({"origin": "rekor.sigstore.example.evil.example - 1"}, "is of the log"),
        ({"origin": "rekor.sigstore.example - one"}, "is of the log"),
        ({"hint": b"\0\0\0\0"}, "names another key"),
        ({"key": key("foreign")}, "not signed by the key"),  # with the hint of the log's own
        ({"note": lambda text: text.replace("\n5\n", "\n6\n")}, "not signed by the key"),
        ({"extensions": ("a",), "note": lambda text: text.replace("\na\n", "\nb\n")}, "not signed by the key"),
    ],
)
def test_D08_not_signed_by_the_log_in_its_name(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(EvidenceInvalid, match=reason):
        judge(note(**options))


@pytest.mark.parametrize(
    "text",
    [
        lambda text: text.split("\n", 1)[1],  # no origin
        lambda text: "\n" + text,
        lambda text: text.replace("\n5\n", "\n"),  # no size
        lambda text: text.replace("\n5\n", "\n-5\n"),
        lambda text: text.replace("\n5\n", "\n05\n"),
        lambda text: text.replace("\n5\n", "\n5.0\n"),
        lambda text: text.replace("\n5\n", "\n\uff15\n"),  # a digit, and none of ASCII
        lambda text: text.replace("\n5\n", f"\n{'9' * 20}\n"),
        lambda text: "\n".join(text.split("\n")[:2]) + "\n",  # no root
        lambda text: "\n".join([*text.split("\n")[:2], "c2hvcnQ="]) + "\n",
        lambda text: "\n".join([*text.split("\n")[:2], "not base64!"]) + "\n",
        lambda text: text.replace("\n5\n", "\n\n5\n"),
        lambda text: text + "\n",
        lambda text: text + "\t\n",
    ],
)
def test_D08_a_signed_text_that_is_no_checkpoint(text: Callable[[str], str]) -> None:
    with pytest.raises(EvidenceInvalid, match="the checkpoint"):
        judge(note(text=text))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "\n\n",
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n\n", "\n\n\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\u2014", "-"),
        lambda text: text + "\u2014 witness.example\n",
        lambda text: text + "\u2014 witness.example AAAA\n",
        lambda text: text + "\u2014 a b AAAAAAAA\n",
        lambda text: text + "junk\n",
        lambda text: text + "\ud800",
        lambda text: text.replace("\n\n", "\n" + "x" * 20_000 + "\n\n"),
    ],
)
def test_D08_a_note_that_is_none(damage: Callable[[str], str]) -> None:
    with pytest.raises(EvidenceInvalid, match="checkpoint"):
        judge(damage(note()))


GOOD = note("v2", after=witnesses(1))
OWN = trusted(SIGSTORE.log("v2"))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, GOOD.index("\u2014 witness") - 1), st.characters(codec="utf-8"))
def test_D08_no_character_of_the_logs_part_can_be_changed(place: int, other: str) -> None:
    damaged = GOOD[:place] + other + GOOD[place + 1 :]
    if damaged == GOOD:
        return

    with pytest.raises(EvidenceInvalid):
        checkpoint.verify(checkpoint.read(damaged), OWN)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("\n\u2014 aA1=+/-.\0\ud800\u00e9"), max_size=80) | st.text())
def test_D08_any_text_gives_a_checkpoint_or_our_error(text: str) -> None:
    try:
        found = checkpoint.read(text)
    except EvidenceInvalid:
        return
    assert found.text.decode() + "\n" in text
