"""What tests of OpenVEX may ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from verifier.vex.packages import Package


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often two packages were held against each other, by method."""
    seen: Counter[str] = Counter()

    def counted(method: Callable[[Package, Package], bool]) -> Callable[[Package, Package], bool]:
        def asked(one: Package, other: Package) -> bool:
            seen[method.__name__] += 1
            return method(one, other)

        return asked

    monkeypatch.setattr(Package, "covers", counted(Package.covers))
    monkeypatch.setattr(Package, "meets", counted(Package.meets))
    return seen
