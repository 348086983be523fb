"""Evidence on its way: as found, as checked, as read."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from verifier.model.content import Digest


class Status(StrEnum):
    """What became of one piece of evidence."""

    VERIFIED = "verified"
    UNSIGNED = "unsigned"
    UNTRUSTED = "untrusted"  # a good signature by a key or identity that is not trusted for this image
    INVALID = "invalid"
    UNREAD = "unread"  # no rule needs it, so it was not fetched


class Transparency(StrEnum):
    PROVED = "proved"
    ABSENT = "absent"
    INVALID = "invalid"
    UNCHECKED = "unchecked"


class Origin(msgspec.Struct, frozen=True):
    """How and where a candidate was found: for the report, never for the verdict."""

    layout: str
    place: str
    level: str  # "platform" or "index": what the listing hung on


class FoundSignature(msgspec.Struct, frozen=True):
    """A signature as found beside what it claims to sign, nothing of it checked.

    `payload` are the bytes that were signed, `signature` the annotation's base64 text, `covers` the digest of the
    manifest that it hangs on. `problem` says why it could not be fetched or taken apart; the rest is then empty.
    """

    format: str  # "simplesigning"
    covers: Digest
    manifest: Digest
    payload: bytes = b""
    signature: str = ""
    rekor: str | None = None  # the dev.sigstore.cosign/bundle annotation
    has_certificate: bool = False
    problem: str = ""


class Candidate(msgspec.Struct, frozen=True):
    """A piece of evidence as found, before anyone has checked it.

    `chain` holds the digests that a signature may cover, innermost first: statement, manifest, index.
    `subject` is the digest of the manifest whose listing led here. `claimed_type` is the annotated predicate type:
    a hint. `statement` is None when it was not fetched (`unread`) or could not be had (`problem`).
    """

    subject: Digest
    manifest: Digest
    chain: tuple[Digest, ...]
    origin: Origin
    claimed_type: str = ""
    statement: bytes | None = None
    signatures: tuple[FoundSignature, ...] = ()
    problem: str = ""
    hint: str = ""
    unread: bool = False


class Signer(msgspec.Struct, frozen=True):
    """Who signed: a key of the keyring or a key file, by its SPKI fingerprint (hex SHA-256 of the DER)."""

    name: str
    fingerprint: str
    is_dhi: bool = False


class Checked(msgspec.Struct, frozen=True):
    """The outcome of checking the signatures of one candidate or manifest.

    `claimed_*` come from the signed payload and bind only when `status` is `verified`; "" where it states none.
    """

    status: Status
    signer: Signer | None = None
    reason: str = ""
    hint: str = ""
    transparency: Transparency = Transparency.ABSENT
    claimed_type: str = ""
    claimed_subject: str = ""
    product: str = ""  # `name` of the signed `optional.subject`, e.g. dhi/python


class Subject(msgspec.Struct, frozen=True):
    """One subject of a statement: what it is called and its digests by algorithm. Only digests bind."""

    name: str
    digests: dict[str, str]


class Statement(msgspec.Struct, frozen=True):
    """An in-toto statement, header read strictly; where in `body` the predicate stands is kept, and no copy of it."""

    body: bytes
    predicate_type: str
    subjects: tuple[Subject, ...]
    predicate_start: int
    predicate_end: int  # equal to the start when the statement has no predicate

    @property
    def predicate(self) -> bytes:
        """The bytes of the predicate as they stand in the document; b"" when it has none."""
        return self.body[self.predicate_start : self.predicate_end]
