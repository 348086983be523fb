"""How times are written wherever this program says one."""

from __future__ import annotations

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second: `2026-01-20T00:00:00Z`. A moment without a zone is taken as local time."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
