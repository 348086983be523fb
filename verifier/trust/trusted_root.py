"""Reads a Sigstore trusted root (`trusted_root.json` of sigstore/protobuf-specs), alone or with its signing config.

Nothing is trusted on a half-read root: what a verifier would have to guess is refused when the root is loaded. Lists
may be empty, since GitHub's own instance has no logs; a root that holds nothing at all is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from verifier.limits import DEFAULT_LIMITS, MiB
from verifier.model.trust import Authority, Log, TrustedRoot, Window
from verifier.trust.logkeys import DETAILS, spki_of
from verifier.trust.protojson import Members, document

Entry = TypeVar("Entry", Log, Authority)

ROOT_BYTES = 1 * MiB  # the public-good root has 7 KiB, GitHub's with ten authorities 30
_ENTRIES = 256  # logs or authorities of one kind; GitHub adds two a year

MEDIA_TYPES = (
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
)
CLIENT_TRUST = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"


def read_trusted_root(body: bytes, source: str) -> TrustedRoot:
    """`source` names the root in messages and reports. Raises `ConfigurationError` for a root that is not sound."""
    what = f"trusted root {source}"
    outer = document(body, what, ROOT_BYTES)
    root = outer.object("trustedRoot") if outer.text("mediaType") == CLIENT_TRUST else outer
    if root.text("mediaType") not in MEDIA_TYPES:
        found = root.text("mediaType") or "none"
        root.refuse(f"has media type {found!r:.100}; expected one of {', '.join((*MEDIA_TYPES, CLIENT_TRUST))}")
    read = TrustedRoot(
        logs=_logs(root, "tlogs"),
        certificate_logs=_logs(root, "ctlogs"),
        authorities=_each(root, "certificateAuthorities", _authority),
        timestamp_authorities=_each(root, "timestampAuthorities", _authority),
        source=source,
        digest=f"sha256:{hashlib.sha256(body).hexdigest()}",
    )
    if not (read.logs or read.certificate_logs or read.authorities or read.timestamp_authorities):
        root.refuse("is empty: it names no log and no authority")
    return read


def _each(root: Members, name: str, read: Callable[[Members], Entry]) -> tuple[Entry, ...]:
    entries = root.objects(name)
    if len(entries) > _ENTRIES:
        root.refuse(f"has {len(entries)} entries in `{name}`; at most {_ENTRIES} are read")
    return tuple(map(read, entries))


def _logs(root: Members, name: str) -> tuple[Log, ...]:
    logs = _each(root, name, _log)
    if len({log.key_id for log in logs}) < len(logs):
        root.refuse(f"has two entries in `{name}` with one log id; entries and SCTs could mean either")
    return logs


def _log(entry: Members) -> Log:
    entry.choice("hashAlgorithm", {"SHA2_256": 1})
    key = entry.object("publicKey")
    details = key.choice("keyDetails", DETAILS)
    try:
        spki = spki_of(key.binary("rawBytes"), details)
    except ValueError as fault:
        key.refuse(str(fault))
    checkpoint = entry.object("checkpointKeyId").binary("keyId") if entry.has("checkpointKeyId") else b""
    return Log(
        url=entry.text("baseUrl"),
        key_id=entry.object("logId").binary("keyId"),
        spki=spki,
        details=details,
        window=_window(key),
        operator=entry.text("operator"),
        checkpoint_key_id=checkpoint,
    )


def _authority(entry: Members) -> Authority:
    chain = entry.object("certChain")
    certificates = chain.objects("certificates")
    if not 0 < len(certificates) <= DEFAULT_LIMITS.certificates:
        chain.refuse(f"has {len(certificates)} certificates; expected 1 to {DEFAULT_LIMITS.certificates}")
    return Authority(
        uri=entry.text("uri"),
        certificates=tuple(map(_certificate, certificates)),
        window=_window(entry),
        operator=entry.text("operator"),
    )


def _certificate(entry: Members) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    der = entry.binary("rawBytes")
    try:
        load_der_x509_certificate(der).public_key()  # a broken key shows only when it is asked for
    except (ValueError, UnsupportedAlgorithm, InvalidVersion):
        entry.refuse("is not an X.509 certificate in DER with a usable key")
    return der


def _window(entry: Members) -> Window:
    valid = entry.object("validFor")
    start, end = valid.moment("start"), valid.moment("end")
    if start is None:
        valid.refuse("has no `start`: without it, everything ever signed would count")
    if end is not None and end < start:
        valid.refuse(f"ends before it starts: {end.isoformat()} is before {start.isoformat()}")
    return Window(start, end)
