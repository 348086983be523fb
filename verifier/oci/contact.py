"""How a registry is reached and what it says to somebody unknown: for those who ask why it does not serve them.

Nothing here holds a secret: of a proxy and of a token service only the host is kept.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from verifier.oci.addresses import is_loopback_name
from verifier.oci.challenges import parse_challenges
from verifier.oci.exchange import Answer
from verifier.oci.locations import Endpoint
from verifier.oci.manifests import looks_like_web_page
from verifier.oci.proxies import proxy_for

NO_URL = "(not a URL)"


class Address(msgspec.Struct, frozen=True):
    """Where a registry is spoken to. `proxy` is `host[:port]` of the proxy between, "" for none."""

    scheme: str
    host: str
    port: int
    proxy: str = ""

    @property
    def is_open(self) -> bool:
        """Whether others on the way can read and change what is said: plain HTTP that leaves this machine."""
        return self.scheme == "http" and not is_loopback_name(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class Greeting(msgspec.Struct, frozen=True):
    """The answer to `GET /v2/` without a credential: which logins it asks for, and the host that hands out tokens."""

    status: int
    schemes: tuple[str, ...] = ()
    realm: str = ""
    is_web_page: bool = False


def address_of(endpoint: Endpoint) -> Address:
    return Address(endpoint.scheme, endpoint.host, endpoint.port, _without_user(proxy_for(endpoint)))


def greeting_of(answer: Answer) -> Greeting:
    challenges = parse_challenges(answer.headers.get("WWW-Authenticate", "")) if answer.status == 401 else ()
    realms = (challenge.parameters.get("realm", "") for challenge in challenges if challenge.scheme == "bearer")
    return Greeting(
        answer.status,
        tuple(challenge.scheme for challenge in challenges),
        _without_user(next(realms, "")),
        looks_like_web_page(answer.body, answer.content_type),
    )


def _without_user(url: str) -> str:
    """`host[:port]` of a URL, with or without scheme; of what is no URL nothing is repeated."""
    if not url:
        return ""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return NO_URL
    is_torn = "@" in f"{parts.path}{parts.query}{parts.fragment}"  # by a password with a slash in it
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}{port}" if host and not is_torn else NO_URL
