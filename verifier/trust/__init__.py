"""Turns the names and files of a plan into keys and identities that signatures are checked with.

A denied fingerprint stays denied whoever brings the key.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping

from verifier.errors import ConfigurationError
from verifier.model import Plan
from verifier.model.trust import Key, Trust, TrustedRoot
from verifier.trust.keyring import KEYRING, KeyringEntry, load, named
from verifier.trust.keys import load_key_file

__all__ = ["KEYRING", "KeyringEntry", "load_key_file", "trust_of"]

_NAME_ONE = "Name keys or identities under `trust`, or give --key or --certificate-identity."


def trust_of(plan: Plan, environ: Mapping[str, str], loaded: Callable[[TrustedRoot], object] = lambda _: None) -> Trust:
    """The keys and identities that count under `plan`; `environ` says where the user's trusted root lies.

    Nothing of the trusted root is read here; `loaded` is told of it once it was needed. Raises `ConfigurationError`
    when nobody would be trusted.
    """
    keys = (*map(load_key_file, plan.key_files), *map(named, plan.keys))
    if not keys and not plan.identities:
        raise ConfigurationError(f"policy {plan.policy} trusts no key and no identity", hint=_NAME_ONE)
    denied = frozenset(plan.denied_keys)
    trusted = _distinct(key for key in keys if key.fingerprint not in denied)
    fingerprints = {key.fingerprint for key in trusted}
    known = tuple(load(entry) for entry in KEYRING if entry.fingerprint not in fingerprints)
    refused = tuple(key for key in keys if key.fingerprint in denied)
    return Trust(
        trusted,
        known + refused,
        denied,
        plan.transparency,
        identities=plan.identities,
        root=_loading(plan.trusted_root, environ, loaded),
    )


def _loading(
    path: str, environ: Mapping[str, str], loaded: Callable[[TrustedRoot], object]
) -> Callable[[], TrustedRoot]:
    """Reads the trusted root on the first call, and raises `ConfigurationError` then if it cannot be used."""

    @functools.cache
    def root() -> TrustedRoot:
        from verifier.trust.roots import load_root

        found = load_root(path or None, environ)
        loaded(found)
        return found

    return root


def _distinct(keys: Iterable[Key]) -> tuple[Key, ...]:
    """One key given twice is one key: counted by its material, not its name."""
    return tuple({key.fingerprint: key for key in keys}.values())
