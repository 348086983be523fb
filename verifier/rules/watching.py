"""In the worker: the requests beyond evaluating a rule, loaded when the first of them comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from verifier.rules.survey import UNDEFINED, Cut, Trace, survey
from verifier.rules.syntax import Syntax, TooLarge

if TYPE_CHECKING:
    import regorus

    from verifier.rules.worker import RuleWorker


def answer(worker: RuleWorker, request: dict[str, Any]) -> Any:
    """Answers `survey` and `watch` of a rule, `tests` and `test` of a rule's test files."""
    if request["do"] in ("tests", "test"):
        from verifier.rules import trials

        return trials.answer(worker, request)
    module, cut = worker.modules[request["index"]], Cut(worker.limits)
    return _survey(worker, module, cut) if request["do"] == "survey" else _watch(worker, module, cut)


def _survey(worker: RuleWorker, module: dict[str, Any], cut: Cut) -> dict[str, Any]:
    known: dict[str, Any] = {"config": cut.value(module["config"])}
    try:
        return known | survey(module, _syntax(worker, module), worker.session.platform, cut) | {"fault": cut.fault}
    except (TooLarge, RecursionError) as fault:
        return known | {"fault": str(fault)}


def _syntax(worker: RuleWorker, module: dict[str, Any]) -> Syntax:
    engine = worker.engine()
    engine.add_policy(module["path"], module["source"])
    return Syntax(engine, module["source"], worker.limits["explained"])


def _watch(worker: RuleWorker, module: dict[str, Any], cut: Cut) -> dict[str, Any]:
    """Evaluates the rule with somebody looking on, and then each of its names."""
    engine, trace = worker.base.clone(), Trace(cut)
    engine.set_enable_coverage(True)
    worker.session.watch, stopped = trace, ""
    try:
        worker.add(engine, module)
        worker.decide(engine, {})
    except Exception as fault:  # noqa: BLE001 - a rule's fault is what it came to
        stopped = worker.told(fault)
    finally:
        worker.session.watch = None
    from verifier.rules.worker import reached

    seen: dict[str, Any] = {"asked": trace.asked(), "prints": cut.lines(worker.prints(engine)), "stopped": stopped}
    seen["not_reached"] = reached(engine, module["path"]).get("not_covered", [])
    engine.set_enable_coverage(False)
    try:
        names = _syntax(worker, module).values()
    except (TooLarge, RecursionError) as fault:
        return seen | {"fault": trace.fault or str(fault)}
    seen["values"] = {name: _value(worker, engine, name, cut) for name in names[: cut.values]}
    return seen | {"fault": trace.fault or cut.fault}


def _value(worker: RuleWorker, engine: regorus.Engine, name: str, cut: Cut) -> Any:
    worker.session.begin()
    try:
        text = worker.value(engine, name)
        return UNDEFINED if text in ("", "undefined") else cut.value(json.loads(text))
    except Exception as fault:  # noqa: BLE001 - a rule's fault is its value here
        return cut.text(f"(error: {worker.told(fault)})")
