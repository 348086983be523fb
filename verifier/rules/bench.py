"""A worker together with what it was given, so that one that was lost can be replaced, and the time that is left."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from verifier.errors import ConfigurationError, RuleFailure
from verifier.limits import Limits
from verifier.rules.process import Worker, WorkerGone
from verifier.rules.requests import Loading


class Bench:
    """Where rules are evaluated. `limits.rules_seconds` is spent over its life. For one thread.

    Raises `ConfigurationError` when there is no Rego engine.
    """

    def __init__(self, loading: Loading) -> None:
        self.compiled = False  # once, by some worker
        self._loading = loading
        self._seconds_left = self._limits.rules_seconds
        self._loaded = False  # by the present one
        self._platform: list[bytes] | None = None  # what the present worker has been given
        self._worker: Worker | None = Worker(self._limits)

    @property
    def _limits(self) -> Limits:
        return self._loading.limits

    def close(self) -> None:
        """Ends the worker. Another is started when there is something to do."""
        worker, self._worker, self._loaded, self._platform = self._worker, None, False, None
        if worker:
            worker.close()

    def ready(self) -> None:
        """Waits until every rule is compiled; raises `ConfigurationError` with file and line of one that cannot be."""
        if self._loaded:
            return
        try:
            fault = self._load(self._loading.frames())
        except WorkerGone as gone:
            fault = self._culprit(gone)
        if fault:
            self.close()
            raise ConfigurationError(fault, hint="Correct the rule; `opa check FILE` shows more.")
        self.compiled = self._loaded = True

    def _load(self, frames: list[bytes]) -> str:
        faults = msgspec.json.decode(self._exchange(frames, self._limits.load_seconds), type=list[str])
        return faults[0] if faults else ""

    def _culprit(self, gone: WorkerGone) -> str:
        """Which file it was that took the worker with it: each is loaded by itself."""
        for module in self._loading.modules:
            try:
                self._load(self._loading.frames([module]))
            except WorkerGone as fault:
                return f"{module.path}: the rule cannot be loaded: the worker {fault}"
            except RuleFailure:
                break
        return f"the rules cannot be loaded: the worker {gone}"

    def give(self, platform: list[bytes]) -> None:
        """Makes sure that a worker runs which holds the rules and this platform's evidence. Raises `RuleFailure`."""
        if self._platform is platform:
            return
        try:
            self.ready()
            fault = msgspec.json.decode(self._exchange(platform), type=str)
        except (ConfigurationError, WorkerGone) as gone:  # the rules compiled before: this machine is in trouble
            fault = str(gone) if isinstance(gone, ConfigurationError) else f"the worker {gone}"
        if fault:
            raise RuleFailure(f"the evidence cannot be given to the rules: {fault}")
        self._platform = platform

    def ask(self, **request: Any) -> bytes:
        """One question, answered within `rule_seconds`. Raises `WorkerGone`, and `RuleFailure` when time is up."""
        return self._exchange([msgspec.json.encode(request)], self._limits.rule_seconds)

    def _exchange(self, frames: list[bytes], seconds: float | None = None) -> bytes:
        """The worker is lost when an exchange fails. Time is taken from what is left."""
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
