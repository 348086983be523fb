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

    `covers` is the digest of the manifest on which it hangs, `manifest` that of the one that holds it. `payload` are
    the bytes as fetched: what a simple-signing signature was made over, a DSSE envelope, or a Sigstore bundle.
    `signature`, `certificate`, `chain`, `rekor` and `timestamp` are the texts of a layer's annotations, where the
    format has them. `artifact` are the bytes of the manifest `covers`, for a bundle that signs them directly. `problem`
    says why the signature could not be fetched or is in a form that is not read; the rest is then empty.
    """

    format: str  # "simplesigning", "dsse", "bundle" or "notary"
    covers: Digest
    manifest: Digest
    payload: bytes = b""
    signature: str = ""
    certificate: str = ""
    chain: str = ""
    rekor: str | None = None
    timestamp: str | None = None
    artifact: bytes = b""
    digests: dict[str, bytes] = {}  # of `artifact` by algorithm, where its bytes are not at hand and more is known
    origin: Origin | None = None
    problem: str = ""


class Candidate(msgspec.Struct, frozen=True):
    """A piece of evidence as found, before anyone has checked it.

    `chain` holds the digests that a signature may cover, innermost first: statement, manifest, index.
    `subject` is the digest of the manifest whose listing led here. `claimed_type` is the annotated predicate type:
    a hint. `statement` is None when it was not fetched (`unread`), could not be had (`problem`), or lies inside the
    envelope that signs it, which is then the only one of `signatures`. `layer` tells apart what shares a manifest.
    """

    subject: Digest
    manifest: Digest
    chain: tuple[Digest, ...]
    origin: Origin
    claimed_type: str = ""
    statement: bytes | None = None
    signatures: tuple[FoundSignature, ...] = ()
    layer: Digest | None = None
    problem: str = ""
    hint: str = ""
    unread: bool = False

    @property
    def digest(self) -> Digest:
        """What names this piece: its manifest, or its layer where one manifest holds several."""
        return self.layer or self.manifest


class Signer(msgspec.Struct, frozen=True):
    """Who signed: a key of the keyring or a key file, by its SPKI fingerprint (hex SHA-256 of the DER)."""

    name: str
    fingerprint: str
    is_dhi: bool = False


class Checked(msgspec.Struct, frozen=True):
    """The outcome of checking the signatures of one candidate or manifest.

    `claimed_*`, `annotations` and `statement` come from what was signed and are filled only when `status` is
    `verified`; "" or None where it states none. `statement` is what a signed envelope holds: the very bytes that were
    verified.
    """

    status: Status
    signer: Signer | None = None
    reason: str = ""
    hint: str = ""
    transparency: Transparency = Transparency.ABSENT
    claimed_type: str = ""
    claimed_subject: str = ""
    product: str = ""  # `name` of the signed `optional.subject`, e.g. dhi/python
    annotations: dict[str, str] = {}  # what the signer added, as cosign's -a
    time: str = ""  # the earliest proved moment at which the signature existed, RFC 3339
    statement: bytes | None = None


class Subject(msgspec.Struct, frozen=True):
    """One subject of a statement: what it is called and its digests by algorithm. Only digests bind.

    `annotations` are those whose value is text; of a signature statement they are what the signer added.
    """

    name: str
    digests: dict[str, str]
    annotations: dict[str, str] = {}


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
