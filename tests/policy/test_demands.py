"""What is demanded of signatures and attestations: by a document, by the command line, in every policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.policy.test_plan import IMAGE, planned
from verifier.errors import ConfigurationError
from verifier.model import Plan, Reference, RuleModule
from verifier.policy import Additions, load_document, plan_for
from verifier.policy.modules import read_module
from verifier.policy.shipped import builtin_names

SLSA = "https://slsa.dev/provenance/v1"
REVIEW = "https://example.com/review/v1"
STAGE = Additions(annotations=(("stage", "production"),))
TYPES = Additions(predicate_types=(("slsaprovenance1", (SLSA,)), (REVIEW, (REVIEW,))))
OWN_SIGNED = "package docker.scout\nimport rego.v1\npass := true\n"


def builtin(name: str, additions: Additions | None = None) -> Plan:
    plan = plan_for(load_document(name), IMAGE, additions)
    assert plan
    return plan


def rule(plan: Plan, name: str) -> RuleModule:
    (found,) = [module for module in plan.rules if module.id == name]
    return found


def attested(folder: Path, config: str, more: Additions | None = None) -> RuleModule:
    return rule(planned(folder, rules=f"[{{pack: attested, config: {{attested: {config}}}}}]", more=more), "attested")


def test_the_builtin_documents() -> None:
    assert builtin_names() == ("attested", "dhi", "signed")
    for name in builtin_names():
        assert load_document(name).document.name == name


def test_the_builtin_documents_search_the_same_places_and_trust_the_same_keys() -> None:
    sections = [load_document(name).document.images[0] for name in builtin_names()]

    assert len({(s.match, s.trust, s.evidence, s.transparency, s.enforce) for s in sections}) == 1


def test_signed_demands_one_thing_and_counts_nothing_else() -> None:
    plan = builtin("signed")

    assert [module.id for module in plan.rules] == ["signed"]
    assert (rule(plan, "signed").demand, rule(plan, "signed").evidence) == (True, ("signature",))
    assert (plan.counted, plan.annotations, plan.keys) == (("signature",), (), ("dhi-2",))
    assert builtin("signed", Additions(key_files=("k.pub",))).keys == ()


def test_G16_attested_must_be_told_what_it_demands() -> None:
    with pytest.raises(ConfigurationError, match="not told which attestations") as caught:
        builtin("attested")

    assert "--predicate-type" in caught.value.hint


def test_attested_demands_the_types_of_the_command_line() -> None:
    plan = builtin("attested", TYPES)

    found = rule(plan, "attested")
    assert found.config == {
        "types": [{"name": "slsaprovenance1", "types": [SLSA]}, {"name": REVIEW, "types": [REVIEW]}]
    }
    assert found.evidence == found.optional == plan.counted == (SLSA, REVIEW)


@pytest.mark.parametrize("policy", ["dhi", "signed", "attested"])
def test_C06_demands_of_the_command_line_hold_in_every_policy(policy: str) -> None:
    both = Additions(annotations=STAGE.annotations, predicate_types=TYPES.predicate_types)

    plan = builtin(policy, both)

    assert plan.annotations == (("stage", "production"),)
    assert rule(plan, "signed").config == {"annotations": {"stage": "production"}}
    assert len(rule(plan, "attested").config["types"]) == 2
    assert set(plan.counted) == (set() if policy == "dhi" else {"signature", SLSA, REVIEW})


def test_dhi_without_demands_has_neither_rule_and_counts_everything() -> None:
    plan = builtin("dhi")

    assert {"signed", "attested"}.isdisjoint({module.id for module in plan.rules})
    assert (plan.counted, plan.annotations) == ((), ())


def test_a_document_names_kinds_and_types(tmp_path: Path) -> None:
    found = attested(tmp_path, f"{{types: [sbom, {{name: slsa, types: ['{SLSA}', provenance]}}]}}", TYPES)

    assert [one["name"] for one in found.config["types"]] == ["sbom", "slsa", "slsaprovenance1", REVIEW]
    assert found.config["types"][0] == {"name": "sbom", "types": ["sbom"]}
    assert found.evidence == found.optional == ("sbom", SLSA, "provenance", REVIEW)


@pytest.mark.parametrize(
    "config",
    [
        "{types: sbom}",
        "{types: ['']}",
        "{types: [7]}",
        "{types: [{name: a}]}",
        "{types: [{name: a, types: []}]}",
        "{types: [{name: a, types: ['']}]}",
        "{types: [{name: a, types: [sbom], when: x}]}",
        "{type: [sbom]}",
    ],
)
def test_C06_G15_a_configuration_that_would_demand_less_is_refused(tmp_path: Path, config: str) -> None:
    with pytest.raises(ConfigurationError, match="`config` of the rule attested"):
        attested(tmp_path, config, TYPES)


def test_annotations_of_a_document_count_like_those_of_the_command_line(tmp_path: Path) -> None:
    def plan(config: str, more: Additions | None = None) -> Plan:
        return planned(tmp_path, rules=f"[{{pack: signed, config: {{signed: {config}}}}}]", more=more)

    assert plan("{annotations: {team: a}}").annotations == (("team", "a"),)
    assert plan("{annotations: {team: a}}", STAGE).annotations == (("team", "a"), ("stage", "production"))
    assert plan("{annotations: {stage: production}}", STAGE).annotations == STAGE.annotations
    with pytest.raises(ConfigurationError, match="stage is demanded as 'test' and as 'production'"):
        plan("{annotations: {stage: test}}", STAGE)
    for wrong in ("{annotations: [a]}", "{annotations: {stage: 7}}", "{annotations: {'': a}}", "{annotation: {}}"):
        with pytest.raises(ConfigurationError, match="`config` of the rule signed"):
            plan(wrong)


def test_C06_what_the_command_line_demands_is_enforced_whatever_the_document_says(tmp_path: Path) -> None:
    rules = "[{pack: signed, effects: {signed: warn}}]"
    configuration = tmp_path / "scout.json"
    configuration.write_text(json.dumps({"policies": [{"name": "signed", "enabled": False}]}))
    switched_off = Additions(annotations=STAGE.annotations, policy_config=str(configuration))

    assert rule(planned(tmp_path, rules=rules), "signed").effect == "warn"
    assert rule(planned(tmp_path, rules=rules, more=STAGE), "signed").effect == "enforce"
    assert rule(planned(tmp_path, rules=rules, more=switched_off), "signed").effect == "enforce"


def test_C06_a_rule_of_the_same_name_does_not_carry_out_a_demand(tmp_path: Path) -> None:
    (tmp_path / "signed.rego").write_text(OWN_SIGNED)

    assert rule(planned(tmp_path, rules="[{path: signed.rego}]"), "signed").config == {}
    with pytest.raises(ConfigurationError, match="rules with the same id: signed"):
        planned(tmp_path, rules="[{path: signed.rego}]", more=STAGE)


def test_everything_counts_as_soon_as_one_rule_is_no_demand(tmp_path: Path) -> None:
    assert planned(tmp_path, rules="[{pack: signed}]").counted == ("signature",)
    assert planned(tmp_path, rules="[{pack: signed}, {path: own.rego}]").counted == ()


def test_G16_demands_do_not_make_an_empty_section_a_full_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no rules"):
        planned(tmp_path, rules="[]", more=STAGE)


def test_a_rule_says_that_it_is_a_demand() -> None:
    text = "# METADATA\n# custom:\n#   demand: {}\npackage docker.scout\n"

    assert read_module("r.rego", text.format("true")).demand is True
    assert read_module("r.rego", OWN_SIGNED).demand is False
    with pytest.raises(ConfigurationError, match=r"^r\.rego:3: METADATA: "):
        read_module("r.rego", text.format("[a]"))


def required(plan: Plan) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rule(plan, "dhi-required-evidence").config["required"]
    return found


def test_a_requirement_may_be_limited_to_artifacts(tmp_path: Path) -> None:
    plan = planned(tmp_path, ", require: [{kind: sbom, artifacts: [image, chart]}, {kind: provenance}]")

    assert [one.artifacts for one in plan.required] == [("image", "chart"), ()]
    assert [one["artifacts"] for one in required(plan)] == [["image", "chart"], []]
    for wrong in ("[images]", "image", "[7]"):
        with pytest.raises(ConfigurationError, match=r"require\[0\]\.artifacts"):
            planned(tmp_path, f", require: [{{kind: sbom, artifacts: {wrong}}}]")


def test_of_package_images_dhi_requires_provenance_alone() -> None:
    assert [
        one["kind"] for one in required(builtin("dhi")) if "package" in one["artifacts"] or not one["artifacts"]
    ] == ["provenance"]


@pytest.mark.parametrize(
    ("requested", "read"),
    [
        (Reference("dhi.io", "pkg-bash", "5"), True),
        (Reference("docker.io", "acme/dhi-pkg-bash", "5"), True),
        (Reference("dhi.io", "python", "3.13"), False),
        (Reference("dhi.io", "pkg-bash/python", "3.13"), False),
    ],
)
def test_what_answers_for_provenance_of_packages_is_read_of_them_alone(requested: Reference, read: bool) -> None:
    plan = plan_for(load_document("dhi"), requested)

    assert plan
    names = {name for module in plan.rules for name in (*(module.evidence or ()), *module.optional)}
    assert ({"source", "scout-provenance"} <= names) is read
