"""Image references as people write them, in Docker's normal form (distribution/reference; OCI distribution-spec 1.1).

    alpine                          docker.io/library/alpine:latest
    dhi.io/python:3.13@sha256:…     both are kept, the digest decides
    registry://[::1]:5000/app       the same without the prefix
    oci:DIR[:TAG|@DIGEST]           an OCI layout on disk; also oci-layout:// and ocidir://

Nothing leaves this module that could change the meaning of a URL or a path: the grammar comes first.
"""

from __future__ import annotations

import re

from verifier.errors import ReferenceInvalid
from verifier.model import Digest, Reference

_HUB_NAMES = ("docker.io", "index.docker.io", "registry-1.docker.io")
DOCKER_HUB = "docker.io"

_LAYOUT_PREFIXES = ("oci-layout://", "ocidir://", "oci:")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"(?P<name>{_LABEL}(?:\.{_LABEL})*|\[(?P<ipv6>[0-9a-f:.]+)\])(?::(?P<port>[0-9]{{1,5}}))?")
_IMAGE_ID = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # surrogates stand for bytes that are not UTF-8
_NAME_LENGTH = 255  # host/repository: the bound of distribution/reference
_TEXT_LENGTH = 4096  # a path on disk may be long; nothing else in a reference is


def parse_reference(text: str) -> Reference:
    """The image that `text` names. Raises `ReferenceInvalid` for everything outside the grammar."""
    if len(text) > _TEXT_LENGTH or _CONTROL.search(text):
        why = "control characters, not UTF-8, or too long"
        raise ReferenceInvalid(f"expected an image reference, found {text!r:.100} ({why})")
    if text.startswith("oci://"):
        raise ReferenceInvalid(
            f"{text!r:.200} could be a layout or a registry",
            hint="Write oci:DIR for a layout on disk, or HOST/NAME:TAG.",
        )
    for prefix in _LAYOUT_PREFIXES:
        if text.startswith(prefix):
            return _layout(text.removeprefix(prefix), text)
    return _image(text.removeprefix("registry://"), text)


def canonical_host(text: str) -> str:
    """A registry's `host[:port]` in lower case, Docker Hub under its one name. Raises `ReferenceInvalid`."""
    host = text.lower()
    found = _HOST.fullmatch(host)
    if not found or (found["port"] and not 0 < int(found["port"]) < 65536):
        shown = f"…@{text.rpartition('@')[2]}" if "@" in text else text  # what stands before it may be a password
        raise ReferenceInvalid(f"expected a registry as host[:port], found {shown!r:.200}")
    if found["ipv6"]:
        _check_ipv6(found["ipv6"])
    name, _, port = host.rpartition(":")
    if port == "443" and "." in name and name[0].isalpha():
        host = name  # the same registry, and policies must not take it for another one
    return DOCKER_HUB if host in _HUB_NAMES else host


def _image(name: str, text: str) -> Reference:
    name, digest = _split_digest(name, text)
    name, tag = _split_tag(name, text)
    host, repository = _split_host(name)
    if _IMAGE_ID.fullmatch(name):
        raise ReferenceInvalid(
            f"{text!r:.200} is an image id, not a name", hint="Name the image as HOST/NAME@sha256:… instead."
        )
    host = canonical_host(host)
    if host == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    if not _REPOSITORY.fullmatch(repository):
        raise ReferenceInvalid(
            f"expected a lower-case repository name, found {repository!r:.200} in {text!r:.200}",
            hint="Write HOST/NAME:TAG without https://; a name has a-z, 0-9, '.', '_', '-' between slashes.",
        )
    if len(host) + 1 + len(repository) > _NAME_LENGTH:
        raise ReferenceInvalid(f"{text!r:.100} is longer than the {_NAME_LENGTH} characters that a name may have")
    return Reference(host, repository, tag or ("" if digest else "latest"), digest)


def _layout(location: str, text: str) -> Reference:
    path, digest = _split_digest(location, text)
    path, tag = _split_tag(path, text)
    if not path:
        raise ReferenceInvalid(f"expected a directory in {text!r:.200}", hint="Write oci:DIR[:TAG|@DIGEST].")
    return Reference(tag=tag, digest=digest, path=path)


def _split_digest(text: str, whole: str) -> tuple[str, Digest | None]:
    """Cuts `@algorithm:hex` off the end. An `@` further up, inside a directory's name, stays."""
    name, at, digest = text.rpartition("@")
    if not at or "/" in digest or ":" not in digest:
        return text, None
    try:
        return name, Digest.parse(digest)
    except ReferenceInvalid as fault:
        raise ReferenceInvalid(f"{fault}, in {whole!r:.200}") from None


def _split_tag(text: str, whole: str) -> tuple[str, str]:
    name, colon, tag = text.rpartition(":")
    if not colon or "/" in tag:
        return text, ""
    if not _TAG.fullmatch(tag):
        raise ReferenceInvalid(f"expected a tag after ':', found {tag!r:.200} in {whole!r:.200}")
    return name, tag


def _split_host(name: str) -> tuple[str, str]:
    """The first component is a host if it looks like one; else the whole is a name on Docker Hub."""
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first.lower() == "localhost"):
        return first, rest
    if slash and first != first.lower():
        # Docker takes it for a host, and in lower case, as it would be printed, for an organisation on Docker Hub.
        raise ReferenceInvalid(
            f"{first!r:.100} could be a host or a name on Docker Hub",
            hint="Write a host with a dot or a port, and names on Docker Hub in lower case.",
        )
    return DOCKER_HUB, name


def _check_ipv6(address: str) -> None:
    import ipaddress

    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        raise ReferenceInvalid(f"expected an IPv6 address between brackets, found {address!r:.100}") from None
