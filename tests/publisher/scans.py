"""What was looked for in a clean image and not found: vulnerabilities, malware, secrets, failing tests; and VEX."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta

from tests.publisher.about import JSON, About, rfc3339

KNOWN = "CVE-2025-62813"
"""The one vulnerability of a clean image: low, without a fix, and by the publisher's word of no effect."""

_AFFECTED = "pkg:deb/debian/zlib1g@1.3.1-1?os_distro=trixie&os_name=debian&os_version=13"


def vulnerability(
    name: str = KNOWN,
    *,
    severity: str = "LOW",
    score: float = 3.3,
    fixed_by: str | None = None,
    published_at: str | None = "2026-01-10T00:00:00Z",
    cisa_exploited: bool = False,
    aliases: Sequence[str] = (),
) -> JSON:
    """One entry as Scout writes it; members that are None are left out."""
    optional = {"fixed_by": fixed_by, "published_at": published_at}
    return {
        "source_id": name,
        "aliases": list(aliases),
        "cisa_exploited": cisa_exploited,
        "cvss": {"severity": severity, "score": score},
        **{member: value for member, value in optional.items() if value is not None},
    }


def scout_vulnerabilities(
    about: About, *, found: Sequence[JSON] | None = None, purl: str = _AFFECTED, empty: bool = False
) -> JSON:
    """One package with `found`, by default the known one. `empty` gives the empty array of a scan without findings."""
    del about  # says nothing about the image but through the statement's subject
    if empty:
        return []
    return [{"purl": purl, "vulnerabilities": list(found) if found is not None else [vulnerability()]}]


def in_toto_vulns(
    about: About, *, result: Sequence[JSON] | None = None, finished: str = "", nested: bool = False
) -> JSON:
    """`nested` follows the specification's prose instead of its example."""
    hits = [{"id": KNOWN, "severity": [{"method": "CVSS_V3", "score": "3.3"}]}] if result is None else list(result)
    return {
        "scanner": {
            "uri": "pkg:docker/docker/scout-cli@1.18.2",
            "version": "1.18.2",
            "db": {"uri": "https://scout.docker.com", "version": "1", "lastUpdate": about.time(30)},
            "result": [{"vulnerability": hit} for hit in hits] if nested else hits,
        },
        "metadata": {"scanStartedOn": about.time(40), "scanFinishedOn": finished or about.time(41)},
    }


def openvex(about: About, *, statements: Sequence[JSON] | None = None, version: int = 1) -> JSON:
    written = rfc3339(about.at - timedelta(days=2))
    said = [vex_statement(timestamp=written)] if statements is None else list(statements)
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": f"https://openvex.dev/docs/public/vex-{about.product.replace('/', '-')}-{version}",
        "author": "Docker Hardened Images <dhi@docker.com>",
        "role": "Document Creator",
        "timestamp": written,
        "version": version,
        "statements": said,
    }


def vex_statement(
    name: str = KNOWN,
    *,
    status: str = "not_affected",
    product: str = _AFFECTED,
    justification: str | None = "vulnerable_code_not_in_execute_path",
    timestamp: str = "2026-01-13T12:00:00Z",
) -> JSON:
    reason = {} if justification is None else {"justification": justification}
    return {
        "@id": f"statement-{name}-{status}",
        "vulnerability": {"name": name},
        "timestamp": timestamp,
        "products": [{"@id": product}],
        "status": status,
        **reason,
    }


def clamav_report(about: About, *, infected: int = 0, scanned: int = 1204) -> str:
    """ClamAV's text, with one line for each infected file before the summary."""
    hits = "".join(f"/scan/tmp/dropper{number}: Win.Test.EICAR_HDB-1 FOUND\n" for number in range(infected))
    start, end = about.at + timedelta(minutes=50), about.at + timedelta(minutes=51)
    return (
        f"{hits}\n----------- SCAN SUMMARY -----------\n"
        "Known viruses: 8708934\n"
        "Engine version: 1.4.3\n"
        "Scanned directories: 189\n"
        f"Scanned files: {scanned}\n"
        f"Infected files: {infected}\n"
        "Data scanned: 78.41 MB\n"
        "Data read: 42.93 MB (ratio 1.83:1)\n"
        "Time: 12.345 sec (0 m 12 s)\n"
        f"Start Date: {start:%Y:%m:%d %H:%M:%S}\n"
        f"End Date:   {end:%Y:%m:%d %H:%M:%S}\n"
    )


def malware(about: About, *, infected: int = 0, report: str | None = None) -> JSON:
    """`report` replaces ClamAV's text."""
    text = clamav_report(about, infected=infected) if report is None else report
    return {"scanner": {"uri": "clamav/clamav:stable", "report": base64.b64encode(text.encode()).decode()}}


def secrets(about: About, *, found: int = 0) -> JSON:
    """Empty for a clean image, else one entry with findings in Scout's form."""
    del about
    finding = {
        "rule_id": "aws-access-token",
        "category": "AWS",
        "title": "AWS access key",
        "severity": "CRITICAL",
        "start_line": 1,
        "end_line": 1,
        "match": "AKIA****************",
    }
    source = {"type": "image", "location": {"path": "/app/.env", "ordinal": 1}}
    return [{"source": source, "findings": [finding] * found}] if found else []


def ctrf(about: About, *, passed: int = 3, failed: int = 0, fips: bool = False) -> JSON:
    """In the Common Test Report Format. With `fips` the last test is that of the FIPS provider."""
    statuses = ["passed"] * passed + ["failed"] * failed
    start = int((about.at + timedelta(minutes=10)).timestamp() * 1000)
    shown = base64.b64encode(b"Python 3.13.15\n").decode()
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "results": {
            "tool": {"name": "dhi-test"},
            "summary": {
                "tests": len(statuses),
                "passed": passed,
                "failed": failed,
                "skipped": 0,
                "pending": 0,
                "other": 0,
                "start": start,
                "stop": start + 4200,
            },
            "tests": [
                *(
                    {"name": f"test {number}", "status": status, "duration": 1400, "extra": {"stdout": shown}}
                    for number, status in enumerate(statuses[: len(statuses) - fips], 1)
                ),
                *([_fips_test(statuses[-1])] if fips else []),
            ],
        },
    }


def _fips_test(status: str) -> JSON:
    checks = ("HMAC : (Module_Integrity)", "SHA2 : (KAT_Digest)", "AES_GCM : (KAT_Cipher)")
    shown = "".join(f"{check} : Pass\n" for check in checks) + "INSTALL PASSED\n"
    stdout = base64.b64encode(shown.encode()).decode()
    return {"name": "FIPS self-test", "status": status, "duration": 1400, "extra": {"stdout": stdout}}
