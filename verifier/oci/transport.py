"""HTTP/1.1 for hostile servers: two methods, and bounds on everything that a server decides.

What holds for every request, whoever asks:

* redirects are not followed, nothing is retried, no cookie is kept, no body is decoded (`Accept-Encoding: identity`);
* a request has a deadline from first byte to last, and a body that drips slower than `Limits.bytes_per_second`
  after a grace of `Limits.read_timeout` is given up; a server that says nothing for `read_timeout` as well;
* a body is read up to the caller's limit and one byte; shorter than its Content-Length is an error;
* http.client bounds the rest: 100 header lines of 64 KiB;
* with `zones` the name is resolved here, every address is checked and the connection goes to a checked address, so a
  second DNS answer changes nothing (I09). Through a proxy only literal addresses can be checked: the proxy resolves.

TLS uses the system's certificate authorities, and `Settings.cacert` beside them; there is no way to skip the check.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from typing import Any, Protocol

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Retry, Timeout
from urllib3.exceptions import HTTPError, NewConnectionError, ProxyError, SSLError
from urllib3.exceptions import TimeoutError as SlowError

from verifier.errors import ConfigurationError, ContentMismatch, LimitExceeded, Unreachable
from verifier.oci.addresses import Zone, check, is_literal
from verifier.oci.connections import POOLS, Pace, under_way
from verifier.oci.deadline import Deadline
from verifier.oci.locations import Endpoint, Location
from verifier.oci.proxies import proxied_pool, proxy_for
from verifier.oci.settings import Settings, Stats

_CHUNK = 1024 * 1024
_ONCE = Retry(total=False, redirect=False)


class Interrupted(Unreachable):
    """The connection broke in the middle. Asking again may help."""


class Response(Protocol):
    """An answer whose body has not been read. Either `read` or `discard` ends it."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """By any case of their names."""

    @property
    def content_length(self) -> int | None: ...

    def read(self, limit: int) -> bytes:
        """The whole body. Raises `LimitExceeded` over `limit` bytes, `ContentMismatch`, `Unreachable`."""

    def discard(self) -> None:
        """Lets go of the body without taking it in."""


class Transport(Protocol):
    def request(
        self,
        method: str,
        location: Location,
        headers: Mapping[str, str],
        deadline: Deadline,
        *,
        body: bytes | None = None,
        zones: frozenset[Zone] | None = None,
    ) -> Response:
        """One request, one answer. `zones` limits the addresses to connect to. Raises `Unreachable`."""

    def close(self) -> None: ...


class HttpTransport:
    """`Transport` on urllib3, with one connection pool per endpoint. Safe to share between threads.

    Raises `ConfigurationError` when `Settings.cacert` cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.stats = Stats()
        self._settings = settings
        self._limits = settings.limits
        self._pools: dict[tuple[Endpoint, frozenset[Zone] | None], _Way] = {}
        self._lock = threading.Lock()
        self._context = _trusting(settings.cacert) if settings.cacert else None

    def request(
        self,
        method: str,
        location: Location,
        headers: Mapping[str, str],
        deadline: Deadline,
        *,
        body: bytes | None = None,
        zones: frozenset[Zone] | None = None,
    ) -> Response:
        limits, endpoint = self._limits, location.endpoint
        way = self._pools.get((endpoint, zones)) or self._open(endpoint, zones)
        deadline = deadline.within(limits.request_timeout, "one request")
        left = deadline.left()
        under_way.begin(Pace(deadline, limits.read_timeout, limits.bytes_per_second))
        try:
            raw = way.pool.urlopen(
                method,
                f"{endpoint}{location.path}" if way.absolute else location.path,
                body=body,
                headers={"User-Agent": self._settings.user_agent, "Accept-Encoding": "identity", **headers},
                retries=_ONCE,
                redirect=False,
                assert_same_host=False,
                timeout=Timeout(connect=min(limits.connect_timeout, left), read=min(limits.read_timeout, left)),
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, OSError) as fault:
            under_way.abandon()
            raise _fault(endpoint, fault, deadline) from None
        self.count(requests=1)
        return _Answer(raw, endpoint, deadline, self)

    def close(self) -> None:
        with self._lock:
            for way in self._pools.values():
                way.pool.close()
            self._pools.clear()

    def count(self, requests: int = 0, received: int = 0) -> None:
        with self._lock:
            self.stats.requests += requests
            self.stats.bytes_received += received

    def _open(self, endpoint: Endpoint, zones: frozenset[Zone] | None) -> _Way:
        with self._lock:
            key = (endpoint, zones)
            if key not in self._pools:
                self._pools[key] = self._connect(endpoint, zones)
            return self._pools[key]

    def _connect(self, endpoint: Endpoint, zones: frozenset[Zone] | None) -> _Way:
        tls: dict[str, Any] = {}
        if endpoint.scheme == "https":
            self._context = self._context or _trusting(None)
            tls["ssl_context"] = self._context
        proxy = proxy_for(endpoint)
        if proxy:
            if zones is not None and is_literal(endpoint.host):
                check(endpoint.host, (endpoint.host,), zones)
            pool = proxied_pool(proxy, endpoint, POOLS, maxsize=self._settings.jobs, **tls)
            return _Way(pool, absolute=endpoint.scheme == "http")
        pool_class = POOLS[endpoint.scheme]
        # `zones` is handed on to every connection by the pool.
        return _Way(pool_class(endpoint.host, endpoint.port, maxsize=self._settings.jobs, zones=zones, **tls))


def _trusting(cacert: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if cacert:
        try:
            context.load_verify_locations(cafile=cacert)
        except OSError as fault:  # SSLError is one
            raise ConfigurationError(f"cannot use {cacert} as a file of CA certificates: {fault}") from None
    return context


class _Way:
    """A pool, and whether its requests name the whole URL, as plain HTTP through a proxy does."""

    __slots__ = ("absolute", "pool")

    def __init__(self, pool: HTTPConnectionPool, *, absolute: bool = False) -> None:
        self.pool = pool
        self.absolute = absolute


class _Answer:
    """`Response` of urllib3, read with bounds."""

    __slots__ = ("_deadline", "_endpoint", "_raw", "_transport", "content_length", "headers", "status")

    def __init__(self, raw: BaseHTTPResponse, endpoint: Endpoint, deadline: Deadline, transport: HttpTransport) -> None:
        self._raw = raw
        self._endpoint = endpoint
        self._deadline = deadline
        self._transport = transport
        self.status = raw.status
        self.headers: Mapping[str, str] = raw.headers
        self.content_length = self._declared()

    def read(self, limit: int) -> bytes:
        self._check(limit)
        chunks: list[bytes] = []
        total, declared = 0, self.content_length
        try:
            while total != declared and (chunk := self._raw.read(min(_CHUNK, limit + 1 - total))):
                chunks.append(chunk)
                total += len(chunk)
                if total > limit:
                    self._raw.close()
                    raise self._too_long(limit)
        except (HTTPError, OSError) as fault:
            self._raw.close()
            raise _fault(self._endpoint, fault, self._deadline) from None
        self._raw.release_conn()
        self._transport.count(received=total)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def discard(self) -> None:
        """Closes the connection: draining would mean to read what nobody bounded."""
        if self.content_length == 0:
            self._raw.release_conn()
        else:
            self._raw.close()

    def _check(self, limit: int) -> None:
        encoding = self.headers.get("Content-Encoding", "identity")
        if encoding.strip().lower() not in ("", "identity"):
            self._raw.close()
            raise ContentMismatch(
                f"{self._endpoint} sent a body encoded as {encoding!r:.40}; asked for was identity",
                hint="A proxy between may compress; dhiverify never unpacks what it has not hashed.",
            )
        if self.content_length is not None and self.content_length > limit:
            self._raw.close()
            raise self._too_long(limit)

    def _too_long(self, limit: int) -> LimitExceeded:
        return LimitExceeded(f"{self._endpoint} sent more than {limit} bytes where at most that many are read")

    def _declared(self) -> int | None:
        text = self.headers.get("Content-Length")
        if text is None or "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            self._raw.close()
            raise ContentMismatch(f"{self._endpoint} sent a Content-Length of {text!r:.40}")
        return int(text)


def _fault(endpoint: Endpoint, fault: Exception, deadline: Deadline) -> Unreachable:
    """What urllib3 or the system says, as one of ours. Only a broken connection is worth another try."""
    cause = getattr(fault, "reason", None) or fault
    if isinstance(fault, SSLError):
        return Unreachable(f"no trusted TLS connection to {endpoint}: {cause}", hint=_tls_hint(str(cause)))
    if isinstance(fault, NewConnectionError):
        return Unreachable(f"{endpoint} does not answer: {_last(cause)}")
    if isinstance(fault, ProxyError):
        return Unreachable(
            f"the proxy for {endpoint} does not serve: {_last(cause)}", hint="Check HTTPS_PROXY, NO_PROXY."
        )
    if isinstance(fault, SlowError | TimeoutError):
        deadline.left()  # says so itself when that is what has passed
        return Unreachable(f"{endpoint} is too slow: {_last(cause)}")
    return Interrupted(f"the connection to {endpoint} broke: {_last(cause)}")


def _tls_hint(cause: str) -> str:
    """By the words of OpenSSL. Only the last is what a registry with an own CA needs."""
    if "wrong version number" in cause.lower() or "record layer failure" in cause.lower():
        return "It may speak plain HTTP: say --allow-http-registry, and name the registry with its port."
    if "expired" in cause or "not yet valid" in cause:
        return "Look at this machine's clock; if that is right, who runs the registry must renew its certificate."
    if "mismatch" in cause:
        return "Name the registry as its certificate does, or ask who runs it: this may be another machine."
    return "If its certificate comes from your own CA, name that with --registry-cacert FILE."


def _last(fault: object) -> str:
    """urllib3 puts the connection's repr before its messages."""
    return str(fault).rpartition(">: ")[2].rpartition("): ")[2][:300] or type(fault).__name__
