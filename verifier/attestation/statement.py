"""in-toto Statements, v0.1 and v1: the header read strictly now, the predicate only when somebody needs it.

    {"_type": …, "subject": [{"name": …, "digest": {…}}, …], "predicateType": …, "predicate": …}

An SBOM of a megabyte takes milliseconds to parse strictly, and most statements of an image are only bound and
listed. So the predicate is cut out as bytes by a parser that skips it in C, and what is left is parsed by
`verifier.strictjson`. `check_predicate` and `predicate` do the full strict parse.

Follows in-toto attestation spec v0.1 and v1.0, and RFC 8259.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from verifier import strictjson
from verifier.errors import StatementInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Statement, Subject

STATEMENT_V01 = "https://in-toto.io/Statement/v0.1"
STATEMENT_V1 = "https://in-toto.io/Statement/v1"

_MEMBERS = frozenset({"_type", "subject", "predicateType", "predicate"})
_SUBJECT_MEMBERS = frozenset({"name", "digest", "annotations"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Each mark with the white space around it.
_OPENING = re.compile(r"[ \t\r\n]*\{[ \t\r\n]*")
_COLON = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_scan = json.JSONDecoder().raw_decode


class PredicateMissing(StatementInvalid):
    """The statement is well formed and says nothing: its predicate is absent or null."""

    hint = "The publisher signed an empty statement; ask for one with content."


class _Header(msgspec.Struct):
    """What the skipping parser looks for; all other members are read by the strict one."""

    predicate: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_HEADER = msgspec.json.Decoder(_Header)


def read_statement(body: bytes) -> Statement:
    """Reads the header of a statement. Raises `StatementInvalid` with the reason, and no other exception."""
    start, end, header = _cut_predicate(body)
    members = _strict(header)
    for check in (_exact_members, _known_type):
        check(members)
    return Statement(
        body=body,
        predicate_type=_predicate_type(members),
        subjects=_subjects(members),
        predicate_start=start,
        predicate_end=end,
    )


def check_predicate(statement: Statement) -> None:
    """Parses the whole document strictly: duplicates at any depth, nesting, numbers. Raises `StatementInvalid`."""
    _strict(statement.body, frozenset())


def predicate(statement: Statement, keep: frozenset[str] | None = None) -> Any:
    """The strictly parsed predicate, of which only the members `keep` are kept, at any depth; None keeps all.

    Raises `StatementInvalid`, and `PredicateMissing` when it is absent or null.
    """
    value = _strict(statement.body, keep and keep | {"predicate"}).get("predicate")
    if value is None:
        raise PredicateMissing(f"expected a predicate of type {statement.predicate_type:.200}, found none")
    return value


def _strict(document: bytes, keep: frozenset[str] | None = None) -> dict[str, Any]:
    try:
        members = strictjson.loads(document, keep=keep)
    except strictjson.JSONRefused as fault:
        raise StatementInvalid(f"expected an in-toto statement in strict JSON: {fault}") from None
    if not isinstance(members, dict):
        raise StatementInvalid("expected an in-toto statement, found JSON that is not an object")
    return members


def _cut_predicate(body: bytes) -> tuple[int, int, bytes]:
    """Where the predicate begins and ends, and the document with null in its place."""
    try:
        if not body.isascii():
            body.decode("utf-8")
        raw = _HEADER.decode(body).predicate
        if raw is msgspec.UNSET:
            return 0, 0, body
        start = _predicate_start(body)
    except UnicodeDecodeError as fault:
        raise StatementInvalid(f"expected UTF-8, found another byte at {fault.start}") from None
    except (msgspec.MsgspecError, ValueError, StopIteration, IndexError, RecursionError) as fault:
        raise StatementInvalid(f"expected an in-toto statement in JSON: {fault!s:.200}") from None
    found = bytes(raw)
    end = start + len(found)
    if not body.startswith(found, start):  # the skipping parser took the last one, and we stand at the first
        raise StatementInvalid("member 'predicate' stands twice in one object")
    return start, end, body[:start] + b"null" + body[end:]


def _predicate_start(body: bytes) -> int:
    """Where the value of the first member `predicate` begins.

    Walks the members of the outermost object only, byte by character (latin-1), so positions are those of `body`.
    Raises ValueError, IndexError, StopIteration or RecursionError where the header is not JSON.
    """
    text = body.decode("latin-1")
    at = _past(_OPENING, text, 0)
    while True:
        name, at = _scan(text, at)
        at = _past(_COLON, text, at)
        if name == "predicate":
            return at
        _, at = _scan(text, at)
        at = _past(_COMMA, text, at)


def _past(mark: re.Pattern[str], text: str, at: int) -> int:
    found = mark.match(text, at)
    if found is None:
        raise ValueError(f"expected another character at byte {at}")
    return found.end()


def _exact_members(members: dict[str, Any]) -> None:
    _no_variants(members, _MEMBERS)


def _no_variants(members: dict[str, Any], known: frozenset[str]) -> None:
    """Go's decoder ignores case: beside `subject`, a `Subject` would be what another tool reads."""
    for name in members.keys() - known:
        folded = next((exact for exact in known if exact.casefold() == name.casefold()), name)
        if folded != name and folded in members:
            raise StatementInvalid(f"member {name!r:.100} stands beside {folded!r}; readers may take either")


def _known_type(members: dict[str, Any]) -> None:
    found = members.get("_type")
    if found not in (STATEMENT_V01, STATEMENT_V1):
        raise StatementInvalid(
            f"expected _type {STATEMENT_V1} or {STATEMENT_V01}, found {found!r:.200}",
            hint="Only in-toto statements v0.1 and v1 are read.",
        )


def _predicate_type(members: dict[str, Any]) -> str:
    return _identifier(members.get("predicateType"), "predicateType")


def _identifier(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise StatementInvalid(f"expected {what} to be a non-empty string, found {value!r:.100}")
    if _CONTROL.search(value):
        raise StatementInvalid(f"{what} holds control characters: {value!r:.200}")
    return value


def _subjects(members: dict[str, Any]) -> tuple[Subject, ...]:
    found = members.get("subject")
    if not isinstance(found, list) or not found:
        raise StatementInvalid(
            f"expected a non-empty list of subjects, found {found!r:.100}",
            hint="A statement about nothing proves nothing; ask the publisher for one that names the image.",
        )
    if len(found) > DEFAULT_LIMITS.subjects:
        raise StatementInvalid(f"{len(found)} subjects; at most {DEFAULT_LIMITS.subjects} are read")
    named = members["_type"] == STATEMENT_V01
    return tuple(_subject(entry, named) for entry in found)


def _subject(entry: object, named: bool) -> Subject:
    """Version 0.1 asks for a name; that names be unique is not enforced, since none of them binds anything."""
    if not isinstance(entry, dict):
        raise StatementInvalid(f"expected a subject to be an object, found {entry!r:.100}")
    _no_variants(entry, _SUBJECT_MEMBERS)
    name = entry.get("name")
    if named or name:
        name = _identifier(name, "the name of a subject")
    elif name not in (None, ""):
        raise StatementInvalid(f"expected the name of a subject to be a string, found {name!r:.100}")
    return Subject(name or "", _digests(entry.get("digest")), _annotations(entry.get("annotations")))


def _annotations(found: object) -> dict[str, str]:
    if found is not None and not isinstance(found, dict):
        raise StatementInvalid(f"expected the annotations of a subject to be an object, found {found!r:.100}")
    return {name: text for name, text in (found or {}).items() if isinstance(text, str)}


def _digests(found: object) -> dict[str, str]:
    if not isinstance(found, dict) or not found:
        raise StatementInvalid(f"expected a subject with digests by algorithm, found {found!r:.100}")
    if len(found) > DEFAULT_LIMITS.subject_digests:
        raise StatementInvalid(f"{len(found)} digests in a subject; at most {DEFAULT_LIMITS.subject_digests} are read")
    if not all(isinstance(encoded, str) for encoded in found.values()):
        raise StatementInvalid("expected the digests of a subject to be strings")
    return found
