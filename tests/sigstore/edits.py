"""Damage by path: `edited(document, {"tlogEntries.0.logIndex": "-1"})`."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from tests.publisher.about import JSON
from tests.publisher.envelopes import encoded

Edits: TypeAlias = Mapping[str, Any]
"""By path, members joined by dots and list items by number: a value, a function of the present value, or `REMOVED`."""

REMOVED: Final = object()
UNCHANGED: Final[Edits] = {}


def edited(document: JSON, edits: Edits) -> JSON:
    """A copy with these members set, changed or removed. The path `""` is the document itself."""
    box = {"": copy.deepcopy(document)}
    for path, value in edits.items():
        _edit(box, ["", *path.split(".")] if path else [""], value)
    return box[""]


def _edit(box: JSON, path: list[str], value: Any) -> None:
    for step in path[:-1]:
        box = box[_place(box, step)]
    place = _place(box, path[-1])
    if value is REMOVED:
        del box[place]
    elif callable(value):
        box[place] = value(box[place])
    else:
        box[place] = value


def _place(box: JSON, step: str) -> str | int:
    return int(step) if isinstance(box, list) else step


def flipped(text: str, at: int = -1) -> str:
    """The same base64 with the lowest bit of one byte turned over."""
    content = bytearray(base64.b64decode(text))
    content[at] ^= 1
    return encoded(bytes(content))


def url_safe(text: str) -> str:
    """The same bytes in the other alphabet, without padding."""
    return base64.urlsafe_b64encode(base64.b64decode(text)).decode().rstrip("=")
