"""The keyring that ships with the program: the public keys of Docker Hardened Images, pinned by fingerprint.

Values and status are those of the publisher's keyring repository. A moving address such as `latest.pub` is never
fetched: a new key arrives with a new release, or with `--key`.
"""

from __future__ import annotations

import msgspec

from verifier.errors import ConfigurationError
from verifier.model.trust import Key
from verifier.trust.keys import parse_spki


class KeyringEntry(msgspec.Struct, frozen=True):
    """One shipped key. `spki` is base64 DER; `fingerprint` its SHA-256, compared when the key is loaded."""

    name: str
    status: str
    fingerprint: str
    spki: str
    note: str


KEYRING = (
    KeyringEntry(
        name="dhi-2",
        status="active",
        fingerprint="118ba556dd52f4aec67018efd316c285c783cd3e54cc0f4527605715c643887c",
        spki=(
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKdROmntRJFBrOJOQF5ww6gDBJqGm"
            "Fxa4333s1KsL9ISjtmRzGNih9lNRsqfRVjgFgJIdL6EQ9dohdanvn7r2cg=="
        ),
        note="signs Docker Hardened Images since 2025-04",
    ),
    KeyringEntry(
        name="dhi-1",
        status="retired",
        fingerprint="1b431f0d467ecc9e3d97e5b446980599a99c3a386e42ea628b172db1051c737b",
        spki=(
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEx50N9pejdOrxR+17vcibfkrIFqFg"
            "Tcb5ZW1FKqagsye7nykTKXOUvJOF0bCESzdKRJ5qyAGH/91W+4fbeptG8g=="
        ),
        note="withdrawn by the publisher; trusted only where a policy names it",
    ),
)


def load(entry: KeyringEntry) -> Key:
    key, fingerprint = parse_spki(entry.spki)
    if fingerprint != entry.fingerprint:
        raise ConfigurationError(f"the shipped key {entry.name} has fingerprint {fingerprint}, not {entry.fingerprint}")
    return Key(entry.name, fingerprint, entry.status, key, is_dhi=True)


def named(name: str) -> Key:
    """The shipped key of that name. Raises `ConfigurationError` naming those that exist."""
    for entry in KEYRING:
        if entry.name == name:
            return load(entry)
    known = ", ".join(entry.name for entry in KEYRING)
    raise ConfigurationError(f"the keyring has no key {name!r}; it has {known}")
