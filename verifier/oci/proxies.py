"""Proxies of the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, read as curl and urllib read them.

A loopback host is never reached through a proxy. The proxy's own credentials go to the proxy alone.
"""

from __future__ import annotations

import os
from typing import Any

from urllib3 import HTTPConnectionPool, ProxyManager, make_headers
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from verifier.errors import Unreachable
from verifier.oci.addresses import is_loopback_name
from verifier.oci.locations import Endpoint


def proxy_for(endpoint: Endpoint) -> str:
    """The URL of the proxy that requests to `endpoint` go through, or "" for none."""
    if is_loopback_name(endpoint.host) or not any(name.lower().endswith("_proxy") for name in os.environ):
        return ""
    from urllib.request import getproxies_environment, proxy_bypass

    proxies = getproxies_environment()
    if proxy_bypass(endpoint.authority):
        return ""
    return proxies.get(endpoint.scheme) or proxies.get("all") or ""


def proxied_pool(
    proxy: str, endpoint: Endpoint, pools: dict[str, type[HTTPConnectionPool]], **options: Any
) -> HTTPConnectionPool:
    """Connections to `endpoint` through `proxy`. Raises `Unreachable` when that is not a proxy's URL."""
    try:
        url = parse_url(proxy if "://" in proxy else f"http://{proxy}")
        headers = make_headers(proxy_basic_auth=url.auth) if url.auth else None
        manager = ProxyManager(url._replace(auth=None).url, proxy_headers=headers, **options)
        manager.pool_classes_by_scheme = dict(pools)
        pool = manager.connection_from_host(endpoint.host, endpoint.port, endpoint.scheme)
    except (HTTPError, ValueError):
        # The URL may hold a password: it is not printed.
        raise Unreachable(
            "the proxy named by the environment is not an http:// or https:// URL", hint="Check HTTPS_PROXY."
        ) from None
    return pool
