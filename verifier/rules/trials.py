"""In the worker: the tests of a rule, each evaluated in a copy of the engine that holds nothing but the rule and them.

`with oci.referrer as …` replaces a function only where the engine finds it among Rego's: so each of our functions is
given a second one of that name in Rego, in both packages, which calls it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from verifier.rules.builtin import functions_of
from verifier.rules.calls import NO_CODE
from verifier.rules.imports import written_out
from verifier.rules.syntax import Syntax, TooLarge

if TYPE_CHECKING:
    import regorus

    from verifier.rules.worker import RuleWorker

FAMILIES = ("oci", "dhi", "cosign", "scout")
PACKAGES = ("docker.scout", "docker.scout_test")
_TEST = re.compile(r"\btest_[A-Za-z0-9_]*")
_HEAD = re.compile(r"^(?:default[ \t]+)?(?!package\b|import\b)([A-Za-z_][A-Za-z0-9_]*)", re.MULTILINE)
NOT_PLAIN = "not a plain rule: a test is `test_…` alone, without members or parameters"


def answer(worker: RuleWorker, request: dict[str, Any]) -> Any:
    """Answers `tests` with a file's number, a test's name, and why it cannot be one; `test` with what it came to."""
    if request["do"] == "tests":
        return [[number, *test] for number, file in enumerate(worker.tests) for test in file["names"].items()]
    return _test(worker, worker.tests[request["file"]], request["name"])


def _names(syntax: Syntax | None, source: str) -> dict[str, str]:
    """The tests of a file, and why one is none. Without a tree it is whatever looks like one outside texts."""
    if syntax is None:
        return dict.fromkeys(_TEST.findall(NO_CODE.sub(" ", source)), "")
    names: dict[str, str] = {}
    for parts, plain in syntax.heads():
        if place := next((place for place, part in enumerate(parts, 1) if part.startswith("test_")), 0):
            name = ".".join(parts[:place])[:200]
            names[name] = names.get(name) or ("" if plain else NOT_PLAIN)
    return names


def _defined(syntax: Syntax | None, source: str) -> set[str]:
    """The first part of every name that a file defines. Without a tree, whatever a line begins with."""
    if syntax is None:
        return set(_HEAD.findall(NO_CODE.sub(" ", source)))
    return {parts[0] for parts, _ in syntax.heads()}


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
        syntax = _syntax(worker, engine, file["source"])
        file["package"] = engine.get_packages()[0].removeprefix("data.")
        if misplaced := _misplaced(worker, file, syntax):
            return [f"{file['path']}: {misplaced}"]
        file["names"] = _names(syntax, file["source"])
        file["source"] = written_out(syntax, file["source"], functions) if syntax else file["source"]
    try:
        _bench(worker, worker.engine()).eval_query_as_json("1")
    except RuntimeError as fault:
        return [plain(fault)]
    return []


def _syntax(worker: RuleWorker, engine: regorus.Engine, source: str) -> Syntax | None:
    """Of the file that `engine` holds; None where it is too large to be taken apart."""
    try:
        return Syntax(engine, source, worker.limits["explained"])
    except (TooLarge, RecursionError):
        return None


def _misplaced(worker: RuleWorker, file: dict[str, Any], syntax: Syntax | None) -> str:
    """Why tests cannot stand in the package of `file`; "" where they can.

    A second `pass` beside the rule's own would be what the tests see, and the rule would not be tested.
    """
    if file["package"] not in PACKAGES:
        return f"expected package {' or '.join(PACKAGES)}, found {file['package'][:100]}"
    if file["package"] != PACKAGES[0]:
        return ""
    (module,) = worker.modules
    engine = worker.engine()
    engine.add_policy(module["path"], module["source"])
    rule = _defined(_syntax(worker, engine, module["source"]), module["source"])
    both = sorted(_defined(syntax, file["source"]) & (rule | set(FAMILIES)))
    if not both:
        return ""
    return f"defines `{both[0]}`, which the rule has: replace it by `with`, or test from package {PACKAGES[1]}"


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
