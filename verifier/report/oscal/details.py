"""What decoded evidence says, as OSCAL observations: STIG scans and each of their rules, FIPS modules, test reports."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Details, FipsModule, FipsModules, ReportedTests, StigRule, StigScan
from verifier.report.oscal.scope import Observed, Scope
from verifier.report.oscal.subjects import evidence, origins, scanner_of
from verifier.report.oscal.values import JSONObject, moment, props, web_links


def decoded(scope: Scope, known: Details) -> Iterator[Observed]:
    """Observations of everything in `known`, in its order."""
    for number, scan in enumerate(known.stig):
        yield from _scan(scope, scan, str(number))
    for number, fips in enumerate(known.fips):
        yield from _modules(scope, fips, str(number))
    for number, tests in enumerate(known.tests):
        yield _tests(scope, tests, str(number))
    for number, text in enumerate(known.unreadable):
        seen = scope.observation("unreadable", str(number), title="Unreadable evidence", text=text, method="EXAMINE")
        yield Observed(seen, scope.name, decides=False)


def _scan(scope: Scope, scan: StigScan, number: str) -> Iterator[Observed]:
    """The scan as a whole, then each of its rules, in its order."""
    about = {**_scan_about(scan), **evidence([scan.attestation])}
    by = {"origins": origins(scope.assessed, scanner_of(scan))}
    text = "\n".join((f"{scan.benchmark_title} {scan.benchmark_version}".strip(), _counts(scan), *scan.contradictions))
    title = f"STIG scan: {scan.profile_title or scan.name or scan.profile}"
    when = _when(scope, scan)
    whole = scope.observation("stig", number, title=title, text=text, method="TEST", **about, **by, collected=when)
    yield Observed(whole, scope.name, decides=False)
    for position, rule in enumerate(scan.rules):
        yield _stig_rule(scope, scan, rule, (number, str(position)))


def _scan_about(scan: StigScan) -> JSONObject:
    default, flat = scan.default_score, scan.flat_score
    return props(
        {
            "profile": scan.profile,
            "benchmark": scan.benchmark,
            "benchmark-version": scan.benchmark_version,
            "scanner": scan.scanner,
            "scan-target": scan.target,
            "scan-started": scan.started,
            "scan-finished": scan.finished,
            "default-score": _number(default.computed if default else None),
            "flat-score": _number(flat.computed if flat else None),
            "flat-score-maximum": _number(flat.maximum if flat else None),
            "contradiction": scan.contradictions,
        }
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _counts(scan: StigScan) -> str:
    counted = ", ".join(f"{number} {word}" for word, number in scan.counts.items() if number)
    return f"{len(scan.rules)} rules: {counted}" if counted else "the attestation holds no rule results"


def _when(scope: Scope, scan: StigScan, rule: StigRule | None = None) -> str:
    own = rule.time if rule else ""
    return moment(own, scan.finished, scan.started, scan.attestation.time, scope.assessed.report.effective_time)


def _stig_rule(scope: Scope, scan: StigScan, rule: StigRule, key: tuple[str, str]) -> Observed:
    told = {
        "stig-result": rule.result,
        "severity": rule.severity,
        "vulnerability-id": rule.vulnerability,
        "stig-rule-id": rule.rule or rule.id,
        "stig-version": rule.version,
        "cci": rule.ccis,
        "control": rule.controls,
    }
    seen = scope.observation(
        "stig",
        *key,
        title=f"{rule.vulnerability or rule.id}: {rule.title}",
        text="\n".join((f"{rule.result} ({rule.severity})", *rule.messages)),
        method="TEST",
        origins=origins(scope.assessed, scanner_of(scan)),
        collected=_when(scope, scan, rule),
        **props(told),
        **evidence([scan.attestation]),
    )
    return Observed(seen, scope.name, stig=rule, decides=False, doubtful=bool(scan.contradictions))


def _modules(scope: Scope, fips: FipsModules, number: str) -> Iterator[Observed]:
    for position, module in enumerate(fips.modules):
        yield Observed(
            scope.observation(
                "fips",
                number,
                str(position),
                title=f"FIPS module: {module.name} {module.version}",
                text=_module_text(module),
                method="EXAMINE",
                collected=moment(fips.attestation.time, scope.assessed.report.effective_time),
                **_module_properties(module),
                **web_links(module.certification_url),
                **evidence([fips.attestation]),
            ),
            scope.name,
            decides=False,
        )


def _module_text(module: FipsModule) -> str:
    until = f", sunset {module.sunset_date}" if module.sunset_date else ""
    certified = module.certification or "no certificate stated"
    return f"{module.name} {module.version}, {module.standard}: {module.status}, {certified}{until}"


def _module_properties(module: FipsModule) -> JSONObject:
    return props(
        {
            "fips-module": module.name,
            "fips-module-version": module.version,
            "package": module.package,
            "standard": module.standard,
            "fips-status": module.status,
            "certification": module.certification,
            "certification-url": module.certification_url,
            "sunset-date": module.sunset_date,
        }
    )


def _tests(scope: Scope, tests: ReportedTests, number: str) -> Observed:
    bad = [case for case in tests.cases if case.status != "passed"]
    shown = [case for case in tests.cases if case.fips or case in bad][: DEFAULT_LIMITS.exported_violations]
    text = "\n".join(
        (
            f"{tests.tests} tests, {tests.passed} passed, {tests.failed} failed",
            *(f"{case.name}: {case.status}" for case in shown),
        )
    )
    counted = {"tests": str(tests.tests), "tests-passed": str(tests.passed), "tests-failed": str(tests.failed)}
    when = moment(tests.attestation.time, scope.assessed.report.effective_time)
    more = {"collected": when, **props(counted), **evidence([tests.attestation])}
    seen = scope.observation("tests", number, title="Test report", text=text, method="EXAMINE", **more)
    return Observed(seen, scope.name, decides=False)
