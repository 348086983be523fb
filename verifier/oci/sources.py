"""Where images are read from, one object per place and run."""

from __future__ import annotations

import contextlib
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from verifier.model import Reference, Source
from verifier.oci.credentials import Credentials, Identity
from verifier.oci.deadline import Deadline
from verifier.oci.remembering import Remembering
from verifier.oci.settings import Settings, Stats

if TYPE_CHECKING:
    from verifier.oci.contact import Address, Greeting
    from verifier.oci.layout import Layout
    from verifier.oci.registry import Registry
    from verifier.oci.transport import HttpTransport


class Sources:
    """Opens registries and layouts, and closes what it opened. The time of `settings.timeout` starts here.

    Nothing is fetched twice through one `Sources`, and nothing outlives it: tokens, tags and listings are kept in
    memory only. Raises `ConfigurationError` when `settings.cacert` cannot be used. Safe to share between threads.
    """

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._deadline = Deadline(settings.timeout)
        self._lock = threading.RLock()
        self._transport: HttpTransport | None = None
        self._registries: dict[str, Registry] = {}
        self._layouts: list[Layout] = []
        self._sources: dict[str, Source] = {}
        if settings.cacert:
            self._http()

    def open(self, reference: Reference) -> Source:
        """The place that `reference` names; the same object each time. Raises `NotFound` for what is no layout."""
        with self._lock:
            key = f"oci:{reference.path}" if reference.path else f"{reference.registry}/{reference.repository}"
            if key not in self._sources:
                self._sources[key] = Remembering(self._layout(reference) if reference.path else self._remote(reference))
            return self._sources[key]

    def address(self, reference: Reference) -> Address:
        """Where the registry of `reference` is spoken to. Asks nobody."""
        from verifier.oci.contact import address_of

        return address_of(self._registry(reference.registry).session.endpoint)

    def greet(self, reference: Reference) -> Greeting:
        """What the registry of `reference` says to somebody unknown. Raises `RegistryError` when it says nothing."""
        from verifier.oci.contact import greeting_of

        return greeting_of(self._registry(reference.registry).session.ping())

    def identity(self, reference: Reference) -> Identity | None:
        """Which credential is used for this repository; None means anonymous. Raises as `Credentials.lookup`."""
        return self._credentials.describe(reference.registry, reference.repository)

    def has_referrers_api(self, reference: Reference) -> bool | None:
        """Whether the registry of `reference` has a referrers API, once a listing was asked for; None until then."""
        return self._registry(reference.registry).has_referrers_api

    def alive(self) -> None:
        """Raises `Unreachable` when the time of `settings.timeout` is over."""
        self._deadline.left()

    @property
    def stats(self) -> Stats:
        """Requests and bytes so far. Reading layouts counts as neither."""
        return self._transport.stats if self._transport else Stats()

    @property
    def plain_http(self) -> tuple[str, ...]:
        """Registries opened without TLS, loopback ones left out: a relaxation that a report must show."""
        from verifier.oci.addresses import is_loopback_name

        with self._lock:
            endpoints = [registry.session.endpoint for registry in self._registries.values()]
        return tuple(e.authority for e in endpoints if e.scheme == "http" and not is_loopback_name(e.host))

    def close(self) -> None:
        with self._lock, contextlib.ExitStack() as stack:
            for layout in self._layouts:
                stack.callback(layout.close)
            if self._transport:
                stack.callback(self._transport.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _layout(self, reference: Reference) -> Source:
        from verifier.oci.layout import Layout

        layout = Layout(reference.path, self._settings.limits, self._deadline)
        self._layouts.append(layout)
        return layout

    def _remote(self, reference: Reference) -> Source:
        return self._registry(reference.registry).repository(reference.repository)

    def _registry(self, host: str) -> Registry:
        from verifier.oci.registry import Registry
        from verifier.oci.session import Session

        with self._lock:
            if host not in self._registries:
                session = Session(host, self._settings, self._credentials, self._http(), self._deadline)
                self._registries[host] = Registry(host, session, self._settings.limits)
            return self._registries[host]

    def _http(self) -> HttpTransport:
        from verifier.oci.transport import HttpTransport

        with self._lock:
            if self._transport is None:
                self._transport = HttpTransport(self._settings)
            return self._transport
