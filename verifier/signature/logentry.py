"""Entries of transparency logs, as they come with a signature; read strictly, and nothing of them believed yet.

    bundle       `tlogEntries` in protobuf JSON (sigstore/protobuf-specs, `sigstore_rekor.proto`)
    annotation   `dev.sigstore.cosign/bundle` beside a signature: cosign's own shape, or the one that Docker writes

Members that are zero may be absent in protobuf JSON, so an absent index is 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

import msgspec

from verifier import strictjson
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.signature import base64text, members, merkle

_DIGITS = re.compile(r"0|[1-9][0-9]{0,18}")
_LOG_ID = re.compile(r"[0-9a-f]{64}")
_LARGEST = 2**63 - 1
_LAST_SECOND = 253402300799  # of the year 9999: no calendar here goes further
_KEY_ID_BYTES = 64  # v1 and v2 have 32

_ENTRY = (
    "logIndex",
    "logId",
    "kindVersion",
    "integratedTime",
    "inclusionPromise",
    "inclusionProof",
    "canonicalizedBody",
)


class Needs(StrEnum):
    """What each entry must bring: bundles v0.1 and annotations a promise, later bundles a proof with checkpoint."""

    PROMISE = "promise"
    PROOF = "proof"


class Proof(msgspec.Struct, frozen=True):
    """An inclusion proof: `index` is the place in the tree, `checkpoint` the signed note, or "" where there is none."""

    index: int
    size: int
    root: bytes
    hashes: tuple[bytes, ...]
    checkpoint: str = ""


class LogEntry(msgspec.Struct, frozen=True):
    """An entry as found. `body` are the bytes that the log recorded.

    `log_index` counts through all trees of a v1 log. `promise` is the signed entry timestamp; without one,
    `integrated_time` (seconds since 1970) means nothing. `kind` and `version` are "" where no label came with it.
    """

    log_index: int
    key_id: bytes
    body: bytes
    kind: str = ""
    version: str = ""
    integrated_time: int | None = None
    promise: bytes | None = None
    proof: Proof | None = None


def entries_of_bundle(found: object, needs: Needs) -> tuple[LogEntry, ...]:
    """The `tlogEntries` of a bundle, as JSON gave them; none for an absent list. Raises `EvidenceInvalid`."""
    if found is None:
        return ()
    if not isinstance(found, list):
        raise EvidenceInvalid("the bundle's log entries are not a list")
    if len(found) > DEFAULT_LIMITS.log_entries:
        raise EvidenceInvalid(f"the bundle has {len(found)} log entries; at most {DEFAULT_LIMITS.log_entries} are read")
    entries = tuple(_labelled(value) for value in found)
    if len({(entry.key_id, entry.log_index) for entry in entries}) < len(entries):
        raise EvidenceInvalid("the bundle has one log entry twice; it would count for two")
    for entry in entries:
        _has(entry, needs)
    return entries


def entry_of_annotation(text: str) -> LogEntry:
    """What cosign keeps beside a signature or an envelope, in either shape. Raises `EvidenceInvalid`."""
    if len(text) > DEFAULT_LIMITS.rekor_annotation_bytes:
        raise EvidenceInvalid(f"the log annotation is larger than {DEFAULT_LIMITS.rekor_annotation_bytes} bytes")
    try:
        document = strictjson.loads(text.encode("utf-8", "surrogatepass"))
    except strictjson.JSONRefused as fault:
        raise EvidenceInvalid(f"the log annotation is {fault}") from None
    root = members.exact(document, "log annotation", ("SignedEntryTimestamp", "Payload", "content"))
    if ("SignedEntryTimestamp" in root or "Payload" in root) == ("content" in root):
        raise EvidenceInvalid("the log annotation has not exactly one of its two known shapes")
    entry = _docker_shape(root["content"]) if "content" in root else _cosign_shape(root)
    _has(entry, Needs.PROMISE)
    return entry


def _has(entry: LogEntry, needs: Needs) -> None:
    if needs is Needs.PROMISE and entry.promise is None:
        raise EvidenceInvalid(f"log entry {entry.log_index} has no signed entry timestamp")
    if needs is Needs.PROOF and (entry.proof is None or not entry.proof.checkpoint):
        raise EvidenceInvalid(f"log entry {entry.log_index} has no inclusion proof with a checkpoint")


def _labelled(value: object) -> LogEntry:
    entry = _entry(value, lambda text: _bytes(text, "log entry's logId"))
    if not entry.kind:
        raise EvidenceInvalid(f"log entry {entry.log_index} has no kindVersion")
    return entry


def _cosign_shape(root: dict[str, object]) -> LogEntry:
    names = ("body", "integratedTime", "logIndex", "logID")
    payload = members.exact(root.get("Payload"), "log annotation's Payload", names)
    log_id = payload.get("logID")
    if not isinstance(log_id, str) or not _LOG_ID.fullmatch(log_id):
        raise EvidenceInvalid(f"the log annotation's logID is {log_id!r:.100}; expected 64 hex digits")
    return LogEntry(
        log_index=_integer(payload.get("logIndex"), "log annotation's logIndex"),
        key_id=bytes.fromhex(log_id),
        body=_body(payload.get("body")),
        integrated_time=_seconds(payload.get("integratedTime")),
        promise=_bytes(root.get("SignedEntryTimestamp"), "signed entry timestamp"),
    )


def _docker_shape(content: object) -> LogEntry:
    """A bundle's entry, with the log's name in hex or base64, and without a label."""
    material = members.proto(content, "log annotation's content", ("verificationMaterial",))
    inner = members.proto(material.get("verificationMaterial"), "log annotation's material", ("tlogEntries",))
    entries = inner.get("tlogEntries")
    if not isinstance(entries, list) or len(entries) != 1:
        raise EvidenceInvalid("the log annotation's tlogEntries are not a list of exactly one")
    return _entry(entries[0], _hex_or_base64)


def _hex_or_base64(text: object) -> bytes:
    if isinstance(text, str) and _LOG_ID.fullmatch(text):
        return bytes.fromhex(text)
    return _hash(text, "log entry's logId")


def _entry(value: object, key_id: Callable[[object], bytes]) -> LogEntry:
    found = members.proto(value, "log entry", _ENTRY)
    name = key_id(members.proto(found.get("logId"), "log entry's logId", ("keyId",)).get("keyId"))
    if len(name) > _KEY_ID_BYTES:
        raise EvidenceInvalid(f"the log entry's logId has {len(name)} bytes; at most {_KEY_ID_BYTES} are read")
    kind, version = _label(found.get("kindVersion"))
    return LogEntry(
        log_index=_integer(found.get("logIndex", 0), "log entry's logIndex"),
        key_id=name,
        body=_body(found.get("canonicalizedBody")),
        kind=kind,
        version=version,
        integrated_time=_seconds(found.get("integratedTime")),
        promise=_promise(found.get("inclusionPromise")),
        proof=_proof(found.get("inclusionProof")),
    )


def _label(value: object) -> tuple[str, str]:
    if value is None:
        return "", ""
    label = members.proto(value, "log entry's kindVersion", ("kind", "version"))
    kind, version = label.get("kind"), label.get("version")
    if not isinstance(kind, str) or not isinstance(version, str) or not kind or not version:
        raise EvidenceInvalid("the log entry's kindVersion does not name a kind and a version")
    return kind, version


def _promise(value: object) -> bytes | None:
    if value is None:
        return None
    promise = members.proto(value, "log entry's inclusionPromise", ("signedEntryTimestamp",))
    return _bytes(promise.get("signedEntryTimestamp"), "signed entry timestamp")


def _proof(value: object) -> Proof | None:
    if value is None:
        return None
    names = ("logIndex", "rootHash", "treeSize", "hashes", "checkpoint")
    found = members.proto(value, "inclusion proof", names)
    hashes = found.get("hashes", [])
    if not isinstance(hashes, list) or len(hashes) > DEFAULT_LIMITS.log_proof_hashes:
        raise EvidenceInvalid(
            f"the inclusion proof's hashes are not a list of at most {DEFAULT_LIMITS.log_proof_hashes}"
        )
    return Proof(
        index=_integer(found.get("logIndex", 0), "inclusion proof's logIndex"),
        size=_integer(found.get("treeSize", 0), "inclusion proof's treeSize"),
        root=_hash(found.get("rootHash"), "inclusion proof's rootHash"),
        hashes=tuple(_hash(text, "inclusion proof's hash") for text in hashes),
        checkpoint=_checkpoint(found.get("checkpoint")),
    )


def _checkpoint(value: object) -> str:
    if value is None:
        return ""
    note = members.proto(value, "inclusion proof's checkpoint", ("envelope",)).get("envelope", "")
    if not isinstance(note, str):
        raise EvidenceInvalid("the inclusion proof's checkpoint is not a text")
    if len(note) > DEFAULT_LIMITS.checkpoint_bytes:
        raise EvidenceInvalid(f"the checkpoint is larger than {DEFAULT_LIMITS.checkpoint_bytes} bytes")
    return note


def _body(value: object) -> bytes:
    body = _bytes(value, "log entry's body")
    if len(body) > DEFAULT_LIMITS.log_body_bytes:
        raise EvidenceInvalid(f"the log entry's body is larger than {DEFAULT_LIMITS.log_body_bytes} bytes")
    return body


def _seconds(value: object) -> int | None:
    """None for absent and for 0, which is how Rekor v2 says that it notes no time."""
    seconds = 0 if value is None else _integer(value, "log entry's integratedTime")
    if seconds > _LAST_SECOND:
        raise EvidenceInvalid(f"the log entry's integratedTime {seconds} is after the year 9999")
    return seconds or None


def _integer(value: object, what: str) -> int:
    """Of 64 bits, as a number or as digits in a string."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise EvidenceInvalid(f"the {what} is {value!r:.60}; expected a whole number from 0 to {_LARGEST}")
    return value


def _hash(value: object, what: str) -> bytes:
    decoded = _bytes(value, what)
    if len(decoded) != merkle.HASH_BYTES:
        raise EvidenceInvalid(f"the {what} has {len(decoded)} bytes; expected {merkle.HASH_BYTES}")
    return decoded


def _bytes(value: object, what: str) -> bytes:
    if not isinstance(value, str) or not value:
        raise EvidenceInvalid(f"the {what} is missing or not a string")
    return base64text.decode(value, what)
