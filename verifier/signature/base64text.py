"""Base64 as signatures carry it: either alphabet, padded or not, and nothing else (RFC 4648, DSSE)."""

from __future__ import annotations

import binascii

from verifier.errors import EvidenceInvalid

_STANDARD_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def decode(text: str | bytes, what: str) -> bytes:
    """Raises `EvidenceInvalid` for white space, mixed alphabets, wrong padding and non-zero trailing bits."""
    raw = text.encode("ascii", "replace") if isinstance(text, str) else text
    if b"-" in raw or b"_" in raw:
        if b"+" in raw or b"/" in raw:
            raise EvidenceInvalid(f"the {what} is not base64: it mixes both alphabets")
        raw = raw.translate(_STANDARD_FROM_URL_SAFE)
    missing = -len(raw) % 4
    if missing and raw.endswith(b"="):
        raise EvidenceInvalid(f"the {what} has wrong base64 padding")
    padded = raw + b"=" * missing if missing else raw
    try:
        decoded = binascii.a2b_base64(padded, strict_mode=True)
    except binascii.Error:
        decoded = b""
    if not decoded:
        raise EvidenceInvalid(f"the {what} is not base64")
    _exact(padded, decoded, what)
    return decoded


def _exact(padded: bytes, decoded: bytes, what: str) -> None:
    """All before the last group of four has one spelling only, so encoding that group again is enough."""
    last = decoded[-(len(decoded) % 3 or 3) :]
    if padded[-4:] != binascii.b2a_base64(last, newline=False) or len(padded) != (len(decoded) + 2) // 3 * 4:
        raise EvidenceInvalid(f"the {what} has stray bits after its base64")
