"""What log entries prove of something that was signed and verified, and what they do not."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.publisher import keys
from tests.sigstore import (
    REMOVED,
    SIGNED,
    Checkpoint,
    Edits,
    Leaf,
    Log,
    Logged,
    PrivateSigstore,
    Trusted,
    edited,
    flipped,
    key,
    mirrored,
    statement,
    witnesses,
)
from tests.sigstore import Signed as Made
from tests.sigstore.cosign import blob_of, rekor
from verifier.model import Transparency
from verifier.model.trust import TrustedRoot
from verifier.signature.keys import Message, verifies
from verifier.signature.logbody import Signed
from verifier.signature.logentry import Needs, entries_of_bundle, entry_of_annotation
from verifier.signature.logproof import LogProof, prove
from verifier.trust import trusted_root

SIGSTORE = PrivateSigstore()
FILE = SIGSTORE.sign(file=b"content")
ENVELOPE = SIGSTORE.sign(statement=statement(b"content"))
BARE = SIGSTORE.sign(file=b"content", signer=keys.publisher)
MOMENT = (SIGNED,)


def root(**options: Any) -> TrustedRoot:
    return trusted_root.read_trusted_root(json.dumps(SIGSTORE.trusted_root(**options)).encode(), "test")


ROOT = root()


def verified(made: Made, *, stored: bool = False) -> Signed:
    """As the caller has it, once the signature was verified; `stored` is cosign's way to keep an envelope."""
    payload = Message(made.content) if made.is_dsse else None
    envelope = Message(blob_of(made)) if stored else None
    message = Message(made.message)
    signatures = (made.signature,) if made.is_dsse else ()
    return Signed(made.signature, made.verifier_der, message, signatures, payload, made.payload_type, envelope)


def judge(
    made: Made,
    *logs: str | Logged,
    edits: Edits | None = None,
    needs: Needs = Needs.PROOF,
    trusted: TrustedRoot = ROOT,
    times: tuple[datetime, ...] = MOMENT,
) -> LogProof:
    """Entries of these logs about `made`, the list of them edited."""
    found = edited([SIGSTORE.entry(made, how) for how in logs], edits or {})
    return prove(entries_of_bundle(found, needs), verified(made), trusted, times=times)


@pytest.mark.parametrize("made", [FILE, ENVELOPE, BARE], ids=["file", "envelope", "bare key"])
@pytest.mark.parametrize("log", ["v1", "v2", "v2-ecdsa"])
def test_every_log_proves_what_it_recorded(log: str, made: Made) -> None:
    proof = judge(made, log)

    assert (proof.problem, proof.fact) == ("", Transparency.PROVED)
    assert [found.host for found in proof.logs] == [SIGSTORE.log(log).host]
    assert proof.by_inclusion
    assert (proof.by_promise, proof.times) == ((True, (SIGNED,)) if log == "v1" else (False, ()))


@pytest.mark.parametrize("shape", ["cosign", "docker"])
def test_an_annotation_proves_by_promise_alone(shape: str) -> None:
    entry = entry_of_annotation(rekor(SIGSTORE.entry(FILE), shape))

    proof = prove([entry], verified(FILE), ROOT)

    assert (proof.fact, proof.by_promise, proof.by_inclusion) == (Transparency.PROVED, True, False)


@pytest.mark.parametrize("kind", ["dsse 0.0.1", "intoto 0.0.1", "intoto 0.0.2"])
def test_an_envelope_as_cosign_stored_it(kind: str) -> None:
    entry = SIGSTORE.entry(ENVELOPE, Logged(kind=kind))
    (read,) = entries_of_bundle([entry], Needs.PROOF)
    other = verified(SIGSTORE.sign(statement=statement(b"content"), keyid="another envelope"), stored=True)

    assert prove([read], verified(ENVELOPE, stored=True), ROOT).fact is Transparency.PROVED
    assert "envelope" in prove([read], other, ROOT).problem


@pytest.mark.parametrize("signing", keys.ALL, ids=lambda signing: signing.name)
def test_every_kind_of_bare_key(signing: keys.SigningKey) -> None:
    assert judge(SIGSTORE.sign(file=b"content", signer=signing), "v1", "v2").problem == ""


@pytest.mark.parametrize("signing", [keys.p384, keys.rsa2048, keys.ed25519], ids=lambda signing: signing.name)
def test_every_kind_of_log_key(signing: keys.SigningKey) -> None:
    first, second = Log("rekor.example", signing), Log("log.example", signing, 2)
    promised = Logged(log=first, checkpoint=Checkpoint(hint=first.log_id[:4]))
    foreign = Logged(log=first, checkpoint=Checkpoint(hint=first.log_id[:4]), promise_key=key("foreign", "p384"))

    assert judge(FILE, promised, trusted=root(logs=(first,))).by_promise
    assert judge(FILE, Logged(log=second), trusted=root(logs=(second,))).by_inclusion
    assert "is not by rekor.example" in judge(FILE, foreign, trusted=root(logs=(first,))).problem


def test_a_file_of_which_only_the_digest_is_known() -> None:
    (entry,) = entries_of_bundle([SIGSTORE.entry(FILE)], Needs.PROOF)
    right, wrong, other = (
        prove([entry], Signed(FILE.signature, FILE.verifier_der, known), ROOT)
        for known in (
            Message.known({"sha256": FILE.digest}),
            Message.known({"sha256": bytes(32)}),
            Message.known({"sha512": hashlib.sha512(FILE.content).digest()}),
        )
    )

    assert right.fact is Transparency.PROVED
    assert "sha256 of the signed message" in wrong.problem
    assert "only the sha512" in other.problem


OTHER_SIGNATURE = mirrored(FILE.signature)


@pytest.mark.parametrize("log", ["v1", "v2"])
@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (SIGSTORE.sign(file=b"another file"), "sha256 of the signed message"),
        (SIGSTORE.sign(file=b"content", signature=OTHER_SIGNATURE), "other signatures"),
        (SIGSTORE.sign(file=b"content", signature=FILE.signature, signer=keys.publisher), "another key or certificate"),
        (
            SIGSTORE.sign(file=b"content", signature=FILE.signature, signer=SIGSTORE.leaf_key),
            "another key or certificate",
        ),
        (SIGSTORE.sign(file=b"content", signer=SIGSTORE.leaf(identity="other@example.com")), "another key or cert"),
    ],
    ids=["artifact", "signature", "key", "certificate's bare key", "certificate of the same key"],
)
def test_D01_an_entry_about_something_else(log: str, about: Made, reason: str) -> None:
    """The other signature is good, too: it is not the one that was logged."""
    assert verifies(keys_of(FILE), OTHER_SIGNATURE, Message(FILE.content))

    proof = judge(FILE, Logged(log=log, about=about))

    assert reason in proof.problem
    assert (proof.fact, proof.records) == (Transparency.INVALID, ())


@pytest.mark.parametrize("kind", ["dsse 0.0.1", "intoto 0.0.2", "hashedrekord 0.0.1", "hashedrekord 0.0.2"])
@pytest.mark.parametrize(
    "about",
    [
        SIGSTORE.sign(statement=statement(b"another file")),
        SIGSTORE.sign(statement=statement(b"content"), signer=keys.publisher),
        SIGSTORE.sign(statement=statement(b"content"), signer=keys.publisher, signature=ENVELOPE.signature),
        SIGSTORE.sign(statement=statement(b"content"), signature=mirrored(ENVELOPE.signature)),
    ],
    ids=["statement", "signer", "key", "signature"],
)
def test_D01_an_entry_about_another_envelope(kind: str, about: Made) -> None:
    log = "v2" if kind.endswith("2") and kind.startswith("hashed") else "v1"

    assert judge(ENVELOPE, Logged(log=log, kind=kind)).fact is Transparency.PROVED
    assert judge(ENVELOPE, Logged(log=log, kind=kind, about=about)).fact is Transparency.INVALID


def test_D02_an_entry_about_something_else_beside_the_right_one() -> None:
    other = Logged(log="v1", about=SIGSTORE.sign(file=b"another file"), position=2)

    assert judge(FILE, other, "v2").fact is judge(FILE, "v2", other).fact is Transparency.INVALID


@pytest.mark.parametrize(
    "members",
    [
        {"integratedTime": int(SIGNED.timestamp()) - 1},
        {"logIndex": 1},
        {"logID": "0" * 64},
        {"body": "e30="},
        {"more": 1},
    ],
)
def test_D03_a_promise_of_something_else(members: Edits) -> None:
    proof = judge(FILE, Logged(promise_of=members))

    assert "signed entry timestamp" in proof.problem


def test_D04_a_promise_that_the_log_did_not_sign() -> None:
    assert "is not by rekor" in judge(FILE, Logged(promise_key=key("foreign"))).problem
    assert "is not by rekor" in judge(FILE, "v1", edits={"0.inclusionPromise.signedEntryTimestamp": flipped}).problem


def test_D04_a_promise_without_its_time() -> None:
    assert "no integratedTime" in judge(FILE, "v1", edits={"0.integratedTime": REMOVED}).problem


def test_D05_a_time_without_a_promise_means_nothing() -> None:
    proof = judge(FILE, Logged(promise=False, at=SIGNED + timedelta(days=400)))

    assert (proof.fact, proof.times, proof.by_promise) == (Transparency.PROVED, (), False)


@pytest.mark.parametrize("log", ["v1", "v2"])
@pytest.mark.parametrize(
    "edits",
    [
        {"hashes.0": flipped},
        {"hashes.2": flipped},
        {"hashes": lambda hashes: hashes[:-1]},
        {"hashes": lambda hashes: [*hashes, hashes[0]]},
        {"hashes": lambda hashes: hashes[::-1]},
        {"hashes": []},
        {"logIndex": "2"},
        {"logIndex": "7"},
        {"treeSize": "0"},
        {"treeSize": "8"},
        {"rootHash": flipped},
    ],
)
def test_D06_damaged_proof(log: str, edits: Edits) -> None:
    damaged = {f"0.inclusionProof.{path}": value for path, value in edits.items()}

    assert judge(FILE, log, edits=damaged).problem


@pytest.mark.parametrize("log", ["v1", "v2"])
def test_D07_a_good_checkpoint_of_another_tree(log: str) -> None:
    other = SIGSTORE.entry(FILE, Logged(log=log, others="another tree"))["inclusionProof"]
    later = SIGSTORE.entry(FILE, Logged(log=log, size=9))["inclusionProof"]

    for proof in (other, later):
        found = judge(FILE, log, edits={"0.inclusionProof.checkpoint": proof["checkpoint"]})
        assert "the checkpoint is of a tree of" in found.problem
        only_stated = {f"0.inclusionProof.{name}": proof[name] for name in ("checkpoint", "rootHash", "treeSize")}
        assert "inclusion proof" in judge(FILE, log, edits=only_stated).problem


def test_D07_a_checkpoint_that_contradicts_itself() -> None:
    assert judge(FILE, Logged(checkpoint=Checkpoint(size=8))).problem
    assert judge(FILE, Logged(checkpoint=Checkpoint(root=bytes(32)))).problem


def test_D08_a_checkpoint_that_another_log_signed() -> None:
    foreign = SIGSTORE.log("v2")

    assert judge(FILE, Logged(checkpoint=Checkpoint(unsigned=True, after=witnesses(2)))).problem
    assert judge(FILE, Logged(checkpoint=Checkpoint(origin=foreign.host, name=foreign.host))).problem


def test_D09_P10_witnesses_do_not_matter() -> None:
    cosigned = Checkpoint(before=witnesses(3), after=witnesses(9))

    assert judge(FILE, Logged(log="v2", checkpoint=cosigned)).by_inclusion


def test_D10_a_promise_is_no_inclusion() -> None:
    promised = judge(FILE, Logged(proof=False), needs=Needs.PROMISE)
    without_checkpoint = judge(FILE, "v1", edits={"0.inclusionProof.checkpoint": REMOVED}, needs=Needs.PROMISE)

    for proof in (promised, without_checkpoint):
        assert (proof.by_promise, proof.by_inclusion) == (True, False)
    damaged: Edits = {"0.inclusionProof.checkpoint": REMOVED, "0.inclusionProof.rootHash": flipped}
    assert judge(FILE, "v1", edits=damaged, needs=Needs.PROMISE).problem


def test_D10_an_entry_with_nothing() -> None:
    (entry,) = entries_of_bundle([SIGSTORE.entry(FILE)], Needs.PROOF)
    bare = type(entry)(entry.log_index, entry.key_id, entry.body, entry.kind, entry.version)

    assert "neither proof nor promise" in prove([bare], verified(FILE), ROOT).problem


def test_D11_two_entries_of_one_log_and_two_logs_of_one_operator() -> None:
    same = judge(FILE, "v1", Logged(position=5))
    named = root(logs=tuple(Trusted(whom=log, operator=log.host) for log in SIGSTORE.logs.values()))
    one = root(logs=tuple(Trusted(whom=log, operator="sigstore.example") for log in SIGSTORE.logs.values()))

    assert (len(same.records), len(same.logs), len(same.operators)) == (2, 1, 1)
    assert len(judge(FILE, "v1", "v2", trusted=named).operators) == 2
    for trusted in (one, ROOT):  # without a name they may be one
        found = judge(FILE, "v1", "v2", trusted=trusted)
        assert (len(found.logs), len(found.operators)) == (2, 1)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("log", ["v1", "v2"])
def test_D13_P14_the_window_of_the_log_with_both_its_ends(log: str) -> None:
    """A promise brings its own time, and others do not help it; for the rest the given times decide."""

    def fact(start: datetime, end: datetime | None) -> Transparency:
        trusted = root(logs=(Trusted(whom=SIGSTORE.log(log), start=start, end=end),))
        return judge(FILE, log, trusted=trusted).fact

    assert fact(SIGNED, SIGNED) is Transparency.PROVED
    assert fact(SIGNED, None) is Transparency.PROVED
    assert fact(SIGNED + SECOND, None) is Transparency.INVALID
    assert fact(SIGNED - SECOND, SIGNED - SECOND) is Transparency.INVALID


def test_D13_a_promise_is_judged_by_its_own_time() -> None:
    trusted = root(logs=(Trusted(whom=SIGSTORE.log("v1"), end=SIGNED - SECOND),))

    assert "counts from" in judge(FILE, "v1", trusted=trusted, times=(SIGNED - SECOND,)).problem


def test_D13_without_any_time_the_log_must_be_one_without_end() -> None:
    ended = root(logs=(Trusted(whom=SIGSTORE.log("v2"), end=SIGNED),))

    assert judge(FILE, "v2", times=()).fact is Transparency.PROVED
    assert "found no verified time" in judge(FILE, "v2", trusted=ended, times=()).problem


@pytest.mark.parametrize(
    "label", [{"kind": "dsse"}, {"version": "0.0.2"}, {"version": "0.0.3"}, {"kind": "Hashedrekord"}]
)
def test_D15_the_label_is_not_the_bodys(label: dict[str, str]) -> None:
    damaged = {f"0.kindVersion.{name}": value for name, value in label.items()}

    assert "is labelled" in judge(FILE, "v1", edits=damaged).problem


@pytest.mark.parametrize("kind", ["dsse 0.0.2", "intoto 0.0.1"])
def test_D16_a_kind_that_says_too_little_does_not_count(kind: str) -> None:
    alone = judge(ENVELOPE, Logged(kind=kind))
    beside = judge(ENVELOPE, Logged(kind=kind), "v2")

    assert (alone.fact, alone.times, alone.problem) == (Transparency.ABSENT, (), "")
    assert "which is not read" in alone.skipped[0]
    assert [record.log.host for record in beside.records] == [SIGSTORE.log("v2").host]


def test_D16_a_kind_that_nobody_knows() -> None:
    body = json.dumps({"apiVersion": "0.0.1", "kind": "rpm", "spec": {}}).encode()
    found = judge(FILE, Logged(raw_body=body, edits={"kindVersion.kind": "rpm"}))

    assert (found.fact, len(found.skipped)) == (Transparency.ABSENT, 1)


@pytest.mark.parametrize("kind", ["hashedrekord 0.0.1", "hashedrekord 0.0.2"])
def test_D22_the_payload_was_logged_in_place_of_what_is_signed(kind: str) -> None:
    digest = hashlib.sha256(ENVELOPE.content).digest()
    path = "spec.data.hash.value" if kind.endswith("1") else "spec.hashedRekordV002.data.digest"
    value = digest.hex() if kind.endswith("1") else base64.b64encode(digest).decode()

    assert "sha256 of the signed message" in judge(ENVELOPE, Logged(kind=kind, body={path: value})).problem


def test_an_entry_of_an_unknown_log_neither_proves_nor_harms() -> None:
    foreign = Logged(log=PrivateSigstore("foreign").log("v1"))

    assert judge(FILE, foreign).fact is Transparency.ABSENT
    assert "not in the trusted root" in judge(FILE, foreign).skipped[0]
    assert judge(FILE, foreign, "v1").fact is Transparency.PROVED


def test_no_entries_prove_nothing() -> None:
    assert prove([], verified(FILE), ROOT).fact is Transparency.ABSENT


def test_P15_the_only_entry_of_its_tree() -> None:
    assert judge(FILE, Logged(log="v2", size=1, position=0)).by_inclusion


def keys_of(made: Made) -> Any:
    signing = made.signer.key if isinstance(made.signer, Leaf) else made.signer
    return signing.private.public_key()
