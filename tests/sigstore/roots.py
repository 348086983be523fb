"""`trusted_root.json`: what a verifier is told to trust (Sigstore protobufs, `TrustedRoot`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

import msgspec
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.publisher.about import JSON
from tests.publisher.envelopes import encoded
from tests.publisher.keys import SigningKey
from tests.sigstore.certificates import Authority, der_of
from tests.sigstore.ctlog import CtLog
from tests.sigstore.edits import UNCHANGED, Edits, edited
from tests.sigstore.keys import key_details, spki_of
from tests.sigstore.logs import Log
from tests.sigstore.moments import START, rfc3339
from tests.sigstore.timestamps import Tsa

MEDIA_TYPE: Final = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
MEDIA_TYPES: Final = (
    MEDIA_TYPE,
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
)

Anchor: TypeAlias = Log | CtLog | Authority | Tsa


class Trusted(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to trust, from `start` to `end`, both inside. None leaves that bound out. `edits` damage the entry."""

    whom: Anchor
    start: datetime | None = START
    end: datetime | None = None
    operator: str = ""
    edits: Edits = {}


def trusted_root(
    *,
    logs: Sequence[Log | Trusted] = (),
    ctlogs: Sequence[CtLog | Trusted] = (),
    authorities: Sequence[Authority | Trusted] = (),
    timestamp_authorities: Sequence[Tsa | Trusted] = (),
    media_type: str = MEDIA_TYPE,
    edits: Edits = UNCHANGED,
) -> JSON:
    """The document. `edits` change it when all the rest is in place."""
    found = {
        "mediaType": media_type,
        "tlogs": [_entry(item) for item in logs],
        "certificateAuthorities": [_entry(item) for item in authorities],
        "ctlogs": [_entry(item) for item in ctlogs],
        "timestampAuthorities": [_entry(item) for item in timestamp_authorities],
    }
    return edited(found, edits)


def _entry(item: Anchor | Trusted) -> JSON:
    trusted = item if isinstance(item, Trusted) else Trusted(whom=item)
    described = _described(trusted.whom, _valid_for(trusted))
    operator = {"operator": trusted.operator} if trusted.operator else {}
    return edited({**described, **operator}, trusted.edits)


def _described(whom: Anchor, valid_for: JSON) -> JSON:
    if isinstance(whom, Log):
        return _log(whom.base_url, whom.key, whom.log_id, valid_for)
    if isinstance(whom, CtLog):
        return _log(f"https://{whom.host}", whom.key, whom.log_id, valid_for)
    return {
        "subject": _subject(whom.chain[0]),
        "uri": whom.uri,
        "certChain": {"certificates": [{"rawBytes": encoded(der_of(item))} for item in whom.chain]},
        "validFor": valid_for,
    }


def _log(base_url: str, key: SigningKey, log_id: bytes, valid_for: JSON) -> JSON:
    public_key = {
        "rawBytes": encoded(spki_of(key)),
        "keyDetails": key_details(key),
        "validFor": valid_for,
    }
    return {
        "baseUrl": base_url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": public_key,
        "logId": {"keyId": encoded(log_id)},
    }


def _subject(certificate: x509.Certificate) -> JSON:
    """DistinguishedName."""
    named = (("organization", NameOID.ORGANIZATION_NAME), ("commonName", NameOID.COMMON_NAME))
    return {word: certificate.subject.get_attributes_for_oid(oid)[0].value for word, oid in named}


def _valid_for(trusted: Trusted) -> JSON:
    bounds = (("start", trusted.start), ("end", trusted.end))
    return {word: rfc3339(moment) for word, moment in bounds if moment is not None}
