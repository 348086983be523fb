"""What verified evidence says in detail, for auditors: scans, modules, tests and packages.

Nothing here is judged; the rules judge facts. Each value names the attestation that it was read from.
"""

from __future__ import annotations

import msgspec

from verifier.model.entries import AttestationEntry


class StigRule(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One rule of a benchmark with its result.

    `id` is as in the document, `vulnerability` the group id that DISA's tools show (V-203739) and `rule` their rule id
    (SV-203739r987791_rule), both "" where the id holds none. `result` is one of XCCDF's nine words, or "unknown" for
    any other. `severity` is high, medium, low, info or unknown. `controls` are those of NIST SP 800-53 revision 5 that
    the CCIs stand for. `messages` are what the check said. The texts below `time` are plain text, lines kept.
    """

    id: str
    result: str
    severity: str
    title: str = ""
    vulnerability: str = ""
    rule: str = ""
    version: str = ""  # of the rule, as DISA's STIG identifier; often not there
    group: str = ""  # title of the innermost group
    ccis: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    weight: float = 1.0
    time: str = ""
    messages: tuple[str, ...] = ()
    discussion: str = ""
    rationale: str = ""
    check: str = ""
    fix: str = ""


class Score(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A score by one of XCCDF's models: as stated by the scanner, by the summary, and computed from the results.

    None where it is not stated or cannot be computed. `maximum` is the computed one (100 for the default model).
    """

    system: str
    computed: float | None = None
    maximum: float | None = None
    stated: float | None = None
    stated_maximum: float | None = None
    summary: float | None = None
    summary_maximum: float | None = None


class StigScan(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One profile of a STIG attestation: what was scanned, with what, and each rule's result.

    `counts` has every one of XCCDF's nine result words. `contradictions` are sentences on where the summary, the
    stated scores and the results disagree. `document` are the bytes of the XCCDF results as they were signed, b"" where
    the attestation holds none (then there are no rules either); `html` says whether it holds an HTML report.
    """

    attestation: AttestationEntry
    image_digest: str  # of the platform manifest about which the attestation speaks
    name: str = ""  # as the attestation calls the profile
    profile: str = ""
    profile_title: str = ""
    benchmark: str = ""
    benchmark_title: str = ""
    benchmark_version: str = ""
    scanner: str = ""  # name and version
    target: str = ""
    started: str = ""
    finished: str = ""
    counts: dict[str, int] = {}
    default_score: Score | None = None
    flat_score: Score | None = None
    rules: tuple[StigRule, ...] = ()
    contradictions: tuple[str, ...] = ()
    html: bool = False
    document: bytes = b""


class FipsModule(msgspec.Struct, frozen=True, rename="camel"):
    """A cryptographic module. `status` is as stated: active, in process, or another word."""

    name: str
    version: str
    package: str
    standard: str
    status: str
    certification: str = ""
    certification_url: str = ""
    sunset_date: str = ""


class FipsModules(msgspec.Struct, frozen=True, rename="camel"):
    attestation: AttestationEntry
    modules: tuple[FipsModule, ...]


class ReportedTest(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One test of a report. `fips` says that its name calls it a FIPS test. `output` is what it printed, cut."""

    name: str
    status: str
    message: str = ""
    output: str = ""
    fips: bool = False


class ReportedTests(msgspec.Struct, frozen=True, rename="camel"):
    attestation: AttestationEntry
    tests: int
    passed: int
    failed: int
    cases: tuple[ReportedTest, ...] = ()


class Package(msgspec.Struct, frozen=True):
    """A package of an SBOM. `licenses` is one expression or several texts, joined."""

    name: str
    version: str = ""
    purl: str = ""
    licenses: str = ""


class Packages(msgspec.Struct, frozen=True, rename="camel"):
    """What an SBOM lists. `total` counts also those beyond the bound on `packages`."""

    attestation: AttestationEntry
    total: int
    packages: tuple[Package, ...] = ()


class Details(msgspec.Struct, frozen=True, rename="camel"):
    """Of one platform. `unreadable` are sentences on verified attestations that could not be decoded."""

    stig: tuple[StigScan, ...] = ()
    fips: tuple[FipsModules, ...] = ()
    tests: tuple[ReportedTests, ...] = ()
    packages: tuple[Packages, ...] = ()
    unreadable: tuple[str, ...] = ()
