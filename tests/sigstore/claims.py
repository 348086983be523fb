"""What Fulcio says about a signer: the subject alternative name, and the extensions 1.3.6.1.4.1.57264.1.*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from cryptography import x509

from tests.sigstore import der

FULCIO = "1.3.6.1.4.1.57264.1"
USERNAME = x509.ObjectIdentifier(f"{FULCIO}.7")

ISSUER: Final = "https://token.actions.githubusercontent.com"
WORKFLOW: Final = "https://github.com/example/app/.github/workflows/release.yml@refs/tags/v1.2.3"
EMAIL: Final = "dev@example.com"
EMAIL_ISSUER: Final = "https://accounts.example.com"
USER: Final = "alice!example.com"

Claims: TypeAlias = Mapping[int, str | bytes | None]
"""By last number of the OID: the text; bytes stand there as they are; None leaves the extension out."""

Identity: TypeAlias = str | x509.GeneralName

_COMMIT = "0123456789abcdef0123456789abcdef01234567"

GITHUB: Final[Claims] = {
    2: "push",
    3: _COMMIT,
    4: "release",
    5: "example/app",
    6: "refs/tags/v1.2.3",
    9: WORKFLOW,
    10: _COMMIT,
    11: "github-hosted",
    12: "https://github.com/example/app",
    13: _COMMIT,
    14: "refs/tags/v1.2.3",
    15: "1001",
    16: "https://github.com/example",
    17: "2002",
    18: WORKFLOW,
    19: _COMMIT,
    20: "push",
    21: "https://github.com/example/app/actions/runs/3003/attempts/1",
    22: "public",
    23: "production",
    24: "repo:example/app:ref:refs/tags/v1.2.3",
}
"""Claims of a release workflow. The issuer, 1 and 8, is said apart."""


def username(text: str) -> x509.OtherName:
    """`user!domain` as Fulcio writes user names."""
    return x509.OtherName(USERNAME, der.utf8(text))


def general_name(identity: Identity) -> x509.GeneralName:
    """`https://…` is a URI, `a@b` an address, `a!b` a user name."""
    if isinstance(identity, x509.GeneralName):
        return identity
    if "://" in identity:
        return x509.UniformResourceIdentifier(identity)
    return username(identity) if "!" in identity else x509.RFC822Name(identity)


def claims_of(identity: Identity, issuer: str, claims: Claims) -> Claims:
    """What a leaf of this identity says by itself, with `claims` laid over it."""
    machine = isinstance(general_name(identity), x509.UniformResourceIdentifier)
    return {1: issuer, 8: issuer, **(GITHUB if machine else {}), **claims}


def extensions(claims: Claims) -> list[x509.UnrecognizedExtension]:
    """Extensions 1 to 6 hold raw text, later ones a DER UTF8String."""
    return [
        x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{FULCIO}.{number}"), _value(number, value))
        for number, value in sorted(claims.items())
        if value is not None
    ]


def _value(number: int, value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode() if number < 7 else der.utf8(value)
