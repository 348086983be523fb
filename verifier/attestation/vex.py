"""OpenVEX: what an author says about vulnerabilities. A document without statements says nothing, and is no fault."""

from __future__ import annotations

from collections import Counter
from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import rfc3339

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
