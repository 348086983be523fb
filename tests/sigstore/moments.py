"""The one time in which everything happens. No clock is asked: what is valid today stays valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Window: TypeAlias = tuple[datetime, datetime]
"""First and last moment, both inside."""

START = datetime(2020, 1, 1, tzinfo=UTC)
END = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)
ALWAYS: Window = (START, END)

ISSUED = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
"""When signing certificates begin; they live `LIFETIME`."""

LIFETIME = timedelta(minutes=10)

SIGNED = ISSUED + timedelta(minutes=1)
"""What logs and timestamp authorities say."""


def rfc3339(moment: datetime) -> str:
    """`2026-01-15T12:00:00Z`; fractions of a second only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
