"""Readers of log entries: one reading of each, or an error for a person."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sigstore import REMOVED, SIGNED, Edits, Logged, PrivateSigstore, edited, url_safe
from tests.sigstore.cosign import rekor
from verifier.errors import EvidenceInvalid
from verifier.signature.logentry import LogEntry, Needs, entries_of_bundle, entry_of_annotation

SIGSTORE = PrivateSigstore()
MADE = SIGSTORE.sign(file=b"content")
V1 = SIGSTORE.entry(MADE, "v1")
V2 = SIGSTORE.entry(MADE, "v2")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def read(edits: Edits, entry: Any = V1, needs: Needs = Needs.PROOF) -> LogEntry:
    return entries_of_bundle([edited(entry, edits)], needs)[0]


def annotation(edits: Edits, shape: str = "cosign") -> LogEntry:
    return entry_of_annotation(json.dumps(edited(json.loads(rekor(V1, shape)), edits)))


def snake(value: Any) -> Any:
    """The same JSON with the original names of protobuf."""
    if isinstance(value, list):
        return [snake(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): snake(item) for name, item in value.items()}


def test_everything_of_an_entry() -> None:
    entry = read({})

    assert entry.proof is not None
    assert (entry.kind, entry.version) == ("hashedrekord", "0.0.1")
    assert (entry.log_index, entry.proof.index, entry.proof.size) == (int(V1["logIndex"]), 3, 7)
    assert entry.integrated_time == int(SIGNED.timestamp())
    assert entry.key_id == SIGSTORE.log("v1").log_id
    assert len(entry.proof.hashes) == 3
    assert entry.proof.checkpoint.startswith("rekor.sigstore.example - ")


def test_a_v2_entry_has_neither_promise_nor_time() -> None:
    assert (read({}, V2).promise, read({}, V2).integrated_time) == (None, None)
    assert read({"integratedTime": "0", "inclusionPromise": None}, V2) == read({}, V2)


def test_P07_P09_both_spellings_alphabets_and_number_forms_and_unknown_members() -> None:
    entry = edited(
        snake(V1),
        {
            "log_index": int,
            "inclusion_proof.tree_size": int,
            "canonicalized_body": url_safe,
            "log_id.key_id": url_safe,
            "inclusion_proof.root_hash": url_safe,
            "inclusion_promise.later": "unknown",
            "later": {"any": "thing"},
        },
    )

    assert entries_of_bundle([entry], Needs.PROOF) == (read({}),)


def test_P15_an_index_of_zero_may_be_absent() -> None:
    first = SIGSTORE.entry(MADE, Logged(log="v2", size=1, position=0))
    bare = edited(first, {"logIndex": REMOVED, "inclusionProof.logIndex": REMOVED, "inclusionProof.hashes": REMOVED})

    assert entries_of_bundle([bare], Needs.PROOF) == entries_of_bundle([first], Needs.PROOF)


@pytest.mark.parametrize("found", [None, []])
def test_no_entries(found: object) -> None:
    assert entries_of_bundle(found, Needs.PROOF) == ()


@pytest.mark.parametrize(
    "value", ["-1", -1, str(2**63), 2**63, 1.0, True, "", " 1", "1 ", "+1", "01", "1e3", "0x1", "\u0661", [], {}]
)
@pytest.mark.parametrize("path", ["logIndex", "inclusionProof.logIndex", "inclusionProof.treeSize", "integratedTime"])
def test_D06_numbers_that_are_none(path: str, value: object) -> None:
    with pytest.raises(EvidenceInvalid, match="expected a whole number"):
        read({path: value})


def test_a_time_beyond_the_calendar() -> None:
    with pytest.raises(EvidenceInvalid, match="after the year 9999"):
        read({"integratedTime": "253402300800"})


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ({"": "text"}, "not an object"),
        ({"log_index": "1"}, "has both `logIndex` and `log_index`"),
        ({"LogIndex": "1"}, "differs only in case"),
        ({"inclusionProof.tree_size": "7"}, "has both"),
        ({"logId": REMOVED}, "not an object"),
        ({"logId.keyId": ""}, "missing or not a string"),
        ({"logId.keyId": "A" * 100}, "at most 64"),
        ({"kindVersion": REMOVED}, "no kindVersion"),
        ({"kindVersion.kind": ""}, "does not name a kind and a version"),
        ({"kindVersion.version": 1}, "does not name a kind and a version"),
        ({"canonicalizedBody": REMOVED}, "missing or not a string"),
        ({"canonicalizedBody": "e30=\n"}, "not base64"),
        ({"inclusionPromise": {}}, "missing or not a string"),
        ({"inclusionPromise": "text"}, "not an object"),
        ({"inclusionProof": []}, "not an object"),
        ({"inclusionProof.hashes": "text"}, "not a list of at most 64"),
        ({"inclusionProof.hashes": ["A" * 43 + "="] * 65}, "not a list of at most 64"),
        ({"inclusionProof.hashes.0": "c2hvcnQ="}, "has 5 bytes; expected 32"),
        ({"inclusionProof.hashes.0": None}, "missing or not a string"),
        ({"inclusionProof.rootHash": REMOVED}, "missing or not a string"),
        ({"inclusionProof.rootHash": "c2hvcnQ="}, "has 5 bytes; expected 32"),
        ({"inclusionProof.checkpoint": "text"}, "not an object"),
        ({"inclusionProof.checkpoint.envelope": 1}, "not a text"),
        ({"inclusionProof.checkpoint.envelope": "x" * 20_000}, "larger than"),
    ],
)
def test_B13_B34_entries_with_no_reading_or_two(edits: Edits, reason: str) -> None:
    with pytest.raises(EvidenceInvalid, match=reason):
        read(edits)


def test_D20_a_huge_body_is_not_read() -> None:
    with pytest.raises(EvidenceInvalid, match="larger than"):
        read({"canonicalizedBody": "A" * 200_000})


@pytest.mark.parametrize("found", ["text", {}, 7, [None], [7], ["text"]])
def test_entries_that_are_no_list_of_objects(found: object) -> None:
    with pytest.raises(EvidenceInvalid):
        entries_of_bundle(found, Needs.PROOF)


def test_more_entries_than_are_read() -> None:
    with pytest.raises(EvidenceInvalid, match="33 log entries; at most 32"):
        entries_of_bundle([V1] * 33, Needs.PROOF)


def test_D12_duplicate_entries() -> None:
    again = edited(V1, {"inclusionPromise": REMOVED})

    with pytest.raises(EvidenceInvalid, match="one log entry twice"):
        entries_of_bundle([V1, V2, again], Needs.PROOF)
    assert len(entries_of_bundle([V1, V2], Needs.PROOF)) == 2


@pytest.mark.parametrize("path", ["inclusionProof", "inclusionProof.checkpoint", "inclusionProof.checkpoint.envelope"])
def test_D10_missing_proof_or_checkpoint_in_a_later_bundle(path: str) -> None:
    with pytest.raises(EvidenceInvalid, match="no inclusion proof with a checkpoint"):
        read({path: REMOVED})
    assert read({path: REMOVED}, needs=Needs.PROMISE).promise


def test_D10_missing_promise_in_a_bundle_of_the_first_version() -> None:
    with pytest.raises(EvidenceInvalid, match="no signed entry timestamp"):
        read({}, V2, needs=Needs.PROMISE)


@pytest.mark.parametrize("shape", ["cosign", "docker"])
def test_an_annotation_has_the_four_members_of_a_promise(shape: str) -> None:
    entry, same = annotation({}, shape), read({})

    assert (entry.log_index, entry.key_id, entry.body) == (same.log_index, same.key_id, same.body)
    assert (entry.integrated_time, entry.promise) == (same.integrated_time, same.promise)
    assert (entry.kind, entry.proof) == ("", None)


def test_dockers_shape_with_strings_base64_and_all_members_of_a_bundle() -> None:
    assert annotation({"content.verificationMaterial.tlogEntries.0": V1}, "docker") == read({})


def test_O21_both_shapes_in_one_annotation() -> None:
    with pytest.raises(EvidenceInvalid, match="exactly one of its two known shapes"):
        entry_of_annotation(rekor(V1, "both"))


@pytest.mark.parametrize(
    ("shape", "edits"),
    [
        ("cosign", {"SignedEntryTimestamp": REMOVED}),
        ("cosign", {"SignedEntryTimestamp": ""}),
        ("cosign", {"Payload": REMOVED}),
        ("cosign", {"Payload": []}),
        ("cosign", {"Payload.body": {}}),
        ("cosign", {"Payload.logID": REMOVED}),
        ("cosign", {"Payload.logID": str.upper}),
        ("cosign", {"Payload.logID": lambda text: text[2:]}),
        ("cosign", {"Payload.logIndex": REMOVED}),
        ("cosign", {"Payload.logIndex": -1}),
        ("cosign", {"Payload.logindex": 1}),
        ("cosign", {"payload": {}}),
        ("cosign", {"content": {}}),
        ("docker", {"content": None}),
        ("docker", {"content.verificationMaterial.tlogEntries": []}),
        ("docker", {"content.verificationMaterial.tlogEntries": lambda entries: entries * 2}),
        ("docker", {"content.verificationMaterial.tlogEntries.0.inclusionPromise": REMOVED}),
        ("docker", {"content.verificationMaterial.tlogEntries.0.logId.keyId": "c2hvcnQ="}),
        ("docker", {"content.verification_material": {}}),
    ],
)
def test_annotations_with_no_reading_or_two(shape: str, edits: Edits) -> None:
    with pytest.raises(EvidenceInvalid):
        annotation(edits, shape)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"content":1,"content":2}', "\ud800", "[" * 9999, "x" * 70_000]
)
def test_annotations_that_are_no_json_object(text: str) -> None:
    with pytest.raises(EvidenceInvalid):
        entry_of_annotation(text)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*V1, "inclusionProof.hashes", "inclusionProof.checkpoint", "logId.keyId"]), JSON_VALUES)
def test_any_member_gives_entries_or_our_error(path: str, value: object) -> None:
    with contextlib.suppress(EvidenceInvalid):
        assert read({path: value}, needs=Needs.PROMISE).promise


@settings(max_examples=100, deadline=None)
@given(
    st.text()
    | JSON_VALUES.map(json.dumps)
    | st.sampled_from(["SignedEntryTimestamp", "Payload", "content"]).flatmap(
        lambda name: JSON_VALUES.map(lambda value: json.dumps({name: value}))
    )
)
def test_any_annotation_gives_an_entry_or_our_error(text: str) -> None:
    with contextlib.suppress(EvidenceInvalid):
        assert entry_of_annotation(text).promise
