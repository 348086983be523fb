"""Foreign text made fit for a terminal or log line: nothing in it can move the cursor, colour, hide or reorder.

Nor can it give orders to the runner of a pipeline, which reads what a step prints: GitHub obeys `::name::` at the
start of a line, blanks aside, and `##[name]` anywhere; others `##vso[…]` and `##teamcity[…]`.
"""

from __future__ import annotations

import json
import re

from verifier.limits import DEFAULT_LIMITS

_ORDER = re.compile(r"#(?=#[a-zA-Z]*\[)")


def printable(text: str, limit: int = DEFAULT_LIMITS.report_text) -> str:
    """`text` on one line, cut at `limit` characters, with an escape for each that Unicode does not call printable.

    Those are controls, format characters (bidi, zero width), surrogates, private use, and separators but the space.
    """
    if len(text) > limit:
        text = text[:limit] + " … (cut)"
    text = _ORDER.sub(r"\\x23", text)
    if text.lstrip().startswith("::"):
        text = text.replace(":", r"\x3a", 1)
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def printable_json(document: str) -> str:
    """JSON that says the same, without what a runner would obey or a terminal could be led astray by.

    Two `#`, and what is not printable but the line end, can only stand inside a string of it.
    """
    document = _ORDER.sub(r"\\u0023", document)
    if document.replace("\n", "").isprintable():
        return document
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in document)


_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


def in_markdown(text: str) -> str:
    """`text` as plain text of CommonMark: no mark in it means anything. It stays on one line."""
    return _MARKUP.sub(r"\\\1", printable(text))
