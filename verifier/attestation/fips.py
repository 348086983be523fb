"""Which cryptographic modules of the image are FIPS validated: DHI's list of modules.

[{name, package, standard, status: active | in process, version, certification?, certificationUrl?, sunsetDate?}]
"""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import day
from verifier.attestation.statement import predicate
from verifier.limits import DEFAULT_LIMITS
from verifier.model import AttestationEntry, FipsModule, FipsModules, Statement

_TEXTS = {
    "name": "name",
    "package": "package",
    "standard": "standard",
    "status": "status",
    "version": "version",
    "certification": "certification",
    "certification_url": "certificationUrl",
    "sunset_date": "sunsetDate",
}


class FipsReader:
    kind = "fips"
    types = KINDS["fips"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        return Facts({"modules": [_module(entry) for entry in members.objects(predicate, "the predicate")]})


def fips_modules(statement: Statement, entry: AttestationEntry) -> FipsModules:
    """The modules as stated. Raises `EvidenceInvalid` where the list cannot be read, and nothing else."""
    listed = members.objects(predicate(statement), "the predicate")
    if len(listed) > DEFAULT_LIMITS.detail_modules:
        raise Unreadable(f"{len(listed)} modules; at most {DEFAULT_LIMITS.detail_modules} are shown")
    modules = [_module(module) for module in listed]
    return FipsModules(entry, tuple(FipsModule(**{name: _cut(module[name]) for name in _TEXTS}) for module in modules))


def _cut(text: str) -> str:
    return text[: DEFAULT_LIMITS.report_text]


def _module(entry: members.JSONObject) -> members.JSONObject:
    """`sunset_ns` is the end of the sunset day in UTC, None when the module states no such day."""
    module: members.JSONObject = {ours: members.text(entry, theirs) for ours, theirs in _TEXTS.items()}
    if not module["name"] or not module["status"]:
        raise Unreadable("expected every module to have a name and a status")
    sunset = day(entry.get("sunsetDate"))
    if sunset.problem:
        raise Unreadable(f"sunsetDate of module {module['name']:.100}: {sunset.problem}")
    return {**module, "sunset_ns": sunset.ns}
