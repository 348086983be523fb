"""Pictures in inline SVG. Colours are classes of the page's style; every number also stands in the title."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from verifier.report.escape import printable

_GAP = 0.8  # of a hundred, between two parts of a ring
_RADIUS = 15.9155  # of a circle whose way round is 100


def ring(parts: Sequence[tuple[str, int]], title: str, label: str, note: str) -> str:
    """A ring with a part for each (class, number), clockwise from the top, `label` and `note` in its middle.

    `parts` have classes of our own; all other texts may come from anywhere.
    """
    whole = sum(number for _, number in parts)
    told = ", ".join(f"{number} {name}" for name, number in parts if number)
    arcs = "".join(_arcs([(name, 100 * number / whole) for name, number in parts if number])) if whole else ""
    return (
        f'<svg class="ring" viewBox="0 0 42 42" role="img"><title>{_text(title)}: {told or "nothing"}</title>'
        f'<circle class="track" cx="21" cy="21" r="{_RADIUS}"/>{arcs}'
        f'<text x="21" y="21.6" class="label">{_text(label)}</text>'
        f'<text x="21" y="26.6" class="note">{_text(note)}</text></svg>'
    )


def _arcs(parts: Sequence[tuple[str, float]]) -> list[str]:
    arcs, start = [], 25.0  # a dash begins at three o'clock; a quarter back is the top
    gap = _GAP if len(parts) > 1 else 0.0
    for name, share in parts:
        length = max(share - gap, 0.4)
        arcs.append(
            f'<circle class="arc {name}" cx="21" cy="21" r="{_RADIUS}"'
            f' stroke-dasharray="{length:.2f} {100 - length:.2f}" stroke-dashoffset="{start:.2f}"/>'
        )
        start -= share
    return arcs


def bar(parts: Sequence[tuple[str, int]], title: str) -> str:
    """A bar across, with a part for each (class, number)."""
    whole = sum(number for _, number in parts)
    told = ", ".join(f"{number} {name}" for name, number in parts if number)
    pieces, start = [], 0.0
    for name, number in parts:
        if number:
            width = 100 * number / whole
            seen = max(width - _GAP, 0.4)
            pieces.append(f'<rect class="piece {name}" x="{start:.2f}" width="{seen:.2f}" height="4"/>')
            start += width
    return (
        '<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img">'
        f"<title>{_text(title)}: {told or 'nothing'}</title>{''.join(pieces)}</svg>"
    )


def _text(text: str) -> str:
    return escape(printable(text), quote=True)
