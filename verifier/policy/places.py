"""Where the members of a document stand, so that every fault is named with line and column."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from verifier.errors import ConfigurationError

Where: TypeAlias = tuple[str | int, ...]
"""The way to a member: names of members and numbers of items, from the top."""


class Places(msgspec.Struct, frozen=True):
    """The parsed text of the file `path`. A compiled text, which knows no places, has everything at line 1."""

    path: str = ""
    tree: Any = None

    def at(self, where: Where) -> tuple[int, int]:
        """Line and column, counted from 1, of the deepest part of `where` that the document holds."""
        node, line, column = self.tree, 0, 0
        for key in where:
            try:
                line, column = node.lc.key(key) if isinstance(key, str) else node.lc.item(key)
                node = node[key]
            except (LookupError, TypeError, AttributeError):  # absent, or without places
                break
        return line + 1, column + 1

    def fault(self, where: Where, text: str, hint: str | None = None) -> ConfigurationError:
        """The error to raise for what stands at `where`."""
        line, column = self.at(where)
        return ConfigurationError(f"{self.path}:{line}:{column}: {text} (in {shown(where)})", hint=hint)


def shown(where: Where) -> str:
    """As a person reads it: `$.images[0].match`."""
    return "$" + "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in where)


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """`Did you mean …?` with the known word that is most like `word`, if any, and all known ones."""
    import difflib

    folded = {name.casefold(): name for name in reversed(known)}
    near = difflib.get_close_matches(word.casefold()[:100], list(folded), n=1)
    meant = f"Did you mean `{folded[near[0]]}`? " if near else ""
    return f"{meant}Known here: {', '.join(known)}."
