"""URLs in parts that can be compared: where a request goes, and whether that is the same place as before (RFC 6454)."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import msgspec

from verifier.errors import Unreachable

_PORTS = {"http": 80, "https": 443}
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_URL_LENGTH = 16 * 1024  # pre-signed storage URLs reach a few KiB


class Endpoint(msgspec.Struct, frozen=True):
    """Scheme, host and port. `host` is lower case and an IPv6 address stands without brackets."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, scheme: str, host: str) -> Endpoint:
        """`host` as in a reference: `name`, `name:port`, `[ipv6]:port`."""
        return cls(scheme, urlsplit(f"//{host}").hostname or "", stated_port(host) or _PORTS[scheme])

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


def stated_port(host: str) -> int | None:
    """The port in `host[:port]`."""
    return urlsplit(f"//{host}").port


class Location(msgspec.Struct, frozen=True):
    """An endpoint and the path with query on it. Printed without the query: that of a pre-signed URL is a secret."""

    endpoint: Endpoint
    path: str

    def resolve(self, url: str) -> Location:
        """What `url`, absolute or relative, means in an answer from here. Raises `Unreachable` for what is no URL."""
        if len(url) > _URL_LENGTH or not _PRINTABLE.fullmatch(url):
            raise Unreachable(f"{self.endpoint} points to something that is not a URL: {url!r:.100}")
        try:
            named, parts = urlsplit(url), urlsplit(urljoin(f"{self.endpoint}{self.path}", url))
            port = parts.port
        except ValueError:
            raise Unreachable(f"{self.endpoint} points to something that is not a URL: {url!r:.100}") from None
        if (named.scheme or url.startswith("//")) and not named.hostname:
            # urljoin would read http:///x as a path here.
            raise Unreachable(f"{self.endpoint} points to a URL without a host: {url!r:.100}")
        if parts.scheme not in _PORTS or not parts.hostname:
            raise Unreachable(f"{self.endpoint} points to {parts.scheme!r:.40}; only https is followed")
        if "@" in parts.netloc:
            raise Unreachable(f"{self.endpoint} points to a URL with a user name in it, at {parts.hostname!r:.100}")
        endpoint = Endpoint(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
        return Location(endpoint, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))

    def __str__(self) -> str:
        return f"{self.endpoint}{self.path.partition('?')[0]}"
