"""From outcomes to verdicts and exit codes, in one place.

    0 allowed · 1 denied by a rule · 3 no evidence at all · 4 evidence, and none of it trusted

3 and 4 are not rules: nothing but `enforce: false` on the whole image pattern lets them through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from verifier.errors import ConfigurationError
from verifier.model import ImageResult, PlatformResult, Result, RuleOutcome, Verdict
from verifier.verification.binding import ImageSignature, Judged

_SEVERITY = (Verdict.ALLOW, Verdict.WARN, Verdict.DENY, Verdict.ERROR)
_BAD = (Result.FAIL, Result.UNKNOWN)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of several. Nothing judged is never a pass."""
    return max(verdicts, key=_SEVERITY.index, default=Verdict.ERROR)


def of_rules(outcomes: Sequence[RuleOutcome]) -> Verdict:
    """A rule that fails or cannot be evaluated denies; one with effect `warn`, or under a waiver, warns instead."""
    if not any(outcome.result is not Result.SKIPPED for outcome in outcomes):
        raise ConfigurationError("no rule was evaluated, and nothing may pass without one")
    bad = [outcome for outcome in outcomes if outcome.result in _BAD]
    if any(denies(outcome) for outcome in bad):
        return Verdict.DENY
    return Verdict.WARN if bad else Verdict.ALLOW


def denies(outcome: RuleOutcome) -> bool:
    return outcome.result in _BAD and outcome.effect != "warn" and outcome.waiver is None


def evidence_code(judged: Sequence[Judged], signatures: Sequence[ImageSignature]) -> int:
    """3 when nothing at all was found, 4 when nothing of it is trusted, else 0."""
    if not judged and not signatures:
        return 3
    trusted = any(j.verified for j in judged) or any(s.verified for s in signatures)
    return 0 if trusted else 4


def evidence_reason(
    code: int,
    judged: Sequence[Judged],
    signatures: Sequence[ImageSignature],
    places: Sequence[str],
    counted: Sequence[str] = (),
) -> str:
    """`counted` names what alone counts as evidence, where not everything does."""
    if code == 3:
        missing = f"nothing that counts as evidence here ({', '.join(counted)})" if counted else "no signed evidence"
        return f"{missing} was found at {', '.join(places)}"
    causes = [j.checked.reason for j in judged] + [s.checked.reason for s in signatures]
    ((commonest, _),) = Counter(causes).most_common(1)
    return f"{len(causes)} pieces of evidence were found and none is trusted; most often: {commonest}"


def reasons_of(platforms: Sequence[PlatformResult]) -> tuple[str, ...]:
    """One sentence for each rule that did not pass, naming its platforms, the denying ones first."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for platform in platforms:
        for rule in platform.rules:
            if rule.result in _BAD:
                found.setdefault((_standing(rule), rule.id, rule.message), []).append(platform.platform)
    ordered = sorted(found.items(), key=lambda item: _STANDINGS.index(item[0][0]))
    return tuple(f"{standing}{rule} ({', '.join(names)}): {message}" for (standing, rule, message), names in ordered)


_STANDINGS = ("", "warning: ", "waived: ")


def _standing(rule: RuleOutcome) -> str:
    if denies(rule):
        return ""
    return "warning: " if rule.waiver is None else "waived: "


def exit_code(verdict: Verdict, code: int) -> int:
    """The process exit code of one image."""
    return code or (1 if verdict in (Verdict.DENY, Verdict.ERROR) else 0)


def unenforced(result: ImageResult, wanted: bool) -> ImageResult:
    """`enforce: false` lets a refused image through, with its reasons, and says so."""
    if wanted or result.exit_code not in (1, 3, 4):
        return result
    return replace(result, enforced=False, verdict=Verdict.WARN, exit_code=0)
