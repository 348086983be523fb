"""Which parts of a network an address belongs to, so that no registry can aim this program at its user's own machines.

A redirect or token realm may lead to public addresses, and to the zones in which the registry itself lies: one on
loopback may name another port of loopback, one in the office network a storage beside it. An address that carries
another one inside (IPv4-mapped, 6to4, NAT64) counts as the inner one.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from enum import Enum

from verifier.errors import Unreachable

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Zone(Enum):
    PUBLIC = "public"
    PRIVATE = "private"
    LINK_LOCAL = "link-local"
    LOOPBACK = "loopback"
    OTHER = "unspecified, multicast or reserved"


PUBLIC_ONLY = frozenset({Zone.PUBLIC})


def zone(address: str) -> Zone:
    """The zone of a literal address."""
    ip = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_loopback:
        return Zone.LOOPBACK
    if ip.is_link_local:
        return Zone.LINK_LOCAL
    if ip.is_unspecified or ip.is_multicast:
        return Zone.OTHER
    if ip.is_global:
        return Zone.PUBLIC
    return Zone.OTHER if ip.is_reserved else Zone.PRIVATE


def is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback_name(host: str) -> bool:
    """`localhost`, 127.0.0.0/8 or ::1, by name and without asking DNS, which could say anything."""
    return host == "localhost" or (is_literal(host) and zone(host) is Zone.LOOPBACK)


def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses of `host`. Raises `Unreachable`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise Unreachable(f"the name {host!r:.100} does not resolve: {fault}") from None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def zones_of(host: str, port: int) -> frozenset[Zone]:
    """The zones that `host` lies in. Raises `Unreachable`."""
    return frozenset(zone(address) for address in resolve(host, port))


def check(host: str, addresses: Iterable[str], allowed: frozenset[Zone]) -> None:
    """Raises `Unreachable` when one of the addresses of `host` lies outside the allowed zones."""
    for address in addresses:
        found = zone(address)
        if found not in allowed:
            raise Unreachable(
                f"refused to be sent to {host!r:.100}: {address} is a {found.value} address",
                hint="A registry in a public network may not send clients into yours. Ask who runs it.",
            )


def _innermost(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
