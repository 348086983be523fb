"""Whom a policy trusts by certificate: as a document states it, and what is wrong with it.

An identity that leaves its issuer open would trust whoever else may vouch for the same name, and a text beside a
pattern leaves open which of the two counts. Both are refused.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import Identity

logger = logging.getLogger(__name__)

# What the extensions under 1.3.6.1.4.1.57264.1 of a certificate state, by the number of each.
CLAIMS = {
    "signer": 9,  # URI of the workflow that signs: a reusable one is not the one that was started
    "runner": 11,
    "source_repository": 12,
    "source_digest": 13,
    "source_ref": 14,
    "source_repository_id": 15,
    "source_repository_owner": 16,
    "source_repository_owner_id": 17,
    "workflow": 18,  # URI of the workflow that was started
    "trigger": 20,
}

_ONE = "Give exactly one of {0} and {0}Pattern. A pattern must match the whole text."

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=DEFAULT_LIMITS.identity_text)]


class IdentityEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One who may sign with a certificate: subject and issuer, and what the certificate must state besides.

    Patterns must match the whole text: anchors are allowed and needless. All else is compared as it stands.
    """

    subject: _Text = ""
    subject_pattern: _Text = ""
    issuer: _Text = ""
    issuer_pattern: _Text = ""
    source_repository: _Text = ""
    source_repository_owner: _Text = ""
    source_repository_id: _Text = ""
    source_repository_owner_id: _Text = ""
    source_ref: _Text = ""
    source_digest: _Text = ""
    workflow: _Text = ""
    signer: _Text = ""
    trigger: _Text = ""
    runner: _Text = ""

    @property
    def identity(self) -> Identity:
        stated = {number: getattr(self, name) for name, number in CLAIMS.items()}
        claims = tuple((number, text) for number, text in stated.items() if text)
        return Identity(self.subject, self.subject_pattern, self.issuer, self.issuer_pattern, claims)


CLAIM_MEMBERS = tuple(field.encode_name for field in msgspec.structs.fields(IdentityEntry) if field.name in CLAIMS)


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with the `member` of an identity, and what to do about it."""

    member: str
    text: str
    hint: str


def problems(identity: Identity) -> Iterator[Problem]:
    """Everything for which `identity` is refused."""
    for member, exact, pattern in _parts(identity):
        if bool(exact) == bool(pattern):
            found = f"both `{member}` and" if exact else f"neither `{member}` nor"
            yield Problem(member, f"an identity has {found} `{member}Pattern`", _ONE.format(member))
        elif pattern:
            yield from _refused(f"{member}Pattern", pattern)


def checked(identities: Iterable[Identity]) -> tuple[Identity, ...]:
    """The same, each once. Warns of patterns that probably mean more than they should.

    Raises `ConfigurationError` for one that leaves open whom it means, or whose pattern is refused.
    """
    found = tuple(dict.fromkeys(identities))
    for identity in found:
        for problem in problems(identity):
            raise ConfigurationError(problem.text, hint=problem.hint)
        for _, _, pattern in _parts(identity):
            _warn(pattern)
    return found


def _parts(identity: Identity) -> tuple[tuple[str, str, str], ...]:
    return (
        ("subject", identity.subject, identity.subject_pattern),
        ("issuer", identity.issuer, identity.issuer_pattern),
    )


def _refused(member: str, pattern: str) -> Iterator[Problem]:
    from verifier import patterns

    try:
        patterns.lint(pattern)
    except ConfigurationError as fault:
        yield Problem(member, str(fault), fault.hint)


@functools.cache
def _warn(pattern: str) -> None:
    """Once in a process: every image of a run has a plan of its own."""
    if pattern:
        from verifier import patterns

        for doubt in patterns.lint(pattern):
            logger.warning("the identity pattern %r: %s", pattern, doubt)
