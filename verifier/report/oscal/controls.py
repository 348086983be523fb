"""Control ids of NIST SP 800-53 revision 5 as OSCAL's catalog writes them: cm-14, ac-2.4."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"([A-Z]{2})-([1-9][0-9]?)(?![0-9])(?: ?\(([1-9][0-9]?)\))?")


def control_id(text: str) -> str:
    """The id of the control or enhancement of which `text` ("AC-2 (4)", "CM-6 b") speaks; "" where it is none."""
    found = _CONTROL.match(text)
    if not found:
        return ""
    enhancement = f".{found[3]}" if found[3] else ""
    return f"{found[1].lower()}-{found[2]}{enhancement}"


def control_order(control: str) -> tuple[str, tuple[int, ...]]:
    """Sorts control ids as the catalog does: ac-2 before ac-10."""
    family, _, number = control.partition("-")
    return family, tuple(map(int, number.split(".")))


def statement_id(control: str) -> str:
    """The catalog's id of the control's statement."""
    return f"{control}_smt"
