"""SLSA verification summary (VSA) v1: what another verifier concluded. Shown, and believed only as far as signed."""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import rfc3339


class SummaryReader:
    kind = "vsa"
    types = KINDS["vsa"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        summary = members.an_object(predicate, "the predicate")
        result = members.text(summary, "verificationResult")
        if not result:
            raise Unreadable("expected verificationResult, found none")
        verified = rfc3339(summary.get("timeVerified"))
        data = {
            "result": result,
            "verifier": members.text(members.inner(summary, "verifier"), "id"),
            "policy": members.text(members.inner(summary, "policy"), "uri"),
            "levels": _levels(summary.get("verifiedLevels")),
            "resource_uri": _resource(summary),
            "time_verified": verified.text,
        }
        return Facts(data, verified)


def _levels(value: object) -> list[str]:
    levels = [] if value is None else members.a_list(value, "verifiedLevels")
    return [level for level in levels if isinstance(level, str)]


def _resource(summary: members.JSONObject) -> str:
    """Both spellings of the member were published; two that differ leave none to believe."""
    found = {members.text(summary, name) for name in ("resourceUri", "resourceURI")} - {""}
    if len(found) > 1:
        raise Unreadable("resourceUri and resourceURI differ")
    return next(iter(found), "")
