"""In the worker: the tests of a rule, each evaluated in a copy of the engine that holds nothing but the rule and them.

`with oci.referrer as …` replaces a function only where the engine finds it among Rego's: so each of our functions is
given a second one of that name in Rego, in both packages, which calls it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from verifier.rules.builtin import functions_of
from verifier.rules.calls import DEFINED
from verifier.rules.imports import written_out

if TYPE_CHECKING:
    import regorus

    from verifier.rules.worker import RuleWorker

FAMILIES = ("oci", "dhi", "cosign", "scout")
PACKAGES = ("docker.scout", "docker.scout_test")
_TEST = re.compile(r"\btest_[A-Za-z0-9_]+")


def answer(worker: RuleWorker, request: dict[str, Any]) -> Any:
    """Answers `tests` with a file's number and what may be a test's name, pair by pair; `test` with what it came to."""
    if request["do"] == "tests":
        return [[number, name] for number, file in enumerate(worker.tests) for name in _names(file["source"])]
    return _test(worker, worker.tests[request["file"]], request["name"])


def _names(source: str) -> list[str]:
    """What looks like a test; that there is no rule of that name is found when it is evaluated."""
    functions = set(DEFINED.findall(source))
    return [name for name in dict.fromkeys(_TEST.findall(source)) if name not in functions]


def test_faults(worker: RuleWorker) -> list[str]:
    """Why the test files cannot be used, with file and line. The package of each is noted, its import written out."""
    from verifier.rules.worker import plain

    functions = functions_of(worker.session)
    for file in worker.tests:
        engine = worker.engine()
        try:
            engine.add_policy(file["path"], file["source"])
        except RuntimeError as fault:
            return [plain(fault)]
        file["package"] = engine.get_packages()[0].removeprefix("data.")
        if file["package"] not in PACKAGES:
            return [f"{file['path']}: expected package {' or '.join(PACKAGES)}, found {file['package'][:100]}"]
        file["source"] = written_out(engine, file["source"], worker.limits["explained"], functions)
    try:
        _bench(worker, worker.engine()).eval_query_as_json("1")
    except RuntimeError as fault:
        return [plain(fault)]
    return []


def _bench(worker: RuleWorker, engine: regorus.Engine) -> regorus.Engine:
    """`engine` with the rule, its tests, and the functions that tests may replace."""
    (module,) = worker.modules
    worker.add(engine, module)
    for file in worker.tests:
        engine.add_policy(file["path"], file["source"])
    for path, source in _replaceable(worker):
        engine.add_policy(path, source)
    return engine


def _replaceable(worker: RuleWorker) -> list[tuple[str, str]]:
    sources: dict[str, list[str]] = {}
    for name, (count, _) in functions_of(worker.session).items():
        family, _, last = name.rpartition(".")
        if family not in FAMILIES:  # the engine has the others itself, and replaces them
            continue
        parameters = ", ".join("ab"[:count])
        sources.setdefault(family, []).append(f"{last}({parameters}) := {name}({parameters})")
    return [
        (f"<{package}.{family}>", f"package {package}.{family}\nimport rego.v1\n" + "\n".join(rules))
        for package in PACKAGES
        for family, rules in sources.items()
    ]


def _test(worker: RuleWorker, file: dict[str, Any], name: str) -> dict[str, Any]:
    from verifier.rules.worker import reached

    engine, found = worker.base.clone(), {"value": "", "fault": ""}
    engine.set_enable_coverage(worker.coverage)
    try:
        _bench(worker, engine)
        found["value"] = worker.value(engine, name, file["package"])[: worker.limits["text"]]
    except Exception as fault:  # noqa: BLE001 - whatever goes wrong in a test is that test's answer
        found["fault"] = worker.told(fault)
    return found | {
        "prints": worker.prints(engine),
        "lines": reached(engine, worker.modules[0]["path"]) if worker.coverage else {},
    }
