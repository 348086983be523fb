"""Log entries and timestamps that are false, or of something else, through the whole pipeline."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.publisher import keys
from tests.publisher.documents import encode
from tests.signature.keyless_signatures import (
    BUNDLES,
    ENTRY,
    FOREIGN,
    FORMS,
    SIGSTORE,
    SIMPLE,
    STATEMENT,
    bundle,
    bundle_found,
    judged,
    key_of,
    layer,
    layer_found,
    said,
)
from tests.signature.signed_documents import ARTIFACT
from tests.signature.test_proofs import LAX, OUR_KEY, SECOND, SIGNER, STRICT, TIME, by_key, fact, forms, refused
from tests.sigstore import (
    REMOVED,
    SIGNED,
    Edits,
    Logged,
    Stamped,
    edited,
    flipped,
    key,
    statement,
)
from tests.sigstore.bodies import body as body_of
from tests.sigstore.cosign import blob_of, rekor
from verifier.model import Checked, FoundSignature, Status, Transparency
from verifier.model.trust import Trust
from verifier.signature import check_one

OTHERS: dict[str, Any] = {
    "simple signing": {"file": SIMPLE + b"\n"},
    "envelope": {"statement": statement(b"other")},
    "message": {"file": b"other"},
    "bundled envelope": {"statement": statement(b"other")},
}


@forms
@pytest.mark.parametrize("signer", [SIGNER, keys.stranger], ids=["same signer", "stranger"])
def test_D01_an_entry_about_something_else(form: str, signer: keys.SigningKey) -> None:
    about = SIGSTORE.sign(signer=signer, **OTHERS[form])
    kind = "intoto 0.0.2" if form == "envelope" else ""

    assert refused(by_key(form, log=Logged(about=about, kind=kind)))


@forms
def test_D01_an_entry_about_the_same_content_of_another_signer(form: str) -> None:
    file = {"message": ARTIFACT, "simple signing": SIMPLE}.get(form)
    about = SIGSTORE.sign(signer=keys.stranger, file=file, statement=None if file else STATEMENT)
    kind = "intoto 0.0.2" if form == "envelope" else ""

    assert refused(by_key(form, log=Logged(about=about, kind=kind)))


@forms
def test_D01_the_entry_of_a_certificate_with_the_same_key(form: str) -> None:
    """Signatures agree; who the log says that made them does not."""
    signer = SIGSTORE.leaf(key=SIGNER)
    made = FORMS[form](signer=signer)
    bare = FORMS[form](signer=SIGNER, log=None)

    if form in BUNDLES:
        entries = json.loads(made.payload)["verificationMaterial"]["tlogEntries"]
        exchanged = bundle_found(edited(json.loads(bare.payload), {"verificationMaterial.tlogEntries": entries}))
    else:
        exchanged = replace(bare, rekor=made.rekor)

    assert "another key or certificate" in refused(check_one(exchanged, OUR_KEY))


def test_D02_a_false_entry_beside_a_true_one() -> None:
    about = SIGSTORE.sign(file=b"other", signer=SIGNER)
    logs = ("v1", Logged(log="v2", about=about))

    for several in (logs, logs[::-1]):
        refused(check_one(bundle_found(SIGSTORE.bundle(file=ARTIFACT, signer=SIGNER, logs=several)), OUR_KEY))


def bundled(edits: Edits, log: str | Logged = "v1", by: Trust = OUR_KEY) -> Checked:
    return check_one(bundle(signer=SIGNER, log=log, edits=edits), by)


@pytest.mark.parametrize(
    "edits",
    [
        {"integratedTime": str(int(SIGNED.timestamp()) - 1)},
        {"integratedTime": str(int(SIGNED.timestamp()) + 86_400)},
        {"logIndex": "1"},
        {"logIndex": "4163435"},
    ],
)
def test_D03_a_promise_with_another_time_or_index(edits: Edits) -> None:
    assert "signed entry timestamp" in refused(bundled({f"{ENTRY}.{name}": value for name, value in edits.items()}))


@pytest.mark.parametrize("shape", ["cosign", "docker"])
def test_D03_D14_an_annotation_with_another_time(shape: str) -> None:
    found = layer(file=SIMPLE, signer=SIGNER, shape=shape)
    assert found.rekor is not None
    at = str(int(SIGNED.timestamp()))

    backdated = replace(found, rekor=found.rekor.replace(at, str(int(at) - 86_400)))

    assert "signed entry timestamp" in refused(check_one(backdated, OUR_KEY))


@forms
def test_D04_a_promise_that_the_log_did_not_sign(form: str) -> None:
    assert "signed entry timestamp" in refused(by_key(form, log=Logged(promise_key=key("somebody"))))


def test_D04_a_damaged_promise() -> None:
    assert refused(bundled({f"{ENTRY}.inclusionPromise.signedEntryTimestamp": flipped}))
    assert refused(bundled({f"{ENTRY}.inclusionPromise.signedEntryTimestamp": "AAAA"}))


def test_D05_a_time_without_a_promise_is_not_told() -> None:
    checked = bundled({f"{ENTRY}.inclusionPromise": REMOVED})

    assert fact(checked) == (Status.VERIFIED, Transparency.PROVED, "")


@pytest.mark.parametrize("log", ["v1", "v2"])
@pytest.mark.parametrize(
    "edits",
    [
        {"hashes.0": flipped},
        {"hashes": []},
        {"hashes": ["A" * 43 + "="] * 65},
        {"logIndex": "4"},
        {"logIndex": "-1"},
        {"logIndex": "7"},
        {"treeSize": "0"},
        {"treeSize": "9223372036854775808"},
        {"rootHash": flipped},
        {"rootHash": ""},
        {"checkpoint": REMOVED},
    ],
)
def test_D06_D07_D10_a_damaged_inclusion_proof(log: str, edits: Edits) -> None:
    refused(bundled({f"{ENTRY}.inclusionProof.{name}": value for name, value in edits.items()}, log))


def test_D10_D12_what_an_entry_must_bring() -> None:
    assert refused(bundled({f"{ENTRY}.inclusionProof": REMOVED}))
    assert refused(check_one(bundle(signer=SIGNER, version="0.1", log="v2"), OUR_KEY))
    twice = SIGSTORE.bundle(file=ARTIFACT, signer=SIGNER, logs=("v1", "v1"))
    assert refused(check_one(bundle_found(twice), OUR_KEY))


def test_D15_a_label_that_is_not_the_bodys() -> None:
    assert "is labelled" in refused(bundled({f"{ENTRY}.kindVersion.version": "0.0.2"}))


def test_D16_an_entry_of_a_kind_that_nobody_reads_does_not_count() -> None:
    body = json.dumps({"apiVersion": "0.0.1", "kind": "rpm", "spec": {}}).encode()
    odd = Logged(raw_body=body, edits={"kindVersion": {"kind": "rpm", "version": "0.0.1"}})

    assert fact(by_key("message", log=odd)) == (Status.VERIFIED, Transparency.UNCHECKED, "")
    assert "and here it is unchecked" in by_key("message", STRICT, log=odd).reason
    assert judged(bundle(log=odd, stamp="tsa")).status is Status.INVALID


def test_D22_the_payload_logged_in_place_of_what_is_signed() -> None:
    about = replace(SIGSTORE.sign(statement=STATEMENT, signer=SIGNER), payload_type="")

    assert refused(by_key("bundled envelope", log=Logged(log="v2", about=about)))


def envelope_of_two(logged: tuple[int, ...], found: tuple[int, ...]) -> FoundSignature:
    """An envelope with signatures of these signers, 0 being ours, and an entry that has recorded those."""
    made = [SIGSTORE.sign(statement=STATEMENT, signer=signer) for signer in (SIGNER, keys.stranger)]
    signatures = [made[number].envelope["signatures"][0] for number in found]
    blob = encode({**made[0].envelope, "signatures": signatures})
    recorded = [body_of(made[number], "dsse 0.0.1")["spec"]["signatures"][0] for number in logged]
    edits = {"spec.signatures": recorded, "spec.envelopeHash.value": hashlib.sha256(blob).hexdigest()}
    entry = SIGSTORE.entry(made[0], Logged(kind="dsse 0.0.1", body=edits))
    stored = SIGSTORE.cosign_layer(statement=STATEMENT, signer=SIGNER, log=None)
    return replace(layer_found(stored), payload=blob, rekor=rekor(entry))


@pytest.mark.parametrize(
    ("logged", "found", "fact"),
    [
        ((0, 1), (0, 1), "proved"),
        ((1, 0), (0, 1), "proved"),
        ((0,), (0, 1), "invalid"),
        ((0, 1), (0,), "invalid"),
        ((1,), (0,), "invalid"),
        ((0, 0), (0, 1), "invalid"),
    ],
)
def test_D23_every_signature_of_an_envelope_is_in_the_log_and_the_reverse(
    logged: tuple[int, ...], found: tuple[int, ...], fact: str
) -> None:
    assert check_one(envelope_of_two(logged, found), OUR_KEY).transparency == fact


# Timestamps that are false


@forms
def test_E01_the_timestamp_of_another_signature(form: str) -> None:
    assert said(by_key(form, log=None, stamp=Stamped(message=b"other"))) == (
        "invalid: the timestamp is of another signature"
    )
    assert judged(FORMS[form](stamp=Stamped(message=b"other"))).status is Status.INVALID


@forms
def test_E02_the_timestamp_of_an_unknown_authority_counts_for_nothing(form: str) -> None:
    unknown = Stamped(tsa=FOREIGN.tsas["tsa"])

    assert fact(by_key(form, log=None, stamp=unknown)) == (Status.VERIFIED, Transparency.ABSENT, "")
    assert "no trusted time" in judged(FORMS[form](log=None, stamp=unknown)).reason
    assert judged(FORMS[form](stamp=unknown)).time == TIME


def test_E11_what_is_stamped_depends_on_where_it_is_stored() -> None:
    """Of a stored envelope all of it, of everything else the signature."""
    made = SIGSTORE.sign(statement=STATEMENT, signer=SIGNER)
    over_signature, over_envelope = (Stamped(message=body) for body in (made.signature, blob_of(made)))

    for form, right, wrong in (
        ("envelope", over_envelope, over_signature),
        ("bundled envelope", over_signature, over_envelope),
    ):
        assert by_key(form, log=None, stamp=right).time == TIME
        assert "of another signature" in by_key(form, log=None, stamp=wrong).reason


@pytest.mark.parametrize(
    "text", ["junk", "[]", "{}", '{"SignedRFC3161Timestamp": ""}', '{"SignedRFC3161Timestamp": 1}']
)
@pytest.mark.parametrize("by", [OUR_KEY, STRICT, LAX], ids=["if present", "require", "ignore"])
def test_E08_a_timestamp_annotation_that_is_none_is_invalid_in_every_mode(text: str, by: Trust) -> None:
    assert check_one(replace(layer(file=SIMPLE, signer=SIGNER), timestamp=text), by).status is Status.INVALID


@pytest.mark.parametrize("at", [0, 20, 200, -200, -1])
def test_E08_a_damaged_token_is_invalid_and_not_absent(at: int) -> None:
    def damage(der: bytes) -> bytes:
        changed = bytearray(der)
        changed[at] ^= 1
        return bytes(changed)

    assert by_key("message", log=None, stamp=Stamped(embed=False, finished=damage)).status is Status.INVALID


def test_the_earliest_of_several_proved_times_is_told() -> None:
    stamps = (Stamped(at=SIGNED + 3 * SECOND), Stamped(tsa="tsa-direct", at=SIGNED - 3 * SECOND))
    found = SIGSTORE.bundle(file=ARTIFACT, signer=SIGNER, logs=("v1",), timestamps=stamps)

    assert check_one(bundle_found(found), OUR_KEY).time == "2026-01-15T12:00:57Z"


def test_a_proof_is_of_the_signature_that_the_trusted_key_made() -> None:
    """The first of an envelope is a stranger's, and the log has both."""
    trust = replace(OUR_KEY, trusted=(key_of(keys.stranger), key_of(SIGNER)))

    assert check_one(envelope_of_two((1, 0), (1, 0)), trust).transparency is Transparency.PROVED
