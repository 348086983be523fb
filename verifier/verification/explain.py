"""Why each rule came to what it came to on an image: the same verification, and then every rule asked again.

The verdict is that of `verify`. Only what was seen on the way is added: configuration, inputs, named values, and what
stands where the rule asked for evidence.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from verifier.errors import UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import (
    AttestationEntry,
    Fault,
    ImageResult,
    Plan,
    PlatformResult,
    PolicyEntry,
    Report,
    RuleOutcome,
    SignatureEntry,
    TrustedRootEntry,
    Verdict,
)
from verifier.model.progress import Progress
from verifier.oci import parse_reference
from verifier.policy import bundles_for
from verifier.policy.places import suggestion
from verifier.rules import Asked, Explanation, Rules
from verifier.verification import decide
from verifier.verification.examine import Examination
from verifier.verification.hub import Options, Session, verify

SCHEMA = "https://dhiverify.dev/schema/explanation/v1"

_NOT_SOFTENED = {
    3: "exit code 3 (no evidence at all) is no rule: no waiver, effect or `unknown: warn` softens it",
    4: "exit code 4 (evidence, and none of it trusted) is no rule: no waiver, effect or `unknown: warn` softens it",
}

_LEFT_OUT = "the explanations of this image are too long together: name the rules to explain"

Entry: TypeAlias = AttestationEntry | SignatureEntry


class Question(msgspec.Struct, frozen=True, rename="camel"):
    """What a rule asked of the evidence, and the answer. See `verifier.rules.Asked`."""

    name: str
    argument: str
    answer: str
    digests: tuple[str, ...] = ()


class ExplainedRule(msgspec.Struct, frozen=True, rename="camel"):
    """A rule's outcome as in the report, and what it saw. See `verifier.rules.Explanation`.

    `evidence` is what the report has of all that the rule declares, asks for or was given: also what is not verified,
    and so did not reach it.
    """

    outcome: RuleOutcome
    config: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    values: dict[str, Any] = {}
    asked: tuple[Question, ...] = ()
    evidence: tuple[Entry, ...] = ()
    prints: tuple[str, ...] = ()
    not_reached: tuple[int, ...] = ()
    fault: str = ""


class ExplainedPlatform(msgspec.Struct, frozen=True, rename="camel"):
    platform: str
    digest: str
    verdict: Verdict
    rules: tuple[ExplainedRule, ...]


class ExplanationReport(msgspec.Struct, frozen=True, rename="camel"):
    """Verdict, exit code and reasons are those of the image, whichever rules were asked about."""

    schema: str
    tool: str
    effective_time: str
    verdict: Verdict
    exit_code: int
    reference: str
    digest: str
    enforced: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    platforms: tuple[ExplainedPlatform, ...]
    errors: tuple[Fault, ...] = ()
    relaxations: tuple[str, ...] = ()
    policy: PolicyEntry | None = None
    trusted_root: TrustedRootEntry | None = None


class _Watch:
    """Looks on at one verification and has its rules explained."""

    def __init__(self, only: Collection[str]) -> None:
        self.only = only
        self._left = DEFAULT_LIMITS.explained_run
        self.explanations: list[tuple[Explanation, ...]] = []
        self.declared: dict[str, tuple[str, ...]] = {}

    def __call__(self, session: Session, plan: Plan, examination: Examination) -> None:
        require_rules(self.only, plan)
        self.declared = {module.path: (*(module.evidence or ()), *module.optional) for module in plan.rules}
        session.progress.now("explaining rules")
        with Rules(plan.rules, session.now, compat=plan.compat) as rules:
            for given in decide.inputs_of(examination):
                self.explanations.append(tuple(self._bounded(one) for one in rules.explain(given, self.only)))

    def _bounded(self, explanation: Explanation) -> Explanation:
        """`explanation`, or its outcome alone once those before have taken what there is for all."""
        self._left -= size_of(explanation)
        if self._left >= 0:
            return explanation
        return Explanation(explanation.outcome, fault=_LEFT_OUT)


def size_of(explanation: Explanation) -> int:
    """About how many bytes an explanation takes beside its outcome."""
    return sum(_weight(getattr(explanation, name)) for name in explanation.__struct_fields__ if name != "outcome")


def _weight(value: Any) -> int:
    if isinstance(value, str):
        return 64 + len(value) * (1 if value.isascii() else 4)
    if isinstance(value, Asked):
        return sum(map(_weight, (value.name, value.argument, value.answer, value.digests)))
    if isinstance(value, dict):
        return 64 + sum(_weight(name) + _weight(member) for name, member in value.items())
    return 64 + sum(map(_weight, value)) if isinstance(value, list | tuple) else 32


def explain(
    reference: str, only: Sequence[str], options: Options, progress: Progress | None = None
) -> ExplanationReport:
    """Judges `reference` and explains the rules whose ids are in `only`, or all.

    Raises `UsageError` as `verify` does, and for a rule that is not evaluated for this image.
    """
    if only:
        _refuse_early(reference, only, options)
    watch = _Watch(tuple(dict.fromkeys(only)))
    report = verify([reference], options, progress, watch)
    return _assembled(report, watch)


def require_rules(named: Iterable[str], plan: Plan) -> None:
    """Raises `UsageError` for the first name that no rule of `plan` has."""
    known = tuple(dict.fromkeys(module.id for module in plan.rules))
    for name in named:
        if name not in known:
            raise UsageError(f"no rule {name[:200]!r} is evaluated for this image", hint=suggestion(name, known))


def _refuse_early(reference: str, only: Sequence[str], options: Options) -> None:
    """A misspelt rule should not cost a verification. Rules in registries are known only once they are fetched."""
    with Session(options) as session:
        requested = session.requested(parse_reference(reference))
        if bundles_for(session.document, requested, options.additions):
            return
        if plan := session.plan(requested):
            require_rules(only, plan)


def _assembled(report: Report, watch: _Watch) -> ExplanationReport:
    (image,) = report.images
    softened = _NOT_SOFTENED.get(image.exit_code)
    return ExplanationReport(
        schema=SCHEMA,
        tool=report.tool,
        effective_time=report.effective_time,
        verdict=report.verdict,
        exit_code=report.exit_code,
        reference=image.reference,
        digest=image.digest,
        enforced=image.enforced,
        reasons=image.reasons,
        notes=(softened, *image.notes) if softened else image.notes,
        platforms=tuple(
            _platform(platform, image, explained, watch.declared)
            for platform, explained in zip(image.platforms, watch.explanations, strict=False)
        ),
        errors=report.errors,
        relaxations=report.relaxations,
        policy=report.policy,
        trusted_root=report.trusted_root,
    )


def _platform(
    platform: PlatformResult,
    image: ImageResult,
    explanations: Sequence[Explanation],
    declared: Mapping[str, tuple[str, ...]],
) -> ExplainedPlatform:
    """Outcomes are those of the report, which knows about waivers."""
    outcomes = {(outcome.id, outcome.path): outcome for outcome in platform.rules}
    entries: Sequence[Entry] = (
        *platform.attestations,
        *image.attestations,
        *platform.signatures,
        *image.signatures,
    )
    rules = []
    for one in explanations:
        outcome = outcomes.get((one.outcome.id, one.outcome.path), one.outcome)
        rules.append(_rule(one, outcome, _about(one, declared.get(outcome.path, ()), entries)))
    return ExplainedPlatform(platform.platform, platform.digest, platform.verdict, tuple(rules))


def _rule(explanation: Explanation, outcome: RuleOutcome, evidence: tuple[Entry, ...]) -> ExplainedRule:
    return ExplainedRule(
        outcome=outcome,
        config=explanation.config,
        inputs=explanation.inputs,
        values=explanation.values,
        asked=tuple(Question(one.name, one.argument, one.answer, one.digests) for one in explanation.asked),
        evidence=evidence,
        prints=explanation.prints,
        not_reached=explanation.not_reached,
        fault=explanation.fault,
    )


def _about(explanation: Explanation, declared: Sequence[str], entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """What the report has of evidence that the rule declares, asked for, or was given."""
    names = {*declared, *(text for asked in explanation.asked if (text := _text(asked.argument)))}
    given = {*explanation.outcome.evidence, *(digest for asked in explanation.asked for digest in asked.digests)}
    return tuple(entry for entry in entries if _digest(entry) in given or not names.isdisjoint(_names(entry)))


def _text(argument: str) -> str:
    """A string as argument, "" for any other and for one that was cut."""
    try:
        value = json.loads(argument)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def _digest(entry: Entry) -> str:
    return entry.digest if isinstance(entry, AttestationEntry) else entry.location.rpartition("@")[2]


def _names(entry: Entry) -> tuple[str, ...]:
    """What a rule may call this piece."""
    return (entry.kind, entry.predicate_type) if isinstance(entry, AttestationEntry) else ("signature",)
