"""Which cryptographic modules of the image are FIPS validated: DHI's list of modules.

[{name, package, standard, status: active | in process, version, certification?, certificationUrl?, sunsetDate?}]
"""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import day

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


def _module(entry: members.JSONObject) -> members.JSONObject:
    """`sunset_ns` is the end of the sunset day in UTC, None when the module states no such day."""
    module: members.JSONObject = {ours: members.text(entry, theirs) for ours, theirs in _TEXTS.items()}
    if not module["name"] or not module["status"]:
        raise Unreadable("expected every module to have a name and a status")
    sunset = day(entry.get("sunsetDate"))
    if sunset.problem:
        raise Unreadable(f"sunsetDate of module {module['name']:.100}: {sunset.problem}")
    return {**module, "sunset_ns": sunset.ns}
