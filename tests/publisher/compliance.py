"""STIG and FIPS evidence: an XCCDF 1.2 result with its benchmark as OpenSCAP writes it, and a list of modules."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

import msgspec

from tests.publisher.about import JSON, NEVER_ENDS, About

BENCHMARK = "xccdf_org.open-scap.sce-community-content_benchmark_all"
PROFILE = "xccdf_dhi-gpos_profile_.check"
_TITLE = "Docker Hardened Image - Alpine 3.22/3.23/3.24 / Debian 12/13 GPOS STIG Profile"
_SEVERITIES = ("medium", "medium", "high", "medium", "low")
_GROUPS = 3


class RuleResult(msgspec.Struct, frozen=True):
    id: str
    severity: str
    result: str
    group: int


class Scan(msgspec.Struct, frozen=True):
    """A whole scan: which rule had which result, and when and of what."""

    rules: tuple[RuleResult, ...]
    target: str
    start: str
    end: str

    @property
    def counts(self) -> Counter[str]:
        return Counter(rule.result for rule in self.rules)

    @property
    def default_score(self) -> float:
        """XCCDF 1.2, 7.3.2 with equal weights: the mean over groups of the mean inside each."""
        inside = [
            [float(r.result == "pass") for r in self.rules if r.group == g and _counts(r)] for g in range(_GROUPS)
        ]
        means = [sum(values) / len(values) for values in inside if values]
        return 100.0 * sum(means) / len(means) if means else 0.0


def _counts(rule: RuleResult) -> bool:
    return rule.result in ("pass", "fail")


def scan(about: About, *, failed: int = 0, target: str = "", rules: int | None = None) -> Scan:
    """Every third rule is not applicable; of the others the first `failed` ones fail."""
    total = about.stig_rules if rules is None else rules
    results, left = [], failed
    for number in range(total):
        word = "notapplicable" if number % 3 == 2 else "fail" if left else "pass"
        left -= word == "fail"
        identifier = f"xccdf_mil.disa.stig_rule_SV-{203600 + number}r{958400 + number}_rule"
        results.append(RuleResult(identifier, _SEVERITIES[number % 5], word, number // 2 % _GROUPS))
    host = f"{about.product.replace('/', '-')}-{about.architecture}"
    return Scan(tuple(results), target or host, about.time(45), about.time(46))


def xccdf(done: Scan) -> bytes:
    """The document with benchmark, profile and result, valid under NIST's schema."""
    selects = "".join(f'    <select idref="{rule.id}" selected="true"/>\n' for rule in done.rules)
    groups = "".join(_group(number, done) for number in range(_GROUPS))
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="{BENCHMARK}" resolved="1" xml:lang="en">\n'
        '  <status date="2016-02-23">draft</status>\n'
        '  <title xml:lang="en">Datastream XCCDF Checklist Beta GPOS v3r2</title>\n'
        '  <description xml:lang="en">A basic security check for a Linux system.</description>\n'
        "  <version>1.0</version>\n"
        '  <model system="urn:xccdf:scoring:default"/>\n  <model system="urn:xccdf:scoring:flat"/>\n'
        f'  <Profile id="{PROFILE}">\n    <title xml:lang="en">{_TITLE}</title>\n{selects}  </Profile>\n'
        f"{groups}{_test_result(done)}</Benchmark>\n"
    )
    return document.encode()


def _group(number: int, done: Scan) -> str:
    rules = "".join(_rule(rule) for rule in done.rules if rule.group == number)
    title = f'    <title xml:lang="en">Group {number}</title>\n'
    return f'  <Group id="xccdf_dhi_group_{number}">\n{title}{rules}  </Group>\n'


def _rule(rule: RuleResult) -> str:
    return (
        f'    <Rule id="{rule.id}" selected="true" severity="{rule.severity}">\n'
        f'      <title xml:lang="en">The operating system must meet requirement {rule.id[25:34]}.</title>\n'
        f'      <ident system="http://cyber.mil/cci">{_cci(rule)}</ident>\n    </Rule>\n'
    )


def _cci(rule: RuleResult) -> str:
    return f"CCI-{int(rule.id[28:34]) - 199999:06d}"


def _test_result(done: Scan) -> str:
    counted = [rule for rule in done.rules if _counts(rule)]
    results = "".join(
        f'    <rule-result idref="{rule.id}" role="full" time="{done.start}" severity="{rule.severity}"'
        f' weight="1.000000">\n      <result>{rule.result}</result>\n'
        f'      <ident system="http://cyber.mil/cci">{_cci(rule)}</ident>\n    </rule-result>\n'
        for rule in done.rules
    )
    return (
        f'  <TestResult id="xccdf_org.open-scap_testresult_{PROFILE}" start-time="{done.start}" end-time="{done.end}"'
        ' version="1.0" test-system="cpe:/a:redhat:openscap:1.3.7">\n'
        f'    <benchmark href="ssg-dhi-gpos-ds.xml" id="{BENCHMARK}"/>\n    <title>OSCAP Scan Result</title>\n'
        f'    <profile idref="{PROFILE}"/>\n    <target>{escape(done.target)}</target>\n    <target-facts>\n'
        '      <fact name="urn:xccdf:fact:scanner:name" type="string">OpenSCAP</fact>\n'
        '      <fact name="urn:xccdf:fact:scanner:version" type="string">1.3.7</fact>\n    </target-facts>\n'
        f'{results}    <score system="urn:xccdf:scoring:default" maximum="100.000000">'
        f"{done.default_score:.6f}</score>\n"
        f'    <score system="urn:xccdf:scoring:flat" maximum="{len(counted):.6f}">'
        f"{done.counts['pass']:.6f}</score>\n  </TestResult>\n"
    )


def html(done: Scan) -> bytes:
    rows = "".join(f"<tr><td>{rule.id}</td><td>{rule.severity}</td><td>{rule.result}</td></tr>" for rule in done.rules)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>OpenSCAP evaluation report</title></head>'
        f"<body><h1>{escape(_TITLE)}</h1><p>Target: {escape(done.target)}</p>"
        f"<table><tr><th>Rule</th><th>Severity</th><th>Result</th></tr>{rows}</table></body></html>"
    ).encode()


def stig(
    about: About,
    *,
    failed: int = 0,
    target: str = "",
    rules: int | None = None,
    summary: JSON | None = None,
    document: bytes | None = None,
) -> JSON:
    """One profile. `summary` overrides members of the honest summary, `document` replaces the XML."""
    done = scan(about, failed=failed, target=target, rules=rules)
    honest = {
        "profile": PROFILE,
        "version": "1.0",
        "defaultScore": round(done.default_score, 6),
        "maxDefaultScore": 100.0,
        "passed": done.counts["pass"],
        "failed": done.counts["fail"],
        "notApplicable": done.counts["notapplicable"],
    }
    xml = xccdf(done) if document is None else document
    output = (("html", html(done)), ("xccdf", xml))
    return [
        {
            "name": _TITLE,
            "summary": {**honest, **(summary or {})},
            "output": [{"format": form, "content": base64.b64encode(body).decode()} for form, body in output],
        }
    ]


REAL_SCAN = Path(__file__).parent / "data" / "debian12-minbase.results.xml"
"""What OpenSCAP wrote about a real root file system; where it comes from stands beside it."""


def real_stig(**summary: object) -> JSON:
    """A profile around the real scan, summed up honestly except for the members given."""
    honest = {
        "profile": PROFILE,
        "version": "1.0",
        "defaultScore": 77.777779,
        "maxDefaultScore": 100.0,
        "passed": 85,
        "failed": 6,
        "notApplicable": 107,
    }
    content = base64.b64encode(REAL_SCAN.read_bytes()).decode()
    return [
        {"name": _TITLE, "summary": {**honest, **summary}, "output": [{"format": "xccdf", "content": content}]},
    ]


def module(name: str = "OpenSSL FIPS Provider", *, status: str = "active", sunset: str | None = NEVER_ENDS) -> JSON:
    """One cryptographic module; without `sunset` it has neither certificate nor end, as those in process have."""
    certificate = {
        "certification": "CMVP #4985",
        "certificationUrl": "https://csrc.nist.gov/projects/cryptographic-module-validation-program/certificate/4985",
        "sunsetDate": sunset,
    }
    return {
        "name": name,
        "package": "pkg:dhi/openssl-provider-fips@3.1.2",
        "standard": "FIPS 140-3",
        "status": status,
        "version": "3.1.2",
        **(certificate if sunset else {}),
    }


def fips(about: About, *, modules: Sequence[JSON] | None = None) -> JSON:
    del about
    return [module()] if modules is None else list(modules)
