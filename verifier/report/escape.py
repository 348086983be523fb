"""Foreign text made fit for a terminal or log line: nothing in it can move the cursor, colour, hide or reorder."""

from __future__ import annotations

from verifier.limits import DEFAULT_LIMITS


def printable(text: str, limit: int = DEFAULT_LIMITS.report_text) -> str:
    """`text` on one line, cut at `limit` characters, with an escape for each that Unicode does not call printable.

    Those are controls, format characters (bidi, zero width), surrogates, private use, and separators but the space.
    """
    if len(text) > limit:
        text = text[:limit] + " … (cut)"
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
