"""From what the worker found to what a rule came to: pass, fail, unknown or skipped (DESIGN: rules of judgement 2)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier.limits import Limits
from verifier.model import Result, RuleModule, RuleOutcome, Violation
from verifier.rules.coverage import Lines
from verifier.rules.functions import NO_EVIDENCE
from verifier.rules.violation import cut, violations_of

logger = logging.getLogger("verifier.rules")


class Answer(msgspec.Struct, frozen=True):
    """What the worker says about one rule.

    `applicable` and `decision` are the JSON text of `applicable` and `pass`: "undefined" when they have no value, ""
    when the file has no such rule. `note` is what a rule wants to add when it passes. `asked` are predicate types and
    kinds that the rule wanted, `read` digests of statements and facts that it was given.
    """

    fault: str = ""
    applicable: str = ""
    decision: str = ""
    violations: Any = ()
    note: str = ""
    uncounted: int = 0
    asked: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    prints: tuple[str, ...] = ()
    lines: Lines = Lines()


class Evidence(msgspec.Struct, frozen=True):
    """What is there, by predicate type and by kind: the digests of verified statements."""

    digests: dict[str, tuple[str, ...]]
    kinds: dict[str, str]  # of each predicate type

    @classmethod
    def of(
        cls,
        statements: Mapping[str, Sequence[tuple[str, bytes]]],
        facts: Mapping[str, Sequence[Mapping[str, Any]]],
        types: Mapping[str, Sequence[str]],
    ) -> Evidence:
        digests = {name: tuple(image.rpartition("@")[2] for image, _ in found) for name, found in statements.items()}
        for kind, names in types.items():
            of_statements = [digest for name in names for digest in digests.get(name, ())]
            of_facts = [str(fact["digest"]) for fact in facts.get(kind, ()) if "digest" in fact]
            digests[kind] = tuple(dict.fromkeys((*of_statements, *of_facts)))
        return cls(digests, {name: kind for kind, names in types.items() for name in names})

    def unanswered(self, module: RuleModule, asked: Iterable[str]) -> tuple[str, ...]:
        """What `module` declares or asked for, does not call optional, and no verified statement answers.

        Where a rule declares a kind, any type of it answers: an SBOM is an SBOM in either format.
        """
        declared = module.evidence or ()
        wanted = dict.fromkeys((*declared, *(self._declared_as(name, declared) for name in asked)))
        missing = [name for name in wanted if name not in NO_EVIDENCE and not self.digests.get(name)]
        return tuple(name for name in missing if not {name, self.kinds.get(name, name)} & set(module.optional))

    def _declared_as(self, name: str, declared: Sequence[str]) -> str:
        kind = self.kinds.get(name, name)
        return kind if kind in declared else name

    def behind(self, module: RuleModule, read: Iterable[str]) -> tuple[str, ...]:
        declared = (*(module.evidence or ()), *module.optional)
        return tuple(dict.fromkeys((*read, *(digest for name in declared for digest in self.digests.get(name, ())))))


_NAMED = 10  # pieces of missing evidence in one message

# A rule's own remedy is for what it found. Where it found nothing out, these are the next steps.
_GET_EVIDENCE = (
    "Get that evidence verified first; `dhiverify attestation list` shows what is there and why it does not count."
)
_CORRECT_RULE = "Correct the rule, or have the evidence that it cannot read published again."


def unknown(
    module: RuleModule, reason: str, evidence: tuple[str, ...] = (), remedy: str = _CORRECT_RULE
) -> RuleOutcome:
    """What cannot be told is refused, unless the policy says of this rule that it may warn."""
    effect = "warn" if module.on_unknown == "warn" else module.effect
    outcome = _outcome(module, Result.UNKNOWN, reason, evidence=evidence)
    return replace(outcome, effect=effect, remediation=remedy)


def outcome_of(
    module: RuleModule, answer: Answer, evidence: Evidence, limits: Limits, *, lenient: bool = False
) -> RuleOutcome:
    """Judges one answer. Only JSON `true` passes, and only when every piece of evidence asked for was there.

    With `lenient`, what was asked for and not there is left to the rule.
    """
    for line in answer.prints:
        logger.debug("%s: %s", module.id, line)
    read = evidence.behind(module, answer.read)
    if answer.applicable == "false":
        return _outcome(module, Result.SKIPPED, "does not apply to this image")
    if doubt := _doubt(answer):
        return unknown(module, cut(doubt, limits), read)
    violations = violations_of(answer.violations, answer.uncounted, module, limits)
    if violations or answer.decision == "false":
        message = _summary(violations, len(answer.violations) + answer.uncounted)
        return _outcome(module, Result.FAIL, cut(message, limits), violations, read)
    missing = () if lenient else evidence.unanswered(module, answer.asked)
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        reason = f"expected verified evidence of {', '.join(missing[:_NAMED])}{more}, found none"
        return unknown(module, cut(reason, limits), read, _GET_EVIDENCE)
    if answer.decision != "true":
        return unknown(module, f"expected `pass` to be true or false, found {_named(answer.decision)}", read)
    return _outcome(module, Result.PASS, answer.note, evidence=read)


def _doubt(answer: Answer) -> str:
    """Why nothing can be concluded, or ""."""
    if answer.fault:
        return f"evaluation failed: {answer.fault}"
    if answer.applicable not in ("", "true"):
        return f"expected `applicable` to be true or false, found {_named(answer.applicable)}"
    if not isinstance(answer.violations, list | tuple):
        return "expected `violation` to be a set, found another value"
    return ""


def _named(text: str) -> str:
    """What stands in the JSON `text`, in words."""
    names = {"{": "an object", "[": "an array or set", '"': "a string", "": "none"}
    return names.get(text[:1], text[:40])


def _summary(violations: Sequence[Violation], count: int) -> str:
    if not violations:
        return "`pass` is false, and no violation says why"
    return violations[0].message + (f" (and {count - 1} more)" if count > 1 else "")


def _outcome(
    module: RuleModule,
    result: Result,
    message: str,
    violations: tuple[Violation, ...] = (),
    evidence: tuple[str, ...] = (),
) -> RuleOutcome:
    return RuleOutcome(
        id=module.id,
        title=(module.not_compliant_title if result is Result.FAIL else "") or module.title or module.id,
        result=result,
        effect=module.effect,
        message=message,
        violations=violations,
        remediation="" if result in (Result.PASS, Result.SKIPPED) else module.remediation,
        evidence=evidence,
        path=module.path,
        digest=module.digest,
        weight=module.weight,
        result_type=module.result_type,
    )
