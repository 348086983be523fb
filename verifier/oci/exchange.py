"""One question to a server and its bounded answer; and when a question is worth asking again."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping

import msgspec

from verifier.errors import ContentMismatch, LimitExceeded, Unreachable
from verifier.limits import Limits
from verifier.oci.addresses import Zone
from verifier.oci.deadline import Deadline
from verifier.oci.locations import Location
from verifier.oci.transport import Interrupted, Response, Transport

REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRANSIENT = frozenset({429, 500, 502, 503, 504})

_FIRST_PAUSE = 0.2  # seconds; doubled each time, and up to half as much again so that clients do not march in step
_ERROR_CODE = re.compile(rb'"code"\s*:\s*"([A-Z_]{1,40})"')


class Answer(msgspec.Struct, frozen=True):
    """An answer with its whole body, or of other statuses than 200 as much of it as a message can use."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    location: Location

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")

    @property
    def code(self) -> str:
        """The distribution-spec error code, e.g. MANIFEST_UNKNOWN. Advice only: the status decides."""
        found = _ERROR_CODE.search(self.body)
        return found[1].decode() if found else ""

    def __str__(self) -> str:
        return f"{self.location} answered {self.status}{' ' if self.code else ''}{self.code}"


class Question(msgspec.Struct, frozen=True):
    """A request with the bound of its answer: at most `limit` bytes, or exactly `size` when that is known.

    `verb` is the method, "" for GET, or POST where there is a body.
    """

    location: Location
    headers: Mapping[str, str]
    limit: int
    size: int | None = None
    body: bytes | None = None
    zones: frozenset[Zone] | None = None
    verb: str = ""

    @property
    def method(self) -> str:
        return self.verb or ("GET" if self.body is None else "POST")


def ask(transport: Transport, question: Question, deadline: Deadline, limits: Limits) -> Answer:
    """Asks once. Raises `Unreachable`, `LimitExceeded`, `ContentMismatch`."""
    response = transport.request(
        question.method, question.location, question.headers, deadline, body=question.body, zones=question.zones
    )
    body = _document(response, question) if response.status == 200 else _remark(response, limits.error_bytes)
    return Answer(response.status, response.headers, body, question.location)


def _document(response: Response, question: Question) -> bytes:
    declared = response.content_length
    if question.size is None:
        return response.read(question.limit)
    if declared is not None and declared != question.size:
        response.discard()
        raise _other_size(question, str(declared))
    try:
        body = response.read(question.size)
    except LimitExceeded:
        raise _other_size(question, "more") from None
    if len(body) != question.size:
        raise _other_size(question, str(len(body)))
    return body


def _remark(response: Response, most: int) -> bytes:
    """The body of an error or redirect if it is short: read whole, so that the connection can stay, never unpacked."""
    length = response.content_length
    if "Content-Encoding" in response.headers or (length is None and response.status in REDIRECTS):
        response.discard()
        return b""
    try:
        return response.read(most)
    except LimitExceeded:
        return b""


def _other_size(question: Question, found: str) -> ContentMismatch:
    return ContentMismatch(f"expected {question.size} bytes from {question.location}, found {found}")


def retrying(attempt: Callable[[], Answer], deadline: Deadline, limits: Limits) -> Answer:
    """Repeats `attempt` while the server is busy or the connection breaks. Raises what the last attempt raised.

    A server may ask for a pause with Retry-After (RFC 9110 10.2.3); it gets at most `limits.retry_after` seconds.
    """
    for pause in _pauses(limits.retries):
        try:
            answer = attempt()
        except Interrupted as fault:
            reason: object = fault
        else:
            if answer.status not in TRANSIENT:
                return answer
            reason = answer
            pause = min(_asked(answer) or pause, limits.retry_after)  # the server's word goes first
        if pause >= deadline.left():
            raise Unreachable(f"{reason}; the time that --timeout leaves is too short to ask again")
        time.sleep(pause)
    answer = attempt()
    if answer.status in TRANSIENT:
        raise unavailable(answer)
    return answer


def unavailable(answer: Answer) -> Unreachable:
    """The fault for an answer that is neither what was asked for nor a clear no."""
    if answer.status == 429:
        return Unreachable(f"{answer}: too many requests", hint="Log in, use fewer --jobs, or run again later.")
    return Unreachable(f"{answer}, which is not an answer to the question")


def _pauses(retries: int) -> Iterator[float]:
    for attempt in range(retries):
        yield _FIRST_PAUSE * 2**attempt * random.uniform(1.0, 1.5)  # noqa: S311 - spreads load, hides nothing


def _asked(answer: Answer) -> float:
    """Seconds that Retry-After asks for; 0 when it asks for nothing that makes sense."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    if not text or text[0] in "-+":
        return 0
    from email.utils import parsedate_to_datetime

    try:
        return max(0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return 0
