"""Members of untrusted JSON objects, in a document whose only long part is the payload of an envelope.

A payload of 60 MiB is cut out by a parser that skips it in C; what is left is bounded and parsed strictly, so a
hostile envelope costs no more memory than its bytes. Of protobuf JSON both spellings of a name are known, camelCase
and snake_case, and never both in one object: two readings are none.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import msgspec

from verifier import strictjson
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS

_PREFIX = 128  # bytes of the payload to look for: enough to be found once, and cheap to look for


class _Envelope(msgspec.Struct):
    payload: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Bundle(msgspec.Struct):
    camel: _Envelope | msgspec.UnsetType | None = msgspec.field(default=msgspec.UNSET, name="dsseEnvelope")
    snake: _Envelope | msgspec.UnsetType | None = msgspec.field(default=msgspec.UNSET, name="dsse_envelope")


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_BUNDLE = msgspec.json.Decoder(_Bundle)


class Document(msgspec.Struct, frozen=True):
    """The outermost object, and the payload where it was cut out, with "" in its place."""

    root: dict[str, Any]
    payload: bytes | str = b""


def document(body: bytes, what: str, *, bundle: bool = False) -> Document:
    """An envelope, or with `bundle` a bundle that may hold one. Raises `EvidenceInvalid`."""
    if len(body) > DEFAULT_LIMITS.envelope_bytes:
        raise EvidenceInvalid(f"the {what} is larger than {DEFAULT_LIMITS.envelope_bytes} bytes")
    rest, payload = body, b""
    if len(body) > DEFAULT_LIMITS.envelope_overhead_bytes:
        rest, payload = _cut(body, bundle=bundle)
    if len(rest) > DEFAULT_LIMITS.envelope_overhead_bytes:
        raise EvidenceInvalid(f"the {what} has over {DEFAULT_LIMITS.envelope_overhead_bytes} bytes beside its payload")
    try:
        root = strictjson.loads(rest)
        text = strictjson.loads(b'"%b"' % payload) if b"\\" in payload else payload
    except strictjson.JSONRefused as fault:
        raise EvidenceInvalid(f"the {what} is {fault}") from None
    if not isinstance(root, dict):
        raise EvidenceInvalid(f"the {what} is not a JSON object")
    return Document(root, text)


def _cut(body: bytes, *, bundle: bool) -> tuple[bytes, bytes]:
    """The document with "" for its payload, and what stood between those quotes; unchanged if there is no such text.

    Should the same text stand elsewhere, that may be cut in its place: what stays is then read as usual.
    """
    try:
        raw = _raw(_BUNDLE.decode(body)) if bundle else _ENVELOPE.decode(body).payload
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body, b""
    token = memoryview(raw) if isinstance(raw, msgspec.Raw) else memoryview(b"")
    start = body.find(bytes(token[:_PREFIX]))
    end = start + len(token)
    if bytes(token[:1]) != b'"' or not body.startswith(token, start):
        return body, b""
    return body[: start + 1] + body[end - 1 :], body[start + 1 : end - 1]


def _raw(found: _Bundle) -> msgspec.Raw | msgspec.UnsetType:
    envelope = found.camel or found.snake
    return envelope.payload if isinstance(envelope, _Envelope) else msgspec.UNSET


def exact(value: object, what: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of `names` that the object has. Others are ignored, but not those that differ only in case."""
    if not isinstance(value, dict):
        raise EvidenceInvalid(f"the {what} is not an object")
    try:
        strictjson.refuse_variants(value, frozenset(names))
    except strictjson.JSONRefused as fault:
        raise EvidenceInvalid(f"the {what}: {fault}") from None
    return {name: value[name] for name in names if name in value}


def proto(value: object, what: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The same for protobuf JSON: either spelling, given back under the camelCase one; null is as good as absent."""
    found = exact(value, what, (*names, *map(_snake, names)))
    for name in names:
        snake = _snake(name)
        if snake != name and snake in found:
            if name in found:
                raise EvidenceInvalid(f"the {what} has both `{name}` and `{snake}`; readers may take either")
            found[name] = found.pop(snake)
    return {name: member for name, member in found.items() if member is not None}


@functools.cache
def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)
