"""Rules in a registry, as documents and the command line name them: always by digest, so that nobody can swap them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from verifier.errors import ConfigurationError
from verifier.model import BundleSource, RuleModule
from verifier.model.trust import Identity
from verifier.policy.identities import checked

SCHEME = "oci://"
"""What tells a bundle from a file on the command line."""

_NAME = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"  # distribution-spec 1.1
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_REPOSITORY = rf"(?:{_HOST}|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?(?:/{_NAME})+"
_TAG = r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?"
_DIGEST = r"sha256:[0-9a-f]{64}"
REFERENCE = f"{_REPOSITORY}{_TAG}@{_DIGEST}"
"""A pinned reference, as a regular expression."""

_PARTS = f"({_REPOSITORY}){_TAG}(?:@({_DIGEST}))?"
_PIN = "Run `dhiverify policy publish`, which prints the pinned reference; a tag alone may mean other rules tomorrow."


def problem(reference: str) -> tuple[str, str] | None:
    """Why `reference` (HOST/NAME@sha256:…, a tag in front of the digest is allowed) is refused, and what to do."""
    found = re.fullmatch(_PARTS, reference)
    host = reference.partition("/")[0]
    if not found or not ("." in host or ":" in host or host == "localhost"):
        return f"expected a bundle as HOST/NAME@sha256:…, found {reference[:200]!r}", _PIN
    if not found[2]:
        return f"the bundle {reference[:200]!r} is not pinned by a digest (@sha256:…)", _PIN
    return None


def pinned(reference: str) -> str:
    """`HOST/NAME@sha256:…` without tag, of a reference that has no `problem`."""
    found = re.fullmatch(_PARTS, reference)
    if not found or not found[2]:
        raise ValueError(f"not a pinned reference: {reference!r}")
    return f"{found[1]}@{found[2]}"


def source(reference: str, key_files: tuple[str, ...] = (), identities: tuple[Identity, ...] = ()) -> BundleSource:
    """What to fetch for `reference`. Raises `ConfigurationError` when it has a `problem`."""
    if found := problem(reference):
        raise ConfigurationError(found[0], hint=found[1])
    return BundleSource(pinned(reference), key_files, checked(identities))


def of_scout(reference: str) -> str:
    """A reference as Docker Scout reads it: what names no host lies on Docker Hub."""
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return reference
    return f"docker.io/{reference}" if slash else f"docker.io/library/{reference}"


def fetched(reference: str, bundles: Mapping[str, tuple[RuleModule, ...]]) -> tuple[RuleModule, ...]:
    """The rules of a bundle that was fetched. Raises `ConfigurationError` for one that was not."""
    found = bundles.get(source(reference).reference)
    if found is None:
        raise ConfigurationError(
            f"the rules {reference} were not fetched", hint="This command does not load rules from a registry."
        )
    return found
