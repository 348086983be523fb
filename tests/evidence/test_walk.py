"""Many chains of requests at once."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from verifier.errors import NotFound, Unreachable
from verifier.evidence import Walk, ask, both, each, fork, run, together


def chain(log: list[str], name: str, length: int) -> Walk[str]:
    for number in range(length):
        answer = yield from ask(partial("{}{}".format, name, number))
        log.append(answer)
    return name


def test_results_come_in_the_order_of_the_walks() -> None:
    log: list[str] = []

    assert run([chain(log, "a", 3), chain(log, "b", 0), chain(log, "c", 1)], jobs=2) == ["a", "b", "c"]
    assert sorted(log) == ["a0", "a1", "a2", "c0"]


def test_independent_calls_run_at_the_same_time() -> None:
    meet = threading.Barrier(2, timeout=5)

    assert run([together(meet.wait, meet.wait)], jobs=2)
    assert run([ask(meet.wait), ask(meet.wait)], jobs=2)
    assert run([fork([ask(meet.wait), ask(meet.wait)])], jobs=2)


def test_walks_within_a_walk_of_any_length() -> None:
    log: list[str] = []

    assert run([fork(chain(log, str(n), n) for n in range(4))], jobs=3) == [["0", "1", "2", "3"]]
    assert run([fork([])], jobs=1) == [[]]
    assert run([both(chain(log, "x", 1), each([]))], jobs=1) == [("x", [])]
    assert run([], jobs=1) == []


def fails() -> str:
    raise NotFound("gone")


def test_a_fault_reaches_the_walk_that_asked() -> None:
    def careful() -> Walk[str]:
        try:
            return (yield from ask(fails))
        except NotFound:
            return "handled"

    assert run([careful(), ask(lambda: "fine")], jobs=1) == ["handled", "fine"]
    (outcome,) = run([each([fails, lambda: "fine"])], jobs=2)
    assert isinstance(outcome[0], NotFound)


def test_I21_a_fault_that_nobody_handles_ends_the_run() -> None:
    def unreachable() -> str:
        raise Unreachable("no answer")

    with pytest.raises(Unreachable):
        run([ask(lambda: "fine"), ask(unreachable)], jobs=2)


def test_B39_a_crash_inside_a_call_is_never_lost() -> None:
    with pytest.raises(ZeroDivisionError):
        run([each([lambda: 1 // 0])], jobs=2)
