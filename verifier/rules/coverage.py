"""Which lines of a Rego file were evaluated."""

from __future__ import annotations

import msgspec


class Coverage(msgspec.Struct, frozen=True):
    """Lines of one file, from 1, that hold something to evaluate: reached at least once, and never reached."""

    path: str
    covered: tuple[int, ...] = ()
    not_covered: tuple[int, ...] = ()


class Lines(msgspec.Struct, frozen=True):
    """What one evaluation reached of a file, as the worker says it."""

    covered: frozenset[int] = frozenset()
    not_covered: frozenset[int] = frozenset()

    def __or__(self, other: Lines) -> Lines:
        return Lines(self.covered | other.covered, self.not_covered | other.not_covered)

    def of(self, path: str) -> Coverage:
        """The sum of evaluations: a line that one of them reached is reached."""
        return Coverage(path, tuple(sorted(self.covered)), tuple(sorted(self.not_covered - self.covered)))
