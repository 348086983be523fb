"""Base64 as signatures carry it: either alphabet, padded or not, and nothing else (RFC 4648, DSSE)."""

from __future__ import annotations

import base64
import re

from verifier.errors import EvidenceInvalid

_STANDARD = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def decode(text: str, what: str) -> bytes:
    """Raises `EvidenceInvalid` for white space, mixed alphabets, wrong padding and non-zero trailing bits."""
    if _URL_SAFE.fullmatch(text):
        text = text.translate(str.maketrans("-_", "+/"))
    elif not _STANDARD.fullmatch(text):
        raise EvidenceInvalid(f"the {what} is not base64")
    bare = text.rstrip("=")
    if text not in (bare, bare + "=" * (-len(bare) % 4)):
        raise EvidenceInvalid(f"the {what} has wrong base64 padding")
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        raise EvidenceInvalid(f"the {what} is not base64") from None
    if base64.b64encode(decoded).decode().rstrip("=") != bare:
        raise EvidenceInvalid(f"the {what} has stray bits after its base64")
    return decoded
