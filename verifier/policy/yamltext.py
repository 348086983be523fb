"""YAML 1.2 for policy documents and rule metadata: strict, with line and column of every fault.

A YAML parser costs more start-up than a whole verdict should. So what the texts of shipped files say is also kept as
JSON, in `policies/compiled.json`, by SHA-256 of the text: one that is not there, or was changed by a byte, is parsed.
`make policies` writes that file, and a test compares it.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from verifier.limits import DEFAULT_LIMITS
from verifier.policy.shipped import shipped_policies

# What the parser lets through on texts such as `? a: [b]` and `-__: 1`, beside errors of its own.
_PARSER_FAULTS = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)


class YAMLRefused(ValueError):
    """`line` and `column` count from 0; both are 0 where the fault has no place."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        super().__init__(problem)
        self.line = line
        self.column = column


def load(text: str) -> Any:
    """The document in `text`. Mappings know the places of their members (`lc`) unless they were compiled.

    Raises `YAMLRefused`, also for a member that stands twice, an alias, an anchor, a tag and a merge key. What is
    returned is for messages: `plain` makes data of it.
    """
    found = _compiled().get(_name(text))
    return parse(text) if found is None else found


def parse(text: str) -> Any:
    """The same, always by the parser."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        _only_plain_syntax(YAML(typ="rt", pure=True).scan(text))
        return _reader().load(text)
    except MarkedYAMLError as fault:
        problem = (fault.problem or "not YAML").splitlines()[0]
        mark = fault.problem_mark
        raise YAMLRefused(problem, mark.line if mark else 0, mark.column if mark else 0) from None
    except YAMLRefused:
        raise
    except (YAMLError, *_PARSER_FAULTS) as fault:
        raise YAMLRefused(f"not YAML: {str(fault).partition(chr(10))[0]}") from None


def _reader() -> Any:
    """A parser by which a date is text: YAML 1.2 has no dates, and what stands there must not be guessed at."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import RoundTripConstructor

    class Constructor(RoundTripConstructor):
        pass

    Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)
    reader = YAML(typ="rt", pure=True)
    reader.Constructor = Constructor
    return reader


def _only_plain_syntax(tokens: Iterator[Any]) -> None:
    """Refuses what gives YAML more than JSON has, before anything is built: a few aliases can make gigabytes."""
    from ruamel.yaml.tokens import AliasToken, AnchorToken, ScalarToken, TagToken

    depth = 0
    for token in tokens:
        mark = token.start_mark
        depth += _deeper(type(token).__name__)
        if depth > DEFAULT_LIMITS.json_depth:  # counted here, since the parser takes the square of it
            raise YAMLRefused(f"nested more than {DEFAULT_LIMITS.json_depth} deep", mark.line, mark.column)
        if isinstance(token, AliasToken | AnchorToken):
            raise YAMLRefused("anchors and aliases are not supported", mark.line, mark.column)
        if isinstance(token, TagToken):
            raise YAMLRefused("tags are not supported", mark.line, mark.column)
        if isinstance(token, ScalarToken) and token.plain and token.value == "<<":
            raise YAMLRefused("merge keys (<<) are not supported", mark.line, mark.column)


def _deeper(token: str) -> int:
    """1 for a token that begins a list or mapping, -1 for one that ends it."""
    if token in ("BlockEndToken", "FlowSequenceEndToken", "FlowMappingEndToken"):
        return -1
    return int(token.endswith("StartToken") and not token.startswith(("Stream", "Document")))


def plain(tree: Any) -> Any:
    """`tree` as JSON data: dict, list, str, int, float, bool and None, exactly of these types.

    Raises `YAMLRefused`, with the place where it is known, for a value that JSON does not have (NaN), a key
    that is no string, a lone surrogate, and nesting or an integer beyond the bounds of JSON documents.
    """
    return _plain(tree, (0, 0), 0)


def _plain(node: Any, place: tuple[int, int], depth: int) -> Any:
    if depth > DEFAULT_LIMITS.json_depth:
        raise YAMLRefused(f"nested more than {DEFAULT_LIMITS.json_depth} deep", *place)
    if isinstance(node, dict):
        return {
            _key(key, _place(node, key, place)): _plain(value, _place(node, key, place), depth + 1)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_plain(value, _place(node, number, place), depth + 1) for number, value in enumerate(node)]
    return _scalar(node, place)


def _scalar(value: Any, place: tuple[int, int]) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        if abs(value) >= 10**DEFAULT_LIMITS.json_integer_digits:
            raise YAMLRefused(f"an integer of more than {DEFAULT_LIMITS.json_integer_digits} digits", *place)
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise YAMLRefused(f"expected a value that JSON has, found {str(value)[:80]!r}; quote it if it is text", *place)


def _key(key: Any, place: tuple[int, int]) -> str:
    if not isinstance(key, str):
        raise YAMLRefused(f"expected a string as key, found {str(key)[:80]!r}; quote it if it is text", *place)
    return _text(key, place)


def _text(text: str, place: tuple[int, int]) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise YAMLRefused("a lone surrogate, which is no character", *place) from None
    return str(text)


def _place(node: Any, key: Any, otherwise: tuple[int, int]) -> tuple[int, int]:
    """Line and column of a member, or `otherwise` for a compiled text, which knows no places."""
    places = getattr(getattr(node, "lc", None), "data", None) or {}
    line, column, *_ = places.get(key, otherwise)
    return line, column


def compile_texts(texts: list[str]) -> bytes:
    """The content of `compiled.json` for these texts."""
    trees = {_name(text): plain(parse(text)) for text in texts}
    return json.dumps(trees, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def compiled_path() -> Path:
    return shipped_policies() / "compiled.json"


@functools.cache
def _compiled() -> dict[str, Any]:
    try:
        return msgspec.json.decode(compiled_path().read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError):
        return {}


def _name(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
