"""Scripted registries and sources that talk to them."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from tests.oci.disk import Disk
from tests.oci.scripted import Route, ScriptedRegistry
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.model import Reference, Source
from verifier.oci import Credentials, Settings, Sources, parse_reference

OpenSource = Callable[..., Source]


@pytest.fixture(autouse=True)
def no_proxy_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def scripted_registry() -> Iterator[Callable[..., ScriptedRegistry]]:
    """Starts registries; see scripted.py."""
    started: list[ScriptedRegistry] = []

    def start(routes: Mapping[str, Route] | None = None, context: ssl.SSLContext | None = None) -> ScriptedRegistry:
        started.append(ScriptedRegistry(routes, context))
        return started[-1]

    yield start
    for registry in started:
        registry.close()


@pytest.fixture
def registry(scripted_registry: Callable[..., ScriptedRegistry]) -> ScriptedRegistry:
    return scripted_registry()


@pytest.fixture
def sources() -> Iterator[Callable[..., Sources]]:
    """`sources(environ={…}, settings={…}, **limits)`: closed when the test ends. One retry unless a test says more."""
    opened: list[Sources] = []

    def make(
        environ: Mapping[str, str] | None = None, settings: Mapping[str, Any] | None = None, **limits: Any
    ) -> Sources:
        credentials = Credentials.from_environment(environ or {})
        opened.append(Sources(Settings(limits=bounded(**limits), **(settings or {})), credentials))
        return opened[-1]

    yield make
    for made in opened:
        made.close()


@pytest.fixture
def app(registry: ScriptedRegistry, sources: Callable[..., Sources]) -> OpenSource:
    """`app(…)`: the repository `app` on the scripted registry, with the arguments of `sources`."""
    return lambda **named: sources(**named).open(ref(registry))


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "layout")


@pytest.fixture
def opened(disk: Disk, sources: Callable[..., Sources]) -> Callable[..., Source]:
    return lambda **named: sources(**named).open(parse_reference(f"oci:{disk.path}"))


def ref(registry: ScriptedRegistry, name: str = "app:1") -> Reference:
    return parse_reference(f"{registry.host}/{name}")


def bounded(**limits: Any) -> Limits:
    return msgspec.structs.replace(DEFAULT_LIMITS, **{"retries": 1, **limits})


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses made between tries, none of which takes time."""
    made: list[float] = []
    clock = SimpleNamespace(sleep=made.append, time=time.time)
    monkeypatch.setattr("verifier.oci.exchange.time", clock)
    return made
