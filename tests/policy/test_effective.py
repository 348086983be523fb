"""The effective policy: the values of the plan, and the line, option or default that each comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from verifier.errors import ConfigurationError
from verifier.model import Reference
from verifier.policy import Additions, load_document, plan_for
from verifier.policy.effective import EffectivePolicy, effective, reason

BUNDLE = "registry.example/acme/rules@sha256:" + "1" * 64
FINGERPRINT = "sha256:" + "2" * 64
POLICY = f"""\
version: 1
name: acme
images:
  - match: quay.io/**
    trust: {{keys: [dhi-2]}}
    rules: [{{pack: signed}}]
  - match: registry.example/team/*
    trust:
      keyFiles: [release.pub]
      deniedKeys: ["{FINGERPRINT}"]
      identities:
        - subject: release@acme.example
          issuer: https://accounts.example
    transparency: require
    evidence:
      - repository: registry.example/evidence/{{name}}
    require:
      - kind: sbom
      - kind: malware
        maxAgeDays: 7
    rules:
      - pack: dhi
        effects:
          dhi-end-of-life: enforce
        config:
          fixable-vulnerabilities: {{package_types: [deb]}}
      - path: own.rego
      - bundle: {BUNDLE}
        effects: {{theirs: warn}}
    waivers:
      - rule: theirs
        images: registry.example/team/app
        reason: known
        owner: team
        ticket: T-1
        expires: 9999-12-31
    enforce: false
"""
OWN = "# METADATA\n# title: Own\n# custom:\n#   effect: warn\n#   weight: 3\npackage docker.scout\npass := true\n"
APP = Reference("registry.example", "team/app", "1")


@pytest.fixture
def policy(tmp_path: Path) -> str:
    (tmp_path / "own.rego").write_text(OWN)
    path = tmp_path / "acme.yaml"
    path.write_text(POLICY)
    return str(path)


def shown(policy: str, more: Additions | None = None, requested: Reference = APP) -> EffectivePolicy:
    return effective(load_document(policy), requested, more)


def origins(found: EffectivePolicy) -> dict[str, tuple[Any, str]]:
    return {value.name: (value.value, Path(value.origin).name) for value in found.values}


def of_rule(found: EffectivePolicy, rule: str) -> dict[str, tuple[Any, str]]:
    (entry,) = (entry for entry in found.rules if entry.id == rule)
    return {value.name: (value.value, Path(value.origin).name) for value in entry.values}


def test_each_value_of_a_document_has_its_line(policy: str) -> None:
    found = origins(shown(policy))

    assert found["trust.keyFiles"] == (str(Path(policy).parent / "release.pub"), "acme.yaml:9")
    assert found["trust.deniedKeys"] == (FINGERPRINT.removeprefix("sha256:"), "acme.yaml:10")
    assert found["trust.identities"][1] == "acme.yaml:12"
    assert found["trust.trustedRoot"] == ("yours, or the shipped one", "default")
    assert found["transparency"] == ("require", "acme.yaml:14")
    assert found["evidence"] == ("registry.example/evidence/app", "acme.yaml:16")
    assert (found["require[0]"][1], found["require[1]"][1]) == ("acme.yaml:18", "acme.yaml:19")
    assert found["maxAgeDays"] == (30, "default")
    assert found["enforce"] == (False, "acme.yaml:37")
    assert (found["waivers[0]"][0]["ticket"], found["waivers[0]"][1]) == ("T-1", "acme.yaml:31")


def test_the_section_that_decides_stands_last(policy: str) -> None:
    found = shown(policy)

    assert found.decides == "registry.example/team/*"
    assert [(section.match, section.matches) for section in found.sections] == [
        ("quay.io/**", False),
        ("registry.example/team/*", True),
    ]
    assert Path(found.sections[1].origin).name == "acme.yaml:7"


def test_G13_no_section_decides_about_other_images(policy: str) -> None:
    found = shown(policy, requested=Reference("docker.io", "library/alpine", "3"))

    assert found.decides is None
    assert (len(found.sections), found.values, found.rules) == (2, (), ())


def test_effect_weight_and_configuration_of_a_rule_name_who_says_them(policy: str, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(
        '{"policies": [{"name": "fixable-vulnerabilities", "weight": 5, "config": {"default_sla_days": 9}}]}'
    )

    found = shown(policy, Additions(policy_config=str(config)))

    assert of_rule(found, "dhi-end-of-life")["effect"] == ("enforce", "acme.yaml:24")
    assert of_rule(found, "dhi-privileged-port")["effect"] == ("warn", "pack dhi METADATA")
    assert of_rule(found, "dhi-requested-tag")["effect"] == ("enforce", "default")
    own = of_rule(found, "own")
    assert own["effect"] == ("warn", "own.rego METADATA")
    assert own["weight"] == (3, "own.rego METADATA")
    assert own["unknown"] == ("deny", "default")
    fixable = of_rule(found, "fixable-vulnerabilities")
    assert fixable["config.package_types"] == (["deb"], "acme.yaml:26")
    assert fixable["config.default_sla_days"] == (9, "config.json")
    assert fixable["weight"] == (5, "config.json")
    assert of_rule(found, "dhi-required-evidence")["config.required"][1] == "acme.yaml:17"
    assert of_rule(found, "dhi-fresh-evidence")["config.max_age_days"] == (30, "default")


def test_H12_rules_of_a_bundle_are_named_and_not_fetched(policy: str) -> None:
    found = shown(policy)

    (bundle,) = found.bundles
    (theirs,) = (rule for rule in found.rules if not rule.fetched)
    assert bundle.value["reference"] == BUNDLE
    assert Path(bundle.origin).name == "acme.yaml:28"
    assert (theirs.id, theirs.path) == ("theirs", BUNDLE)
    assert of_rule(found, "theirs")["effect"] == ("warn", "acme.yaml:29")


def test_the_command_line_is_named_where_it_decides(policy: str, tmp_path: Path) -> None:
    (tmp_path / "more.rego").write_text(OWN)
    more = Additions(
        key_files=("mine.pub",),
        attestation_repos=("registry.example/other",),
        platforms=("linux/amd64",),
        ignore_transparency=True,
        rules=(str(tmp_path / "more.rego"), f"oci://{BUNDLE.replace('1', '3')}"),
        annotations=(("env", "prod"),),
        predicate_types=(("sbom", ("https://spdx.dev/Document",)),),
    )

    found = effective(load_document(policy), APP, more, flags={"key_files": "DHIVERIFY_KEY"})

    values = [(value.name, value.value, Path(value.origin).name) for value in found.values]
    assert ("trust.keyFiles", "mine.pub", "DHIVERIFY_KEY") in values
    assert "trust.identities" not in {name for name, _, _ in values}
    assert ("transparency", "ignore", "--insecure-ignore-tlog") in values
    assert ("evidence", "registry.example/other", "--attestation-repo") in values
    assert ("platforms", ["linux/amd64"], "--platform") in values
    assert [bundle.origin for bundle in found.bundles][1] == "--rules"
    entries = {rule.id: Path(rule.origin).name for rule in found.rules}
    assert (entries["more"], entries["signed"], entries["attested"]) == ("--rules", "--annotations", "--predicate-type")
    assert of_rule(found, "signed")["effect"] == ("enforce", "--annotations")
    assert of_rule(found, "attested")["config.types"][1] == "--predicate-type"


def test_values_are_those_of_the_plan() -> None:
    loaded = load_document("dhi")
    plan = plan_for(loaded, APP)
    assert plan

    found = effective(loaded, APP)

    shown = {(rule.id, rule.path, rule.digest) for rule in found.rules}
    assert shown == {(rule.id, rule.path, rule.digest) for rule in plan.rules}
    for rule in plan.rules:
        values = of_rule(found, rule.id)
        assert (values["effect"][0], values["unknown"][0], values["weight"][0]) == (
            rule.effect,
            rule.on_unknown,
            rule.weight,
        )
        assert {name for name in values if name.startswith("config.")} == {f"config.{name}" for name in rule.config}


def test_lines_of_a_compiled_document_are_known(policy: str) -> None:
    found = effective(load_document("dhi"), APP)

    (keys,) = (value for value in found.values if value.name == "trust.keys")
    name, _, line = keys.origin.rpartition(":")
    assert (keys.value, name) == ("dhi-2", "built-in:dhi")
    assert int(line) > 1


def test_scouts_rules_stand_in_for_the_pack(policy: str) -> None:
    found = effective(load_document("dhi"), APP, Additions(compat="scout"))

    assert len(found.rules) == 9
    assert all(rule.origin.endswith("(--compat)") for rule in found.rules)
    assert ("compat", "scout", "--compat") in [(value.name, value.value, value.origin) for value in found.values]


def test_without_an_image_all_that_the_document_states_is_shown(policy: str) -> None:
    found = effective(load_document(policy), None)

    first, second = found.sections
    assert (first.matches, second.matches, found.decides) == (None, None, None)
    stated = {value.name: (value.value, Path(value.origin).name) for value in second.values}
    assert stated["trust.keyFiles[0]"] == ("release.pub", "acme.yaml:9")
    assert stated["require[1]"] == ({"kind": "malware", "maxAgeDays": 7}, "acme.yaml:19")
    assert stated["enforce"] == (False, "acme.yaml:37")


def test_what_the_plan_refuses_is_refused_here(policy: str) -> None:
    with pytest.raises(ConfigurationError, match="not pinned by a digest"):
        shown(policy, Additions(rules=("oci://registry.example/acme/rules:1",)))


@pytest.mark.parametrize(
    ("name", "stated", "expected"),
    [
        ("dhi", "", "default"),
        ("p.yaml", "--policy", "--policy"),
        ("p.yaml", "DHIVERIFY_POLICY", "DHIVERIFY_POLICY"),
        ("/home/u/.config/dhiverify/policy.yaml", "", "your configuration"),
        ("/etc/dhiverify/policy.yaml", "", "the system's configuration"),
    ],
)
def test_why_a_document_was_chosen(name: str, stated: str, expected: str) -> None:
    assert reason(name, stated, {"HOME": "/home/u"}) == expected
