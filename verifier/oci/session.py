"""All requests to one registry: authorisation, redirects, retries, and how many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from msgspec.structs import replace

from verifier.errors import Unreachable
from verifier.oci.addresses import PUBLIC_ONLY, Zone, is_loopback_name, zones_of
from verifier.oci.auth import Authenticator
from verifier.oci.credentials import Credentials
from verifier.oci.deadline import Deadline
from verifier.oci.exchange import REDIRECTS, Answer, Question, ask, retrying
from verifier.oci.locations import Endpoint, Location, stated_port
from verifier.oci.proxies import proxy_for
from verifier.oci.references import DOCKER_HUB
from verifier.oci.settings import Settings
from verifier.oci.transport import Transport

_HUB_API = "registry-1.docker.io"


def endpoint_of(host: str, settings: Settings) -> Endpoint:
    """Where a registry is spoken to, and whether in plain HTTP. The rule has no fallback and tries nothing:

    * https, in general;
    * http for a loopback host (localhost, 127.0.0.0/8, ::1), unless port 443 or a `cacert` is given;
    * http with `allow_http` for a host with an explicit port other than 443. A name without port stays https, so
      that the setting never takes TLS from a public registry named in the same run.
    """
    name = _HUB_API if host == DOCKER_HUB else host
    secure = Endpoint.of("https", name)
    port = stated_port(name)
    if settings.cacert or port == 443:
        return secure
    if is_loopback_name(secure.host) or (settings.allow_http and port):
        return Endpoint.of("http", name)
    return secure


class Session:
    """`host` is the registry's name in references, `actions` the scope of tokens. Safe to share between threads."""

    def __init__(
        self,
        host: str,
        settings: Settings,
        credentials: Credentials,
        transport: Transport,
        deadline: Deadline,
        actions: str = "pull",
    ) -> None:
        self.endpoint = endpoint_of(host, settings)
        self._limits = settings.limits
        self._transport = transport
        self._deadline = deadline
        self._slots = threading.BoundedSemaphore(settings.jobs)
        self._reach: frozenset[Zone] | None = None
        self._auth = Authenticator(
            host, self.endpoint, credentials, self._limits, self._ask_patiently, self._zones, actions
        )

    @property
    def deadline(self) -> Deadline:
        return self._deadline

    def get(self, location: Location, repository: str, accept: str, limit: int, size: int | None = None) -> Answer:
        """The final answer, after redirects, to a GET for something in `repository`; any status but 401 and 403.

        A 200 has at most `limit` bytes, exactly `size` if given. Raises `RegistryError`, `AuthenticationError`.
        """
        question = Question(location, {"Accept": accept}, limit, size)
        ask_once = partial(self._authorised, repository, partial(self._follow, question))
        return retrying(ask_once, self._deadline, self._limits)

    def send(self, question: Question, repository: str) -> Answer:
        """The answer to a request that writes, which no redirect carries elsewhere; any status but 401 and 403.

        At another place than the registry it gets no credential. Raises `RegistryError`, `AuthenticationError`.
        """
        if question.location.endpoint.scheme != "https" and self.endpoint.scheme == "https":
            raise Unreachable(f"{self.endpoint} wants an upload to {question.location.endpoint}, which is not https")
        ask_once = partial(self._authorised, repository, partial(self._once, question))
        return retrying(ask_once, self._deadline, self._limits)

    def ping(self) -> Answer:
        """The answer to `GET /v2/` from somebody unknown, after redirects and whatever its status.

        Raises `RegistryError` when there is none.
        """
        question = Question(Location(self.endpoint, "/v2/"), {"Accept": "*/*"}, self._limits.manifest_bytes)
        return retrying(lambda: self._follow(question, None), self._deadline, self._limits)

    def _authorised(self, repository: str, attempt: Callable[[str | None], Answer]) -> Answer:
        """The answer to `attempt`, which is given an Authorization header; after a 401, to a second one."""
        header = self._auth.header(repository)
        answer = attempt(header)
        if answer.status == 401 and answer.location.endpoint == self.endpoint:
            header = self._auth.renew(repository, answer.headers.get("WWW-Authenticate", ""), header)
            answer = attempt(header)
        if answer.status in (401, 403):
            raise self._auth.refused(str(answer))
        return answer

    def _once(self, question: Question, header: str | None) -> Answer:
        at_home = question.location.endpoint == self.endpoint
        authorization = {"Authorization": header} if header and at_home else {}
        sent = _with(question, {**question.headers, **authorization}, self._zones_for(question.location))
        with self._slot():
            return ask(self._transport, sent, self._deadline, self._limits)

    def _follow(self, question: Question, header: str | None) -> Answer:
        """Our own redirect loop (I08 to I10). What was dropped on the way to another place is not taken up again."""
        authorization = {"Authorization": header} if header else {}
        for _ in range(self._limits.redirects + 1):
            with self._slot():
                sent = _with(question, {**question.headers, **authorization}, self._zones_for(question.location))
                answer = ask(self._transport, sent, self._deadline, self._limits)
            if answer.status not in REDIRECTS:
                return answer
            target = self._target(answer)
            if target.endpoint != question.location.endpoint:
                authorization = {}
            question = Question(target, question.headers, question.limit, question.size)
        raise Unreachable(f"{self.endpoint} redirects more than {self._limits.redirects} times")

    def _target(self, answer: Answer) -> Location:
        url = answer.headers.get("Location")
        if not url:
            raise Unreachable(f"{answer} without saying where to go")
        target = answer.location.resolve(url)
        if target.endpoint.scheme != "https" and self.endpoint.scheme == "https":
            raise Unreachable(f"{answer.location.endpoint} redirects to {target.endpoint}, which is not https")
        return target

    def _ask_patiently(self, question: Question) -> Answer:
        return retrying(
            lambda: ask(self._transport, question, self._deadline, self._limits), self._deadline, self._limits
        )

    def _zones_for(self, location: Location) -> frozenset[Zone] | None:
        return None if location.endpoint == self.endpoint else self._zones()

    def _zones(self) -> frozenset[Zone]:
        """Where in the network this registry may send us: public addresses, and its own zones."""
        if self._reach is None:
            own = PUBLIC_ONLY if proxy_for(self.endpoint) else zones_of(self.endpoint.host, self.endpoint.port)
            self._reach = PUBLIC_ONLY | own
        return self._reach

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=self._deadline.left()):
            raise self._deadline.passed()
        try:
            yield
        finally:
            self._slots.release()


def _with(question: Question, headers: Mapping[str, str], zones: frozenset[Zone] | None) -> Question:
    return replace(question, headers=headers, zones=zones)
