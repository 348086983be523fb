"""Text fit for XML 1.0, and markup in which no character is hidden.

XML 1.0 (fifth edition), 2.2: most controls, surrogates, U+FFFE and U+FFFF have no form in a document, not even as a
reference. None of them is printable, so `plain` writes each as an escape that a person can read.
"""

from __future__ import annotations

import re

from verifier.limits import DEFAULT_LIMITS
from verifier.report.escape import printable

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_ORDER = re.compile(r"^([^\S\n]*):(?=:)|#(?=#[a-zA-Z]*\[)", re.MULTILINE)


def plain(text: str, limit: int = DEFAULT_LIMITS.detail_text) -> str:
    """`text` with its line ends and tabs, every other character that is not printable as its escape, cut at `limit`.

    Nothing in it hides or reorders anything, or gives orders to the runner of a pipeline (`escape.printable`).
    """
    if len(text) > limit:
        text = text[:limit] + " … (cut)"
    return "\n".join(map(_line, text.replace("\r\n", "\n").split("\n")))


def _line(text: str) -> str:
    return "\t".join(printable(part, len(part)) for part in text.split("\t"))


def visible(markup: str) -> str:
    """XML that says the same, with a reference for each character that a terminal or runner would act on.

    Only for markup without comments, processing instructions and CDATA sections, where a reference is none. Names
    cannot hold such characters, so they stand in texts and values alone.
    """
    markup = _ORDER.sub(_reference, markup)
    if markup.replace("\n", "").replace("\t", "").isprintable():
        return markup
    return "".join(one if one.isprintable() or one in "\n\t" else f"&#{ord(one)};" for one in markup)


def _reference(found: re.Match[str]) -> str:
    blanks = found[1]
    return "&#35;" if blanks is None else f"{blanks}&#58;"
