"""Docker Scout's secret scan: an empty predicate when nothing was found, else findings.

Known non-empty forms: a list of findings, a list of `{source, findings[]}`, one `{source, findings[]}`. Only the
number is taken; the text of a match is a secret and is never copied.
"""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS


class SecretsReader:
    kind = "secrets"
    types = KINDS["secrets"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        if isinstance(predicate, dict) and predicate:
            return Facts({"findings": _single(predicate)})
        if isinstance(predicate, dict):
            return Facts({"findings": 0})
        return Facts({"findings": sum(map(_entry, members.objects(predicate, "the predicate")))})


def _single(document: members.JSONObject) -> int:
    findings = members.a_list(document.get("findings"), "findings")
    if not findings:
        raise Unreadable("expected an empty predicate or findings, found an object without any")
    return len(findings)


def _entry(entry: members.JSONObject) -> int:
    """An entry stands for at least one finding: a clean scan has no entries."""
    findings = entry.get("findings")
    return max(1, len(findings)) if isinstance(findings, list) else 1
