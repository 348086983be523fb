"""JSON as security documents need it: one reading, or none (RFC 8259, and the I-JSON profile of RFC 7493).

A document that two parsers read differently lets a signer say one thing to the verifier and another to the rule,
so everything ambiguous is refused: duplicate members, a byte order mark, other encodings than UTF-8, lone
surrogates, NaN and infinities, numbers that no typed reader can hold, and nesting beyond a bound.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from verifier.limits import DEFAULT_LIMITS

# All between two brackets, strings whole, in one match: a match costs memory, and an SBOM has a million strings.
_BETWEEN_BRACKETS = re.compile(rb'(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^"\[\]{}]++)++', re.DOTALL)
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class JSONRefused(ValueError):
    """The bytes are not JSON that has exactly one reading."""


def loads(body: bytes, *, depth: int = DEFAULT_LIMITS.json_depth, keep: frozenset[str] | None = None) -> Any:
    """Parses `body`; raises `JSONRefused` with a reason for a person, and no other exception.

    With `keep`, every object is checked whole and only these members of it are kept: for large documents of which
    little is wanted.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise JSONRefused(f"not UTF-8 at byte {fault.start}") from None
    if text.startswith("\ufeff"):
        raise JSONRefused("begins with a byte order mark")
    surrogates = _ESCAPED_SURROGATE.search(body)
    try:
        value = _decoder(None if surrogates else keep).decode(text)
    except JSONRefused:
        raise
    except (ValueError, RecursionError) as fault:
        raise JSONRefused(f"not JSON: {fault}") from None
    _bounded_depth(body, depth)
    if surrogates:
        _no_lone_surrogate(value)
    return value


def refuse_variants(members: Mapping[str, Any], known: frozenset[str]) -> None:
    """Raises `JSONRefused` for a member whose name is one of `known` but for its case.

    Decoders that ignore case, such as Go's, would read it: one document with two meanings.
    """
    for name in members.keys() - known:
        if name.casefold() in _folded(known):
            raise JSONRefused(f"member {name[:100]!r} differs only in case from one that has a meaning")


@functools.cache
def _folded(known: frozenset[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in known)


def _bounded_depth(body: bytes, depth: int) -> None:
    """Peels one level of nesting per round, all of it in C; what is left after `depth` rounds is too deep.

    Only for bytes that parsed: on broken strings the pattern would take quadratic time.
    """
    if body.count(b"[") + body.count(b"{") <= depth:
        return
    brackets = _BETWEEN_BRACKETS.sub(b"", body)
    for _ in range(depth):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise JSONRefused(f"nested deeper than {depth} levels")


def _no_lone_surrogate(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise JSONRefused("holds a lone surrogate") from None


def _kept(keep: frozenset[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in _members(pairs).items() if name in keep}


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise JSONRefused(f"member {twice[:100]!r} stands twice in one object")
    return members


def _integer(digits: str) -> int:
    if len(digits) > DEFAULT_LIMITS.json_integer_digits:
        raise JSONRefused(f"an integer of {len(digits)} digits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise JSONRefused(f"number {digits[:40]} is beyond any double")
    return number


def _constant(name: str) -> NoReturn:
    raise JSONRefused(f"{name} is not JSON")


@functools.cache
def _decoder(keep: frozenset[str] | None) -> json.JSONDecoder:
    hook = _members if keep is None else functools.partial(_kept, keep)
    return json.JSONDecoder(object_pairs_hook=hook, parse_int=_integer, parse_float=_float, parse_constant=_constant)
