"""What a trusted root holds, line by line: to show it, and to say what another one changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

import msgspec

from verifier.model.trust import Authority, Log, TrustedRoot, Window


class Entry(msgspec.Struct, frozen=True, rename="camel"):
    """One log or authority. `identifier` is its key id or the SHA-256 of its first certificate, in hex.

    `fingerprint` is the SHA-256 of all that is trusted with it: of the key, or of the whole chain.
    """

    kind: str
    name: str
    identifier: str
    fingerprint: str
    details: str
    start: datetime
    end: datetime | None
    operator: str = ""

    def state(self, now: datetime) -> str:
        if Window(self.start, self.end).holds(now):
            return "in use"
        return "not yet" if now < self.start else "ended"


KINDS = ("transparency log", "certificate transparency log", "certificate authority", "timestamp authority")


def entries(root: TrustedRoot) -> tuple[Entry, ...]:
    """All of them, in the order of `KINDS` and of the file."""
    log, certificate_log, authority, timestamp = KINDS
    return (
        *(_of_log(log, entry) for entry in root.logs),
        *(_of_log(certificate_log, entry) for entry in root.certificate_logs),
        *(_of_authority(authority, entry) for entry in root.authorities),
        *(_of_authority(timestamp, entry) for entry in root.timestamp_authorities),
    )


def changes(before: TrustedRoot, after: TrustedRoot) -> Iterator[tuple[str, Entry]]:
    """`-` and what is no longer trusted, `+` and what is trusted anew. A changed entry is both."""
    old, new = entries(before), entries(after)
    yield from (("-", entry) for entry in old if entry not in new)
    yield from (("+", entry) for entry in new if entry not in old)


def looks_older(file: TrustedRoot, present: TrustedRoot) -> bool:
    """True when `file` seems to be an earlier version of `present`: they share an entry, and its last date is earlier.

    A trusted root has no version and no date of its own; its last start or end of a validity comes nearest.
    """
    known = {entry.fingerprint for entry in entries(present)}
    same = any(entry.fingerprint in known for entry in entries(file))
    return same and last_date(file) < last_date(present)


def last_date(root: TrustedRoot) -> datetime:
    return max(moment for entry in entries(root) for moment in (entry.start, entry.end) if moment is not None)


def _of_log(kind: str, log: Log) -> Entry:
    fingerprint = hashlib.sha256(log.spki).hexdigest()
    window = log.window
    return Entry(kind, log.url, log.key_id.hex(), fingerprint, log.details, window.start, window.end, log.operator)


def _of_authority(kind: str, authority: Authority) -> Entry:
    first = hashlib.sha256(authority.certificates[0]).hexdigest()
    chain = hashlib.sha256(b"".join(authority.certificates)).hexdigest()
    window = authority.window
    return Entry(kind, authority.uri, first, chain, _subject(authority), window.start, window.end, authority.operator)


def _subject(authority: Authority) -> str:
    from cryptography.x509 import load_der_x509_certificate

    try:
        return load_der_x509_certificate(authority.certificates[0]).subject.rfc4514_string()
    except ValueError:  # names are parsed when they are asked for
        return "(a subject that cannot be read)"
