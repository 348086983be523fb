"""How a registry is told who we are: bearer tokens of the distribution-spec's token service, OAuth2, and Basic.

A registry names its token service itself, so a hostile one could name somebody else's. What holds (formats 1.6):

* a realm is https, or http when the registry itself is;
* it is not in a zone of the network where the registry is not, unless it is the registry;
* a stored secret goes to a realm only if that is on the registry's host, shares its registrable domain, or belongs to
  Docker Hub like the registry; an anonymous request may go to any realm that the first two rules allow;
* a token service that redirects is refused;
* tokens live in memory, for one registry, repository and credential, and are asked for with the scope
  `repository:NAME:pull` (`pull,push` by who pushes) whatever scope the registry suggests.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from verifier.errors import AuthenticationError, LimitExceeded, RegistryError
from verifier.limits import Limits
from verifier.oci.addresses import Zone, is_literal
from verifier.oci.authfile import Credential
from verifier.oci.challenges import Challenge, parse_challenges
from verifier.oci.credentials import HUB_BACKED, Credentials
from verifier.oci.exchange import TRANSIENT, Answer, Question, unavailable
from verifier.oci.locations import Endpoint, Location
from verifier.oci.references import DOCKER_HUB
from verifier.strictjson import JSONRefused, loads

CLIENT_ID = "dhiverify"

_HUB_REALM = "auth.docker.io"
_DEFAULT_LIFE = 60.0  # seconds, when the token service states none
_LONGEST_LIFE = 24 * 3600.0
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")
_SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})  # as in co.uk


class _Grant(msgspec.Struct, frozen=True):
    """An Authorization header, and until when (monotonic seconds) it is worth sending."""

    header: str
    expires: float = float("inf")


class Authenticator:
    """The Authorization headers of one registry. Safe to share between threads.

    `host` is the registry's name in references, which credentials are looked up by; `send` asks a question with
    retries; `zones` says where in the network a foreign realm may lie; `actions` is the scope of tokens.
    """

    def __init__(
        self,
        host: str,
        endpoint: Endpoint,
        credentials: Credentials,
        limits: Limits,
        send: Callable[[Question], Answer],
        zones: Callable[[], frozenset[Zone]],
        actions: str = "pull",
    ) -> None:
        self._host = host
        self._endpoint = endpoint
        self._credentials = credentials
        self._limits = limits
        self._send = send
        self._zones = zones
        self._actions = actions
        self._grants: dict[str, _Grant] = {}
        self._lock = threading.Lock()

    def header(self, repository: str) -> str | None:
        """What to send with a request, as far as is known now."""
        grant = self._grants.get(repository)
        return grant.header if grant and time.monotonic() < grant.expires else None

    def renew(self, repository: str, challenge: str, rejected: str | None) -> str:
        """A header to try after a 401 with this `WWW-Authenticate`. One that another thread just got will do.

        Raises `AuthenticationError` when there is nothing better than what was rejected; `Unreachable`.
        """
        with self._lock:
            known = self.header(repository)
            if known and known != rejected:
                return known
            grant = self._obtain(repository, parse_challenges(challenge))
            if grant.header == rejected:
                raise self.refused("it rejects the credential")
            self._grants[repository] = grant
            return grant.header

    def refused(self, reason: str) -> AuthenticationError:
        """The fault to raise when the registry does not let us in."""
        return AuthenticationError(f"{self._host} refuses access: {reason}", hint=_hint(self._host))

    def _obtain(self, repository: str, challenges: tuple[Challenge, ...]) -> _Grant:
        credential = self._credentials.lookup(self._host, repository)
        if credential and credential.registry_token:
            return _Grant(f"Bearer {_sendable(credential.registry_token, 'the registry token')}")
        schemes = {challenge.scheme: challenge for challenge in reversed(challenges)}
        if bearer := schemes.get("bearer"):
            return self._token(repository, bearer.parameters, credential)
        if "basic" not in schemes:
            raise self.refused("it asks for no kind of login that is known here (Bearer or Basic)")
        if not (credential and credential.password):
            raise self.refused("it asks for user name and password, and none is stored for it")
        return _Grant(_basic(credential))

    def _token(self, repository: str, challenge: Mapping[str, str], credential: Credential | None) -> _Grant:
        realm = self._realm(challenge.get("realm", ""), credential)
        parameters = {"service": challenge.get("service", ""), "scope": f"repository:{repository}:{self._actions}"}
        answer = None
        if credential and credential.identity_token:
            answer = self._ask_oauth(realm, parameters, credential)
        if answer is None or (answer.status == 404 and credential and credential.password):
            answer = self._ask_plain(realm, parameters, credential)
        if answer.status in TRANSIENT:
            raise unavailable(answer)
        if answer.status != 200:
            raise self.refused(f"its token service {realm.endpoint} answered {answer.status}")
        return self._read_token(answer)

    def _ask_plain(self, realm: Location, parameters: dict[str, str], credential: Credential | None) -> Answer:
        """GET, with Basic when there is a password (distribution-spec token authentication)."""
        headers = {"Accept": "application/json"}
        if credential and credential.password:
            headers["Authorization"] = _basic(credential)
        separator = "&" if "?" in realm.path else "?"
        query = urlencode({name: value for name, value in parameters.items() if value})
        return self._ask(Question(Location(realm.endpoint, f"{realm.path}{separator}{query}"), headers, 0))

    def _ask_oauth(self, realm: Location, parameters: dict[str, str], credential: Credential) -> Answer:
        """POST with a refresh token (distribution-spec OAuth2)."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": credential.identity_token,
            "client_id": CLIENT_ID,
            **parameters,
        }
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask(Question(realm, headers, 0, body=urlencode(form).encode()))

    def _ask(self, question: Question) -> Answer:
        foreign = question.location.endpoint != self._endpoint
        zones = self._zones() if foreign else None
        bounded = msgspec.structs.replace(question, limit=self._limits.token_bytes, zones=zones)
        try:
            return self._send(bounded)
        except LimitExceeded as fault:
            raise self.refused(f"its token service sends no token: {fault}") from None

    def _realm(self, url: str, credential: Credential | None) -> Location:
        if "://" not in url:
            raise self.refused(f"it names no token service (realm {url!r:.100})")
        try:
            realm = Location(self._endpoint, "/").resolve(url)
        except RegistryError as fault:
            raise self.refused(f"its token service cannot be used: {fault}") from None
        if realm.endpoint.scheme != "https" and self._endpoint.scheme == "https":
            raise self.refused(f"its token service {realm.endpoint} is not https")
        secret = credential and (credential.password or credential.identity_token)
        if credential and secret and not _belongs(realm.endpoint.host, self._host, self._endpoint.host):
            raise AuthenticationError(
                f"{self._host} wants the credential from {credential.origin} to go to {realm.endpoint.host!r:.200}, "
                "which is neither this registry nor in its domain",
                hint="Nothing was sent. If that token service is right, set DHIVERIFY_REGISTRY and "
                "DHIVERIFY_REGISTRY_TOKEN to a token of it; else ask who runs the registry.",
            )
        return realm

    def _read_token(self, answer: Answer) -> _Grant:
        try:
            document: Any = loads(answer.body)
        except JSONRefused as fault:
            raise self.refused(f"{answer.location.endpoint} sent no token: {fault}") from None
        document = document if isinstance(document, dict) else {}
        token = document.get("token") or document.get("access_token")
        if not isinstance(token, str):
            raise self.refused(f"{answer.location.endpoint} sent an answer without a token")
        life = document.get("expires_in")
        seconds = float(life) if type(life) in (int, float) and life > 0 else _DEFAULT_LIFE
        # A tenth early, so that a token does not end on its way.
        expires = time.monotonic() + min(seconds, _LONGEST_LIFE) * 0.9
        return _Grant(f"Bearer {_sendable(token, f'the token of {answer.location.endpoint}')}", expires)


def _belongs(realm: str, host: str, contacted: str) -> bool:
    """Whether a stored secret of registry `host` may go to `realm` (I11)."""
    if realm == contacted:
        return True
    if host == DOCKER_HUB or host in HUB_BACKED:
        return realm == _HUB_REALM or realm == "docker.com" or realm.endswith(".docker.com")
    return _registrable(realm) is not None and _registrable(realm) == _registrable(contacted)


def _registrable(host: str) -> str | None:
    """The domain that somebody registered: the last two labels, or three under the likes of co.uk."""
    labels = host.split(".")
    if is_literal(host) or len(labels) < 2:
        return None
    few = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS else 2
    return ".".join(labels[-few:]) if len(labels) >= few else None


def _basic(credential: Credential) -> str:
    return "Basic " + base64.b64encode(f"{credential.username}:{credential.password}".encode()).decode()


def _sendable(token: str, what: str) -> str:
    if not _HEADER_SAFE.fullmatch(token):
        raise AuthenticationError(f"{what} has characters that no token has")
    return token


def _hint(host: str) -> str:
    known = "docker.io" if host == DOCKER_HUB or host in HUB_BACKED else host
    also = f" or `docker login {host}`" if known != host else ""
    return (
        f"Check the name, then log in with `docker login {known}`{also}, or set DHIVERIFY_REGISTRY={host} with "
        "_USERNAME and _PASSWORD. A registry may refuse in the same way what does not exist."
    )
