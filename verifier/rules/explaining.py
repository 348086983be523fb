"""Why a rule came to what it came to, as plain and bounded data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from verifier.model import RuleOutcome

UNDEFINED = "(undefined)"
"""Stands for a value that is not there, in `Explanation.inputs` and `Explanation.values`."""


class Asked(msgspec.Struct, frozen=True):
    """One question that a rule put to the verified evidence, and the answer in short words.

    `name` is a built-in function, or `data.dhiverify.statements`; `argument` is its arguments as JSON, cut; `answer` is
    like "2 statements, newest sha256:…", "no verified statement" or "error: …"; `digests` are the manifests that the
    answer stands in.
    """

    name: str
    argument: str
    answer: str
    digests: tuple[str, ...] = ()


class Explanation(msgspec.Struct, frozen=True):
    """One rule on one platform: what it came to, and what it saw on the way.

    `inputs` are the paths that the file refers to (`input.source.image.name`, `data.dhiverify.image.artifact`) and
    `values` the file's named rules that are no functions, in the order of the file. A value that is not there is
    `UNDEFINED`, one that cannot be evaluated a text `(error: …)`; a long one is cut, and says so in itself.
    `not_reached` are the lines of the file, from 1, that were not evaluated. `fault` says why there is less than that.
    """

    outcome: RuleOutcome
    config: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    values: dict[str, Any] = {}
    asked: tuple[Asked, ...] = ()
    prints: tuple[str, ...] = ()
    not_reached: tuple[int, ...] = ()
    fault: str = ""


class Survey(msgspec.Struct, frozen=True):
    """What the worker says without evaluating the rule. `statements` are the reads of `data.dhiverify.statements`."""

    config: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    statements: tuple[Asked, ...] = ()
    fault: str = ""


class Watched(msgspec.Struct, frozen=True):
    """What the worker saw while it evaluated the rule once more. `stopped` says why it could not, this time."""

    values: dict[str, Any] = {}
    asked: tuple[Asked, ...] = ()
    prints: tuple[str, ...] = ()
    not_reached: tuple[int, ...] = ()
    fault: str = ""
    stopped: str = ""


def explained(outcome: RuleOutcome, survey: Survey, watched: Watched, faults: Iterable[str]) -> Explanation:
    """All of it together; of what is missing, `faults` say why."""
    stopped = "" if outcome.result == "unknown" else watched.stopped  # that outcome says why itself
    told = (*faults, survey.fault, watched.fault, stopped)
    return Explanation(
        outcome=outcome,
        config=survey.config,
        inputs=survey.inputs,
        values=watched.values,
        asked=(*survey.statements, *watched.asked),
        prints=watched.prints,
        not_reached=watched.not_reached,
        fault="; ".join(dict.fromkeys(text for text in told if text)),
    )
