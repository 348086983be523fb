"""Points in time by which something must be over."""

from __future__ import annotations

import time

from verifier.errors import Unreachable


class Deadline:
    """A moment on the monotonic clock, `seconds` from now, and what has run out when it has passed."""

    def __init__(self, seconds: float, what: str = "--timeout") -> None:
        self.end = time.monotonic() + seconds
        self._seconds = seconds
        self._what = what

    def left(self) -> float:
        """Seconds left, always positive. Raises `Unreachable` when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def passed(self) -> Unreachable:
        """The fault to raise when waiting longer would pass this deadline."""
        return Unreachable(f"not finished within {self._seconds:g} s ({self._what})")

    def within(self, seconds: float, what: str) -> Deadline:
        """The nearer of this deadline and one `seconds` from now."""
        nearer = Deadline(seconds, what)
        return nearer if nearer.end < self.end else self
