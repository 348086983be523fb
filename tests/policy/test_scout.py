"""Docker Scout's way: its configuration file, its rules under `--compat scout`, modules that take their place."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.policy.test_plan import OWN, planned
from verifier.errors import ConfigurationError
from verifier.model import Plan, RuleModule
from verifier.policy import Additions

MALWARE = "dhi-no-embedded-malware"
SCOUT = Additions(compat="scout")


def configured(folder: Path, *policies: Any, compat: str = "", **members: Any) -> Additions:
    path = folder / "scout.json"
    path.write_text(json.dumps({"policies": policies} | members))
    return Additions(policy_config=str(path), compat=compat)


def rules(plan: Plan, name: str) -> list[RuleModule]:
    return [module for module in plan.rules if module.id == name]


def module(folder: Path, name: str) -> str:
    (folder / f"{name}.rego").write_text(OWN)
    return str(folder / f"{name}.rego")


def test_a_configuration_weighs_configures_and_switches_off(tmp_path: Path) -> None:
    more = configured(
        tmp_path,
        {"name": MALWARE, "weight": 0, "config": {"a": 1}},
        {"name": "dhi-end-of-life", "enabled": False},
        debug=True,
    )

    plan = planned(tmp_path, more=more)

    (found,) = rules(plan, MALWARE)
    assert (found.weight, found.config) == (0, {"a": 1})
    assert not rules(plan, "dhi-end-of-life")
    (other,) = rules(plan, "dhi-no-embedded-secrets")
    assert (other.weight, other.config) == (10, {})


def test_G16_switching_every_rule_off_leaves_nothing_that_could_pass(tmp_path: Path) -> None:
    more = configured(tmp_path, {"name": "own", "enabled": False})

    with pytest.raises(ConfigurationError, match="no rule is left"):
        planned(tmp_path, rules="[{path: own.rego}]", more=more)


def test_G15_an_unknown_rule_is_refused_and_only_logged_where_docker_ignores_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entry = {"name": "dhi-no-embeded-malware", "enabled": False}

    with pytest.raises(ConfigurationError, match="configures a rule that does not exist") as caught:
        planned(tmp_path, more=configured(tmp_path, entry))
    with caplog.at_level(logging.WARNING):
        plan = planned(tmp_path, more=configured(tmp_path, entry, compat="scout"))

    assert caught.value.hint.startswith(f"Did you mean `{MALWARE}`?")
    assert rules(plan, MALWARE)
    assert "dhi-no-embeded-malware" in caplog.text


@pytest.mark.parametrize(
    "policies",
    [
        [{"name": MALWARE, "weight": -1}],
        [{"name": MALWARE, "weight": "high"}],
        [{"name": MALWARE, "enabled": "no"}],
        [{"name": MALWARE, "config": []}],
        [{"enabled": False}],
        [{"name": MALWARE}, {"name": MALWARE, "enabled": False}],
    ],
)
def test_G15_a_configuration_that_could_be_read_in_two_ways_is_refused(tmp_path: Path, policies: list[Any]) -> None:
    with pytest.raises(ConfigurationError):
        planned(tmp_path, more=configured(tmp_path, *policies))


def test_compat_takes_dockers_rules_in_place_of_ours(tmp_path: Path) -> None:
    plan = planned(tmp_path, rules="[{pack: dhi}, {path: own.rego}]", more=SCOUT)

    assert plan.compat == "scout"
    paths = {module.path.rpartition("/")[0] for module in plan.rules}
    assert paths == {"built-in:scout", str(tmp_path)}
    assert len(plan.rules) == 10
    assert planned(tmp_path).compat == ""


def test_compat_keeps_effects_and_configuration_of_the_rules_that_both_have(tmp_path: Path) -> None:
    told = (
        f"effects: {{{MALWARE}: warn, dhi-end-of-life: enforce}}, unknown: {{{MALWARE}: warn}}, "
        "config: {fixable-vulnerabilities: {default_sla_days: 1}}"
    )

    plan = planned(tmp_path, rules=f"[{{pack: dhi, {told}}}]", more=SCOUT)

    (malware,), (vulnerabilities,) = rules(plan, MALWARE), rules(plan, "fixable-vulnerabilities")
    assert (malware.effect, malware.on_unknown) == ("warn", "warn")
    assert vulnerabilities.config == {"default_sla_days": 1}


def test_compat_carries_out_no_required_kind_and_no_age_but_reads_the_same_documents(tmp_path: Path) -> None:
    stated = ", require: [{kind: sbom, maxAgeDays: 7}], maxAgeDays: 7"
    waiver = "{rule: dhi-end-of-life, images: dhi.io/python, reason: a, owner: b, ticket: c, expires: 9999-12-31}"

    plan = planned(tmp_path, f"{stated}, waivers: [{waiver}]", more=SCOUT)

    assert plan.required == ()
    assert [found.rule for found in plan.waivers] == ["dhi-end-of-life"]
    with pytest.raises(ConfigurationError, match="`require` is carried out by"):
        planned(tmp_path, stated, rules="[{pack: signed}]", more=SCOUT)


def test_compat_leaves_a_document_without_that_pack_as_it_is(tmp_path: Path) -> None:
    plan = planned(tmp_path, rules="[{pack: signed}, {path: own.rego}]", more=SCOUT)

    assert [module.id for module in plan.rules] == ["signed", "own"]


@pytest.mark.parametrize("packs", ["[{pack: scout}]", "[{pack: dhi}, {pack: scout}]"])
def test_compat_has_each_of_dockers_rules_once(tmp_path: Path, packs: str) -> None:
    if packs == "[{pack: scout}]":
        assert len(planned(tmp_path, rules=packs, more=SCOUT).rules) == 9
    else:
        with pytest.raises(ConfigurationError, match="have the same rule id"):
            planned(tmp_path, rules=packs, more=SCOUT)


def test_a_module_of_the_command_line_takes_the_place_of_dockers_only_there(tmp_path: Path) -> None:
    path = module(tmp_path, MALWARE)
    waived = Additions(rules=(path,), compat="scout")

    assert [found.path for found in rules(planned(tmp_path, more=waived), MALWARE)] == [path]
    both = rules(planned(tmp_path, more=Additions(rules=(path,))), MALWARE)
    assert [found.path for found in both] == [f"built-in:dhi/{MALWARE}.rego", path]


def test_C06_a_module_of_the_command_line_replaces_no_rule_of_a_document(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    path = module(tmp_path / "more", "own")

    for compat in ("", "scout"):
        plan = planned(tmp_path, rules="[{path: own.rego}]", more=Additions(rules=(path,), compat=compat))
        assert [found.path for found in rules(plan, "own")] == [str(tmp_path / "own.rego"), path]


def test_configuration_reaches_both_rules_of_one_name(tmp_path: Path) -> None:
    config = configured(tmp_path, {"name": MALWARE, "weight": 3}).policy_config

    plan = planned(tmp_path, more=Additions(rules=(module(tmp_path, MALWARE),), policy_config=config))

    assert [found.weight for found in rules(plan, MALWARE)] == [3, 3]


def test_two_modules_of_the_command_line_with_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    more = Additions(rules=(module(tmp_path, "a"), module(tmp_path / "more", "a")))

    with pytest.raises(ConfigurationError, match="have the same rule id 'a'"):
        planned(tmp_path, more=more)
    with pytest.raises(ConfigurationError, match="have the same rule id 'a'"):
        planned(tmp_path, more=Additions(rules=more.rules[:1] * 2))


def test_unknown_reaches_the_rule_it_names(tmp_path: Path) -> None:
    plan = planned(tmp_path, rules=f"[{{pack: dhi, unknown: {{{MALWARE}: warn}}}}]")

    assert {module.id for module in plan.rules if module.on_unknown == "warn"} == {MALWARE}


def test_C06_what_the_command_line_demands_denies_when_it_is_unknown(tmp_path: Path) -> None:
    more = Additions(annotations=(("stage", "production"),))

    (found,) = planned(tmp_path, rules="[{pack: signed, unknown: {signed: warn}}]", more=more).rules

    assert (found.effect, found.on_unknown) == ("enforce", "deny")


def test_an_age_of_a_kind_is_handed_to_the_rule_that_asks_for_it(tmp_path: Path) -> None:
    plan = planned(tmp_path, ", require: [{kind: vulnerabilities, maxAgeDays: 7}, {kind: sbom}]")

    (found,) = rules(plan, "dhi-required-evidence")
    assert [entry.get("max_age_days") for entry in found.config["required"]] == [7, None]
