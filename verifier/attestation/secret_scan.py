"""Docker Scout's secret scan: an empty predicate when nothing was found, else findings.

Known non-empty forms: a list of findings, a list of `{source, findings[]}`, one `{source, findings[]}`. Only the
number is taken; the text of a match is a secret and is never copied. `redacted` is what rules get to see.
"""

from __future__ import annotations

import json
import re
from typing import Any

from verifier import strictjson
from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS, kind_of
from verifier.model import Statement

_HOLDERS = frozenset(("source", "location", "findings"))
_SHOWN = frozenset(
    (
        *("type", "path", "ordinal", "digest", "diff_id"),
        *("rule_id", "category", "title", "severity", "start_line", "end_line"),
    )
)
"""Members of the known forms that say where and of which sort a secret is, and those that hold them. Whatever stands
anywhere else may be the secret."""

_STATEMENT = frozenset(("_type", "subject", "predicateType", "predicate"))
_NAME = re.compile("[A-Za-z_-]{1,32}")
_REDACTED = "[redacted]"


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


def redacted(statement: Statement) -> bytes:
    """The statement's bytes; of a secret scan with findings, the same document without what may be a secret.

    A rule may print whatever it reads, and its messages stand in reports. Raises `StatementInvalid`.
    """
    if kind_of(statement.predicate_type) != SecretsReader.kind:
        return statement.body
    document = strictjson.loads(statement.body)
    if not document.get("predicate") and document.keys() <= _STATEMENT:
        return statement.body
    members = {name: value for name, value in document.items() if name in _STATEMENT}
    if "predicate" in members:
        members["predicate"] = _without_secrets(members["predicate"])
    return json.dumps(members).encode()


def _without_secrets(value: Any) -> Any:
    """A document of a known form, or a part of one: objects and lists of them."""
    if isinstance(value, dict):
        return {_named(name): _member(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return _hidden(value)


def _member(name: str, value: Any) -> Any:
    if name in _HOLDERS:
        return _without_secrets(value)
    return value if name in _SHOWN and isinstance(value, str | int) else _hidden(value)


def _hidden(value: Any) -> Any:
    """That there is something, and in a list how much; an empty thing stays, for rules may ask for one."""
    if isinstance(value, list):
        return [_hidden(inner) for inner in value]
    return value if value is None or isinstance(value, bool) or value in ("", {}) else _REDACTED


def _named(name: str) -> str:
    """Names of members are the scanner's words, unless they look like something else."""
    return name if name in _SHOWN or _NAME.fullmatch(name) else _REDACTED
