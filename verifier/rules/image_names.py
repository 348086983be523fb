"""Image names in full, as Docker writes them (https://github.com/distribution/reference): HOST/NAME[:TAG][@DIGEST]."""

from __future__ import annotations

import re

_LONGEST = 1_024  # characters; a name has at most 255, a tag 128, a digest up to 200
_HUB = "docker.io"
_HUB_HOSTS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,200}")


def canonical_name(text: str) -> str:
    """`HOST/NAME` of a reference, without tag and digest. Raises `ValueError`."""
    return parts_of(text)[0]


def parts_of(text: str) -> tuple[str, str, str]:
    """Name in full, tag and digest; the last two are "" where they do not stand. Raises `ValueError`."""
    if len(text) > _LONGEST:
        raise ValueError(f"an image reference of {len(text)} characters")
    name, at, digest = text.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:  # a port, or nothing
        head, colon, tag = name, "", ""
    host, repository = _split_host(head)
    fits = _HOST.fullmatch(host) and _REPOSITORY.fullmatch(repository)
    if not fits or (colon and not _TAG.fullmatch(tag)) or (at and not _DIGEST.fullmatch(digest)):
        raise ValueError(f"expected an image reference as HOST/NAME:TAG, found {text[:100]!r}")
    return f"{host}/{repository}", tag, digest


def _split_host(name: str) -> tuple[str, str]:
    host, slash, repository = name.partition("/")
    if not slash or not (host == "localhost" or "." in host or ":" in host):
        host, repository = _HUB, name
    host = host.lower()
    if host in _HUB_HOSTS:
        return _HUB, repository if "/" in repository else f"library/{repository}"
    return host, repository
