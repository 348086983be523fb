"""OpenVEX: what an author says about vulnerabilities. A document without statements says nothing, and is no fault."""

from __future__ import annotations

from collections import Counter
from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import Moment, rfc3339
from verifier.limits import DEFAULT_LIMITS
from verifier.vex.statements import Document, Statement, folded

STATUSES = ("not_affected", "affected", "fixed", "under_investigation")


class VexReader:
    kind = "vex"
    types = KINDS["vex"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        document = members.an_object(predicate, "the predicate")
        stated = document.get("statements")
        statements = [] if stated is None else members.objects(stated, "statements")
        written = rfc3339(document.get("timestamp"))
        data = {
            "author": members.text(document, "author"),
            "statements": len(statements),
            "statuses": _statuses(statements),
            "unjustified": sum(map(_unjustified, statements)),
            "timestamp": written.text,
        }
        return Facts(data, written)


def _statuses(statements: list[members.JSONObject]) -> dict[str, int]:
    words = (members.text(statement, "status") for statement in statements)
    return dict(Counter(word if word in STATUSES else "unknown" for word in words))


def _unjustified(statement: members.JSONObject) -> bool:
    """OpenVEX asks for a reason beside `not_affected`: a justification, or an impact statement in words."""
    reasons = (members.text(statement, "justification"), members.text(statement, "impact_statement"))
    return statement.get("status") == "not_affected" and not any(reasons)


def read_document(predicate: Any, digest: str) -> Document:
    """The document with its statements; `digest` names it. Raises `Unreadable`."""
    document = members.an_object(predicate, "the document")
    stated = document.get("statements")
    listed = [] if stated is None else members.objects(stated, "statements")
    if sum(map(_entries, listed)) > DEFAULT_LIMITS.vex_entries:
        raise Unreadable(f"it has more than {DEFAULT_LIMITS.vex_entries} statements, products and subcomponents")
    written = rfc3339(document.get("timestamp"))
    return Document(
        digest=digest,
        statements=tuple(_statement(entry, number, written) for number, entry in enumerate(listed)),
        author=members.text(document, "author"),
        time=written.text,
        id=members.text(document, "@id"),
    )


def _entries(statement: members.JSONObject) -> int:
    products = _list(statement.get("products"))
    return 1 + len(products) + sum(len(_list(p.get("subcomponents"))) for p in products if isinstance(p, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _statement(stated: members.JSONObject, number: int, written: Moment) -> Statement:
    """A time that is stated and cannot be read does not become the document's."""
    when = rfc3339(stated["timestamp"]) if "timestamp" in stated else written
    name, aliases = _names(stated.get("vulnerability"))
    return Statement(
        number=number,
        vulnerability=name,
        names=folded((name, *aliases)),
        status=members.text(stated, "status"),
        justification=members.text(stated, "justification"),
        id=members.text(stated, "@id"),
        aliases=aliases,
        notes=members.text(stated, "status_notes"),
        time=when.text,
        time_ns=when.ns,
        products=stated.get("products"),
    )


def _names(stated: Any) -> tuple[str, tuple[str, ...]]:
    """Name and aliases of a vulnerability, which is a text in documents before OpenVEX 0.2."""
    if isinstance(stated, str):
        return stated, ()
    named = members.an_object(stated, "vulnerability")
    return members.text(named, "name"), tuple(one for one in _list(named.get("aliases")) if isinstance(one, str))
