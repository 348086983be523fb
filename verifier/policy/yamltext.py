"""YAML 1.2 for policy documents and rule metadata: strict, with line and column of every fault.

A YAML parser costs more start-up than a whole verdict should. So what the texts of shipped files say is also kept as
JSON, in `policies/compiled.json`, by SHA-256 of the text: one that is not there, or was changed by a byte, is parsed.
`make policies` writes that file, and a test compares it.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from verifier.policy.shipped import shipped_policies


class YAMLRefused(ValueError):
    """`line` and `column` count from 0; both are 0 where the fault has no place."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        super().__init__(problem)
        self.line = line
        self.column = column


def load(text: str) -> Any:
    """The document in `text`. Mappings know the places of their members (`lc`) unless they were compiled.

    Raises `YAMLRefused`, also for a member that stands twice.
    """
    found = _compiled().get(_name(text))
    return parse(text) if found is None else found


def parse(text: str) -> Any:
    """The same, always by the parser."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as fault:
        problem = (fault.problem or "not YAML").splitlines()[0]
        mark = fault.problem_mark
        raise YAMLRefused(problem, mark.line if mark else 0, mark.column if mark else 0) from None
    except (YAMLError, ValueError, RecursionError) as fault:
        raise YAMLRefused(f"not YAML: {str(fault).splitlines()[0]}") from None


def compile_texts(texts: list[str]) -> bytes:
    """The content of `compiled.json` for these texts."""
    trees = {_name(text): parse(text) for text in texts}
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
