"""Who we are to which registry: the same sources that docker, podman and CI systems use, matched exactly.

In this order, the first that knows the host wins:

1. DHIVERIFY_REGISTRY with DHIVERIFY_REGISTRY_USERNAME and _PASSWORD, or _TOKEN: for that one `host[:port]` alone
2. DOCKER_AUTH_CONFIG: the content of a docker config file
3. $DOCKER_CONFIG/config.json, else ~/.docker/config.json
4. $REGISTRY_AUTH_FILE, else $XDG_RUNTIME_DIR/containers/auth.json

Hosts are compared whole, port included: an entry of `registry.example` is none of `registry.example:5000`. Docker's
own `dhi.io` and `registry.scout.docker.com` fall back to the entry of Docker Hub; nobody else does.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from verifier.errors import ConfigurationError, ReferenceInvalid
from verifier.oci.authfile import Credential, parse_auth_file, read_auth_file
from verifier.oci.references import DOCKER_HUB, canonical_host

HUB_BACKED = frozenset({"dhi.io", "registry.scout.docker.com"})
_VARIABLE = "DHIVERIFY_REGISTRY"
_TOKEN_AS_USER = re.compile(r"(?:gh[pousr]_|github_pat_|glpat-|dckr_[a-z]+_|npm_|ey[A-Za-z0-9_-]+\.).*", re.DOTALL)
_NO_PASSWORDS = ("", "x-oauth-basic")


class Identity(msgspec.Struct, frozen=True):
    """Which credential a registry would be shown. Nothing in it is secret: it may be printed.

    `entry` is the host that it is stored for, `form` says what it is; a `username` that is itself a token is left out.
    """

    origin: str
    entry: str
    form: str  # "password", "identity token" or "registry token"
    username: str = ""


class _Place(Protocol):
    @property
    def origin(self) -> str: ...

    def find(self, host: str, repository: str) -> Credential | None: ...


class Credentials:
    """Every credential that this user has. Nothing is asked of a credential helper before `lookup` needs it."""

    def __init__(self, places: tuple[_Place, ...] = (), own: tuple[str, Credential] | None = None) -> None:
        self._places = places
        self._own = own
        self._found: dict[tuple[str, str], tuple[Credential, str] | None] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Credentials:
        """Raises `ConfigurationError` for a source that is there and cannot be used; none is skipped."""
        places = []
        if text := environ.get("DOCKER_AUTH_CONFIG"):
            places.append(parse_auth_file(text.encode("utf-8", "surrogateescape"), "DOCKER_AUTH_CONFIG"))
        places.extend(found for path in _files(environ) if (found := read_auth_file(path)))
        return cls(tuple(places), _own_entry(environ))

    def lookup(self, host: str, repository: str = "") -> Credential | None:
        """For a registry's `host[:port]` as in a reference; None means anonymous.

        Raises `AuthenticationError` when a credential helper fails: anonymous would then be a guess.
        """
        found = self._once(canonical_host(host), repository)
        return found[0] if found else None

    def describe(self, host: str, repository: str = "") -> Identity | None:
        """What `lookup` finds, in words that may be shown. Raises as `lookup` does."""
        found = self._once(canonical_host(host), repository)
        if found is None:
            return None
        credential, entry = found
        form = "registry token" if credential.registry_token else "password"
        form = "identity token" if credential.identity_token and not credential.registry_token else form
        return Identity(credential.origin, entry, form, _shown_user(credential))

    @property
    def origins(self) -> tuple[str, ...]:
        """The files and variables that were found and hold credentials of whatever registry, in order of search."""
        own = (f"{_VARIABLE} (for {self._own[0]})",) if self._own else ()
        return (*own, *(place.origin for place in self._places))

    def _once(self, host: str, repository: str) -> tuple[Credential, str] | None:
        with self._lock:
            key = (host, repository)
            if key not in self._found:
                self._found[key] = self._lookup(host, repository)
            return self._found[key]

    def _lookup(self, host: str, repository: str) -> tuple[Credential, str] | None:
        """The credential, and the host whose entry it is."""
        if self._own and self._own[0] == host:
            return self._own[1], host
        for name in (host, DOCKER_HUB) if host in HUB_BACKED else (host,):
            for place in self._places:
                if found := place.find(name, repository):
                    return found, name
        return None


def _shown_user(credential: Credential) -> str:
    """GitHub and others let a token stand where the name goes, with any password or none beside it."""
    is_token = credential.password in _NO_PASSWORDS or _TOKEN_AS_USER.fullmatch(credential.username)
    return "" if is_token else credential.username


def _own_entry(environ: Mapping[str, str]) -> tuple[str, Credential] | None:
    username, password, token = (environ.get(f"{_VARIABLE}_{name}", "") for name in ("USERNAME", "PASSWORD", "TOKEN"))
    host = environ.get(_VARIABLE, "")
    if not host:
        if username or password or token:
            raise ConfigurationError(
                f"{_VARIABLE}_USERNAME, _PASSWORD or _TOKEN is set and {_VARIABLE} is not",
                hint=f"Set {_VARIABLE} to the host[:port] that the credential is for; it is sent to no other.",
            )
        return None
    if not token and not (username and password):
        raise ConfigurationError(
            f"{_VARIABLE} is set without a credential",
            hint=f"Set {_VARIABLE}_USERNAME and {_VARIABLE}_PASSWORD, or {_VARIABLE}_TOKEN.",
        )
    try:
        host = canonical_host(host.removeprefix("https://").removesuffix("/"))
    except ReferenceInvalid as fault:
        raise ConfigurationError(f"{_VARIABLE}: {fault}") from None
    return host, Credential(username=username, password=password, registry_token=token, origin=_VARIABLE)


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    home = environ.get("HOME", "")
    if directory := environ.get("DOCKER_CONFIG"):
        yield Path(directory) / "config.json"
    elif home:
        yield Path(home) / ".docker" / "config.json"
    if file := environ.get("REGISTRY_AUTH_FILE"):
        yield Path(file)
    elif runtime := environ.get("XDG_RUNTIME_DIR"):
        yield Path(runtime) / "containers" / "auth.json"
