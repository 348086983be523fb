"""What was seen of an image, as OSCAL observations: errors, each piece of evidence, each rule of the policy.

Nothing is concluded here. Evidence that is not trusted and what could not be read stand beside the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.limits import DEFAULT_LIMITS
from verifier.model import AttestationEntry, PlatformResult, RuleOutcome, SignatureEntry
from verifier.report.oscal.details import decoded
from verifier.report.oscal.scope import Observed, Scope
from verifier.report.oscal.subjects import Assessed, evidence, provenance, signature_properties
from verifier.report.oscal.values import JSONObject, props


def observations(assessed: Assessed) -> list[Observed]:
    """Everything that was seen of one image."""
    image, scope = assessed.image, Scope(assessed)
    found = [*_faults(scope), *_evidence(scope, image.attestations, image.signatures)]
    for number, platform in enumerate(image.platforms):
        found += _platform(Scope(assessed, platform, str(number)), platform)
    return found


def _faults(scope: Scope) -> Iterator[Observed]:
    for number, fault in enumerate(scope.assessed.report.errors):
        if fault.image == scope.assessed.image.reference:
            text = f"{fault.message}\n{fault.hint}"
            yield Observed(scope.observation("fault", str(number), title="Error", text=text, method="EXAMINE"))


def _platform(scope: Scope, platform: PlatformResult) -> Iterator[Observed]:
    yield from _evidence(scope, platform.attestations, platform.signatures)
    for number, rule in enumerate(platform.rules):
        yield _rule(scope, platform, rule, str(number))
    if platform.details:
        yield from decoded(scope, platform.details)


def _evidence(
    scope: Scope, attestations: tuple[AttestationEntry, ...], signatures: tuple[SignatureEntry, ...]
) -> Iterator[Observed]:
    for number, entry in enumerate(attestations):
        title, text = f"{entry.kind} attestation: {entry.status}", f"{entry.predicate_type} {entry.digest}"
        more = {**provenance(entry), **evidence([entry])}
        yield _examined(scope, ("attestation", str(number)), title, f"{text}\n{entry.reason}", more)
    for number, signature in enumerate(signatures):
        title, text = f"signature: {signature.status}", f"signature of {signature.subject}\n{signature.reason}"
        yield _examined(scope, ("signature", str(number)), title, text, signature_properties(signature))


def _examined(scope: Scope, key: tuple[str, ...], title: str, text: str, more: JSONObject) -> Observed:
    return Observed(scope.observation(*key, title=title, text=text, method="EXAMINE", **more), scope.name)


def _rule(scope: Scope, platform: PlatformResult, rule: RuleOutcome, number: str) -> Observed:
    entries = (*scope.assessed.image.attestations, *platform.attestations)
    told = {
        "rule-id": rule.id,
        "result": rule.result,
        "effect": rule.effect,
        "rule-digest": rule.digest,
        "waiver": rule.waiver or "",
    }
    more = {**props(told), **evidence(entry for entry in entries if entry.digest in rule.evidence)}
    text = "\n".join((f"{rule.result}: {rule.message or rule.title}", *_violations(rule)))
    seen = scope.observation("rule", number, title=f"{rule.id}: {rule.title}", text=text, method="TEST", **more)
    return Observed(seen, scope.name, rule=rule)


def _violations(rule: RuleOutcome) -> Iterator[str]:
    most = DEFAULT_LIMITS.exported_violations
    for violation in rule.violations[:most]:
        accepted = f" (waived: {violation.waiver})" if violation.waiver else ""
        yield f"{violation.message}{accepted}"
    if len(rule.violations) > most:
        yield f"and {len(rule.violations) - most} more"
