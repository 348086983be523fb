"""An image as a test describes it to the rules of the shipped pack."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from verifier.model import RuleOutcome
from verifier.rules import RuleInput

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOW_NS = int(NOW.timestamp()) * 1_000_000_000
DAY_NS = 86_400 * 1_000_000_000
DIGEST = "sha256:" + "ab" * 32
INDEX = "sha256:" + "cd" * 32
OTHER = "sha256:" + "ef" * 32
CONFIG = "sha256:" + "ba" * 32

SPDX = "https://spdx.dev/Document"
CYCLONEDX = "https://cyclonedx.org/bom/v1.6"
SCOUT_SBOM = "https://scout.docker.com/sbom/v0.1"
SLSA_1 = "https://slsa.dev/provenance/v1"
SLSA_02 = "https://slsa.dev/provenance/v0.2"
SCOUT_PROVENANCE = "https://scout.docker.com/provenance/v0.1"
SOURCE = "https://docker.com/dhi/source/v0.1"
SCOUT_VULNERABILITIES = "https://scout.docker.com/vulnerabilities/v0.1"
VIRUS = "https://scout.docker.com/virus/v0.1"
SECRETS = "https://scout.docker.com/secrets/v0.1"
TESTS = "https://scout.docker.com/tests/v0.1"
STIG = "https://docker.com/dhi/stig/v0.1"
VEX = "https://openvex.dev/ns/v0.2.0"

TYPES: dict[str, tuple[str, ...]] = {
    "sbom": (SPDX, CYCLONEDX, SCOUT_SBOM),
    "provenance": (SLSA_1, SLSA_02),
    "vulnerabilities": (SCOUT_VULNERABILITIES, "https://in-toto.io/attestation/vulns/v0.1"),
    "malware": (VIRUS,),
    "secrets": (SECRETS,),
    "tests": (TESTS,),
    "stig": (STIG,),
    "fips": ("https://docker.com/dhi/fips/v0.1",),
    "vex": (VEX,),
    "vsa": ("https://slsa.dev/verification_summary/v1",),
    "source": (SOURCE,),
    "scout-provenance": (SCOUT_PROVENANCE,),
    "signature": (),
}

LABELS = {
    "com.docker.dhi.name": "dhi/python",
    "com.docker.dhi.version": "3.13-debian13",
    "com.docker.dhi.compliance": "cis",
    "com.docker.dhi.shell": "",
    "com.docker.dhi.package-manager": "",
}


class Image(msgspec.Struct, kw_only=True):
    """An image as the hub describes it to rules. `predicates` are verified statements, by type, newest first.

    `document` is the whole configuration where it is not an image's, and `artifact` what the hub says that it is.
    """

    config: dict[str, Any] = msgspec.field(default_factory=lambda: {"User": "65532", "Labels": dict(LABELS)})
    predicates: dict[str, list[Any]] = {}
    facts: dict[str, list[dict[str, Any]]] = {}
    tags: list[str] = msgspec.field(default_factory=lambda: ["3.13-debian13", "3.13"])
    products: list[str] = msgspec.field(default_factory=lambda: ["dhi/python"])
    requested_products: list[str] = msgspec.field(default_factory=lambda: ["dhi/python"])
    requested_tag: str = "3.13"
    tag_enforced: bool = True
    is_layout: bool = False
    index_signed: bool = False
    index_annotations: dict[str, str] = {}
    manifest_annotations: dict[str, str] = {}
    announced: str = "linux/amd64"
    configured: str = "linux/amd64"
    is_single: bool = False
    signed: bool = True
    artifact: str = ""
    document: dict[str, Any] | None = None

    def given(self) -> RuleInput:
        statements = {kind: tuple(_statement(kind, one) for one in found) for kind, found in self.predicates.items()}
        references = [reference for found in statements.values() for reference, _ in found]
        name = self.products[0] if len(self.products) == 1 else "dhi/python"
        document = {"config": self.config} if self.document is None else self.document
        return RuleInput(
            input={"source": {"image": {"name": name, "digest": DIGEST, "config": document}}},
            statements=statements,
            facts={"image": [self._fact()], "evidence": [], "platforms": []} | self.facts,
            verified=dict.fromkeys(references, ("dhi-2",)) if self.signed else {},
            types=TYPES,
        )

    def _fact(self) -> dict[str, Any]:
        return {
            "requested": {"registry": "dhi.io", "repository": "python", "tag": self.requested_tag, "digest": ""},
            "is_layout": self.is_layout,
            "products": self.requested_products,
            "tag_enforced": self.tag_enforced,
            "index": {"digest": INDEX, "signed": self.index_signed, "annotations": self.index_annotations},
            "signed": {"products": self.products, "tags": self.tags},
            "config_digest": CONFIG,
            "descriptor_platform": self.announced,
            "config_platform": self.configured,
            "manifest_annotations": self.manifest_annotations,
            "is_single": self.is_single,
        } | ({"artifact": self.artifact} if self.artifact else {})


def _statement(kind: str, predicate: Any) -> tuple[str, bytes]:
    subjects = [{"name": "pkg:docker/dhi/python@3.13", "digest": {"sha256": DIGEST[7:]}}]
    document = {"_type": "https://in-toto.io/Statement/v1", "predicateType": kind, "subject": subjects}
    body = json.dumps(document if predicate is ... else document | {"predicate": predicate}).encode()
    return f"dhi.io/python@sha256:{hashlib.sha256(body).hexdigest()}", body


def labelled(**changes: str) -> dict[str, Any]:
    """A configuration whose DHI labels are changed; `_` stands for `-`, and `..` for a label that is not there."""
    named = {f"com.docker.dhi.{name.replace('_', '-')}": value for name, value in changes.items()}
    labels = {name: value for name, value in (LABELS | named).items() if value != ".."}
    return {"User": "65532", "Labels": labels}


Judge = Callable[..., RuleOutcome]
