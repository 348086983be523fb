"""Just enough of a DER writer for CMS and RFC 3161 (X.690)."""

from __future__ import annotations

from datetime import UTC, datetime


def tagged(tag: int, content: bytes) -> bytes:
    """One value: tag, definite length in the shortest form, content."""
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*items: bytes) -> bytes:
    return tagged(0x30, b"".join(items))


def set_of(*items: bytes) -> bytes:
    """SET OF: DER sorts the items by their encoding."""
    return tagged(0x31, b"".join(sorted(items)))


def explicit(number: int, *items: bytes) -> bytes:
    """`[number] EXPLICIT`, or `IMPLICIT` of something constructed when given its content."""
    return tagged(0xA0 | number, b"".join(items))


def content_of(value: bytes) -> bytes:
    """What is inside of one value."""
    size = value[1] & 0x7F if value[1] & 0x80 else 0
    return value[2 + size :]


def integer(value: int) -> bytes:
    return tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(content: bytes) -> bytes:
    return tagged(0x04, content)


def utf8(text: str) -> bytes:
    return tagged(0x0C, text.encode())


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    return tagged(0x06, b"".join(_base128(number) for number in (first * 40 + second, *rest)))


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def generalized_time(moment: datetime) -> bytes:
    """GeneralizedTime in UTC, fractions without trailing zeros, as RFC 3161 demands."""
    text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%S.%f").rstrip("0").rstrip(".")
    return tagged(0x18, text.encode() + b"Z")


def utc_time(moment: datetime) -> bytes:
    return tagged(0x17, moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


NULL = b"\x05\x00"
