"""urllib3's connections with two things added: the pace of a whole request, and a check of the address."""

from __future__ import annotations

import io
import socket
import threading
import time
from http.client import HTTPResponse
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util.connection import create_connection

from verifier.oci.addresses import Zone, check, resolve
from verifier.oci.deadline import Deadline


class Pace:
    """How long one request may still wait for the next byte."""

    __slots__ = ("_bytes_per_second", "_deadline", "_first", "_read_timeout", "_received")

    def __init__(self, deadline: Deadline, read_timeout: float, bytes_per_second: int) -> None:
        self._deadline = deadline
        self._read_timeout = read_timeout
        self._bytes_per_second = bytes_per_second
        self._first = 0.0
        self._received = 0

    def patience(self) -> float:
        """Seconds to wait for the next byte. Raises `TimeoutError` when the server is too slow, `Unreachable` late."""
        if self._first:
            elapsed = time.monotonic() - self._first
            if elapsed > self._read_timeout and self._received < elapsed * self._bytes_per_second:
                raise TimeoutError(f"slower than {self._bytes_per_second} bytes per second")
        return min(self._read_timeout, self._deadline.left())

    def received(self, count: int) -> None:
        self._first = self._first or time.monotonic()
        self._received += count


class _UnderWay(threading.local):
    """The request that this thread has under way: urllib3 has no parameter to carry its pace."""

    pace: Pace | None = None
    response: HTTPResponse | None = None

    def begin(self, pace: Pace) -> None:
        self.pace, self.response = pace, None

    def abandon(self) -> None:
        """Closes an answer that urllib3 gave up on and kept hold of."""
        if self.response:
            self.response.close()


under_way = _UnderWay()


class _PacedReader(io.RawIOBase):
    """A socket's bytes, each wait bounded by the pace of the whole request and not only by that of one read."""

    def __init__(self, raw: socket.SocketIO, connection: socket.socket, pace: Pace) -> None:
        self._raw = raw
        self._connection = connection
        self._pace = pace

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connection.settimeout(self._pace.patience())
        count = self._raw.readinto(buffer)
        self._pace.received(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class PacedResponse(HTTPResponse):
    """http.client's response, reading status line, headers and body at the pace of the request."""

    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        if under_way.pace:
            self.fp.close()
            under_way.response = self
            raw = sock.makefile("rb", buffering=0)
            self.fp = io.BufferedReader(_PacedReader(raw, sock, under_way.pace))


class CheckedHTTP(HTTPConnection):
    """A connection that, given `zones`, resolves its own name and refuses addresses outside them."""

    response_class = PacedResponse

    def __init__(self, *args: Any, zones: frozenset[Zone] | None = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self._zones = zones

    def _new_conn(self) -> socket.socket:
        return super()._new_conn() if self._zones is None else _connect_checked(self, self._zones)


class CheckedHTTPS(CheckedHTTP, HTTPSConnection):
    """The same with TLS, which is verified against the name and not against the address."""


def _connect_checked(connection: HTTPConnection, zones: frozenset[Zone]) -> socket.socket:
    addresses = resolve(connection.host, connection.port)
    check(connection.host, addresses, zones)
    fault: OSError | None = None
    for address in addresses:
        try:
            return create_connection(
                (address, connection.port), connection.timeout, socket_options=connection.socket_options
            )
        except OSError as refused:
            fault = refused
    raise NewConnectionError(connection, f"no address of {connection.host} answers: {fault}")


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = CheckedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = CheckedHTTPS


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _HTTPPool, "https": _HTTPSPool}
