"""Whether transparency logs recorded exactly what was verified, from nothing but what came with it: no log is asked.

    entry ─► log of the trusted root ─► its kind ─► inclusion proof, checkpoint ─► promise ─► window ─► body

A promise (signed entry timestamp) and an inclusion proof are told apart, since a promise can be broken: a log that
signs entries and never publishes them leaves no trace. Only a promise carries a time.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from verifier.errors import EvidenceInvalid
from verifier.model import Transparency
from verifier.model.trust import Log, TrustedRoot
from verifier.signature import checkpoint, logbody, merkle
from verifier.signature.keys import Message
from verifier.signature.logbody import Signed
from verifier.signature.logentry import LogEntry


class Recorded(msgspec.Struct, frozen=True):
    """One log that has what was verified: as it promised, at that time; or proved to be in its tree; or both."""

    log: Log
    index: int  # as signed by the log: its global one where there is a promise, otherwise the place in its tree
    by_inclusion: bool = False
    promised_at: datetime | None = None

    @property
    def by_promise(self) -> bool:
        return self.promised_at is not None


class LogProof(msgspec.Struct, frozen=True):
    """What entries prove. With a `problem` nothing: one of them is false or malformed. `hint` says what to do then.

    `skipped` says of each entry that neither proves nor harms, such as one of an unknown log, why that is so.
    """

    records: tuple[Recorded, ...] = ()
    problem: str = ""
    hint: str = ""
    skipped: tuple[str, ...] = ()

    @property
    def fact(self) -> Transparency:
        if self.problem:
            return Transparency.INVALID
        return Transparency.PROVED if self.records else Transparency.ABSENT

    @property
    def logs(self) -> tuple[Log, ...]:
        """Each once, however many entries are in it."""
        return tuple({record.log.key_id: record.log for record in self.records}.values())

    @property
    def operators(self) -> frozenset[str]:
        """Who must have failed for all of this to be false. Logs that name no operator may be of one, so they are."""
        return frozenset(record.log.operator for record in self.records)

    @property
    def times(self) -> tuple[datetime, ...]:
        """UTC, in order: when logs promised to have seen it. No clock was asked, so they may be in the future."""
        return tuple(sorted({record.promised_at for record in self.records if record.promised_at}))

    @property
    def by_inclusion(self) -> bool:
        return any(record.by_inclusion for record in self.records)

    @property
    def by_promise(self) -> bool:
        return any(record.by_promise for record in self.records)


def prove(
    entries: Sequence[LogEntry], signed: Signed, root: TrustedRoot, *, times: Sequence[datetime] = ()
) -> LogProof:
    """Raises nothing: a fault becomes the `problem`.

    `times` are verified moments by which the signature existed (timestamps, or now). An entry without a promise has
    no time of its own, and one of them must lie in the window of its log; without any, the window must have no end.
    """
    records: list[Recorded] = []
    skipped: list[str] = []
    try:
        for entry in entries:
            found = _judge(entry, signed, root, times)
            if isinstance(found, Recorded):
                records.append(found)
            else:
                skipped.append(found)
    except EvidenceInvalid as fault:
        return LogProof(problem=str(fault), hint=fault.hint)
    return LogProof(tuple(records), skipped=tuple(skipped))


def _judge(entry: LogEntry, signed: Signed, root: TrustedRoot, times: Sequence[datetime]) -> Recorded | str:
    """What the entry proves, or why it does not count. Raises `EvidenceInvalid` if it is false."""
    log = next((log for log in root.logs if entry.key_id == log.key_id), None)
    if log is None:
        _renamed(entry, root)
        return f"entry {entry.log_index} is of a log that is not in the trusted root: {entry.key_id.hex()}"
    body = logbody.read(entry.body)
    _labelled(entry, body)
    if not logbody.counts(body, signed):
        return f"entry {entry.log_index} of {log.host} is of the kind {body.name!r:.60}, which is not read"
    included = _included(entry, log)
    promised_at = _promised(entry, log)
    if not included and promised_at is None:
        raise EvidenceInvalid(f"entry {entry.log_index} of {log.host} comes with neither proof nor promise")
    _in_window(log, (promised_at,) if promised_at else times)
    logbody.compare(body, signed)
    index = entry.proof.index if entry.proof and promised_at is None else entry.log_index
    return Recorded(log, index, included, promised_at)


def _renamed(entry: LogEntry, root: TrustedRoot) -> None:
    """Raises `EvidenceInvalid` for an entry of an unknown log whose checkpoint a known one signed."""
    if entry.proof is None or not entry.proof.checkpoint:
        return
    found = checkpoint.read(entry.proof.checkpoint)
    for log in root.logs:
        with suppress(EvidenceInvalid):
            checkpoint.verify(found, log)
            break
    else:
        return
    raise EvidenceInvalid(f"log entry {entry.log_index} names another log than {log.host}, whose checkpoint it has")


def _labelled(entry: LogEntry, body: logbody.Body) -> None:
    """Annotations carry no label; where there is one, it is the body's own."""
    if entry.kind and (entry.kind, entry.version) != (body.kind, body.version):
        raise EvidenceInvalid(
            f"log entry {entry.log_index} is labelled {entry.kind!r:.60} {entry.version!r:.30}; "
            f"its body is {body.name!r:.90}"
        )


def _included(entry: LogEntry, log: Log) -> bool:
    """Whether the log's own checkpoint has the body. A proof without checkpoint must fit, and proves nothing."""
    proof = entry.proof
    if proof is None:
        return False
    if merkle.root_hash(merkle.leaf_hash(entry.body), proof.index, proof.size, proof.hashes) != proof.root:
        raise EvidenceInvalid(f"the inclusion proof of log entry {entry.log_index} does not lead to its root hash")
    if not proof.checkpoint:
        return False
    found = checkpoint.read(proof.checkpoint)
    if (found.size, found.root) != (proof.size, proof.root):
        raise EvidenceInvalid(
            f"the checkpoint is of a tree of {found.size} with root {found.root.hex()}; "
            f"expected {proof.size} with root {proof.root.hex()}, as the inclusion proof has it"
        )
    checkpoint.verify(found, log)
    return True


def _promised(entry: LogEntry, log: Log) -> datetime | None:
    """The time in a verified promise: the log's signature over RFC 8785 JSON of four members."""
    if entry.promise is None:
        return None
    if entry.integrated_time is None:
        raise EvidenceInvalid(f"log entry {entry.log_index} has a signed entry timestamp and no integratedTime")
    members = {
        "body": base64.b64encode(entry.body).decode(),
        "integratedTime": entry.integrated_time,
        "logID": entry.key_id.hex(),
        "logIndex": entry.log_index,
    }
    canonical = msgspec.json.encode(members)  # names in order; base64, hex and whole numbers have one spelling
    if not checkpoint.signed_by(log, entry.promise, Message(canonical)):
        raise EvidenceInvalid(f"the signed entry timestamp of log entry {entry.log_index} is not by {log.host}")
    return datetime.fromtimestamp(entry.integrated_time, UTC)


def _in_window(log: Log, times: Sequence[datetime]) -> None:
    window = log.window
    if any(map(window.holds, times)) or (not times and window.end is None):
        return
    until = window.end.isoformat() if window.end else "now"
    found = ", ".join(moment.isoformat() for moment in times) or "no verified time"
    raise EvidenceInvalid(f"the log {log.host} counts from {window.start.isoformat()} to {until}; found {found}")
