"""Joins what was signed with what is said: one candidate, its signatures, its statement, this image.

A candidate is `verified` only when a trusted signature covers its chain, annotation, signed payload and statement agree
on the predicate type as far as each states it, and the signed subject is the manifest that is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier import attestation, signature
from verifier.errors import EvidenceInvalid
from verifier.model import AttestationEntry, Candidate, Checked, Digest, Statement, Status
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
        """`place@digest` of the attestation manifest, as rules name it."""
        return f"{self.candidate.origin.place}@{self.candidate.manifest}"


Own = Mapping[Digest, Mapping[str, str]]
"""The digests that a listing may speak about, each with the other digests of the same bytes, hex by algorithm."""


class Opened(msgspec.Struct, frozen=True):
    """A candidate whose signatures were checked and, if a trusted one covers it, whose statement was read."""

    candidate: Candidate
    checked: Checked
    statement: Statement | None = None
    facts: dict[str, Any] = {}


def open_evidence(candidate: Candidate, trust: Trust) -> Opened:
    """The costly half, which needs nothing but the candidate itself. No byte of an unsigned statement is parsed."""
    checked = _signatures(candidate, trust)
    if checked.status is not Status.VERIFIED or candidate.statement is None:
        return Opened(candidate, checked)
    try:
        statement = attestation.read_statement(candidate.statement)
        return Opened(candidate, checked, statement, attestation.facts(statement, str(candidate.manifest)))
    except EvidenceInvalid as fault:
        return Opened(candidate, _invalid(checked, fault))


def bind(opened: Opened, own: Own) -> Judged:
    """The half that needs the image: the statement must speak about one of `own`, and all must agree on its type."""
    candidate, checked, statement = opened.candidate, opened.checked, opened.statement
    if statement is None:
        return Judged(candidate, checked, candidate.claimed_type)
    try:
        _types_agree(candidate, checked, statement)
        covers = _covered(candidate, checked, statement, own)
    except EvidenceInvalid as fault:
        return Judged(candidate, _invalid(checked, fault), candidate.claimed_type)
    return Judged(candidate, checked, statement.predicate_type, statement, opened.facts, covers)


def _invalid(checked: Checked, fault: EvidenceInvalid) -> Checked:
    return replace(checked, status=Status.INVALID, reason=str(fault), hint=fault.hint)


def _signatures(candidate: Candidate, trust: Trust) -> Checked:
    if candidate.unread:
        return Checked(Status.UNREAD, reason="no rule needs it")
    if candidate.problem:
        return Checked(Status.INVALID, reason=candidate.problem, hint=candidate.hint)
    return signature.check(candidate.signatures, trust)


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
    checked, origin = judged.checked, judged.candidate.origin
    return AttestationEntry(
        predicate_type=judged.predicate_type,
        kind=judged.kind,
        digest=judged.candidate.manifest,
        status=checked.status,
        signer=checked.signer.name if checked.signer else "",
        reason=checked.reason,
        hint=checked.hint,
        layout=origin.layout,
        location=judged.reference,
        transparency=checked.transparency,
        time=judged.facts.get("time", ""),
    )
