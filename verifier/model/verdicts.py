"""How a decision ends."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Ordered by severity in `WORST_FIRST`."""

    ALLOW = "allow"
    WARN = "warn"
    DENY = "deny"
    ERROR = "error"
