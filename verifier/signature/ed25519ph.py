"""Recognises an Ed25519ph signature (RFC 8032, 5.1), so that its refusal can name the cause.

It only words a refusal and never makes anything pass, so it favours plainness over speed and constant time.
"""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_PREFIX = b"SigEd25519 no Ed25519 collisions\x01\x00"

Point = tuple[int, int, int, int]  # extended homogeneous coordinates


def is_prehashed(key: bytes, signature: bytes, hashed: bytes) -> bool:
    """Whether `signature` verifies under the raw 32-byte `key` as Ed25519ph with an empty context.

    `hashed` is the SHA-512 of the message.
    """
    a, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= _L:
        return False
    digest = hashlib.sha512(_PREFIX + signature[:32] + key + hashed).digest()
    h = int.from_bytes(digest, "little") % _L
    return _same(_times(s, _BASE), _plus(r, _times(h, a)))


def _point(encoded: bytes) -> Point | None:
    if len(encoded) != 32:
        return None
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _plus(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _plus(total, point)
        point, scalar = _plus(point, point), scalar >> 1
    return total


def _same(p: Point, q: Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % _P == 0 and (p[1] * q[2] - q[1] * p[2]) % _P == 0


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE: Point = _point(_BASE_Y.to_bytes(32, "little")) or (0, 0, 0, 0)
