"""In the worker: the rule's import in a test file, written out wherever it is used.

Where a test says `scout.pass` by `import data.docker.scout`, the engine evaluates every rule of that package, and all
of the file would count as reached; where it says `data.docker.scout.pass`, that one rule and what it needs.
"""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.rules.syntax import Syntax

_RULE = ("data", "docker", "scout")


def written_out(syntax: Syntax, source: str, functions: Container[str]) -> str:
    """`source`, which `syntax` is of, without that import.

    `functions` are built-in, and stay what they are: the name `scout` is theirs, too. Lines keep their numbers.
    """
    imported = [(alias, start, end) for path, alias, start, end in syntax.imports() if path == _RULE]
    changes = {start: (end, b" " * (end - start)) for _, start, end in imported}
    for alias, _, _ in imported:
        for path, start in syntax.references():
            if path[0] == alias and ".".join(path[:2]) not in functions:
                changes[start] = (start + len(alias.encode()), ".".join(_RULE).encode())
    return _changed(source.encode(), changes).decode()


def _changed(text: bytes, changes: dict[int, tuple[int, bytes]]) -> bytes:
    parts, position = [], 0
    for start, (end, instead) in sorted(changes.items()):
        parts += [text[position:start], instead]
        position = end
    return b"".join((*parts, text[position:]))
