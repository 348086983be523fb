"""The contract between a rule and its result: pass, fail, unknown, skipped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from verifier.errors import ConfigurationError
from verifier.limits import Limits
from verifier.model import RuleModule, RuleOutcome
from verifier.rules import RuleInput, Rules

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DIGEST = "sha256:" + "1" * 64
OLDER = "sha256:" + "2" * 64
T, UNANSWERED = "https://example.com/t/v1", "https://example.com/none/v1"
TYPES = {"thing": (T, "https://example.com/t/v2"), "other": (UNANSWERED,)}

Evaluate = Callable[..., RuleOutcome]


def given(**changes: Any) -> RuleInput:
    members: dict[str, Any] = {
        "input": {"source": {"image": {"name": "dhi/python", "digest": DIGEST}}},
        "statements": {
            T: (
                (f"dhi.io/python@{DIGEST}", b'{"predicate":{"n":1}}'),
                (f"dhi.io/python@{OLDER}", b'{"predicate":{"n":2}}'),
            )
        },
        "facts": {"thing": [{"digest": DIGEST, "n": 1}], "image": [{"is_layout": False}]},
        "verified": {f"dhi.io/python@{DIGEST}": ("dhi-2",)},
        "types": TYPES,
    }
    return RuleInput(**(members | changes))


def module(body: str, **changes: Any) -> RuleModule:
    members: dict[str, Any] = {"id": "r", "path": "r.rego", "source": f"package docker.scout\nimport rego.v1\n{body}\n"}
    return RuleModule(**(members | changes))


@pytest.fixture
def evaluate() -> Evaluate:
    def one(body: str, about: RuleInput | None = None, limits: Limits | None = None, **changes: Any) -> RuleOutcome:
        with Rules([module(body, **changes)], NOW, limits or Limits()) as rules:
            (outcome,) = rules.evaluate(about or given())
        return outcome

    return one


SCOUT = "default pass := false\npass if count(violation) == 0\n"


def test_rule_without_violations_passes(evaluate: Evaluate) -> None:
    outcome = evaluate(SCOUT + "violation contains {} if false", title="T", remediation="never shown")

    assert (outcome.result, outcome.title, outcome.message, outcome.remediation) == ("pass", "T", "", "")


def test_violations_fail_with_message_detail_and_remediation(evaluate: Evaluate) -> None:
    outcome = evaluate(
        SCOUT
        + 'violation contains {"message": "a", "detail": {"x": 1}}\n'
        + 'violation contains {"message": "b", "remediation": "do b"}',
        remediation="do it",
    )

    assert outcome.result == "fail"
    assert outcome.message == "a (and 1 more)"
    assert [(v.message, v.detail, v.remediation) for v in outcome.violations] == [
        ("a", {"x": 1}, "do it"),
        ("b", {}, "do b"),
    ]


def test_violations_fail_even_when_pass_is_true(evaluate: Evaluate) -> None:
    assert evaluate('pass := true\nviolation contains {"message": "a"}').result == "fail"


def test_false_without_a_reason_fails(evaluate: Evaluate) -> None:
    assert "no violation says why" in evaluate("pass := false").message


@pytest.mark.parametrize("value", ['"plain text"', "7", "{}", '{"message": 7}', '["a"]', "null"])
def test_violations_of_another_shape_are_kept_as_text(evaluate: Evaluate, value: str) -> None:
    outcome = evaluate(f"{SCOUT}violation contains {value}")

    assert outcome.result == "fail"
    assert outcome.violations[0].message


def test_complete_rule_that_lists_violations_counts(evaluate: Evaluate) -> None:
    assert evaluate('pass := true\nviolation := [{"message": "a"}]').result == "fail"
    assert evaluate('pass := true\nviolation := {"message": "a"}').result == "unknown"


@pytest.mark.parametrize("value", ['"true"', "1", '"<undefined>"', "{}", "[true]", "null", "{true}"])
def test_H04_only_json_true_passes(evaluate: Evaluate, value: str) -> None:
    outcome = evaluate(f"pass := {value}")

    assert outcome.result == "unknown"
    assert "expected `pass` to be true or false" in outcome.message


def test_H02_undefined_is_unknown(evaluate: Evaluate) -> None:
    assert evaluate("pass if input.absent").message == "expected `pass` to be true or false, found undefined"
    assert evaluate("violation contains {} if false").message == "expected `pass` to be true or false, found none"


@pytest.mark.parametrize(
    "fault",
    [
        "1 / 0 == 1",
        'to_number("x") == 1',
        'json.unmarshal("{") == 1',
        "object.get(null, 1, 1) == 1",
    ],
)
def test_H02_G11_error_while_evaluating_is_unknown_with_its_place(evaluate: Evaluate, fault: str) -> None:
    outcome = evaluate(f"{SCOUT}violation contains {{}} if {{ {fault} }}")

    assert outcome.result == "unknown"
    assert outcome.message.startswith("evaluation failed: r.rego:5:")
    assert "backtrace" not in outcome.message


def test_H03_missing_input_is_unknown_where_the_rule_says_what_it_needs(evaluate: Evaluate) -> None:
    assert evaluate("pass := count(input.absent) == 0").result == "unknown"


def test_not_applicable_is_skipped_without_looking_further(evaluate: Evaluate) -> None:
    outcome = evaluate("applicable := false\npass if 1 / 0 == 1")

    assert (outcome.result, outcome.message) == ("skipped", "does not apply to this image")


@pytest.mark.parametrize("value", ['"false"', "0", "null"])
def test_applicable_must_be_a_boolean(evaluate: Evaluate, value: str) -> None:
    assert evaluate(f"applicable := {value}\npass := true").result == "unknown"
    assert evaluate("applicable if input.absent\npass := true").result == "unknown"
    assert evaluate("applicable := true\npass := true").result == "pass"


def test_note_is_the_message_of_a_rule_that_passes(evaluate: Evaluate) -> None:
    assert evaluate('pass := true\nnote := "seen"').message == "seen"
    assert evaluate('pass := false\nnote := "seen"').message != "seen"


def test_config_is_always_an_object(evaluate: Evaluate) -> None:
    assert evaluate("pass := data.config == {}").result == "pass"
    assert evaluate('pass := data.config.limit == "x"', config={"limit": "x"}).result == "pass"


def test_effective_time_is_the_only_clock(evaluate: Evaluate) -> None:
    assert evaluate(f"pass := time.now_ns() == {int(NOW.timestamp())}000000000").result == "pass"


def test_referrer_is_the_newest_statement_and_its_reference(evaluate: Evaluate) -> None:
    outcome = evaluate(
        f'found := oci.referrer("{T}")\n'
        f'pass if {{ found.statement.predicate.n == 1; found.image == "dhi.io/python@{DIGEST}" }}'
    )

    assert (outcome.result, outcome.evidence) == ("pass", (DIGEST,))


def test_referrers_are_all_statements_newest_first(evaluate: Evaluate) -> None:
    outcome = evaluate(f'pass if [r.statement.predicate.n | some r in dhi.referrers("{T}")] == [1, 2]')

    assert (outcome.result, outcome.evidence) == ("pass", (DIGEST, OLDER))


def test_data_holds_the_statements_the_references_and_the_image(evaluate: Evaluate) -> None:
    body = f"""
    d := data.dhiverify
    pass if {{
        [s.predicate.n | some s in d.statements["{T}"]] == [1, 2]
        d.references["{T}"][1] == "dhi.io/python@{OLDER}"
        d.image.is_layout == false
    }}"""

    outcome = evaluate(body, evidence=("thing",))

    assert (outcome.result, outcome.evidence) == ("pass", (DIGEST, OLDER))


@pytest.mark.parametrize("call", ["oci.referrer", "dhi.referrers"])
def test_G01_asking_for_a_type_that_nothing_answers_is_unknown(evaluate: Evaluate, call: str) -> None:
    body = f'asked := {call}("{UNANSWERED}")\npass if {{ asked; true }}\npass if not asked\npass if asked == null'

    outcome = evaluate(body)

    assert outcome.result == "unknown"
    assert UNANSWERED in outcome.message
    assert evaluate(body, optional=(UNANSWERED,)).result == "pass"
    assert evaluate(body, optional=("other",)).result == "pass"


def test_G01_asking_for_facts_of_a_kind_that_nothing_answers_is_unknown(evaluate: Evaluate) -> None:
    assert evaluate('pass := count(dhi.facts("other")) == 0').result == "unknown"
    assert evaluate('pass := count(dhi.facts("other")) == 0', optional=("other",)).result == "pass"
    assert evaluate('pass := count(dhi.facts("thing")) == 1').result == "pass"


@pytest.mark.parametrize("kind", ["evidence", "platforms"])
def test_facts_about_the_run_are_no_evidence(evaluate: Evaluate, kind: str) -> None:
    assert evaluate(f'pass := count(dhi.facts("{kind}")) == 0').result == "pass"


def test_G01_declared_evidence_counts_as_asked(evaluate: Evaluate) -> None:
    assert evaluate("pass := true", evidence=("other",)).result == "unknown"
    assert evaluate("pass := true", evidence=("other",), optional=("other",)).result == "pass"
    assert evaluate("pass := true", evidence=(UNANSWERED,)).result == "unknown"
    assert evaluate("pass := true", evidence=("thing", T)).result == "pass"


def test_declared_kind_is_answered_by_any_of_its_types(evaluate: Evaluate) -> None:
    body = 'pass := oci.referrer("https://example.com/t/v2") == null'

    assert evaluate(body).result == "unknown"
    assert evaluate(body, evidence=("thing",)).result == "pass"


def test_rule_that_fails_by_itself_fails_whatever_is_missing(evaluate: Evaluate) -> None:
    assert evaluate('pass := false\nviolation contains {"message": "gone"}', evidence=("other",)).message == "gone"


def test_unreadable_fact_is_unknown_with_its_reason(evaluate: Evaluate) -> None:
    about = given(facts={"thing": [{"digest": DIGEST, "unreadable": "expected a list"}]})

    outcome = evaluate('pass := count(dhi.facts("thing")) == 1', about)

    assert outcome.result == "unknown"
    assert outcome.message == f"evaluation failed: the thing document {DIGEST} cannot be read: expected a list"


def test_unknown_kind_and_questions_of_another_type_are_unknown(evaluate: Evaluate) -> None:
    assert "known are: other, thing" in evaluate('pass := count(dhi.facts("thnig")) == 0').message
    assert evaluate("pass := oci.referrer(7) == null").result == "unknown"
    assert evaluate("pass := dhi.facts(null) == []").result == "unknown"


LATEST = ("https://dhi.io/keyring/latest.pub", "https://registry.scout.docker.com/keyring/dhi/latest.pub")


@pytest.mark.parametrize(
    ("address", "signers", "accepted"),
    [
        *((address, ("dhi-2",), True) for address in LATEST),
        (LATEST[0], ("mine.pub",), True),
        (LATEST[0], (), False),
        ("https://registry.scout.docker.com/keyring/dhi/latest", ("dhi-2",), True),
        ("https://dhi.io/keyring/2.pub", ("dhi-2",), True),
        ("https://dhi.io/keyring/2.pub", ("dhi-1",), False),
        ("https://dhi.io/keyring/1.pub", ("dhi-2",), False),
        ("https://dhi.io/keyring/1.pub", ("dhi-2", "dhi-1"), True),
        ("https://dhi.io.example.com/keyring/latest.pub", ("dhi-2",), False),
        ("cosign.pub", ("dhi-2",), False),
    ],
)
def test_verify_images_knows_docker_s_keyring_and_no_other(
    evaluate: Evaluate, address: str, signers: tuple[str, ...], accepted: bool
) -> None:
    about = given(verified={f"dhi.io/python@{DIGEST}": signers})
    body = f"""
    found := oci.referrer("{T}")
    checked := cosign.verify_images([found.image], {{"key_ref": "{address}", "ignore_tlog": true}})
    pass := object.get(checked[found.image], "error", "") == ""
    """

    assert evaluate(body, about).result == ("pass" if accepted else "fail")


def test_verify_image_without_a_key_or_about_another_manifest_is_an_error(evaluate: Evaluate) -> None:
    key = f'{{"key_ref": "{LATEST[0]}"}}'

    assert evaluate(f'pass := cosign.verify_image("dhi.io/python@{DIGEST}", {key}) == {{}}').result == "pass"
    assert evaluate(f'pass := cosign.verify_image("dhi.io/python@{OLDER}", {key}) == {{}}').result == "fail"
    assert evaluate(f'pass := cosign.verify_image("dhi.io/python@{DIGEST}", {{}}) == {{}}').result == "fail"
    assert evaluate(f"pass := cosign.verify_images(7, {key}) == {{}}").result == "unknown"


def test_purl_is_taken_apart_or_refused(evaluate: Evaluate) -> None:
    assert evaluate('pass := scout.parse_purl("pkg:deb/debian/bash@5?arch=all").type == "deb"').result == "pass"
    assert evaluate('pass := scout.parse_purl("bash").type == "deb"').result == "unknown"


def test_one_outcome_per_rule_in_their_order() -> None:
    bodies = {"c": "pass := true", "a": "pass if 1 / 0 == 1", "b": "pass := false"}
    with Rules([module(body, id=name) for name, body in bodies.items()], NOW) as rules:
        outcomes = rules.evaluate(given())
        again = rules.evaluate(given(statements={}))

    assert [(o.id, o.result) for o in outcomes] == [("c", "pass"), ("a", "unknown"), ("b", "fail")]
    assert [o.result for o in again] == ["pass", "unknown", "fail"]


def test_platforms_do_not_see_each_other_s_evidence() -> None:
    body = f'pass := count(object.get(data.dhiverify.statements, "{T}", [])) > 0'
    with Rules([module(body)], NOW) as rules:
        results = [rules.evaluate(about)[0].result for about in (given(), given(statements={}), given())]

    assert results == ["pass", "fail", "pass"]


def test_outcome_says_which_file_it_is_of_and_how_it_counts(evaluate: Evaluate) -> None:
    outcome = evaluate("pass := true", path="p.rego", digest="sha256:ab", weight=3, result_type="license")

    assert (outcome.path, outcome.digest, outcome.weight, outcome.result_type) == ("p.rego", "sha256:ab", 3, "license")


@pytest.mark.parametrize(
    ("effect", "on_unknown", "expected"),
    [("enforce", "deny", "enforce"), ("enforce", "warn", "warn"), ("warn", "deny", "warn")],
)
def test_policy_says_what_follows_of_unknown(evaluate: Evaluate, effect: str, on_unknown: str, expected: str) -> None:
    unknown = evaluate("pass if input.absent", effect=effect, on_unknown=on_unknown)
    failed = evaluate("pass := false", effect=effect, on_unknown=on_unknown)

    assert (unknown.result, unknown.effect) == ("unknown", expected)
    assert (failed.result, failed.effect) == ("fail", effect)


def test_violation_without_a_message_is_told_by_its_detail(evaluate: Evaluate) -> None:
    body = SCOUT + 'violation contains {"detail": {"other": [1], "a": null, "purl": "pkg:a/b", "sla": 7}}'

    (violation,) = evaluate(body, details_order=("purl", "sla", "absent")).violations

    assert violation.message == "purl: pkg:a/b, sla: 7, a: null, other: [1]"
    assert violation.detail == {"purl": "pkg:a/b", "sla": 7, "a": None, "other": [1]}


def test_message_made_of_a_detail_is_bounded(evaluate: Evaluate) -> None:
    body = SCOUT + 'violation contains {"detail": {"a": input.long}}'

    (violation,) = evaluate(body, given(input={"long": "x" * 5000}), Limits(report_text=100)).violations

    assert len(violation.message) == 100


def scout(body: str) -> RuleOutcome:
    with Rules([module(body)], NOW, compat="scout") as rules:
        (outcome,) = rules.evaluate(given())
    return outcome


@pytest.mark.parametrize("call", [f'oci.referrer("{UNANSWERED}") == null', 'count(dhi.facts("other")) == 0'])
def test_scout_leaves_missing_evidence_to_the_rule(evaluate: Evaluate, call: str) -> None:
    assert scout(f"pass := {call}").result == "pass"
    assert evaluate(f"pass := {call}").result == "unknown"


@pytest.mark.parametrize(
    "body", ["pass if input.absent", "pass if 1 / 0 == 1", 'pass := "true"', "pass if http.send({}) == 1"]
)
def test_H02_scout_passes_nothing_that_cannot_be_evaluated(body: str) -> None:
    assert scout(body).result == "unknown"


def test_rules_do_not_see_each_other() -> None:
    with Rules([module("pass := data.docker.scout.secret"), module("secret := true\npass := false")], NOW) as rules:
        assert [outcome.result for outcome in rules.evaluate(given())] == ["unknown", "fail"]


def test_effect_and_id_are_the_module_s(evaluate: Evaluate) -> None:
    outcome = evaluate("pass := false", effect="warn", id="x")

    assert (outcome.id, outcome.effect, outcome.title) == ("x", "warn", "x")


def test_prints_go_to_the_debug_log_within_bounds(evaluate: Evaluate, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "verifier.rules"):
        evaluate('pass if every n in numbers.range(1, 50) { print("line", n) }', limits=Limits(rule_prints=3))

    assert [record.getMessage() for record in caplog.records] == [f"r: r.rego:3: line {n}" for n in (1, 2, 3)]


def test_violations_and_texts_are_bounded(evaluate: Evaluate) -> None:
    body = (
        SCOUT + 'violation contains {"message": sprintf("%d %s", [n, input.long])} if some n in numbers.range(10, 90)'
    )
    about = given(input={"long": "x" * 5000})

    outcome = evaluate(body, about, Limits(rule_violations=5, report_text=100))

    assert {len(v.message) for v in outcome.violations[:5]} == {100}
    assert [(v.message, v.detail) for v in outcome.violations[5:]] == [
        ("and 76 more violations, which are not kept", {})
    ]
    assert len(outcome.message) <= 100
    assert "(and 80 more)" in evaluate(body, given(input={"long": "x"}), Limits(rule_violations=5)).message


def test_H01_rule_that_does_not_compile_is_refused_with_file_and_line() -> None:
    broken = {"pass if {": 4, "pass if { absent_variable }": 3, "pass { true }": 3, "pass if { x > 1; some x }": 3}
    for body, line in broken.items():
        with Rules([module("pass := true"), module(body, path="dir/broken.rego")], NOW) as rules:
            with pytest.raises(ConfigurationError, match=rf"^dir/broken\.rego:{line}:\d+: "):
                rules.ready()
            with pytest.raises(ConfigurationError):
                rules.evaluate(given())


def test_G16_no_rules_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="nothing may pass"):
        Rules([], NOW)


@pytest.mark.parametrize(
    "call",
    ["nowhere.known(1)", "data.other.rule(1)", "io.jwt.decode(input.token)", "helper(1)", "data.docker.scout.f(1)"],
)
def test_H01_function_that_does_not_exist_is_refused_by_name_file_and_line(call: str) -> None:
    source = f"# METADATA\n# title: not a call (of anything)\ntext := `unknown.too(1)`\npass if {call} == 1"
    with Rules([module(source, path="dir/called.rego")], NOW) as rules:
        name = call.partition("(")[0].replace(".", r"\.")
        with pytest.raises(ConfigurationError, match=rf"^dir/called\.rego:6:9: there is no function `{name}`"):
            rules.ready()


def test_own_functions_built_in_functions_and_words_are_no_unknown_functions(evaluate: Evaluate) -> None:
    body = """
    # helper (an own function) and `strange.thing(1)` in a comment
    default helper(_) := 1
    double(x) := data.docker.scout.helper(x) + helper(x) # unknown.here(1)
    some_set := set()
    pass if {
        count (["a"]) == 1
        not contains("a", "b")
        every x in ([1, 2]) { x > 0 }
        double(1) == 2
        regex.match("unknown.text(1)", "x") == false
        print("a")
    }"""

    assert evaluate(body).result == "pass"


def test_lines_may_be_long(evaluate: Evaluate) -> None:
    assert evaluate(f'pass := count("{"x" * 60_000}") == 60000').result == "pass"


def test_H09_old_syntax_is_refused() -> None:
    old = RuleModule(id="r", path="r.rego", source="package docker.scout\npass { true }")
    with Rules([old], NOW) as rules, pytest.raises(ConfigurationError, match="`if` keyword is required"):
        rules.ready()


def test_a_rule_that_fails_has_the_title_for_that_case(evaluate: Evaluate) -> None:
    titles = {"title": "No shell", "not_compliant_title": "A shell was found"}

    assert evaluate("pass := true", **titles).title == "No shell"
    assert evaluate("pass := false", **titles).title == "A shell was found"


@pytest.mark.parametrize(
    "body",
    [
        'pass := true\nviolation["a"] := "always"',
        'pass := true\nviolation.a contains "always"',
        "pass := true\nviolation(x) := x",
        'pass["a"] := true',
        "pass := true\napplicable(x) := true",
        "default pass := true\ndefault pass := false",
        'oci.referrer(x) := {"statement": x}\npass if oci.referrer("a")',
        "pass if dhi.known\n\ndhi.known := true",
    ],
)
def test_H02_H03_a_rule_that_would_not_be_heard_is_refused(evaluate: Evaluate, body: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^r\.rego:"):
        evaluate(body)


def test_names_of_the_contract_may_be_read_like_any_other(evaluate: Evaluate) -> None:
    body = 'default pass := false\npass if count([v | v := violation[_]]) == 0\nviolation contains "a" if false'

    assert evaluate(body).result == "pass"


@pytest.mark.parametrize("levels", [200, 480, 700, 950, 3_000])
def test_H05_a_violation_of_any_depth_is_heard_and_harms_no_other_rule(levels: int) -> None:
    named = "\n".join(f"a{n} := f(a{n - 1})" for n in range(1, levels // 10 + 1))
    body = f"""
        f(x) := {"[" * 10}x{"]" * 10}
        a0 := 1
        {named}
        violation contains {{"message": "deep", "detail": {{"x": a{levels // 10}}}}}
        pass := false
    """

    with Rules([module(body), module("pass := true", id="other")], NOW) as rules:
        deep, other = rules.evaluate(given())

    assert deep.result in ("fail", "unknown")
    assert other.result == "pass"


def test_H05_what_a_report_keeps_of_one_violation_is_bounded(evaluate: Evaluate) -> None:
    body = (
        'pass := false\nviolation contains {"message": "m", "detail": {"x": [[] | some _ in numbers.range(1, 100000)]}}'
    )

    (violation,) = evaluate(body).violations

    assert len(violation.detail["x"]) < 1_000
    assert violation.detail["x"][-1].endswith("more")


def test_H05_evidence_without_end_that_is_missing_is_named_in_part(evaluate: Evaluate) -> None:
    body = 'pass if count([1 | some i in numbers.range(1, 20000); oci.referrer(sprintf("https://x/%d", [i]))]) == 0'

    outcome = evaluate(body)

    assert outcome.result == "unknown"
    assert len(outcome.message) < 2_001
