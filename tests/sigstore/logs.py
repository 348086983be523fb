"""Transparency logs that look like Rekor v1 and v2, and the entries that they give out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from tests.publisher.about import JSON
from tests.publisher.envelopes import encoded
from tests.publisher.keys import SigningKey
from tests.sigstore import bodies, checkpoints, merkle
from tests.sigstore.checkpoints import Checkpoint, Line
from tests.sigstore.edits import Edits, edited
from tests.sigstore.keys import key_id
from tests.sigstore.moments import SIGNED
from tests.sigstore.signed import Signed, compact

PLAIN: Final = Checkpoint()
EARLIER_SHARDS: Final = 4_163_431
"""Entries of shards before this one: a v1 log counts its global index through."""


class Log(msgspec.Struct, frozen=True):
    """A log: v1 signs entries as promises and notes a time; v2 does neither, and calls itself by its host."""

    host: str
    key: SigningKey
    version: int = 1
    tree_id: str = "1193050959916656506"

    @property
    def base_url(self) -> str:
        return f"https://{self.host}"

    @property
    def origin(self) -> str:
        return f"{self.host} - {self.tree_id}" if self.version == 1 else self.host

    @property
    def log_id(self) -> bytes:
        """Of v1 the hash of the key; of v2 the whole key id of its signed notes."""
        public = self.key.private.public_key()
        return key_id(public) if self.version == 1 else checkpoints.note_key_id(self.host, public)


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """How something is logged. Only `log` is ever needed; hooks change what is true, and the rest is made from that.

    `body` edits the body before it is logged, `raw_body` replaces its bytes; `about` logs something else than what the
    bundle holds; `promise_of` edits the four members before the promise is signed; `checkpoint` says how the
    checkpoint differs; `edits` change the finished entry. `others` names the other entries, so another word makes
    another tree.
    """

    log: str | Log = "v1"
    kind: str = ""  # such as "hashedrekord 0.0.1"; "" is the natural one
    at: datetime = SIGNED
    size: int = 7
    position: int = 3  # from 0; the last one where the tree is smaller
    others: str = "entry"
    about: Signed | None = None
    body: Edits = {}
    raw_body: bytes | None = None
    promise: bool | None = None  # None: as the log's version does
    promise_of: Edits = {}
    promise_key: SigningKey | None = None
    proof: bool = True
    checkpoint: Checkpoint = PLAIN
    edits: Edits = {}

    @property
    def place(self) -> int:
        return min(self.position, self.size - 1)


def entry(log: Log, signed: Signed, how: Logged) -> JSON:
    """One member of `tlogEntries`."""
    about = how.about or signed
    kind = how.kind or bodies.natural_kind(about, log.version)
    made = compact(edited(bodies.body(about, kind), how.body)) if how.raw_body is None else how.raw_body
    name, _, version = kind.partition(" ")
    found = {
        "logIndex": str(_global_index(log, how)),
        "logId": {"keyId": encoded(log.log_id)},
        "kindVersion": {"kind": name, "version": version},
        **({"integratedTime": str(int(how.at.timestamp()))} if log.version == 1 else {}),
        **(
            {"inclusionPromise": {"signedEntryTimestamp": encoded(promise(log, made, how))}}
            if _promised(log, how)
            else {}
        ),
        **({"inclusionProof": proof(log, made, how)} if how.proof else {}),
        "canonicalizedBody": encoded(made),
    }
    return edited(found, how.edits)


def promise(log: Log, body: bytes, how: Logged) -> bytes:
    """The signed entry timestamp over the canonical JSON of four members."""
    members = {
        "body": encoded(body),
        "integratedTime": int(how.at.timestamp()),
        "logID": log.log_id.hex(),
        "logIndex": _global_index(log, how),
    }
    return (how.promise_key or log.key).sign(compact(edited(members, how.promise_of)))


def proof(log: Log, body: bytes, how: Logged) -> JSON:
    """The inclusion proof of a body in a tree of `how.size`, with the checkpoint of that tree."""
    leaves = tree(body, how)
    root = merkle.root_hash(leaves)
    return {
        "logIndex": str(how.place),
        "rootHash": encoded(root),
        "treeSize": str(how.size),
        "hashes": [encoded(item) for item in merkle.inclusion_path(how.place, leaves)],
        "checkpoint": {"envelope": checkpoint(log, leaves, how.checkpoint)},
    }


def tree(body: bytes, how: Logged) -> list[bytes]:
    """Leaf hashes, `body` at its position among others."""
    leaves = [hashlib.sha256(f"{how.others} {number}".encode()).digest() for number in range(how.size)]
    leaves[how.place] = merkle.leaf_hash(body)
    return leaves


def checkpoint(log: Log, leaves: Sequence[bytes], options: Checkpoint = PLAIN) -> str:
    """The log's signed note about a tree."""
    own = Line(name=log.host, key=log.key)
    return checkpoints.written(log.origin, len(leaves), merkle.root_hash(leaves), own, options)


def _promised(log: Log, how: Logged) -> bool:
    return log.version == 1 if how.promise is None else how.promise


def _global_index(log: Log, how: Logged) -> int:
    return how.place + (EARLIER_SHARDS if log.version == 1 else 0)
