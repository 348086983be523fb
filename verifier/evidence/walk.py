"""Many chains of requests at once, each written as if it were alone.

A walk is a generator that yields what it waits for and gets it back:

    manifest, listing = yield from together(lambda: source.manifest(d), lambda: source.referrers(d.digest))
    findings = yield from fork(open_one(entry) for entry in listing)

`run` advances all walks in the calling thread and hands only the calls to other threads, so no call ever waits for
another one that has no thread, and the code between two requests runs without locks, while requests are under way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from queue import SimpleQueue
from typing import Any, TypeVar, cast

from verifier.errors import DhiverifyError

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")

Call = Callable[[], Any]
Outcome = Any  # what a call or walk returned, or the fault that it raised
Walk = Generator["tuple[Call | Walk[Any], ...]", list[Outcome], T]
"""Yields calls and walks that do not depend on each other; is sent their outcomes in the same order."""


def ask(call: Callable[[], A]) -> Walk[A]:
    """One call; raises what it raises."""
    (outcome,) = yield (call,)
    return cast("A", _value(outcome))


def together(first: Callable[[], A], second: Callable[[], B]) -> Walk[tuple[A, B]]:
    """Two calls at once; raises the first fault of them."""
    one, two = yield (first, second)
    return cast("A", _value(one)), cast("B", _value(two))


def each(calls: Iterable[Callable[[], A]]) -> Walk[list[A | DhiverifyError]]:
    """Any number of calls at once; a fault stands in the place of its value."""
    return list((yield tuple(calls)))


def fork(walks: Iterable[Walk[A]]) -> Walk[list[A]]:
    """Several walks, each at its own pace; raises the first fault of them."""
    return [_value(outcome) for outcome in (yield tuple(walks))]


def both(first: Walk[A], second: Walk[B]) -> Walk[tuple[A, B]]:
    """Two walks of different kinds."""
    one, two = yield (first, second)
    return cast("A", _value(one)), cast("B", _value(two))


def run(walks: Iterable[Walk[T]], jobs: int, alive: Callable[[], object] = bool) -> list[T]:
    """Results in the order of `walks`. A fault that a walk does not handle is raised once all others are done.

    `alive` is called between two steps, and may raise to end all of them: the work on what was fetched takes time, too.
    `jobs` threads make the calls. They are daemons: a request that hangs must not keep a decided run from ending.
    """
    todo: Todo = SimpleQueue()
    answers: SimpleQueue[_Errand] = SimpleQueue()
    for _ in range(jobs):
        threading.Thread(target=_make_calls, args=(todo, answers), name="fetch", daemon=True).start()
    try:
        root = _Branch(fork(walks), None, 0, todo)
        root.advance(None)
        while not root.done:
            errand = answers.get()
            alive()
            errand.branch.answered(errand.position, errand.outcome)
        return cast("list[T]", _value(root.outcome))
    finally:
        for _ in range(jobs):
            todo.put(None)


Todo = SimpleQueue["_Errand | None"]


class _Errand:
    """One call on its way through another thread."""

    __slots__ = ("branch", "call", "outcome", "position")

    def __init__(self, call: Call, branch: _Branch, position: int) -> None:
        self.call = call
        self.branch = branch
        self.position = position
        self.outcome: Outcome = None


class _Crash:
    """A fault of ours inside a call; it must end the run, not vanish with its thread."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause


def _make_calls(todo: Todo, answers: SimpleQueue[_Errand]) -> None:
    while errand := todo.get():
        try:
            errand.outcome = errand.call()
        except DhiverifyError as fault:
            errand.outcome = fault
        except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits for it
            errand.outcome = _Crash(fault)
        answers.put(errand)


class _Branch:
    """One walk, where it stands, and the branch that waits for it."""

    def __init__(self, walk: Walk[Any], parent: _Branch | None, position: int, todo: Todo) -> None:
        self.walk = walk
        self.parent = parent
        self.position = position
        self.todo = todo
        self.outcomes: list[Outcome] = []
        self.missing = 0
        self.done = False
        self.outcome: Outcome = None

    def advance(self, outcomes: list[Outcome] | None) -> None:
        """Runs the walk to its next wait, or to its end, which its parent then learns."""
        try:
            batch = next(self.walk) if outcomes is None else self.walk.send(outcomes)
            while not batch:
                batch = self.walk.send([])
        except StopIteration as end:
            self._end(end.value)
        except DhiverifyError as fault:
            self._end(fault)
        else:
            self._wait_for(batch)

    def answered(self, position: int, outcome: Outcome) -> None:
        """Takes one outcome, and goes on when it was the last one missing."""
        if isinstance(outcome, _Crash):
            raise outcome.cause
        self.outcomes[position] = outcome
        self.missing -= 1
        if not self.missing:
            self.advance(self.outcomes)

    def _wait_for(self, batch: tuple[Call | Walk[Any], ...]) -> None:
        self.missing = len(batch)
        self.outcomes = [None] * self.missing
        for position, item in enumerate(batch):
            if isinstance(item, Generator):
                _Branch(item, self, position, self.todo).advance(None)
            else:
                self.todo.put(_Errand(item, self, position))

    def _end(self, outcome: Outcome) -> None:
        self.done, self.outcome = True, outcome
        if self.parent:
            self.parent.answered(self.position, outcome)


def _value(outcome: Outcome) -> Any:
    if isinstance(outcome, DhiverifyError):
        raise outcome
    return outcome
