"""What documents and the command line demand of a base, and how it is refused where it could not be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.errors import ConfigurationError
from verifier.model import BaseDemand
from verifier.oci import parse_reference
from verifier.policy import Additions, load_document, plan_for
from verifier.policy.effective import effective

IMAGE = parse_reference("registry.example/acme/shop:1.2")
RULES = {"base-proved", "base-accepted", "base-current"}


def document(tmp_path: Path, base: str, rules: str = "[{pack: signed}]") -> str:
    path = tmp_path / "policy.yaml"
    head = "version: 1\nname: ours\nimages:\n  - match: '*'\n    trust: {keyFiles: [team.pub]}\n"
    path.write_text(f"{head}    rules: {rules}\n{base}")
    return str(path)


def test_a_section_says_what_the_base_must_be(tmp_path: Path) -> None:
    base = (
        "    base:\n      images: [dhi.io/*]\n      policy: bases.yaml\n      keyFiles: [dhi.pub]\n"
        "      layers: claimed\n      maxAgeDays: 60\n      variants: [runtime]\n      supported: false\n"
    )

    plan = plan_for(load_document(document(tmp_path, base)), IMAGE)

    assert plan is not None
    assert plan.base == BaseDemand(
        images=("dhi.io/*",),
        policy=str(tmp_path / "bases.yaml"),
        key_files=(str(tmp_path / "dhi.pub"),),
        max_age_days=60,
        variants=("runtime",),
        supported=False,
        accept_claimed=True,
    )
    configured = {module.id: module.config for module in plan.rules}
    assert configured.keys() == {"signed", *RULES}
    assert configured["base-proved"] == {"accept_claimed": True}
    assert configured["base-current"] == {"max_age_days": 60, "variants": ["runtime"], "supported": False}


def test_the_command_line_names_the_base_and_its_key(tmp_path: Path) -> None:
    loaded = load_document(document(tmp_path, "    base:\n      images: [dhi.io/*]\n      keyFiles: [dhi.pub]\n"))

    plan = plan_for(loaded, IMAGE, Additions(base="dhi.io/python:3.13", base_keys=("other.pub",)))

    assert plan is not None
    assert plan.base is not None
    assert (plan.base.reference, plan.base.key_files) == ("dhi.io/python:3.13", ("other.pub",))


def test_without_a_demand_nothing_looks_for_a_base() -> None:
    plan = plan_for(load_document("dhi"), IMAGE)

    assert plan is not None
    assert plan.base is None
    assert RULES.isdisjoint(module.id for module in plan.rules)


@pytest.mark.parametrize(
    ("base", "rules", "said"),
    [
        ("    base: {images: []}\n", "[{pack: signed}]", "no image could be the base"),
        ("    base: {images: ['python']}\n", "[{pack: signed}]", "can never match"),
        ("    base: {images: ['dhi.io/python:3']}\n", "[{pack: signed}]", "can never match"),
        ("    base: {images: [dhi.io/*], layers: some}\n", "[{pack: signed}]", "layers"),
        ("    base: {images: [dhi.io/*], maxAgeDays: 0}\n", "[{pack: signed}]", "maxAgeDays"),
        ("    base: {image: dhi.io/*}\n", "[{pack: signed}]", "image"),
        ("", "[{pack: base}]", "is told nothing about the base"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, base: str, rules: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        plan_for(load_document(document(tmp_path, base, rules)), IMAGE)


def test_a_key_for_a_base_that_nobody_demands_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no base is demanded"):
        plan_for(load_document("signed"), IMAGE, Additions(base_keys=("dhi.pub",)))


def test_a_rule_of_somebody_else_does_not_take_the_place_of_the_demand(tmp_path: Path) -> None:
    rule = tmp_path / "base-proved.rego"
    rule.write_text("package docker.scout\n\nimport rego.v1\n\npass := true\n")

    with pytest.raises(ConfigurationError, match="base-proved"):
        plan_for(load_document("signed"), IMAGE, Additions(base="dhi.io/python:3.13", rules=(str(rule),)))


def test_where_the_demand_comes_from_is_shown(tmp_path: Path) -> None:
    loaded = load_document(document(tmp_path, "    base:\n      images: [dhi.io/*]\n      maxAgeDays: 60\n"))

    shown = effective(loaded, IMAGE)
    named = effective(loaded, IMAGE, Additions(base="dhi.io/python:3.13"))

    assert {rule.id: rule.origin for rule in shown.rules if rule.id in RULES} == dict.fromkeys(
        RULES, f"{tmp_path}/policy.yaml:7"
    )
    assert {rule.origin for rule in named.rules if rule.id in RULES} == {"--base"}
    (current,) = [rule for rule in shown.rules if rule.id == "base-current"]
    assert ("config.max_age_days", f"{tmp_path}/policy.yaml:9") in [(v.name, v.origin) for v in current.values]
