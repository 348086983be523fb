"""Many chains of requests at once, each written as if it were alone.

A walk is a generator that yields batches of independent calls and gets their outcomes back:

    manifest, listing = yield from together(lambda: source.manifest(d), lambda: source.referrers(d.digest))

`run` advances all walks in the calling thread and hands only the calls to a pool, so no call ever waits for another
one that has no thread, and the code between two requests runs without locks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import Any, TypeVar, cast

from verifier.errors import DhiverifyError

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")

Call = Callable[[], Any]
Outcome = Any  # what a call returned, or the DhiverifyError that it raised
Walk = Generator[Sequence[Call], Sequence[Outcome], T]


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
    calls = tuple(calls)
    if not calls:
        return []
    return list((yield calls))


def gather(walks: Iterable[Walk[A]]) -> Walk[list[A]]:
    """Several walks in step within one: their batches are merged, so that the slowest chain sets the length."""
    running = [_Branch(walk) for walk in walks]
    for branch in running:
        branch.advance(None)
    while pending := [branch for branch in running if not branch.done]:
        outcomes = iter((yield [call for branch in pending for call in branch.batch]))
        for branch in pending:
            branch.advance(list(islice(outcomes, len(branch.batch))))
    return [branch.result for branch in running]


def both(first: Walk[A], second: Walk[B]) -> Walk[tuple[A, B]]:
    """Two walks of different kinds in step."""
    one, two = yield from gather(cast("tuple[Walk[Any], ...]", (first, second)))
    return one, two


class _Branch:
    """One walk and where it stands."""

    def __init__(self, walk: Walk[Any]) -> None:
        self.walk = walk
        self.batch: Sequence[Call] = ()
        self.outcomes: list[Outcome] = []
        self.missing = 0
        self.done = False
        self.result: Any = None

    def advance(self, outcomes: Sequence[Outcome] | None) -> None:
        try:
            self.batch = next(self.walk) if outcomes is None else self.walk.send(outcomes)
        except StopIteration as end:
            self.done, self.result = True, end.value
        else:
            self.missing = len(self.batch)
            self.outcomes = [None] * self.missing

    def answered(self, position: int, outcome: Outcome) -> bool:
        """Takes one outcome; True when the batch is complete."""
        self.outcomes[position] = outcome
        self.missing -= 1
        return not self.missing


def run(walks: Iterable[Walk[T]], jobs: int) -> list[T]:
    """Results in the order of `walks`. The first fault that a walk does not handle ends the run."""
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="fetch")
    try:
        return _run([_Branch(walk) for walk in walks], pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _run(branches: Sequence[_Branch], pool: ThreadPoolExecutor) -> list[Any]:
    answers: SimpleQueue[tuple[_Branch, int, Outcome]] = SimpleQueue()
    for branch in branches:
        branch.advance(None)
        _submit(branch, pool, answers)
    while any(not branch.done for branch in branches):
        branch, position, outcome = answers.get()
        if isinstance(outcome, _Crash):
            raise outcome.cause
        if branch.answered(position, outcome):
            branch.advance(branch.outcomes)
            _submit(branch, pool, answers)
    return [branch.result for branch in branches]


def _submit(branch: _Branch, pool: ThreadPoolExecutor, answers: SimpleQueue[tuple[_Branch, int, Outcome]]) -> None:
    while not branch.done and not branch.batch:
        branch.advance(())
    for position, call in enumerate(() if branch.done else branch.batch):
        pool.submit(_attempt, call, branch, position, answers)


class _Crash:
    """A fault of ours inside a call; it must end the run, not vanish with its thread."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause


def _attempt(call: Call, branch: _Branch, position: int, answers: SimpleQueue[tuple[_Branch, int, Outcome]]) -> None:
    outcome: Outcome
    try:
        outcome = call()
    except DhiverifyError as fault:
        outcome = fault
    except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits for it
        outcome = _Crash(fault)
    answers.put((branch, position, outcome))


def _value(outcome: Outcome) -> Any:
    if isinstance(outcome, DhiverifyError):
        raise outcome
    return outcome
