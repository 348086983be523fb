"""Every kind of predicate that a clean hardened image carries, by predicate type.

Each function takes what it is `About` and keyword arguments that make it less clean, so that a test writes
`evidence={"malware": partial(predicates.malware, infected=1)}`.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.publisher import kinds
from tests.publisher.about import JSON, About
from tests.publisher.builds import scout_provenance, slsa_v02, slsa_v1, source, vsa
from tests.publisher.compliance import fips, module, stig
from tests.publisher.sboms import cyclonedx, scout_sbom, spdx
from tests.publisher.scans import (
    ctrf,
    in_toto_vulns,
    malware,
    openvex,
    scout_vulnerabilities,
    secrets,
    vex_statement,
    vulnerability,
)

__all__ = [
    "CLEAN",
    "ctrf",
    "cyclonedx",
    "fips",
    "in_toto_vulns",
    "malware",
    "module",
    "openvex",
    "scout_provenance",
    "scout_sbom",
    "scout_vulnerabilities",
    "secrets",
    "slsa_v02",
    "slsa_v1",
    "source",
    "spdx",
    "stig",
    "vex_statement",
    "vsa",
    "vulnerability",
]

CLEAN: dict[str, Callable[[About], JSON]] = {
    kinds.CYCLONEDX: cyclonedx,
    kinds.SPDX: spdx,
    kinds.SCOUT_SBOM: scout_sbom,
    kinds.SCOUT_PROVENANCE: scout_provenance,
    kinds.SLSA_V02: slsa_v02,
    kinds.SLSA_V1: slsa_v1,
    kinds.VSA: vsa,
    kinds.STIG: stig,
    kinds.FIPS: fips,
    kinds.SOURCE: source,
    kinds.OPENVEX: openvex,
    kinds.IN_TOTO_VULNS: in_toto_vulns,
    kinds.SCOUT_VULNERABILITIES: scout_vulnerabilities,
    kinds.SECRETS: secrets,
    kinds.VIRUS: malware,
    kinds.TESTS: ctrf,
}
