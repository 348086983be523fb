"""Members of a JSON document by type: what is asked for, or `Unreadable` with what was found instead."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from verifier.attestation.interface import Unreadable

JSONObject = dict[str, Any]

_LARGEST_COUNT = 2**53  # beyond it a double, as JSON readers use, no longer counts


def an_object(value: object, what: str) -> JSONObject:
    """`value` as a JSON object."""
    if not isinstance(value, dict):
        raise _unexpected(what, "an object", value)
    return value


def a_list(value: object, what: str) -> list[Any]:
    """`value` as a JSON array."""
    if not isinstance(value, list):
        raise _unexpected(what, "a list", value)
    return value


def objects(value: object, what: str) -> list[JSONObject]:
    """`value` as an array of objects."""
    return [an_object(entry, f"an entry of {what}") for entry in a_list(value, what)]


def text(holder: JSONObject, name: str) -> str:
    """The string member `name`; "" when it is absent or null."""
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _unexpected(name, "a string", value)
    return value


def inner(holder: JSONObject, name: str) -> JSONObject:
    """The object member `name`; an empty one when it is absent or null."""
    value = holder.get(name)
    return {} if value is None else an_object(value, name)


def count(value: object, what: str) -> int:
    """`value` as a whole number that is not negative."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_COUNT:
        raise _unexpected(what, "a whole number", value)
    return value


def number(holder: JSONObject, name: str) -> float | None:
    """The number member `name`; None when it is absent or null."""
    value = holder.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unexpected(name, "a number", value)
    return float(value)


def number_if_any(holder: JSONObject, name: str) -> float | None:
    """The member `name` where it is a number; None for anything else. For a name whose meaning is only likely."""
    value = holder.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def base64_bytes(encoded: str, what: str, limit: int) -> bytes:
    """Decodes standard base64, lines allowed. `limit` is in decoded bytes and checked before decoding."""
    if len(encoded) > (limit + 2) // 3 * 4 + limit // 16:
        raise Unreadable(f"{what} is larger than {limit} bytes")
    try:
        return base64.b64decode(encoded.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise Unreadable(f"{what} is not base64: {fault}") from None


def _unexpected(what: str, expected: str, found: object) -> Unreadable:
    return Unreadable(f"expected {what} to be {expected}, found {_NAMES.get(type(found), 'something else')}")


_NAMES: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "nothing",
}
