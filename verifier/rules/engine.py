"""Evaluates rules over the verified evidence of one platform at a time.

    with Rules(plan.rules, now) as rules:      # the worker starts, nobody waits
        …fetch evidence…
        rules.ready()                          # a rule that does not compile is refused here
        outcomes = rules.evaluate(given)       # per platform

The contract is Docker Scout's (`package docker.scout`, `pass`, `violation`, `data.config`), and stricter where that
one leaves room: what cannot be evaluated, or rests on evidence that is not there, is `unknown` and never a pass.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import msgspec

from verifier.errors import ConfigurationError, RuleFailure
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.model import RuleModule, RuleOutcome
from verifier.rules.bench import Bench
from verifier.rules.coverage import Coverage, Lines
from verifier.rules.explaining import Explanation, Survey, Watched, explained
from verifier.rules.outcome import Answer, Evidence, outcome_of, unknown
from verifier.rules.process import WorkerGone
from verifier.rules.requests import Loading, RuleInput, TestFile, platform_frames


class Rules:
    """The rules of one image, and the worker that they run in. `limits.rules_seconds` is spent over its life.

    `now` is the effective time: the only clock that a rule sees. With `compat` "scout", evidence that a rule asks for
    and that is not there is the rule's own affair, as in Docker Scout. With `coverage`, reached lines are counted.
    Use it as a context manager, from one thread.
    Raises `ConfigurationError` when there is no rule, or no Rego engine.
    """

    def __init__(
        self,
        modules: Sequence[RuleModule],
        now: datetime,
        limits: Limits = DEFAULT_LIMITS,
        *,
        compat: str = "",
        coverage: bool = False,
    ) -> None:
        if not modules:
            raise ConfigurationError("no rule to evaluate, and nothing may pass without one")
        self._modules = tuple(modules)
        self._limits = limits
        self._lenient = compat == "scout"
        self._lines = [Lines() for _ in modules]
        self._bench = Bench(loading_of(self._modules, now, limits, coverage=coverage))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker. The rules can be evaluated again: another worker is started then."""
        self._bench.close()

    def ready(self) -> None:
        """Waits until every rule is compiled; raises `ConfigurationError` with file and line of one that cannot be."""
        self._bench.ready()

    def evaluate(self, given: RuleInput) -> tuple[RuleOutcome, ...]:
        """One outcome per rule, in their order. A fault of a rule makes it `unknown` and disturbs no other.

        Raises `ConfigurationError` as `ready` does, when that was not called.
        """
        return self._evaluated(range(len(self._modules)), _Platform(given, self._bench))

    def explain(self, given: RuleInput, only: Collection[str] = ()) -> tuple[Explanation, ...]:
        """Evaluates the rules, or those whose ids are in `only`, and says what each saw on the way.

        What cannot be had is left out of an explanation, which says so. Raises `ConfigurationError` as `ready` does.
        """
        platform = _Platform(given, self._bench)
        wanted = [index for index, module in enumerate(self._modules) if not only or module.id in only]
        outcomes = self._evaluated(wanted, platform)
        return tuple(self._explained(index, outcome, platform) for index, outcome in zip(wanted, outcomes, strict=True))

    def coverage(self) -> tuple[Coverage, ...]:
        """Which lines of each rule's file were reached so far; none, when `coverage` is off."""
        return tuple(lines.of(module.path) for lines, module in zip(self._lines, self._modules, strict=True))

    def _evaluated(self, wanted: Collection[int], platform: _Platform) -> tuple[RuleOutcome, ...]:
        if not self._bench.compiled:
            self.ready()
        outcomes: list[RuleOutcome] = []
        fault = ""
        for index in wanted:
            try:
                outcomes.append(unknown(self._modules[index], fault) if fault else self._one(index, platform))
            except RuleFailure as failure:
                fault = str(failure)
                outcomes.append(unknown(self._modules[index], fault))
        return tuple(outcomes)

    def _one(self, index: int, platform: _Platform) -> RuleOutcome:
        module = self._modules[index]
        try:
            answer = msgspec.json.decode(platform.ask(do="rule", index=index), type=Answer)
            self._lines[index] |= answer.lines
            return outcome_of(module, answer, platform.evidence, self._limits, lenient=self._lenient)
        except WorkerGone as gone:
            return unknown(module, f"the worker {gone}")
        except (msgspec.DecodeError, RecursionError):
            return unknown(module, "what it found is nested too deeply to be read")

    def _explained(self, index: int, outcome: RuleOutcome, platform: _Platform) -> Explanation:
        """Two questions, so that what needs no evaluation is known also of a rule that cannot be evaluated."""
        survey, watched, faults = Survey(), Watched(), []
        try:
            survey = msgspec.json.decode(platform.ask(do="survey", index=index), type=Survey)
            watched = msgspec.json.decode(platform.ask(do="watch", index=index), type=Watched)
        except WorkerGone as gone:
            faults.append(f"the worker {gone}")
        except RuleFailure as failure:
            faults.append(str(failure))
        return explained(outcome, survey, watched, faults)


class _Platform:
    """The evidence of one platform on its way to the worker, as often as the worker has to be replaced."""

    def __init__(self, given: RuleInput, bench: Bench) -> None:
        self.evidence = Evidence.of(given.statements, given.facts, given.types)
        self._given = given
        self._bench = bench
        self._frames: list[bytes] = []

    def ask(self, **request: object) -> bytes:
        """Raises `RuleFailure` when no rule can be asked any more, `WorkerGone` when this one is not answered."""
        self._frames = self._frames or platform_frames(self._given)
        self._bench.give(self._frames)
        return self._bench.ask(**request)


def loading_of(
    modules: tuple[RuleModule, ...],
    now: datetime,
    limits: Limits,
    *,
    coverage: bool = False,
    tests: tuple[TestFile, ...] = (),
) -> Loading:
    """What a worker is to load; `now` becomes nanoseconds since 1970."""
    nanoseconds = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    return Loading(modules, nanoseconds, limits, coverage, tests)
