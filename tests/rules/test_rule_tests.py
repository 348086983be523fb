"""Tests of rules in Rego: what passes, what does not, what they may replace, and what they reach."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from verifier.errors import ConfigurationError
from verifier.limits import Limits
from verifier.model import RuleModule
from verifier.rules import RuleInput, TestRun, run_tests
from verifier.rules.bench import Bench
from verifier.rules.process import WorkerGone

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DIGEST = "sha256:" + "1" * 64
T = "https://example.com/t/v1"
GIVEN = RuleInput(
    {"source": {"image": {"name": "given"}}},
    {T: ((f"p@{DIGEST}", b'{"predicate":{"n":1}}'),)},
    {"thing": [{"digest": DIGEST, "n": 1}], "image": [{}]},
    {f"p@{DIGEST}": ("dhi-2",)},
    {"thing": (T,)},
)
RULE = f"""package docker.scout
import rego.v1
default pass := false
pass if count(violation) == 0
violation contains {{"message": "named"}} if input.source.image.name == object.get(data.config, "name", "none")
violation contains {{"message": "n"}} if oci.referrer("{T}").statement.predicate.n > 1
statements := count(data.dhiverify.statements["{T}"])
double(x) := x * 2
bases := scout.base_image()
never if {{
	input.never
	true
}}
"""
SEPARATE = "package docker.scout_test\nimport rego.v1\nimport data.docker.scout\n"
SAME = "package docker.scout\nimport rego.v1\n"


def run(tests: str, rule: str = RULE, limits: Limits | None = None) -> TestRun:
    module = RuleModule("r", "r.rego", rule, config={"name": "configured"})
    return run_tests(module, [("r_test.rego", tests)], GIVEN, NOW, limits or Limits())


def statuses(tests: str) -> dict[str, str]:
    return {result.name: result.status.value for result in run(tests).results}


def test_only_true_passes() -> None:
    found = run(
        SAME
        + """
test_true if pass
test_undefined if not pass
test_false := 1 == 2
test_string := "true"
test_set contains 1
test_error if 1 / 0 == 1
"""
    )

    assert [(r.name, r.status.value, r.message) for r in found.results] == [
        ("test_true", "passed", ""),
        ("test_undefined", "failed", "expected true, found undefined"),
        ("test_false", "failed", "expected true, found false"),
        ("test_string", "failed", 'expected true, found "true"'),
        ("test_set", "failed", "expected true, found [\n  1\n]"),
        ("test_error", "error", found.results[-1].message),
    ]
    assert found.results[-1].message.startswith("r_test.rego:9:")
    assert {r.path for r in found.results} == {"r_test.rego"}


@pytest.mark.parametrize(("head", "rule"), [(SAME, ""), (SEPARATE, "scout."), (SEPARATE, "data.docker.scout.")])
def test_tests_stand_in_the_package_of_the_rule_or_in_one_beside_it(head: str, rule: str) -> None:
    tests = f"""
test_given if {rule}pass
test_input if not {rule}pass with input as {{"source": {{"image": {{"name": "configured"}}}}}}
test_config if not {rule}pass with data.config as {{"name": "given"}}
test_two if {{
	not {rule}pass with input as {{"source": {{"image": {{"name": "x"}}}}}} with data.config as {{"name": "x"}}
}}
test_statements if {rule}statements == 3 with data.dhiverify.statements as {{"{T}": [1, 2, 3]}}
test_value if not {rule}pass with oci.referrer as {{"statement": {{"predicate": {{"n": 2}}}}}}
mock(type) := {{"statement": {{"predicate": {{"n": 2}}}}}} if type == "{T}"
test_function if not {rule}pass with oci.referrer as mock
test_facts if dhi.facts("thing") == 7 with dhi.facts as 7
test_bases if {rule}bases == ["b"] with scout.base_image as ["b"]
test_clock if time.now_ns() == 5 with time.now_ns as 5
test_own_function if {rule}double(2) == 4
test_lookup if object.get({{"a": {rule}statements}}, "a", 0) == 1
"""

    found = statuses(head + tests)

    assert len(found) == 12
    assert set(found.values()) == {"passed"}


def test_an_import_under_another_name_is_the_same_rule() -> None:
    head = "package docker.scout_test\nimport rego.v1\nimport data.docker.scout as 	rule\n"

    assert statuses(head + 'text := "ü"\ntest_a if { "ü" == "ü"; rule.pass; count(rule.violation) == 0 }\n') == {
        "test_a": "passed"
    }


def test_what_only_looks_like_a_test_is_none() -> None:
    tests = """
# test_comment
helper(x) := x
text := "test_text"
raw := `
test_in_raw if false
`
todo_test_later if false
test_one if helper(input.test_member == 1) with input as {"test_member": 1}
"""

    assert statuses(SAME + tests) == {"test_one": "passed"}
    assert run(SAME).results == ()


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("test_fails.a if pass", "test_fails"),
        ('test_fails["a"] := pass', "test_fails"),
        ("test_fails[x] if { some x in [1] }", "test_fails"),
        ("test_fails.a contains 1", "test_fails"),
        ("test_fails(x) := x", "test_fails"),
        ("test_fails.a(x) := x", "test_fails"),
        ("default test_fails(x) := false", "test_fails"),
        ("group.test_fails if pass", "group.test_fails"),
        ('group["a b"].test_fails if pass', "group.a b.test_fails"),
        ('group["test_fails"] := pass', "group.test_fails"),
    ],
)
def test_H01_test_in_another_form_is_an_error_and_never_left_out(head: str, name: str) -> None:
    (other, plain) = run(f"{SAME}{head}\ntest_ok if pass\n").results

    assert (other.name, other.status, other.path) == (name, "error", "r_test.rego")
    assert "not a plain rule" in other.message
    assert (plain.name, plain.status) == ("test_ok", "passed")


def test_H01_failing_test_is_not_hidden_by_what_a_text_holds() -> None:
    tests = "x := `\ntest_fails(\n`\ntest_fails if not pass\ntest_ if not pass\ntest_ok if pass\n"

    assert statuses(SAME + tests) == {"test_fails": "failed", "test_": "failed", "test_ok": "passed"}


def test_H01_failing_test_is_not_hidden_in_a_file_that_is_too_large_to_be_taken_apart() -> None:
    tests = 'x := `\ntest_fails(\n`\ny := "test_text"\n# test_comment\ntest_fails if not pass\ntest_a.b if pass\n'

    found = run(SAME + tests, limits=Limits(explained_bytes=50)).results

    assert [(one.name, one.status) for one in found] == [("test_fails", "failed"), ("test_a", "error")]
    assert "not a plain rule" in found[1].message


@pytest.mark.parametrize(
    "second",
    ["pass if true", "default pass := true", "double(x) := x", "statements.a := 1", "oci.referrer(x) := {}"],
)
@pytest.mark.parametrize("explained", [50, 100_000])
def test_G23_tests_that_bring_a_second_answer_are_refused(second: str, explained: int) -> None:
    with pytest.raises(ConfigurationError, match=r"r_test\.rego: defines `\w+`, .* `with`, .* docker\.scout_test"):
        run(f"{SAME}{second}\ntest_a if pass\n", limits=Limits(explained_bytes=explained))


def test_the_names_of_the_rule_are_free_in_the_package_beside_it() -> None:
    assert statuses(SEPARATE + "pass if 1 == 2\ntest_a if { scout.pass; not pass }\n") == {"test_a": "passed"}


def test_H05_worker_that_is_lost_before_the_tests_have_names_is_an_error_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = Bench.ask

    def lost(self: Bench, **request: object) -> bytes:
        if request["do"] == "tests":
            raise WorkerGone("died (signal 9): out of memory or crash")
        return asked(self, **request)

    monkeypatch.setattr(Bench, "ask", lost)

    (found,) = run(SAME + "test_a if pass\n").results

    assert (found.name, found.path, found.status) == ("", "r_test.rego", "error")
    assert found.message == "the worker died (signal 9): out of memory or crash"


def test_prints_are_kept_with_their_test() -> None:
    (first, second) = run(SAME + 'test_a if { print("a", 1); true }\ntest_b if true\n').results

    assert (first.prints, second.prints) == (("r_test.rego:3: a 1",), ())


@pytest.mark.parametrize("head", [SAME, SEPARATE])
def test_coverage_is_of_the_rule_s_own_file(head: str) -> None:
    one = run(head + "test_a if data.docker.scout.double(1) == 2\n").coverage
    more = run(head + "test_a if data.docker.scout.double(1) == 2\ntest_b if data.docker.scout.pass\n").coverage

    assert one.path == "r.rego"
    assert 8 in one.covered
    assert {4, 5, 6} <= set(more.covered) - set(one.covered)
    assert {11, 12} & set(more.not_covered)


def test_importing_the_rule_does_not_reach_all_of_it() -> None:
    found = run(SEPARATE + "test_a if scout.double(1) == 2\n").coverage

    assert {4, 5, 6, 7} <= set(found.not_covered)


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        (SAME + "test_a if {", r"r_test\.rego:3:12: "),
        (SAME + "test_a if absent_variable", r"r_test\.rego:3:11: "),
        ("package docker\nimport rego.v1\ntest_a if true", r"r_test\.rego: expected package docker\.scout or"),
        ("package docker.scout.deep\ntest_a := 1", "expected package"),
        ("", "r_test"),
    ],
)
def test_H01_tests_that_do_not_compile_are_refused(tests: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        run(tests)


def test_rule_that_does_not_compile_is_refused_before_its_tests() -> None:
    with pytest.raises(ConfigurationError, match=r"^r\.rego:1:"):
        run(SAME, "package docker.scout pass {")


ENDLESS = """{
	some a in numbers.range(1, 5000)
	some b in numbers.range(1, 5000)
	some c in numbers.range(1, 5000)
	a + b + c == 0
}"""


def test_H05_test_without_an_end_disturbs_no_other() -> None:
    tests = f"{SAME}test_a if pass\ntest_endless if {ENDLESS}\ntest_b if pass\n"

    found = run(tests, limits=Limits(rule_seconds=0.4)).results

    assert [result.status.value for result in found] == ["passed", "error", "passed"]
    assert "took longer than 0.4 s" in found[1].message


@pytest.mark.parametrize("body", ["deep(1)", "count(numbers.range(1, 1000000000)) == 0"])
def test_H05_test_that_kills_the_worker_disturbs_no_other(body: str) -> None:
    tests = f"{SAME}deep(x) := deep(x + 1)\ntest_killer if {body}\ntest_b if pass\n"

    found = run(tests).results

    assert [result.status.value for result in found] == ["error", "passed"]
    assert "the worker died" in found[0].message


def test_H05_many_tests_without_an_end_share_one_limit() -> None:
    tests = SAME + "".join(f"test_{number} if {ENDLESS}\n" for number in range(20))

    found = run(tests, limits=Limits(rule_seconds=0.3, rules_seconds=1)).results

    assert {result.status.value for result in found} == {"error"}
    assert len(found) == 20
    assert "together took longer than 1 s" in found[-1].message


def test_H06_tests_reach_nothing_outside() -> None:
    (result,) = run(SAME + 'test_a if http.send({"method": "get", "url": "http://127.0.0.1:1/"})\n').results

    assert result.status.value == "error"
    assert "http.send is not available to rules" in result.message


def test_H06_function_that_is_refused_is_not_put_in_the_place_of_another() -> None:
    with pytest.raises(ConfigurationError, match="http"):
        run(SAME + "test_a if { count([1]) with count as http.send }\n")
