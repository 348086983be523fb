"""What a hostile or broken rule, or hostile evidence, can do: nothing but become `unknown`."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from verifier.errors import ConfigurationError
from verifier.limits import Limits, MiB
from verifier.model import RuleModule
from verifier.rules import RuleInput, Rules

NOW = datetime(2026, 6, 1, tzinfo=UTC)
QUICK = Limits(rule_seconds=0.3)
ENDLESS = """pass if {
    some a in numbers.range(1, 5000)
    some b in numbers.range(1, 5000)
    some c in numbers.range(1, 5000)
    a + b + c == 0
}"""
GREEDY = "pass if count(numbers.range(1, 1000000000)) == 0"


def rule(name: str, body: str) -> RuleModule:
    return RuleModule(
        id=name, path=f"{name}.rego", source=f"package docker.scout\nimport rego.v1\n{body}\n", evidence=()
    )


def given(**changes: object) -> RuleInput:
    members = {"input": {}, "statements": {}, "facts": {}, "verified": {}, "types": {}} | changes
    return RuleInput(**members)  # type: ignore[arg-type]  # a test states only what it is about


def test_H05_endless_rule_is_stopped_and_the_others_are_judged() -> None:
    with Rules([rule("a", "pass := true"), rule("endless", ENDLESS), rule("b", "pass := true")], NOW, QUICK) as rules:
        outcomes = rules.evaluate(given())

    assert [outcome.result for outcome in outcomes] == ["pass", "unknown", "pass"]
    assert outcomes[1].message == "the worker was stopped: it took longer than 0.3 s"


def test_H05_greedy_rule_is_stopped_and_the_others_are_judged() -> None:
    limits = Limits(rule_memory=300 * MiB)
    with Rules([rule("a", "pass := true"), rule("greedy", GREEDY), rule("b", "pass := true")], NOW, limits) as rules:
        outcomes = rules.evaluate(given())

    assert [outcome.result for outcome in outcomes] == ["pass", "unknown", "pass"]
    assert "out of memory" in outcomes[1].message


def test_H05_many_endless_rules_share_one_limit() -> None:
    modules = [rule(str(number), ENDLESS) for number in range(50)]

    with Rules(modules, NOW, Limits(rule_seconds=0.5, rules_seconds=2)) as rules:
        outcomes = rules.evaluate(given())

        other_platform = rules.evaluate(given())

    assert {outcome.result for outcome in (*outcomes, *other_platform)} == {"unknown"}
    assert "together took longer than 2 s" in outcomes[-1].message


def test_H05_pattern_that_explodes_elsewhere_is_harmless() -> None:
    body = 'pass := regex.match(`^(a+)+$`, concat("", [input.text, "b"])) == false'

    with Rules([rule("r", body)], NOW, QUICK) as rules:
        assert rules.evaluate(given(input={"text": "a" * 50_000}))[0].result == "pass"


def test_H05_output_without_a_bound_is_refused() -> None:
    body = 'pass := true\nviolation contains {"message": input.text, "detail": n} if some n in numbers.range(1, 1000)'
    limits = Limits(rule_output_bytes=1 * MiB)

    with Rules([rule("r", body), rule("b", "pass := true")], NOW, limits) as rules:
        outcomes = rules.evaluate(given(input={"text": "x" * 10_000}))

    assert [outcome.result for outcome in outcomes] == ["unknown", "pass"]


@pytest.mark.parametrize("body", ["deep(1)", "count(input.text) == 0"])
def test_H05_rule_that_kills_the_worker_disturbs_no_other(body: str) -> None:
    killer = f"deep(x) := deep(x + 1)\npass if {body}\npass if count(numbers.range(1, 1000000000)) == 0"

    with Rules([rule("a", "pass := true"), rule("killer", killer), rule("b", "pass := true")], NOW) as rules:
        outcomes = rules.evaluate(given(input={"text": "x"}))

    assert [outcome.result for outcome in outcomes] == ["pass", "unknown", "pass"]
    assert "died" in outcomes[1].message


FLOODS = {
    "prints": "pass if every n in numbers.range(1, 100000000) { print(n, input.text) }",
    "violations": "pass := false\nviolation contains n if some n in numbers.range(1, 100000000)",
    "values": "pass := true\nhuge := [input.text | some n in numbers.range(1, 100000000)]\nviolation contains huge[_]",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_H05_flood_ends_within_bounds_also_when_it_is_explained(flood: str) -> None:

    with Rules(
        [rule("a", "pass := true"), rule("flood", FLOODS[flood]), rule("b", "pass := true")], NOW, QUICK
    ) as rules:
        explanations = rules.explain(given(input={"text": "x" * 1000}))

    assert [one.outcome.result for one in explanations] == ["pass", "unknown", "pass"]
    assert "the worker" in explanations[1].outcome.message
    assert "the worker" in explanations[1].fault


@pytest.mark.parametrize("value", ["endless", "huge", "killer"])
def test_H05_name_that_only_explaining_evaluates_takes_nothing_else_with_it(value: str) -> None:
    bodies = {
        "endless": ENDLESS.replace("pass", "value"),
        "huge": "value := numbers.range(1, 1000000000)",
        "killer": "deep(x) := deep(x + 1)\nvalue := deep(1)",
    }
    hostile = rule("hostile", f"pass := input.n == 1\n{bodies[value]}")

    with Rules([hostile, rule("b", "pass := true\nvalue := input.n")], NOW, QUICK) as rules:
        first, second = rules.explain(given(input={"n": 1}))

    assert [first.outcome.result, second.outcome.result] == ["pass", "pass"]
    assert first.inputs == {"input.n": 1}
    assert "the worker" in first.fault
    assert (second.values["value"], second.fault) == (1, "")


def test_H05_explaining_ends_when_the_time_of_the_image_is_used_up() -> None:
    modules = [rule(str(number), ENDLESS) for number in range(20)]

    with Rules(modules, NOW, Limits(rule_seconds=0.3, rules_seconds=1)) as rules:
        explanations = rules.explain(given())

    assert {one.outcome.result for one in explanations} == {"unknown"}
    assert all("together took longer than 1 s" in one.fault for one in explanations)


@pytest.mark.parametrize("deep", ["[" * 40 + "]" * 40, "{1: " * 40 + "1" + "}" * 40], ids=["lists", "objects"])
def test_H05_file_that_cannot_be_parsed_in_time_is_refused_by_name(deep: str) -> None:
    limits = Limits(load_seconds=0.5)

    told = r"^deep\.rego: the rule cannot be loaded: the worker was stopped"
    modules = [rule("a", "pass := true"), rule("deep", f"pass := {deep}")]
    with Rules(modules, NOW, limits) as rules, pytest.raises(ConfigurationError, match=told):
        rules.ready()


@pytest.mark.parametrize("opened", ["(", "[", "{", "f("])
def test_H05_file_of_nothing_but_brackets_is_refused(opened: str) -> None:
    modules = [rule("deep", f"pass := {opened * 20_000}")]

    with Rules(modules, NOW, Limits(load_seconds=0.5)) as rules, pytest.raises(ConfigurationError, match=r"^deep\."):
        rules.ready()


def test_H06_nothing_outside_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHIVERIFY_REGISTRY_PASSWORD", "hunter2")
    calls = {
        "http.send": '{"method": "get", "url": "http://127.0.0.1:1/"}',
        "net.lookup_ip_addr": '"localhost"',
        "net.cidr_expand": '"10.0.0.0/30"',
        "opa.runtime": "",
        "rand.intn": '"a", 9',
        "rego.parse_module": '"a", "package a"',
        "trace": '"x"',
        "uuid.rfc4122": '"x"',
    }
    modules = [
        rule(name, f"found := {name}({arguments})\npass if found\npass if not found")
        for name, arguments in calls.items()
    ]

    with Rules(modules, NOW) as rules:
        outcomes = rules.evaluate(given())

        explanations = rules.explain(given())

    assert {outcome.result for outcome in outcomes} == {"unknown"}
    assert all("is not available to rules" in outcome.message for outcome in outcomes)
    assert "hunter2" not in f"{outcomes} {explanations}"


@pytest.mark.parametrize("harmless", ["count", "data.docker.scout.own"])
def test_H06_with_puts_no_forbidden_function_in_the_place_of_another(harmless: str) -> None:
    called = harmless.removeprefix("data.docker.scout.")
    body = (
        f"own(x) := x\npass := true if {called}([1]) with {harmless} as http.send\npass := true if {called}([1]) == 7"
    )

    with Rules([rule("r", body)], NOW) as rules, pytest.raises(ConfigurationError, match="http"):
        rules.ready()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_H06_worker_has_no_environment_and_no_file_of_the_parent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    with (tmp_path / "open").open("w") as held, Rules([rule("r", "pass := true")], NOW) as rules:
        rules.ready()
        worker = Path("/proc") / _child()
        environment = (worker / "environ").read_bytes()
        targets = [str(handle.readlink()) for handle in (worker / "fd").iterdir()]

    assert b"hunter2" not in environment
    assert b"SECRET_TOKEN" not in environment
    assert held.name not in targets
    assert not any("socket" in target for target in targets)


def _child() -> str:
    children = Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
    return next(child for child in children if b"verifier.rules" in Path(f"/proc/{child}/cmdline").read_bytes())


def test_H07_names_from_outside_choose_no_rule_and_no_path() -> None:
    types = {'t"]} | data.config': (("p@sha256:1", b'{"predicate":1}'),)}
    body = 'pass := data.dhiverify.statements["t\\"]} | data.config"][0].predicate == 1'

    with Rules([rule('"; pass := true #', body)], NOW) as rules:
        (outcome,) = rules.evaluate(given(statements=types))

    assert (outcome.id, outcome.result) == ('"; pass := true #', "pass")


@pytest.mark.parametrize("body", [b'{}]}},"config":{"x":1}', b"{}{}", b"", b"{", b"\xff", b'{"a":1},{"b":2}'])
def test_H07_statement_cannot_leave_its_place_in_the_data(body: bytes) -> None:
    with Rules([rule("r", "pass := true")], NOW) as rules:
        (outcome,) = rules.evaluate(given(statements={"t": (("p@sha256:1", body),)}))

    assert outcome.result == "unknown"
    assert "is not JSON" in outcome.message


def test_evidence_that_is_too_much_for_the_worker_makes_every_rule_unknown() -> None:
    body = b"[" + b",".join([b'{"a":1}'] * 2_000_000) + b"]"
    modules = [rule("a", "pass := true"), rule("b", "pass := true")]

    with Rules(modules, NOW, Limits(rule_memory=200 * MiB)) as rules:
        outcomes = rules.evaluate(given(statements={"t": (("p@sha256:1", body),)}))
        small = rules.evaluate(given())

    assert {outcome.result for outcome in outcomes} == {"unknown"}
    assert "cannot be given to the rules" in outcomes[0].message
    assert {outcome.result for outcome in small} == {"pass"}


def test_facts_that_are_no_json_make_every_rule_unknown() -> None:
    with Rules([rule("a", "pass := true")], NOW) as rules:
        (outcome,) = rules.evaluate(given(facts={"x": [{"digest": object()}]}))

    assert outcome.result == "unknown"


def test_closed_rules_leave_no_process_and_can_be_used_again() -> None:
    rules = Rules([rule("a", "pass := true")], NOW)
    rules.ready()
    process = rules._bench._worker._process  # the only way to see that nothing is left
    rules.close()

    assert process.returncode is not None
    assert rules.evaluate(given())[0].result == "pass"
    rules.close()
    rules.close()


def test_worker_that_somebody_kills_leaves_no_rule_passed_and_is_replaced() -> None:
    with Rules([rule("a", "pass := true"), rule("b", "pass := true")], NOW) as rules:
        rules.ready()
        rules._bench._worker._process.kill()
        without, replaced = rules.evaluate(given()), rules.evaluate(given())

    assert [outcome.result for outcome in without] == ["unknown", "unknown"]
    assert "died (signal 9)" in without[0].message
    assert [outcome.result for outcome in replaced] == ["pass", "pass"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
@pytest.mark.parametrize("body", ["pass := true", ENDLESS])
def test_worker_ends_when_its_parent_is_gone(body: str) -> None:
    source = f"package docker.scout\nimport rego.v1\n{body}"
    script = f"""
import os, threading
from datetime import datetime, UTC
from verifier.limits import Limits
from verifier.model import RuleModule
from verifier.rules import RuleInput, Rules
rules = Rules([RuleModule("a", "a.rego", {source!r})], datetime.now(UTC), Limits(rule_seconds=0.2))
rules.ready()
threading.Thread(target=rules.evaluate, args=[RuleInput({{}}, {{}}, {{}}, {{}}, {{}})]).start()
print(rules._bench._worker._process.pid, flush=True)
threading.Event().wait(0.1)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=Path.cwd())
    pid = int(done.stdout)

    deadline = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False


def test_worker_imports_neither_ours_nor_heavy_modules() -> None:
    """What the worker loads decides how soon it is ready."""
    code = "import verifier.rules.worker, sys; print(sorted(m for m in sys.modules if '.' not in m))"
    boot = "import types, sys; m = sys.modules['verifier'] = types.ModuleType('verifier'); m.__path__ = ['verifier']\n"
    boot += "r = sys.modules['verifier.rules'] = types.ModuleType('verifier.rules'); r.__path__ = ['verifier/rules']\n"
    done = subprocess.run(
        [sys.executable, "-c", boot + code], check=True, capture_output=True, text=True, cwd=Path.cwd()
    )

    loaded = set(eval(done.stdout))
    assert not loaded & {"msgspec", "cryptography", "urllib3", "subprocess", "socket", "ssl", "asyncio", "packageurl"}
