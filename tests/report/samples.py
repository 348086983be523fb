"""Reports for the formats to render: one as it should be, refused ones, and one in which every foreign text is hostile.

`FULL` has two platforms with scans of all nine XCCDF words; `hostile` puts a text wherever text comes from outside.
"""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from verifier.model import (
    SCHEMA,
    AttestationEntry,
    BaseEntry,
    Details,
    Fault,
    FipsModule,
    FipsModules,
    Health,
    ImageResult,
    Package,
    Packages,
    PlatformResult,
    PolicyEntry,
    Relation,
    Report,
    ReportedTest,
    ReportedTests,
    Result,
    RuleOutcome,
    Score,
    SignatureEntry,
    Status,
    StigRule,
    StigScan,
    Transparency,
    Verdict,
    Violation,
    WaiverEntry,
    WaiverState,
)

WORDS = (*("pass", "fail", "error", "unknown", "notapplicable", "notchecked", "notselected", "informational", "fixed"),)
INDEX = "sha256:" + "1" * 64
AMD64, ARM64 = "sha256:" + "2" * 64, "sha256:" + "3" * 64
PLACE = "dhi.io/python"
STIG = "https://docker.com/dhi/stig/v0.1"
FIPS = "https://docker.com/dhi/fips/v0.1"
TESTS = "https://scout.docker.com/tests/v0.1"
SPDX = "https://spdx.dev/Document"
MALWARE = "https://scout.docker.com/virus/v0.1"
BENCHMARK = "xccdf_org.open-scap.sce-community-content_benchmark_all"
PROFILE = "xccdf_dhi-gpos_profile_.check"


def attestation(predicate_type: str, kind: str, number: int) -> AttestationEntry:
    digest = f"sha256:{number:064x}"
    return AttestationEntry(
        predicate_type,
        kind,
        digest,
        Status.VERIFIED,
        signer="dhi-2",
        layout="dhi",
        location=f"{PLACE}@{digest}",
        transparency=Transparency.PROVED,
        time="2026-01-15T12:45:00Z",
    )


def stig_rule(number: int, result: str, severity: str = "medium", text: str = "") -> StigRule:
    rule = f"SV-{203600 + number}r{958400 + number}_rule"
    return StigRule(
        id=f"xccdf_mil.disa.stig_rule_{rule}",
        result=result,
        severity=severity,
        title=text or f"The operating system must meet requirement {number}.",
        vulnerability=f"V-{203600 + number}",
        rule=rule,
        group=text or "General requirements",
        ccis=("CCI-002450",),
        controls=("SC-13",),
        time="2026-01-15T12:45:00Z",
        messages=(text,) if text else (),
        discussion=text or "Why it matters.\n\nIn two paragraphs.",
        rationale=text or "It is met by the way the image is built.",
        check=text or "Look whether it is so.",
        fix=text or "Make it so.",
    )


def scan(entry: AttestationEntry, image_digest: str, words: tuple[str, ...] = WORDS, text: str = "") -> StigScan:
    """A scan with a rule for each word. Its `document` is made from it, and schema-valid XCCDF 1.2."""
    severities = ("medium", "high", "low")
    rules = tuple(stig_rule(n, word, severities[n % 3], text) for n, word in enumerate(words))
    counted = Counter(words)
    good = counted["pass"] + counted["fixed"]
    of = good + counted["fail"] + counted["error"] + counted["unknown"]
    default = round(100 * good / of, 6)
    made = StigScan(
        attestation=entry,
        image_digest=image_digest,
        name=text or "GPOS STIG Profile",
        profile=PROFILE,
        profile_title=text or "Docker Hardened Image GPOS STIG Profile",
        benchmark=BENCHMARK,
        benchmark_title=text or "Datastream XCCDF Checklist Beta GPOS v3r2",
        benchmark_version=text or "1.0",
        scanner=text or "OpenSCAP 1.3.7",
        target=text or "dhi-python-amd64",
        started="2026-01-15T12:45:00Z",
        finished="2026-01-15T12:46:00Z",
        counts={word: counted[word] for word in WORDS},
        default_score=Score("urn:xccdf:scoring:default", default, 100.0, default, 100.0, default, 100.0),
        flat_score=Score("urn:xccdf:scoring:flat", good, of, good, of),
        rules=rules,
        contradictions=(text,) if text else (),
        html=True,
    )
    return replace(made, document=xccdf(made))


def xccdf(made: StigScan) -> bytes:
    """XCCDF 1.2 of a scan with harmless texts, as OpenSCAP writes it."""
    rules = "".join(
        f'<Rule id="{rule.id}" selected="true" severity="{rule.severity}"><title>Requirement</title>'
        f'<ident system="http://cyber.mil/cci">{rule.ccis[0]}</ident></Rule>'
        for rule in made.rules
    )
    results = "".join(
        f'<rule-result idref="{rule.id}" role="full" time="{rule.time}" severity="{rule.severity}" weight="1.0">'
        f'<result>{rule.result}</result><ident system="http://cyber.mil/cci">{rule.ccis[0]}</ident></rule-result>'
        for rule in made.rules
    )
    default, flat = made.default_score, made.flat_score
    assert default
    assert flat
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="{BENCHMARK}" resolved="1" xml:lang="en">'
        '<status date="2016-02-23">draft</status><title>Checklist</title><version>1.0</version>'
        f'<Profile id="{PROFILE}"><title>Profile</title></Profile>'
        f'<Group id="xccdf_dhi_group_1"><title>General requirements</title>{rules}</Group>'
        f'<TestResult id="xccdf_org.open-scap_testresult_{PROFILE}" start-time="{made.started}"'
        f' end-time="{made.finished}" version="1.0" test-system="cpe:/a:redhat:openscap:1.3.7">'
        f'<benchmark href="ssg-dhi-gpos-ds.xml" id="{BENCHMARK}"/><title>OSCAP Scan Result</title>'
        f'<profile idref="{PROFILE}"/><target>dhi-python-amd64</target><target-facts>'
        '<fact name="urn:xccdf:fact:scanner:name" type="string">OpenSCAP</fact>'
        '<fact name="urn:xccdf:fact:scanner:version" type="string">1.3.7</fact></target-facts>'
        f'{results}<score system="urn:xccdf:scoring:default" maximum="100.000000">{default.stated}</score>'
        f'<score system="urn:xccdf:scoring:flat" maximum="{flat.maximum}">{flat.stated}</score>'
        "</TestResult></Benchmark>\n"
    ).encode()


def module(text: str = "") -> FipsModule:
    return FipsModule(
        name=text or "OpenSSL FIPS Provider",
        version=text or "3.1.2",
        package=text or "pkg:dhi/openssl-provider-fips@3.1.2",
        standard=text or "FIPS 140-3",
        status=text or "active",
        certification=text or "CMVP #4985",
        certification_url=text
        or "https://csrc.nist.gov/projects/cryptographic-module-validation-program/certificate/4985",
        sunset_date=text or "2030-03-10",
    )


def details(first: int, image_digest: str, text: str = "") -> Details:
    stig, fips = attestation(STIG, "stig", first), attestation(FIPS, "fips", first + 1)
    tests, sbom = attestation(TESTS, "tests", first + 2), attestation(SPDX, "sbom", first + 3)
    cases = (
        ReportedTest(text or "starts", "passed"),
        ReportedTest(text or "FIPS self-test", "passed", output=text or "KAT passed", fips=True),
    )
    packages = (
        Package(text or "libc6", text or "2.41-12", text or "pkg:deb/debian/libc6@2.41-12", text or "LGPL-2.1"),
    )
    return Details(
        stig=(scan(stig, image_digest, text=text),),
        fips=(FipsModules(fips, (module(text),)),),
        tests=(ReportedTests(tests, 2, 2, 0, cases),),
        packages=(Packages(sbom, len(packages), packages),),
        unreadable=(text,) if text else (),
    )


def rules(text: str = "") -> tuple[RuleOutcome, ...]:
    """One that passes, one that fails, one unknown, one that warns, one waived and one skipped."""
    digest = "sha256:" + "f" * 64
    about = {"path": text or "built-in:dhi/rule.rego", "digest": digest}
    told, remedy = text or "1 infected file", text or "Rebuild on a newer base."
    found = (Violation(told, {"file": text or "eicar.com", "count": 1}, remedy),)
    read = (f"sha256:{1:064x}",)
    ticket = text or "SEC-1234: accepted by security until 9999-12-31T00:00:00Z"
    return (
        RuleOutcome("dhi-no-embedded-secrets", text or "No secrets were found", Result.PASS, "enforce", **about),
        RuleOutcome(
            "dhi-no-embedded-malware",
            text or "No malware was found",
            Result.FAIL,
            "enforce",
            told,
            found,
            remedy,
            evidence=read,
            **about,
        ),
        RuleOutcome("dhi-no-failing-tests", text or "Tests pass", Result.UNKNOWN, "enforce", told, (), remedy, **about),
        RuleOutcome(
            "dhi-fresh-evidence", text or "Evidence is fresh", Result.FAIL, "warn", told, found, remedy, **about
        ),
        RuleOutcome(
            "fixable-vulnerabilities",
            text or "No fixable vulnerability",
            Result.FAIL,
            "enforce",
            told,
            (replace(found[0], waiver=ticket),),
            remedy,
            waiver=ticket,
            **about,
        ),
        RuleOutcome("dhi-stig-scan-score", text or "The STIG score is full", Result.SKIPPED, "enforce", told, **about),
    )


def base(text: str = "") -> BaseEntry:
    return BaseEntry(
        reference=text or f"dhi.io/python@{INDEX}",
        digest="sha256:" + "4" * 64,
        source="provenance",
        relation=Relation.PROVED,
        reason=text,
        layers=4,
        verdict=Verdict.WARN,
        reasons=(text or "dhi-end-of-life: the image reached its end of life",),
        policy=text or "dhi",
        is_dhi=True,
        product=text or "dhi/python",
        tags=(text or "3.13-debian13",),
        signers=(text or "dhi-2",),
        variant=text or "runtime",
        end_of_life=text or "2029-10-31",
        built="2026-01-15T12:00:00Z",
        approved=True,
    )


def platform(name: str, digest: str, first: int, text: str = "") -> PlatformResult:
    known = details(first, digest, text)
    verified = (
        *(one.attestation for one in known.stig),
        *(one.attestation for one in known.fips),
        *(one.attestation for one in known.tests),
        *(one.attestation for one in known.packages),
    )
    untrusted = AttestationEntry(
        text or MALWARE,
        "malware" if not text else "other",
        f"sha256:{first + 9:064x}",
        Status.UNTRUSTED,
        signer=text,
        reason=text or "a good signature by a key that is not trusted here",
        hint=text or "Name the publisher's key with --key if you trust it.",
        layout="dhi",
        location=f"{PLACE}@sha256:{first + 9:064x}",
        time=text,
    )
    return PlatformResult(
        platform=name,
        digest=digest,
        verdict=Verdict.DENY,
        attestations=(*verified, untrusted),
        rules=rules(text),
        base=base(text),
        details=known,
    )


def image(text: str = "") -> ImageResult:
    waiver = WaiverEntry(
        rule="fixable-vulnerabilities",
        images="dhi.io/*",
        state=WaiverState.APPLIED,
        reason=text or "Not reachable from outside.",
        owner=text or "platform team",
        ticket=text or "SEC-1234",
        expires="9999-12-31T00:00:00Z",
        platforms=("linux/amd64", "linux/arm64"),
        note=text,
    )
    signature = SignatureEntry(
        Status.VERIFIED,
        signer=text or "dhi-2",
        layout="cosign-tag",
        location=f"{PLACE}@{INDEX}",
        subject=INDEX,
        annotations={text or "release": text or "yes"},
        transparency=Transparency.PROVED,
        time="2026-01-15T12:50:00Z",
    )
    return ImageResult(
        reference=text or "dhi.io/python:3.13",
        digest=INDEX,
        verdict=Verdict.DENY,
        pinned=f"{PLACE}@{INDEX}",
        exit_code=1,
        reasons=(text or "linux/amd64: dhi-no-embedded-malware: 1 infected file",),
        notes=(text or "the index lists an attestation manifest for a manifest that it does not hold",),
        product=text or "dhi/python",
        is_dhi=True,
        signatures=(signature,),
        platforms=(platform("linux/amd64", AMD64, 100, text), platform(text or "linux/arm64", ARM64, 200, text)),
        waivers=(waiver,),
        health=Health(71, "B"),
    )


FULL = Report(
    schema=SCHEMA,
    tool="dhiverify test",
    effective_time="2026-01-20T00:00:00Z",
    verdict=Verdict.DENY,
    exit_code=1,
    complete=True,
    policy=PolicyEntry("dhi", "built-in:dhi", "sha256:" + "d" * 64),
    images=(image(),),
)


def _passes(one: PlatformResult) -> PlatformResult:
    passed = tuple(rule for rule in one.rules if rule.result in (Result.PASS, Result.SKIPPED))
    verified = tuple(entry for entry in one.attestations if entry.status is Status.VERIFIED)
    return replace(one, verdict=Verdict.ALLOW, rules=passed, attestations=verified)


def _allowed(one: ImageResult) -> ImageResult:
    platforms = tuple(map(_passes, one.platforms))
    nothing = {"reasons": (), "notes": (), "waivers": ()}
    return replace(one, verdict=Verdict.ALLOW, exit_code=0, platforms=platforms, health=Health(100, "A"), **nothing)


ALLOWED = replace(FULL, verdict=Verdict.ALLOW, exit_code=0, images=(_allowed(FULL.images[0]),))
"""The same image with every rule passed."""

_LOST = Fault("dhi.io/python:3.13", "dhi.io does not answer: connection refused", "Check the network.", 5)
FAILED = replace(
    FULL,
    verdict=Verdict.ERROR,
    exit_code=5,
    complete=False,
    errors=(_LOST,),
    images=(ImageResult("dhi.io/python:3.13", "", Verdict.ERROR, exit_code=5, reasons=(_LOST.message,)),),
)
"""A registry that does not answer."""

NOTHING = replace(
    FULL,
    exit_code=3,
    images=(
        ImageResult(
            "dhi.io/python:3.13",
            INDEX,
            Verdict.DENY,
            f"{PLACE}@{INDEX}",
            exit_code=3,
            reasons=(f"no evidence was found in {PLACE}",),
            platforms=(PlatformResult("linux/amd64", AMD64, Verdict.DENY),),
        ),
    ),
)
"""An image without any evidence."""


def hostile(text: str) -> Report:
    """`FULL` with `text` in every place that evidence, registries or users fill."""
    return replace(FULL, relaxations=(text,), errors=(Fault(text, text, text, 1),), images=(image(text),))


HOSTILE_TEXTS = {
    "K01 html": "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=x>",
    "K02 link": "javascript:alert(1)//https://example.com",
    "K03 script": "</script>\u2028\u2029<!--",
    "K04 markdown": "@everyone ![x](https://evil.example/x.png) [a](javascript:1) `code` | a | b\n\n# head\n```\n<b>",
    "K05 formula": '=HYPERLINK("https://evil.example","x")',
    "K05 tab": "\t=1+1",
    "K05 at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "K07 terminal": "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07\x1b[2J\rok\u202e\u200b\x9b",
    "K08 command": "x\n::set-output name=verdict::allow\r\n::error::x%0A##[error]##vso[task.setvariable]",
    "K09 log": 'x\n{"level":"info","message":"forged"}',
    "K13 xml": "]]><a>&lt;&#x0;\x00\x0b\ufffe\ud800<![CDATA[",
    "K18 xml": '"/></STATUS><STATUS>NotAFinding</STATUS><VULN a="',
    "long": "x" * 50_000,
}
"""By threat and name: what has to have no effect in any format."""
