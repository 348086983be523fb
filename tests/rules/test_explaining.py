"""Why a rule came to what it came to: what it read, asked, printed, and what its names stand for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from verifier.limits import Limits
from verifier.model import RuleModule
from verifier.rules import UNDEFINED, Asked, Explanation, RuleInput, Rules
from verifier.rules.survey import Cut, Trace

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DIGEST, OLDER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
T, UNANSWERED = "https://example.com/t/v1", "https://example.com/none/v1"


def given(**changes: Any) -> RuleInput:
    members: dict[str, Any] = {
        "input": {"source": {"image": {"name": "dhi/python", "config": {"config": {"User": "root"}}}}},
        "statements": {T: ((f"p@{DIGEST}", b'{"predicate":{"n":1}}'), (f"p@{OLDER}", b'{"predicate":{"n":2}}'))},
        "facts": {"thing": [{"digest": DIGEST, "n": 1}], "image": [{"artifact": "image"}]},
        "verified": {f"p@{DIGEST}": ("dhi-2",)},
        "types": {"thing": (T,), "other": (UNANSWERED,)},
    }
    return RuleInput(**(members | changes))


def module(body: str, name: str = "r", **changes: Any) -> RuleModule:
    source = f"package docker.scout\nimport rego.v1\n{body}\n"
    return RuleModule(name, f"{name}.rego", source, **({"evidence": ()} | changes))


def explained(body: str, about: RuleInput | None = None, limits: Limits | None = None, **changes: Any) -> Explanation:
    with Rules([module(body, **changes)], NOW, limits or Limits()) as rules:
        (explanation,) = rules.explain(about or given())
    return explanation


def test_outcome_and_configuration_are_there() -> None:
    found = explained("pass := data.config.limit > 5", config={"limit": 3})

    assert (found.outcome.result, found.config, found.fault) == ("fail", {"limit": 3}, "")


def test_inputs_are_the_paths_that_the_file_refers_to() -> None:
    body = """
    pass if input.source.image.config.config.User != "0"
    # input.in_a.comment
    text := "input.in_a.text"
    name := input["source"].image["name"]
    label(key) := input.source.image.labels[key]
    kind := data.dhiverify.image.artifact
    other := object.get(data.dhiverify.image, ["index", "signed"], false)
    port := input.source.image.config["a.b"].c if input.elsewhere[_] == 1
    """

    assert explained(body).inputs == {
        "input.source.image.config.config.User": "root",
        "input.source.image.name": "dhi/python",
        "input.source.image.labels": UNDEFINED,
        "data.dhiverify.image.artifact": "image",
        "data.dhiverify.image.index.signed": UNDEFINED,
        'input.source.image.config["a.b"].c': UNDEFINED,
        "input.elsewhere": UNDEFINED,
    }


def test_values_are_those_of_the_named_rules_in_the_order_of_the_file() -> None:
    body = """
    default pass := false
    scan := dhi.facts("thing")[0]
    double(x) := x * 2
    numbers contains double(n) if some n in [1, 2]
    by_name[name] := n if some name, n in {"a": 1}
    absent if input.absent
    broken := 1 / 0
    violation contains {"message": "m"} if scan.n == 1
    """

    values = explained(body).values

    assert list(values) == ["pass", "scan", "numbers", "by_name", "absent", "broken", "violation"]
    assert values["scan"] == {"digest": DIGEST, "n": 1}
    assert (values["numbers"], values["by_name"], values["absent"]) == ([2, 4], {"a": 1}, UNDEFINED)
    assert values["violation"] == [{"message": "m"}]
    assert values["broken"].startswith("(error: r.rego:")


def test_questions_are_told_with_their_answers_and_digests() -> None:
    body = f"""
    pass if {{
        oci.referrer("{T}").statement.predicate.n == 1
        oci.referrer("{T}").image != ""
        count(dhi.referrers("{T}")) == 2
        oci.referrer("{UNANSWERED}") == null
        count(dhi.facts("thing")) == 1
        cosign.verify_image("p@{OLDER}", {{"key_ref": "x"}}).error
        scout.parse_purl("nothing")
    }}"""

    asked = explained(body, optional=("other",)).asked

    assert asked[:5] == (
        Asked("oci.referrer", f'"{T}"', f"1 statement, {DIGEST}", (DIGEST,)),
        Asked("dhi.referrers", f'"{T}"', f"2 statements, newest {DIGEST}", (DIGEST, OLDER)),
        Asked("oci.referrer", f'"{UNANSWERED}"', "no verified statement"),
        Asked("dhi.facts", '"thing"', "1 entry", (DIGEST,)),
        Asked("cosign.verify_image", f'"p@{OLDER}", {{"key_ref": "x"}}', asked[4].answer),
    )
    assert "expected an address of Docker's keyring" in asked[4].answer
    assert asked[5].answer.startswith("error: scout.parse_purl: expected pkg:TYPE/NAME")


def test_statements_in_data_are_told_by_the_types_that_the_file_names() -> None:
    body = f"""
    types := ["{T}", "{UNANSWERED}", "https://example.com/not-known"]
    pass := count([s | some t in types; some s in object.get(data.dhiverify.statements, t, [])]) == 2
    """

    assert explained(body).asked == (
        Asked("data.dhiverify.statements", f'"{UNANSWERED}"', "no verified statement"),
        Asked("data.dhiverify.statements", f'"{T}"', f"2 statements, newest {DIGEST}", (DIGEST, OLDER)),
    )


@pytest.mark.parametrize(
    "body",
    [
        f'pass if data.dhiverify.statements["{T}"][0].predicate',
        f'pass if count(object.get(data.dhiverify.statements, "{T}", [])) == 2',
        f'import data.dhiverify.statements as st\npass if st["{T}"][0].predicate',
        f'import data.dhiverify as all\npass if all.statements["{T}"][0].predicate',
        f'pass if {{ some name, value in data; name == "dhiverify"; value.statements["{T}"][0].predicate }}',
    ],
)
def test_statements_are_told_wherever_in_a_reference_their_type_stands(body: str) -> None:
    found = explained(body)

    assert found.outcome.result == "pass"
    assert found.asked == (
        Asked("data.dhiverify.statements", f'"{T}"', f"2 statements, newest {DIGEST}", (DIGEST, OLDER)),
    )


def test_H02_argument_that_is_no_json_disturbs_neither_the_rule_nor_its_explanation() -> None:
    body = f"""
    pass if {{
        print("before")
        cosign.verify_image("p@{DIGEST}", {{"x": [{{1, 2}}]}}).error
        oci.referrer("{T}").statement.predicate.n == 1
        print("after")
    }}"""

    found = explained(body)

    assert (found.outcome.result, found.fault) == ("pass", "")
    assert [one.name for one in found.asked] == ["cosign.verify_image", "oci.referrer"]
    assert "[[1, 2]]" in found.asked[0].argument
    assert found.prints == ("r.rego:5: before", "r.rego:8: after")


def test_H02_what_cannot_be_noted_of_a_call_is_said() -> None:
    trace = Trace(Cut({"items": 9, "letters": 99, "values": 9, "all_members": 9, "all_letters": 99}))

    answer = trace("f", (10**5000,), lambda number: number % 7)

    assert answer == 10**5000 % 7
    assert trace.asked() == []
    assert trace.fault.startswith("a call of f cannot be shown: ")


def test_prints_and_lines_that_were_not_reached() -> None:
    body = 'pass if {\n\tinput.absent\n\tprint("never")\n}\npass if {\n\tprint("seen", 1)\n\ttrue\n}'

    found = explained(body)

    assert found.prints == ("r.rego:8: seen 1",)
    assert 5 in found.not_reached
    assert not {4, 8, 9} & set(found.not_reached)


def test_only_the_rules_that_were_named_are_explained() -> None:
    modules = [module("pass := true", "a"), module("pass := false", "b"), module("pass := true", "c")]
    with Rules(modules, NOW) as rules:
        named = rules.explain(given(), ["b", "nothing"])
        everything = rules.explain(given())

    assert [(one.outcome.id, one.outcome.result) for one in named] == [("b", "fail")]
    assert [one.outcome.id for one in everything] == ["a", "b", "c"]


def test_explaining_changes_no_outcome() -> None:
    modules = [module("pass := true", "a", evidence=("other",)), module("pass if 1 / 0 == 1", "b")]
    with Rules(modules, NOW) as rules:
        before = rules.evaluate(given())
        told = rules.explain(given())
        after = rules.evaluate(given())

    assert before == after == tuple(one.outcome for one in told)


def test_values_are_cut_and_say_so() -> None:
    body = """
    pass := true
    long := input.long
    many := numbers.range(1, 100000)
    members := {sprintf("k%d", [n]): {"n": n} | some n in numbers.range(1, 1000)}
    """
    limits = Limits(explained_items=10, explained_text=20)

    found = explained(body, given(input={"long": "x" * 100_000}), limits)

    assert found.values["long"] == found.inputs["input.long"] == "x" * 20 + "… (100000 characters)"
    assert found.values["many"] == [*range(1, 11), "… and 99990 more"]
    assert found.values["members"]["…"] == "and 995 more"
    assert len(msgspec.json.encode(found)) < 5_000


LONG = """
pass := true
big := concat("", [sprintf("%d", [i]) | some i in numbers.range(100, 350)])
""" + "".join(f"v{n} := [s | some j in numbers.range(1, 200); s := sprintf(`%d%s`, [j, big])]\n" for n in range(20))


def test_H05_values_of_one_rule_are_bounded_together() -> None:
    found = explained(LONG)

    assert len(found.values) == 22
    assert found.values["v19"] == ["… and 200 more"]
    assert len(msgspec.json.encode(found)) < 200_000
    assert "too long" in found.fault


def test_H05_members_prints_and_digests_count_together() -> None:
    body = """
    pass if { every n in numbers.range(1, 100) { print("line", n) }; count(dhi.facts("thing")) == 100 }
    v := numbers.range(1, 100)
    """
    facts = {"thing": [{"digest": f"sha256:{n:064}"} for n in range(100)]}
    limits = Limits(explained_members=120, explained_letters=1_000)

    found = explained(body, given(facts=facts), limits)

    assert found.asked[0].answer == "100 entries"
    assert len(found.asked[0].digests) == 100
    assert 10 < len(found.prints) < 100
    assert found.prints[-1] == f"… and {101 - len(found.prints)} more"
    assert found.values["v"] == ["… and 100 more"]
    assert "too long" in found.fault


def test_asking_the_same_again_takes_no_room() -> None:
    body = f'pass if every n in numbers.range(1, 5000) {{ oci.referrer("{T}").statement.predicate.n < n + 1 }}'

    found = explained(body, limits=Limits(explained_letters=2_000))

    assert (len(found.asked), found.fault) == (1, "")


def test_questions_values_and_inputs_are_counted_off() -> None:
    reads = "".join(f"v{n} := input.p{n}\n" for n in range(50))
    body = reads + "pass if every n in numbers.range(1, 100) { scout.parse_purl(sprintf(`pkg:a/b@%d`, [n])) }"

    found = explained(body, limits=Limits(explained_values=10))

    assert (len(found.values), len(found.inputs)) == (10, 10)
    assert len(found.asked) == 11
    assert found.asked[-1].answer == "90 more calls, which are not kept"


def test_file_that_is_too_large_is_explained_without_its_names() -> None:
    body = "pass := true\n" + "# a long comment\n" * 100

    found = explained(body, limits=Limits(explained_bytes=1_000))

    assert (found.outcome.result, found.inputs, found.values) == ("pass", {}, {})
    assert "more than 1000 characters" in found.fault


@pytest.mark.parametrize("value", [{"a": {"b": [1, None, True, 1.5, "x"]}}, [], {}, ""])
def test_configuration_is_given_as_it_is(value: Any) -> None:
    assert explained("pass := true", config={"value": value}).config == {"value": value}


def test_deep_values_are_cut() -> None:
    deep = json.loads("[" * 40 + "]" * 40)

    found = explained("pass := true\nv := input.deep", given(input={"deep": deep}))

    assert "… (1 members)" in json.dumps(found.values["v"], ensure_ascii=False)


def test_reached_lines_add_up_over_platforms() -> None:
    body = "pass if {\n\tinput.a\n\tinput.b\n}"
    with Rules([module(body)], NOW, coverage=True) as rules:
        nothing = rules.coverage()
        rules.evaluate(given(input={}))
        (first,) = rules.coverage()
        rules.evaluate(given(input={"a": 1, "b": 2}))
        (both,) = rules.coverage()

    assert [(one.path, one.covered) for one in nothing] == [("r.rego", ())]
    assert (first.covered, first.not_covered) == ((4,), (5,))
    assert (both.covered, both.not_covered) == ((4, 5), ())
