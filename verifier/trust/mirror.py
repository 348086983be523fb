"""How a TUF repository is read: TLS only, no redirects, no credentials, and never longer than the update may take.

What arrives is proved by signatures; this module keeps a mirror from learning or costing more than a download does.
Only `verifier.trust.update` imports this, and with it `tuf` and `urllib3`.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import urllib3
from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from tuf.ngclient.fetcher import FetcherInterface

from verifier.errors import ConfigurationError, UsageError
from verifier.limits import DEFAULT_LIMITS, KiB
from verifier.version import VERSION

_CHUNK = 64 * KiB


class Mirror(FetcherInterface):
    """Downloads for `tuf.ngclient`, all of them within `seconds` from now, one at a time. Close it when done."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._response: urllib3.BaseHTTPResponse | None = None

    def close(self) -> None:
        """Ends a download that was not read to its end, as one that is too long."""
        if self._response is not None:
            self._response.close()

    def _fetch(self, url: str) -> Iterator[bytes]:
        """Raises `DownloadError` and its kinds, as the interface asks."""
        require_url(url)
        self.close()
        try:
            response = self._response = _pool(url).request(
                "GET", url, redirect=False, retries=False, preload_content=False, timeout=self._timeout()
            )
        except urllib3.exceptions.TimeoutError:
            raise SlowRetrievalError(f"{url} did not answer in time") from None
        except urllib3.exceptions.HTTPError as fault:
            raise DownloadError(f"{url} cannot be read: {fault}") from None
        if response.status != 200:
            raise DownloadHTTPError(f"{url} answered {response.status}", response.status)
        return self._chunks(response, url)

    def _chunks(self, response: urllib3.BaseHTTPResponse, url: str) -> Iterator[bytes]:
        """As they arrive: waiting for a full chunk would give a server that drips as long as it likes."""
        try:
            while chunk := response.read1(_CHUNK, decode_content=False):
                yield chunk
                self._timeout()
        except urllib3.exceptions.TimeoutError:
            raise SlowRetrievalError(f"{url} stopped in the middle") from None
        except urllib3.exceptions.HTTPError as fault:
            raise DownloadError(f"{url} broke off: {fault}") from None

    def _timeout(self) -> urllib3.Timeout:
        left = self._end - time.monotonic()
        if left <= 0:
            raise SlowRetrievalError("the time for the update is over")
        return urllib3.Timeout(
            connect=min(left, DEFAULT_LIMITS.connect_timeout), read=min(left, DEFAULT_LIMITS.read_timeout)
        )


def require_url(url: str) -> str:
    """The URL, if a trust root may come from there. Raises `UsageError`; never repeats a password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise UsageError("the address of the trust repository is not a URL", hint="Give https://HOST/PATH.") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "the address of a trust repository must not hold a user or password",
            hint="The repository is public; what comes from it is proved by signatures.",
        )
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        raise UsageError(f"a trust repository is read over https://, not {url:.200}", hint="Give https://HOST/PATH.")
    if parts.query or parts.fragment:
        raise UsageError(f"the address of a trust repository has no query and no fragment: {url:.200}")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _pool(url: str) -> urllib3.PoolManager:
    """Through the environment's proxy, whose credentials go to it alone; loopback is never reached through one."""
    headers = {"User-Agent": f"dhiverify/{VERSION}", "Accept-Encoding": "identity"}
    parts = urlsplit(url)
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or _is_loopback(parts.hostname or "") or proxy_bypass(parts.netloc):
        return urllib3.PoolManager(headers=headers)
    try:
        address = urllib3.util.parse_url(proxy if "://" in proxy else f"http://{proxy}")
        login = urllib3.make_headers(proxy_basic_auth=address.auth) if address.auth else None
        return urllib3.ProxyManager(address._replace(auth=None).url, headers=headers, proxy_headers=login)
    except (urllib3.exceptions.HTTPError, ValueError):
        # The URL may hold a password: it is not printed.
        raise ConfigurationError(
            "the proxy named by the environment is not an http:// or https:// URL", hint="Check HTTPS_PROXY."
        ) from None
