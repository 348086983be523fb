"""Ed25519ph (RFC 8032, 5.1): Ed25519 over the SHA-512 of a message. cosign signs so; no library of ours offers it.

Slow and not constant in time, which keys in the open do not mind.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

Point: TypeAlias = tuple[int, int, int, int]  # extended homogeneous coordinates

_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
_DOMAIN = b"SigEd25519 no Ed25519 collisions" + bytes([1, 0])  # prehashed, with an empty context


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64 bytes of signature. `seed` are the 32 bytes of a private key."""
    expanded = hashlib.sha512(seed).digest()
    secret = int.from_bytes(expanded[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    prehash = hashlib.sha512(message).digest()
    public = _encoded(_times(secret, _BASE))
    nonce = _number(_DOMAIN, expanded[32:], prehash)
    commitment = _encoded(_times(nonce, _BASE))
    answer = (nonce + _number(_DOMAIN, commitment, public, prehash) * secret) % _ORDER
    return commitment + answer.to_bytes(32, "little")


def _number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % _ORDER


def _sum(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % _PRIME
    c = 2 * one[3] * other[3] * _D % _PRIME
    d = 2 * one[2] * other[2] % _PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _PRIME, g * h % _PRIME, f * g % _PRIME, e * h % _PRIME


def _times(number: int, point: Point) -> Point:
    product: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            product = _sum(product, point)
        point = _sum(point, point)
        number >>= 1
    return product


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], -1, _PRIME)
    x, y = point[0] * inverse % _PRIME, point[1] * inverse % _PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _base() -> Point:
    y = 4 * pow(5, -1, _PRIME) % _PRIME
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _PRIME) % _PRIME
    x = pow(square, (_PRIME + 3) // 8, _PRIME)
    if x * x % _PRIME != square:
        x = x * pow(2, (_PRIME - 1) // 4, _PRIME) % _PRIME
    x = _PRIME - x if x & 1 else x
    return x, y, 1, x * y % _PRIME


_BASE = _base()
