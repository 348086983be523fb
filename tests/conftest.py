"""What all tests may ask for: the virtual publisher, its layouts and its registry."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.publisher import ImageSpec, MemoryRegistry, PublishedImage, stores
from tests.publisher.image import publish_into


class ImageUnderTest(PublishedImage, kw_only=True):
    """A published image that knows where this test keeps its files and registries."""

    desk: Publisher

    def layout(self, style: str = "index", tags: tuple[str, ...] | None = None) -> str:
        """Writes an OCI layout, and gives `oci:PATH`. Damage it before."""
        return f"oci:{stores.to_layout(self, self.desk.new_path(), style, tags)}"

    def registry(self, repository: str = "", **options: Any) -> str:
        """Serves the image until the test ends, and gives `127.0.0.1:PORT/NAME:TAG`. May be damaged while served.

        `options` are those of `MemoryRegistry`; without any, all images of a test share one registry.
        """
        return self.desk.registry(**options).add(self, repository)


class Publisher:
    """`publisher.image(**fields of ImageSpec)`, in the files and on the ports of one test."""

    def __init__(self, directory: Path, closing: ExitStack) -> None:
        self._directory = directory
        self._closing = closing
        self._numbers = count(1)
        self._registries: dict[tuple[tuple[str, Any], ...], MemoryRegistry] = {}

    def image(self, **fields: Any) -> ImageUnderTest:
        spec = ImageSpec(**fields)
        return publish_into(ImageUnderTest(spec_product=spec.product, desk=self), spec)

    def registry(self, **options: Any) -> MemoryRegistry:
        """The running registry with these options; `log`, `fetched` and `repeated` tell what it was asked."""
        known = tuple(sorted(options.items()))
        if known not in self._registries:
            self._registries[known] = self._closing.enter_context(MemoryRegistry(**options))
        return self._registries[known]

    def new_path(self) -> Path:
        return self._directory / f"layout-{next(self._numbers)}"


CPU_SECONDS = 120  # many times what the slowest test takes: this ends loops of the wrong order, it measures nothing


@pytest.fixture(autouse=True)
def _no_endless_work() -> Iterator[None]:
    """Ends a test whose work grows without a bound. Time of this process counts, not of a busy machine."""
    former = signal.signal(signal.SIGPROF, _endless)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, former)


def _endless(*_: object) -> NoReturn:
    raise AssertionError(f"more than {CPU_SECONDS} seconds of computing: work of the wrong order")


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """A command sets up the log of its process; in tests the next one must not inherit it."""
    logger = logging.getLogger("verifier")
    handlers, level = logger.handlers, logger.level
    yield
    logger.handlers, logger.level = handlers, level


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    with ExitStack() as closing:
        yield Publisher(tmp_path, closing)
