"""Notary Project signatures (JWS or COSE with certificates): recognised, so that their refusal can name them."""

from __future__ import annotations

from verifier.model import FoundSignature
from verifier.signature.interface import Claim, Untrusted


def read(found: FoundSignature) -> Claim:
    """Raises `Untrusted`, always."""
    raise Untrusted(
        "Notary Project signatures are not supported",
        hint="Verify it with `notation verify`, or ask the publisher for a signature by cosign.",
    )


def enclosed(found: FoundSignature) -> None:
    """Nothing: such a signature is about a manifest and holds no statement."""
