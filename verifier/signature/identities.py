"""Who signed, compared with who may: name, issuer and claims of a certificate against an identity of the policy.

Everything is compared as it stands: no case folding, no normal forms of Unicode or addresses, and always the whole
text. A certificate must have come through `certificates.issued_by` before its identity means anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier import patterns
from verifier.errors import ConfigurationError
from verifier.model.trust import Identity

if TYPE_CHECKING:
    from verifier.signature.certificates import Leaf

CLAIMS = {
    2: "GitHub workflow trigger",
    3: "GitHub workflow commit",
    4: "GitHub workflow name",
    5: "GitHub workflow repository",
    6: "GitHub workflow ref",
    9: "build signer",
    10: "build signer digest",
    11: "runner environment",
    12: "source repository",
    13: "source repository commit",
    14: "source repository ref",
    15: "source repository number",
    16: "source repository owner",
    17: "source repository owner number",
    18: "workflow",
    19: "workflow commit",
    20: "build trigger",
    21: "run",
    22: "source repository visibility",
    23: "deployment environment",
    24: "token subject",
}
"""What the extensions under 1.3.6.1.4.1.57264.1 state. 2 to 6 are what cosign's `github-workflow` flags ask for."""

_BOTH = "Give exactly one of an exact subject and a pattern, and exactly one of an exact issuer and a pattern."


def matches(identity: Identity, leaf: Leaf) -> str:
    """ "" when `leaf` is this identity, else why not.

    Raises `ConfigurationError` for an identity that leaves open what it asks for, or whose pattern is refused.
    """
    _complete(identity)
    if not leaf.issuer:
        return "the certificate does not say who vouched for its name"
    return (
        _kind(leaf.name.kind, leaf.name.text)
        or _text("name", leaf.name.text, identity.subject, identity.subject_pattern)
        or _text("issuer", leaf.issuer, identity.issuer, identity.issuer_pattern)
        or _claims(identity, leaf)
    )


def _complete(identity: Identity) -> None:
    subject = bool(identity.subject) + bool(identity.subject_pattern)
    issuer = bool(identity.issuer) + bool(identity.issuer_pattern)
    if (subject, issuer) != (1, 1):
        raise ConfigurationError(
            "an identity has not exactly one way to tell its subject, and one to tell its issuer", hint=_BOTH
        )


def _kind(kind: str, text: str) -> str:
    """An identity is written as text alone, so each text may be a name of one type only."""
    expected = _looks_like(text)
    return "" if kind == expected else f"the certificate's name {text!r:.200} is of type {kind}; expected {expected}"


def _looks_like(text: str) -> str:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
        return "uri"
    if "!" in text:
        return "username"
    return "email" if "@" in text else "dns"


def _text(what: str, found: str, exact: str, pattern: str) -> str:
    is_good = found == exact if exact else patterns.matches(pattern, found)
    return "" if is_good else f"the certificate's {what} is {found!r:.200}; expected {exact or pattern!r:.200}"


def _claims(identity: Identity, leaf: Leaf) -> str:
    for number, expected in identity.claims:
        found = leaf.claims.get(number)
        if found != expected:
            named = f"{CLAIMS.get(number, 'claim')} ({number})"
            stated = "not stated" if found is None else f"{found!r:.200}"
            return f"the certificate's {named} is {stated}; expected {expected!r:.200}"
    return ""
