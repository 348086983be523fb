"""Members of a small protobuf JSON document that somebody trusts: read strictly, and every refusal says where.

Both spellings of a name are known, camelCase and snake_case, but never two spellings in one object: two readings are
none. Unknown members are ignored, null is as good as absent, enums are names or numbers, bytes are base64 of either
alphabet (protobuf's JSON mapping).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

from verifier import strictjson
from verifier.errors import ConfigurationError

_UNDERSCORE = re.compile("_([a-z0-9])")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_STANDARD_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class Members(msgspec.Struct, frozen=True):
    """One JSON object. `where` is what a message calls it; `values` are its members by their camelCase names.

    All methods raise `ConfigurationError` for a member that is not what they are asked for.
    """

    where: str
    values: Mapping[str, Any]

    def refuse(self, why: str) -> NoReturn:
        raise ConfigurationError(
            f"{self.where} {why}", hint="Take the file anew from those who run this Sigstore, or leave it out."
        )

    def text(self, name: str) -> str:
        """ "" where it is absent."""
        value = self.values.get(name, "")
        if not isinstance(value, str):
            self.refuse(f"has a `{name}` that is not text")
        return value

    def has(self, name: str) -> bool:
        return name in self.values

    def object(self, name: str) -> Members:
        if name not in self.values:
            self.refuse(f"has no `{name}`")
        return members(self.values[name], f"{self.where}: `{name}`")

    def objects(self, name: str) -> tuple[Members, ...]:
        """Of a list, which may be absent. Each is called by its place, counted from 1."""
        value = self.values.get(name, [])
        if not isinstance(value, list):
            self.refuse(f"has a `{name}` that is not a list")
        return tuple(members(entry, f"{self.where}: `{name}` {place}") for place, entry in enumerate(value, 1))

    def binary(self, name: str) -> bytes:
        """Never empty."""
        try:
            decoded = _base64(self.text(name))
        except ValueError:
            self.refuse(f"has a `{name}` that is not base64")
        if not decoded:
            self.refuse(f"has no `{name}`")
        return decoded

    def moment(self, name: str) -> datetime | None:
        """RFC 3339, as UTC, to the microsecond; None where it is absent."""
        if name not in self.values:
            return None
        try:
            return _moment(self.text(name))
        except (ValueError, OverflowError):
            self.refuse(f"has a `{name}` that is not a time such as 2026-01-31T00:00:00Z")

    def choice(self, name: str, known: Mapping[str, int]) -> str:
        """The name of an enum value. Raises for one that is not in `known`."""
        value = self.values.get(name)
        found = [word for word, number in known.items() if value == word or (type(value) is int and value == number)]
        if not found:
            self.refuse(f"has `{name}` {value!r:.60}; expected one of {', '.join(known)}")
        return found[0]


def document(body: bytes, what: str, bound: int) -> Members:
    """The outermost object. Raises `ConfigurationError`, also for more than `bound` bytes."""
    if len(body) > bound:
        raise ConfigurationError(f"{what} is larger than {bound} bytes")
    try:
        value = strictjson.loads(body)
    except strictjson.JSONRefused as fault:
        raise ConfigurationError(f"{what} cannot be read: {fault}") from None
    return members(value, what)


def members(value: object, where: str) -> Members:
    """Raises `ConfigurationError` for what is no object, or one with two spellings of a member."""
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where} is not a JSON object")
    found = {_camel(name): entry for name, entry in value.items() if entry is not None}
    if len({_camel(name).casefold() for name in value}) < len(value):
        raise ConfigurationError(f"{where} has one member in two spellings; readers may take either")
    return Members(where, found)


def _camel(name: str) -> str:
    return _UNDERSCORE.sub(lambda found: found[1].upper(), name)


def _moment(text: str) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("is not RFC 3339")
    fraction = (found[2] or "").ljust(6, "0")[:6]
    return datetime.fromisoformat(f"{found[1]}.{fraction}{found[3]}").astimezone(UTC)


def _base64(text: str) -> bytes:
    """Strict but for the alphabet and missing padding. Raises `ValueError`."""
    raw = text.encode("ascii")
    if set(raw) & set(b"-_"):
        if set(raw) & set(b"+/"):
            raise ValueError("mixes both alphabets")
        raw = raw.translate(_STANDARD_FROM_URL_SAFE)
    if not raw.endswith(b"="):
        raw += b"=" * (-len(raw) % 4)
    decoded = binascii.a2b_base64(raw, strict_mode=True)
    if binascii.b2a_base64(decoded, newline=False) != raw:
        raise ValueError("has stray bits")
    return decoded
