"""Evaluates rules over the verified evidence of one platform at a time.

    with Rules(plan.rules, now) as rules:      # the worker starts, nobody waits
        …fetch evidence…
        rules.ready()                          # a rule that does not compile is refused here
        outcomes = rules.evaluate(given)       # per platform

The contract is Docker Scout's (`package docker.scout`, `pass`, `violation`, `data.config`), and stricter where that
one leaves room: what cannot be evaluated, or rests on evidence that is not there, is `unknown` and never a pass.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import msgspec

from verifier.errors import ConfigurationError, RuleFailure
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.model import RuleModule, RuleOutcome
from verifier.rules.outcome import Answer, Evidence, outcome_of, unknown
from verifier.rules.process import Worker, WorkerGone


class RuleInput(msgspec.Struct, frozen=True):
    """What the rules of one platform may know. Everything in it is verified; nothing else reaches them.

    `input` is the Rego document of that name. `statements` holds, by predicate type, pairs of an image reference
    (`PLACE@DIGEST` of the attestation manifest) and the statement's JSON, newest first. `facts` holds what readers
    derived, by kind, each with `digest`; of its own kind are `evidence`, `image` and `platforms`, which are no
    evidence. `verified` names the trusted keys that signed a manifest, by the same references. `types` holds the
    predicate types of each kind.
    """

    input: dict[str, Any]
    statements: dict[str, tuple[tuple[str, bytes], ...]]
    facts: dict[str, list[dict[str, Any]]]
    verified: dict[str, tuple[str, ...]]
    types: dict[str, tuple[str, ...]]


class Rules:
    """The rules of one image, and the worker that they run in. `limits.rules_seconds` is spent over its life.

    `now` is the effective time: the only clock that a rule sees. Use it as a context manager, from one thread.
    Raises `ConfigurationError` when there is no rule, or no Rego engine.
    """

    def __init__(self, modules: Sequence[RuleModule], now: datetime, limits: Limits = DEFAULT_LIMITS) -> None:
        if not modules:
            raise ConfigurationError("no rule to evaluate, and nothing may pass without one")
        self._modules = tuple(modules)
        self._now = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
        self._limits = limits
        self._seconds_left = limits.rules_seconds
        self._compiled = False  # once, by some worker
        self._loaded = False  # by the present one
        self._platform: list[bytes] | None = None  # what the present worker has been given
        self._worker: Worker | None = Worker(limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker. The rules can be evaluated again: another worker is started then."""
        worker, self._worker, self._loaded, self._platform = self._worker, None, False, None
        if worker:
            worker.close()

    def ready(self) -> None:
        """Waits until every rule is compiled; raises `ConfigurationError` with file and line of one that cannot be."""
        if self._loaded:
            return
        try:
            faults = msgspec.json.decode(
                self._ask([_load_request(self._modules, self._now, self._limits)]), type=list[str]
            )
        except WorkerGone as gone:
            raise ConfigurationError(f"the rules cannot be loaded: the worker {gone}") from None
        if faults:
            self.close()
            raise ConfigurationError(faults[0], hint="Correct the rule; `opa check FILE` shows more.")
        self._compiled = self._loaded = True

    def evaluate(self, given: RuleInput) -> tuple[RuleOutcome, ...]:
        """One outcome per rule, in their order. A fault of a rule makes it `unknown` and disturbs no other.

        Raises `ConfigurationError` as `ready` does, when that was not called.
        """
        if not self._compiled:
            self.ready()
        evidence = Evidence.of(given.statements, given.facts, given.types)
        outcomes: list[RuleOutcome] = []
        try:
            platform = _platform_request(given)
            for index, module in enumerate(self._modules):
                self._give(platform)
                outcomes.append(self._one(index, module, evidence))
        except RuleFailure as fault:
            outcomes += [unknown(module, str(fault)) for module in self._modules[len(outcomes) :]]
        return tuple(outcomes)

    def _give(self, platform: list[bytes]) -> None:
        """Makes sure that a worker runs which holds the rules and this platform's evidence. Raises `RuleFailure`."""
        if self._platform is platform:
            return
        try:
            self.ready()
            fault = msgspec.json.decode(self._ask(platform), type=str)
        except (ConfigurationError, WorkerGone) as gone:  # the rules compiled before: this machine is in trouble
            fault = str(gone) if isinstance(gone, ConfigurationError) else f"the worker {gone}"
        if fault:
            raise RuleFailure(f"the evidence cannot be given to the rules: {fault}")
        self._platform = platform

    def _one(self, index: int, module: RuleModule, evidence: Evidence) -> RuleOutcome:
        try:
            body = self._ask([msgspec.json.encode({"do": "rule", "index": index})], self._limits.rule_seconds)
        except WorkerGone as gone:
            return unknown(module, f"the worker {gone}")
        return outcome_of(module, msgspec.json.decode(body, type=Answer), evidence, self._limits)

    def _ask(self, frames: list[bytes], seconds: float | None = None) -> bytes:
        """One exchange with the worker, which is lost when it fails. Time is taken from what the image has left."""
        if self._seconds_left <= 0:
            raise RuleFailure(f"the rules of this image together took longer than {self._limits.rules_seconds:g} s")
        self._worker = self._worker or Worker(self._limits)
        begun = time.monotonic()
        try:
            return self._worker.ask(frames, min(seconds or self._seconds_left, self._seconds_left))
        except WorkerGone:
            self.close()
            raise
        finally:
            self._seconds_left -= time.monotonic() - begun


def _load_request(modules: Sequence[RuleModule], now: int, limits: Limits) -> bytes:
    return msgspec.json.encode(
        {
            "do": "load",
            "now": now,
            "modules": [{"path": m.path, "source": m.source, "config": m.config} for m in modules],
            "limits": {
                "seconds": limits.rule_seconds,
                "violations": limits.rule_violations,
                "prints": limits.rule_prints,
                "output": limits.rule_output_bytes,
                "text": limits.report_text,
            },
        }
    )


def _platform_request(given: RuleInput) -> list[bytes]:
    """Two frames: what the built-in functions answer from, and `data`, into which each statement goes as it stands."""
    try:
        references = {kind: [reference for reference, _ in found] for kind, found in given.statements.items()}
        about = {
            "do": "platform",
            "input": given.input,
            "facts": given.facts,
            "verified": given.verified,
            "types": given.types,
            "images": references,
        }
        return [msgspec.json.encode(about), b"".join(_document(given, references))]
    except (TypeError, ValueError, RecursionError) as fault:
        raise RuleFailure(f"the facts cannot be given to rules: {fault}") from None


def _document(given: RuleInput, references: dict[str, list[str]]) -> Iterator[bytes]:
    """`data.dhiverify` in pieces, so that statements of many megabytes are copied once."""
    image = (given.facts.get("image") or [{}])[0]
    yield b'{"dhiverify":{"image":%b,' % msgspec.json.encode(image)
    yield b'"references":%b,"statements":{' % msgspec.json.encode(references)
    for number, (kind, found) in enumerate(given.statements.items()):
        yield b"%b%b:[" % (b"," if number else b"", msgspec.json.encode(kind))
        for place, (reference, body) in enumerate(found):
            yield b"," if place else b""
            yield _one_value(reference, body)
        yield b"]"
    yield b"}}}"


def _one_value(image: str, body: bytes) -> bytes:
    """`body`, after making sure that it is one JSON value: it must not close the document that it is put into."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except msgspec.DecodeError as fault:
        raise RuleFailure(f"the statement of {image} is not JSON: {fault}") from None
    return body
