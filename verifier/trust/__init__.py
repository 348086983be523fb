"""Turns the names and files of a plan into keys that signatures are checked with.

A denied fingerprint stays denied whoever brings the key.
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.errors import ConfigurationError
from verifier.model import Plan
from verifier.model.trust import Key, Trust
from verifier.trust.keyring import KEYRING, KeyringEntry, load, named
from verifier.trust.keys import load_key_file

__all__ = ["KEYRING", "KeyringEntry", "load_key_file", "trust_of"]


def trust_of(plan: Plan) -> Trust:
    """The keys that count under `plan`. Raises `ConfigurationError` when there would be none."""
    keys = (*map(load_key_file, plan.key_files), *map(named, plan.keys))
    if not keys:
        raise ConfigurationError(f"policy {plan.policy} trusts no key", hint="Name keys under `trust`, or give --key.")
    denied = frozenset(plan.denied_keys)
    trusted = _distinct(key for key in keys if key.fingerprint not in denied)
    fingerprints = {key.fingerprint for key in trusted}
    known = tuple(load(entry) for entry in KEYRING if entry.fingerprint not in fingerprints)
    refused = tuple(key for key in keys if key.fingerprint in denied)
    return Trust(trusted, known + refused, denied, plan.transparency)


def _distinct(keys: Iterable[Key]) -> tuple[Key, ...]:
    """One key given twice is one key: counted by its material, not its name."""
    return tuple({key.fingerprint: key for key in keys}.values())
