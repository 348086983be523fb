"""Foreign text and tables in Markdown, as GitHub and GitLab render it: CommonMark with tables, and what comes after.

After rendering they look for more in plain text: mentions, issues, commits, addresses, emoji. None of that happens in a
code span, so only text without any sign of it stands plainly; everything else is a code span.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from verifier.limits import DEFAULT_LIMITS
from verifier.report.escape import printable

_PLAIN = re.compile(r"(?!\d+[.)])[^\W_](?:[^\W_]|[ .,;()'\"/+=\u2013…-]|:(?= |$)|%(?=[ .,;)]|$))*")
_LINKED = re.compile(r"www\.|\bGH-\d|[0-9a-f]{7}", re.IGNORECASE)
NOTHING = "\N{EN DASH}"
_SMALLEST = 8 * 1024  # bytes that a section may have, however little room is left


def words(text: str) -> str:
    """`text` on one line: plainly where nothing in it could mean anything, as code elsewhere."""
    shown = printable(text.strip(), DEFAULT_LIMITS.markdown_cell)
    return shown if _PLAIN.fullmatch(shown) and not _LINKED.search(shown) else code(text)


def code(text: str) -> str:
    """`text` in a code span, with a fence that is in no part of it. A pipe would end the cell of a table even here."""
    shown = printable(text.strip(), DEFAULT_LIMITS.markdown_cell).replace("|", r"\x7c")
    if not shown:
        return NOTHING
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def row(*cells: str) -> str:
    """A line of a table, of cells that are Markdown already."""
    return f"| {' | '.join(cells)} |\n"


class Section(msgspec.Struct, frozen=True):
    """A part of the document that can be cut: after as many of its `rows` as there is room for, never inside one.

    `opening` and `closing` stand around them; `what` are the rows, in words.
    """

    opening: str
    rows: tuple[str, ...] = ()
    closing: str = "\n"
    what: str = "lines"

    def within(self, room: int) -> str:
        """The section in at most `room` bytes, with a count of what was left out; "" where not even that fits."""
        if _size(self._text(len(self.rows))) <= room:
            return self._text(len(self.rows))
        left = room - _size(self._text(0))
        if left < 0:
            return ""
        kept = 0
        for line in self.rows:
            left -= _size(line)
            if left < 0:
                break
            kept += 1
        return self._text(kept)

    def _text(self, kept: int) -> str:
        rest = len(self.rows) - kept
        note = f"\n… and {rest} more {self.what}, which are left out here.\n" if rest else ""
        return f"{self.opening}{''.join(self.rows[:kept])}{note}{self.closing}"


def table(title: str, columns: Sequence[str], rows: Sequence[str], what: str) -> Section:
    return Section(f"{title}\n\n{_head(columns)}", tuple(rows), what=what)


def folded(title: str, columns: Sequence[str], rows: Sequence[str], what: str) -> Section:
    """A table that a reader unfolds."""
    opening = f"<details>\n<summary>{title}</summary>\n\n{_head(columns)}"
    return Section(opening, tuple(rows), "\n</details>\n\n", what)


def _head(columns: Sequence[str]) -> str:
    return row(*columns) + "|---" * len(columns) + "|\n"


def fitted(sections: Sequence[Section], room: int) -> str:
    """All sections in at most `room` bytes; one that is long leaves half of what is left to those that follow."""
    note = "… and {} more parts, which are left out here; `--output html` has everything.\n"
    room -= _size(note) + 10
    shown = list(_shown(sections, room))
    left_out = shown.count("")
    return "".join(shown) + (note.format(left_out) if left_out else "")


def _shown(sections: Sequence[Section], room: int) -> Iterator[str]:
    for section in sections:
        text = section.within(min(room, max(room // 2, _SMALLEST)))
        room -= _size(text)
        yield text


def _size(text: str) -> int:
    return len(text.encode())
