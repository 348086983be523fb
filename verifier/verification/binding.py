"""Joins what was signed with what is said: one piece, its signatures, its statement, this image.

A statement is `verified` only when a trusted signature covers its chain, annotation, signed payload and statement agree
on the predicate type as far as each states it, and the signed subject is the manifest that is judged. A signature of a
manifest is one that stands alone, or a statement of the one predicate type that means it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier import attestation, signature
from verifier.errors import EvidenceInvalid
from verifier.evidence import SIGNATURE_STATEMENT
from verifier.model import (
    AttestationEntry,
    Candidate,
    Checked,
    Digest,
    FoundSignature,
    SignatureEntry,
    Statement,
    Status,
)
from verifier.model.trust import Trust


class Judged(msgspec.Struct, frozen=True):
    """A candidate with its outcome. `statement` and `facts` are there only when it is verified.

    `covers` are the digests of this image that its signed subjects name.
    """

    candidate: Candidate
    checked: Checked
    predicate_type: str
    statement: Statement | None = None
    facts: dict[str, Any] = {}
    covers: tuple[Digest, ...] = ()

    @property
    def verified(self) -> bool:
        return self.checked.status is Status.VERIFIED

    @property
    def kind(self) -> str:
        return attestation.kind_of(self.predicate_type)

    @property
    def reference(self) -> str:
        """`place@digest`, as rules name it."""
        return f"{self.candidate.origin.place}@{self.candidate.digest}"


Own = Mapping[Digest, Mapping[str, str]]
"""The digests that a listing may speak about, each with the other digests of the same bytes, hex by algorithm."""


class Opened(msgspec.Struct, frozen=True):
    """A candidate whose signatures were checked and, if a trusted one covers it, whose statement was read."""

    candidate: Candidate
    checked: Checked
    statement: Statement | None = None
    facts: dict[str, Any] = {}


class ImageSignature(msgspec.Struct, frozen=True):
    """A signature of a manifest that is judged: an index or a platform."""

    found: FoundSignature
    checked: Checked

    @property
    def verified(self) -> bool:
        return self.checked.status is Status.VERIFIED


def open_evidence(candidate: Candidate, trust: Trust) -> Opened | ImageSignature:
    """The costly half, which needs nothing but the candidate itself. No byte of an unsigned statement decides."""
    if candidate.unread:
        return Opened(candidate, Checked(Status.UNREAD, reason="no rule needs it"))
    if candidate.problem:
        return _faulty(candidate)
    if candidate.statement is None:
        return _open_envelope(candidate, candidate.signatures[0], trust)
    checked = signature.check_all(candidate.signatures, partial(vouched, trust=trust))
    return open_statement(candidate, checked, candidate.statement)


def _faulty(candidate: Candidate) -> Opened | ImageSignature:
    checked = Checked(Status.INVALID, reason=candidate.problem, hint=candidate.hint)
    if candidate.claimed_type != SIGNATURE_STATEMENT:
        return Opened(candidate, checked)
    covers, manifest, origin = candidate.subject, candidate.manifest, candidate.origin
    return ImageSignature(FoundSignature("unknown", covers, manifest, origin=origin), checked)


def open_statement(candidate: Candidate, checked: Checked, body: bytes) -> Opened:
    """Reads the statement when `checked` says that a trusted signature covers it."""
    if checked.status is not Status.VERIFIED:
        return Opened(candidate, checked)
    try:
        statement = attestation.read_statement(body)
        return Opened(candidate, checked, statement, attestation.facts(statement, str(candidate.digest)))
    except EvidenceInvalid as fault:
        return Opened(candidate, _invalid(checked, fault))


def _open_envelope(candidate: Candidate, found: FoundSignature, trust: Trust) -> Opened | ImageSignature:
    checked = signature.check_one(found, trust)
    if checked.status is not Status.VERIFIED:
        return _unverified_envelope(candidate, found, checked)
    if checked.statement is None:
        return ImageSignature(found, checked)
    opened = open_statement(candidate, checked, checked.statement)
    if opened.statement is None or opened.statement.predicate_type != SIGNATURE_STATEMENT:
        return opened
    return ImageSignature(found, _signed(checked, opened.statement, found.covers, candidate.claimed_type))


def _unverified_envelope(candidate: Candidate, found: FoundSignature, checked: Checked) -> Opened | ImageSignature:
    """Sorted by what it claims to be, for the report: nobody trusted says anything of it."""
    claimed = candidate.claimed_type
    with suppress(EvidenceInvalid):
        inside = signature.enclosed(found)
        if inside is None:
            return ImageSignature(found, checked)
        claimed = claimed or attestation.read_statement(inside).predicate_type
    if claimed == SIGNATURE_STATEMENT:
        return ImageSignature(found, checked)
    return Opened(replace(candidate, claimed_type=claimed), checked)


def vouched(found: FoundSignature, trust: Trust) -> Checked:
    """Whether a trusted signer signed the manifest `found.covers`. Raises nothing."""
    checked = signature.check_one(found, trust)
    if checked.status is not Status.VERIFIED or checked.statement is None:
        return checked
    try:
        statement = attestation.read_statement(checked.statement)
    except EvidenceInvalid as fault:
        return _invalid(checked, fault)
    return _signed(checked, statement, found.covers, SIGNATURE_STATEMENT)


def _signed(checked: Checked, statement: Statement, covers: Digest, claimed: str) -> Checked:
    """A signature in the form of a statement: it must be of that type, and about the manifest on which it hangs."""
    if statement.predicate_type != SIGNATURE_STATEMENT or claimed not in ("", SIGNATURE_STATEMENT):
        found = f"a statement of type {statement.predicate_type!r:.200}, announced as {claimed!r:.200}"
        reason = f"expected a signature, of predicate type {SIGNATURE_STATEMENT}; found {found}"
        return _invalid(checked, EvidenceInvalid(reason))
    try:
        attestation.covers(statement, covers)
    except EvidenceInvalid as fault:
        return _invalid(checked, fault)
    try:
        annotations = attestation.noted(statement, covers)
    except EvidenceInvalid as fault:
        return _invalid(checked, fault)
    return replace(checked, statement=None, annotations=annotations)


def signature_of_image(found: FoundSignature, trust: Trust) -> ImageSignature:
    """A signature that hangs on a manifest which is judged as an image.

    One whose payload states a predicate type was made for an attestation manifest: it vouches for a piece of evidence,
    and an index that lists this piece as an image must not be allowed for it.
    """
    checked = vouched(found, trust)
    if checked.status is Status.VERIFIED and checked.claimed_type:
        what = f"an attestation of type {checked.claimed_type!r:.200}, and not of an image"
        checked = _invalid(checked, EvidenceInvalid(f"the signature is of {what}"))
    return ImageSignature(found, checked)


def with_annotations(signed: ImageSignature, demanded: Mapping[str, str]) -> ImageSignature:
    """`signed`, which counts only when it states every demanded annotation."""
    stated = signed.checked.annotations
    lacking = {name: text for name, text in demanded.items() if stated.get(name) != text}
    if not signed.verified or not lacking:
        return signed
    name, text = next(iter(lacking.items()))
    found = f"{stated[name]!r:.100}" if name in stated else "no such annotation"
    reason = f"expected the signed annotation {name}={text!r:.100}, found {found}"
    hint = "Another build or stage may have been signed; compare what --annotations demands."
    return replace(signed, checked=replace(signed.checked, status=Status.UNTRUSTED, reason=reason, hint=hint))


def bind(opened: Opened, own: Own) -> Judged:
    """The half that needs the image: the statement must speak about one of `own`, and all must agree on its type."""
    candidate, checked, statement = opened.candidate, opened.checked, opened.statement
    if statement is None:
        return Judged(candidate, checked, candidate.claimed_type)
    try:
        _types_agree(candidate, checked, statement)
        covers = _covered(candidate, checked, statement, own)
    except EvidenceInvalid as fault:
        return Judged(candidate, _invalid(checked, fault), candidate.claimed_type or statement.predicate_type)
    return Judged(candidate, checked, statement.predicate_type, statement, opened.facts, covers)


def _invalid(checked: Checked, fault: EvidenceInvalid) -> Checked:
    return replace(checked, status=Status.INVALID, reason=str(fault), hint=fault.hint)


def _types_agree(candidate: Candidate, checked: Checked, statement: Statement) -> None:
    for where, stated in (("the annotation", candidate.claimed_type), ("the signed payload", checked.claimed_type)):
        if stated and stated != statement.predicate_type:
            raise EvidenceInvalid(
                f"{where} says predicate type {stated!r:.200}, the statement says {statement.predicate_type!r:.200}",
                hint="The evidence was relabelled; fetch it again from the publisher.",
            )


def _covered(candidate: Candidate, checked: Checked, statement: Statement, own: Own) -> tuple[Digest, ...]:
    """The digests of `own` that the statement speaks about; what the signed payload names must be one of them."""
    if checked.claimed_subject and checked.claimed_subject not in own:
        raise EvidenceInvalid(
            f"the signed payload speaks about another image: {checked.claimed_subject:.100}; expected {_named(own)}",
            hint="Fetch the attestations of this very digest; a mirror may have copied those of another build.",
        )
    covered = tuple(sorted(digest for digest, known in own.items() if attestation.is_subject(statement, digest, known)))
    if not covered:
        attestation.covers(statement, candidate.subject)  # raises with what it found instead
    return covered


def _named(own: Own) -> str:
    return ", ".join(sorted(own))


def entry(judged: Judged) -> AttestationEntry:
    """The line of the report, made from verified content where there is any."""
    checked, candidate = judged.checked, judged.candidate
    return AttestationEntry(
        predicate_type=judged.predicate_type,
        kind=judged.kind,
        digest=candidate.digest,
        status=checked.status,
        signer=checked.signer.name if checked.signer else "",
        reason=checked.reason,
        hint=checked.hint,
        layout=candidate.origin.layout,
        location=f"{candidate.origin.place}@{candidate.manifest}",
        transparency=checked.transparency,
        time=judged.facts.get("time", "") or checked.time,
    )


def signature_entry(signed: ImageSignature) -> SignatureEntry:
    found, checked = signed.found, signed.checked
    return SignatureEntry(
        status=checked.status,
        signer=checked.signer.name if checked.signer else "",
        reason=checked.reason,
        hint=checked.hint,
        layout=found.origin.layout if found.origin else "",
        location=f"{found.origin.place}@{found.manifest}" if found.origin else "",
        subject=found.covers,
        annotations=checked.annotations,
        transparency=checked.transparency,
        time=checked.time,
    )
