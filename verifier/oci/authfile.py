"""Files with registry credentials: docker's config.json and the auth.json of containers (podman, skopeo, buildah).

Both have the same shape. A key of `auths` is a host, a URL, or `host/namespace[/name]`, which then serves only the
repositories under it; the most specific key wins. A file that is there and broken is an error: to go on without it
could turn a private image's evidence into "there is none".
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from verifier.errors import ConfigurationError
from verifier.files import read_up_to
from verifier.limits import DEFAULT_LIMITS
from verifier.oci.references import DOCKER_HUB
from verifier.strictjson import JSONRefused, loads

HUB_KEY = "https://index.docker.io/v1/"
_API_PATHS = ("", "v1", "v2")


class Credential(msgspec.Struct, frozen=True):
    """What proves who we are. `origin` says where it comes from; printing a credential shows nothing else."""

    username: str = ""
    password: str = ""
    identity_token: str = ""  # an OAuth2 refresh token
    registry_token: str = ""  # sent as it is
    origin: str = ""

    def __repr__(self) -> str:
        return f"Credential(origin={self.origin!r})"

    def __rich_repr__(self) -> Any:
        yield "origin", self.origin


class Entry(msgspec.Struct, frozen=True):
    """One key of `auths` and what it holds. `path` is "" for a key that serves the whole host."""

    host: str
    path: str
    credential: Credential


class AuthFile(msgspec.Struct, frozen=True):
    """One parsed file. `helpers` maps hosts to helper suffixes, `store` is the suffix for all other hosts."""

    origin: str
    entries: tuple[Entry, ...] = ()
    helpers: dict[str, str] = {}
    store: str = ""

    def find(self, host: str, repository: str) -> Credential | None:
        """The credential for a repository on exactly this host. Raises `AuthenticationError` when a helper fails."""
        if suffix := self.helpers.get(host) or self.store:
            from verifier.oci.credentialhelper import ask_helper

            server = HUB_KEY if host == DOCKER_HUB else host
            if found := ask_helper(suffix, server):
                username, secret = found
                origin = f"docker-credential-{suffix} ({self.origin})"
                if username == "<token>":
                    return Credential(identity_token=secret, origin=origin)
                return Credential(username=username, password=secret, origin=origin)
        fitting = [e for e in self.entries if e.host == host and _covers(e.path, repository)]
        return max(fitting, key=lambda entry: len(entry.path)).credential if fitting else None


def read_auth_file(path: Path) -> AuthFile | None:
    """None when there is no such file. Raises `ConfigurationError` when it cannot be used."""
    try:
        body = read_up_to(path, DEFAULT_LIMITS.policy_bytes)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as fault:
        raise ConfigurationError(f"cannot read {path}: {fault.strerror}") from None
    return parse_auth_file(body, str(path))


def parse_auth_file(body: bytes, origin: str) -> AuthFile:
    """Raises `ConfigurationError` that names `origin` and repeats nothing of the content."""
    if len(body) > DEFAULT_LIMITS.policy_bytes:
        _broken(origin, f"it is larger than {DEFAULT_LIMITS.policy_bytes} bytes")
    try:
        document = loads(body)
    except JSONRefused:
        _broken(origin, "it is not strict JSON")
    if not isinstance(document, dict):
        _broken(origin, "it is not a JSON object")
    store = document.get("credsStore") or ""
    if not isinstance(store, str):
        _broken(origin, "credsStore is not text")
    auths = _object(document, "auths", origin)
    entries = (_entry(key, value, origin) for key, value in auths.items())
    return AuthFile(origin, tuple(e for e in entries if e is not None), _helpers(document, origin), store)


def _helpers(document: dict[str, Any], origin: str) -> dict[str, str]:
    helpers = _object(document, "credHelpers", origin)
    if not all(isinstance(suffix, str) for suffix in helpers.values()):
        _broken(origin, "credHelpers does not map hosts to text")
    return {_split_key(key)[0]: suffix for key, suffix in helpers.items()}


def _entry(key: str, value: Any, origin: str) -> Entry | None:
    """None for an entry without a secret, as docker leaves one behind for hosts that a helper serves."""
    if not isinstance(value, dict):
        _broken(origin, f"the entry of {key!r:.100} is not an object")
    names = ("username", "password", "identitytoken", "registrytoken", "auth")
    if not all(isinstance(value.get(name) or "", str) for name in names):
        _broken(origin, f"the entry of {key!r:.100} has a member that is not text")
    username, password, identity, registry, encoded = (value.get(name) or "" for name in names)
    if encoded:
        username, password = _decoded(encoded, key, origin)
    if not (password or identity or registry):
        return None
    host, path = _split_key(key)
    return Entry(host, path, Credential(username, password, identity, registry, origin))


def _decoded(encoded: str, key: str, origin: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        _broken(origin, f"auth of {key!r:.100} is not base64")
    username, colon, password = text.partition(":")
    if not colon or not username:
        _broken(origin, f"auth of {key!r:.100} is not base64 of user:password")
    return username, password.rstrip("\0")


def _split_key(key: str) -> tuple[str, str]:
    """Host and path prefix of a key. The path of a URL is that of an API and says nothing about repositories."""
    scheme, separator, rest = key.rpartition("://")
    host, _, path = rest.partition("/")
    path = path.strip("/")
    if path.endswith("-token"):  # docker keeps OAuth tokens of its own under …/v1/access-token
        host = ""
    if (separator and scheme in ("http", "https")) or path in _API_PATHS:
        path = ""
    host = host.lower()
    return (DOCKER_HUB if host == "index.docker.io" else host), path


def _covers(path: str, repository: str) -> bool:
    return not path or f"{repository}/".startswith(f"{path}/")


def _object(document: dict[str, Any], member: str, origin: str) -> dict[str, Any]:
    value = document.get(member)
    if value is None:
        return {}
    if not isinstance(value, dict):
        _broken(origin, f"{member} is not an object")
    return value


def _broken(origin: str, reason: str) -> NoReturn:
    raise ConfigurationError(f"the credentials in {origin} cannot be used: {reason}")
