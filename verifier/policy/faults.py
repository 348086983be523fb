"""What a parser says about a document, said so that a person finds the place and the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import msgspec

from verifier.policy.document import Document, EvidencePlace, ImageSection, RequiredKind, RuleSource, TrustSection
from verifier.policy.identities import IdentityEntry
from verifier.policy.places import Where, suggestion
from verifier.policy.waivers import StatedWaiver

_MEMBERS_OF: dict[str, type[msgspec.Struct]] = {
    "images": ImageSection,
    "trust": TrustSection,
    "identities": IdentityEntry,
    "evidence": EvidencePlace,
    "require": RequiredKind,
    "rules": RuleSource,
    "waivers": StatedWaiver,
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def described(fault: str, tree: Any) -> tuple[Where, str, str | None]:
    """Place, text and hint of what msgspec says. Its text may quote the document, so only its end names a place."""
    found = re.fullmatch(r"(.*) - at `(\$[^`]*)`", fault, re.DOTALL)
    text, path = found.groups() if found else (fault, "$")
    where = _where(path, text, tree)
    if unknown := _quoted(r"Object contains unknown field `(.*)`", text):
        return (*where, unknown), text, suggestion(unknown, members(where))
    if "missing required field" in text:
        return where, text, f"Members: {', '.join(members(where))}."
    if value := _quoted(r"Invalid enum value '(.*)'", text):
        return where, text, suggestion(value, tuple(_choices(where)))
    quote = re.fullmatch(r"Expected `str.*`, got `(int|float|bool|null)`", text)
    return where, text, "Quote it, or write a word: it is text." if quote else None


def members(where: Where) -> tuple[str, ...]:
    """The members that may stand at `where`."""
    return tuple(field.encode_name for field in msgspec.structs.fields(_struct(where)))


def _struct(where: Where) -> type[msgspec.Struct]:
    named = [_MEMBERS_OF[part] for part in where if isinstance(part, str) and part in _MEMBERS_OF]
    return named[-1] if named else Document


def _where(path: str, text: str, tree: Any) -> Where:
    where: Where = ()
    for name, number in re.findall(r"\.([A-Za-z]+)|\[(\d+|\.\.\.)\]", path):
        if number == "...":
            key = _guilty(_node(tree, where), text)
            where = (*where, key) if key else where
        else:
            where = (*where, name or int(number))
    return where


def _node(tree: Any, where: Where) -> Any:
    for part in where:
        tree = tree[part]
    return tree


def _guilty(node: Any, text: str) -> str:
    """The member of a mapping with any names that `text` is about: paths of msgspec do not say which."""
    value = _quoted(r"Invalid enum value '(.*)'", text)
    kind = _TYPES.get(_quoted(r".*, got `(\w+)`", text))
    for key, found in node.items() if isinstance(node, dict) else ():
        if (value and found == value) or (kind and isinstance(found, kind)):
            return str(key)
    return ""


def _quoted(pattern: str, text: str) -> str:
    found = re.fullmatch(pattern, text, re.DOTALL)
    return found[1] if found else ""


def _choices(where: Where) -> Iterator[str]:
    """The words that may stand at `where`."""
    names = [part for part in where if isinstance(part, str)]
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(_struct(where))}
    for name in names[-2:]:
        yield from _words(fields.get(name))


def _words(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from map(str, get_args(kind))
    else:
        for part in get_args(kind):
            yield from _words(part)
