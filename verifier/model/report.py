"""The report: one immutable value with everything that a person or pipeline may want to know. JSON is camelCase."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from verifier.model.base import BaseEntry
from verifier.model.details import Details
from verifier.model.entries import AttestationEntry, SignatureEntry
from verifier.model.verdicts import Verdict

SCHEMA = "https://dhiverify.dev/schema/report/v1"


class Result(StrEnum):
    """What a rule came to. `unknown` denies, unless the rule's effect is `warn`."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Violation(msgspec.Struct, frozen=True, rename="camel"):
    """`waiver` says under which waiver this violation is accepted."""

    message: str
    detail: dict[str, Any] = {}
    remediation: str = ""
    waiver: str | None = None


class RuleOutcome(msgspec.Struct, frozen=True, rename="camel"):
    """What one rule came to. With a `waiver`, all of its violations are accepted, and it warns instead of denying.

    `path` and `digest` (SHA-256) are those of the Rego file. `weight` and `result_type` are as its METADATA says.
    """

    id: str
    title: str
    result: Result
    effect: str  # enforce | warn
    message: str = ""
    violations: tuple[Violation, ...] = ()
    remediation: str = ""
    waiver: str | None = None
    evidence: tuple[str, ...] = ()  # digests of the attestation manifests that the rule read
    path: str = ""
    digest: str = ""
    weight: int = 10
    result_type: str = "generic"


class PlatformResult(msgspec.Struct, frozen=True, rename="camel"):
    platform: str
    digest: str
    verdict: Verdict
    signatures: tuple[SignatureEntry, ...] = ()
    attestations: tuple[AttestationEntry, ...] = ()
    rules: tuple[RuleOutcome, ...] = ()
    base: BaseEntry | None = None  # where one was asked for
    details: Details | None = None  # where somebody asked for them


class WaiverState(StrEnum):
    """What became of a waiver in one run. Only `applied` changed anything."""

    APPLIED = "applied"
    EXPIRED = "expired"
    PENDING = "pending"  # its start lies ahead
    UNUSED = "unused"


class WaiverEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A waiver of the policy, and what became of it. `note` says why it did not apply where that is not plain."""

    rule: str
    images: str
    state: WaiverState
    reason: str
    owner: str
    ticket: str
    expires: str
    starts: str = ""
    digest: str = ""
    purl: str = ""
    vulnerability: str = ""
    platforms: tuple[str, ...] = ()  # on which it was applied
    note: str = ""


class Health(msgspec.Struct, frozen=True, rename="camel"):
    """Docker Scout's health score: the weighted share of rules that pass, 0 to 100, and its grade A to F."""

    score: int
    grade: str


class ImageResult(msgspec.Struct, frozen=True, rename="camel"):
    """One image. `pinned` is `name@digest`, what was judged and may be deployed; `product` is what the evidence names.

    `is_dhi` says that evidence of every platform was signed by a key of the shipped keyring, and no more than that.
    """

    reference: str
    digest: str
    verdict: Verdict
    pinned: str = ""
    enforced: bool = True
    exit_code: int = 0
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what was seen and left aside
    product: str = ""  # as signed
    is_dhi: bool = False
    signatures: tuple[SignatureEntry, ...] = ()
    attestations: tuple[AttestationEntry, ...] = ()
    platforms: tuple[PlatformResult, ...] = ()
    waivers: tuple[WaiverEntry, ...] = ()
    health: Health | None = None  # where there was trusted evidence for rules to judge


class Fault(msgspec.Struct, frozen=True, rename="camel"):
    """An error that kept the run from being complete."""

    image: str
    message: str
    hint: str
    exit_code: int


class PolicyEntry(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    path: str
    digest: str


class TrustedRootEntry(msgspec.Struct, frozen=True, rename="camel"):
    """The trusted root against which certificates, log entries or timestamps were held."""

    source: str
    digest: str


class Report(msgspec.Struct, frozen=True, rename="camel"):
    schema: str
    tool: str
    effective_time: str
    verdict: Verdict
    exit_code: int
    complete: bool
    errors: tuple[Fault, ...] = ()
    relaxations: tuple[str, ...] = ()
    policy: PolicyEntry | None = None
    trusted_root: TrustedRootEntry | None = None  # where one was needed
    images: tuple[ImageResult, ...] = ()
