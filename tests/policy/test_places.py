"""Faults of a document: where they stand, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy.test_plan import planned
from verifier.errors import ConfigurationError
from verifier.policy import Additions
from verifier.policy.reading import parse

DOCUMENT = """\
version: 1
name: team
images:
  - match: docker.io/acme/*
    trust:
      keys: [dhi-2]
    require:
      - kind: sbom
        artifacts: [image]
    transparency: require
    rules:
      - pack: dhi
        effects:
          dhi-end-of-life: enforce
        unknown:
          dhi-end-of-life: warn
        config:
          dhi-fresh-evidence: {}
    waivers:
      - rule: fixable-vulnerabilities
        images: docker.io/acme/app
        reason: not reachable
        owner: payments
        ticket: SEC-1
        expires: 9999-12-31
"""


def fault(old: str, new: str) -> ConfigurationError:
    assert DOCUMENT.count(old) == 1
    with pytest.raises(ConfigurationError) as caught:
        parse(DOCUMENT.replace(old, new).encode(), "team.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "place", "meant"),
    [
        ("version:", "vers: 1\nversion:", "1:1", "version"),
        ("    transparency:", "    maxagedays: 7\n    transparency:", "10:5", "maxAgeDays"),
        ("keys: [", "keyfiles: [a]\n      keys: [", "6:7", "keyFiles"),
        ("        artifacts:", "        maxAge: 7\n        artifacts:", "9:9", "maxAgeDays"),
        ("        effects:", "        effect: {}\n        effects:", "13:9", "effects"),
        ("        ticket:", "        tickets: a\n        ticket:", "24:9", "ticket"),
        ("kind: sbom", "kind: sbomb", "8:9", "sbom"),
        ("[image]", "[images]", "9:21", "image"),
        ("transparency: require", "transparency: required", "10:5", "require"),
        ("pack: dhi", "pack: dhl", "12:9", "dhi"),
        ("life: enforce", "life: enforced", "14:11", "enforce"),
        ("life: warn", "life: warned", "16:11", "warn"),
    ],
)
def test_G15_a_typing_error_is_found_with_its_place_and_what_was_meant(
    old: str, new: str, place: str, meant: str
) -> None:
    found = fault(old, new)

    assert str(found).startswith(f"team.yaml:{place}: ")
    assert found.hint.startswith(f"Did you mean `{meant}`? Known here: ")


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("name: team", "name: 7", "2:1", "Expected `str`"),
        ("evidence: {}", "evidence: 7", "18:11", "Expected `object`"),
        ("ticket: SEC-1", "ticket: 142", "24:9", "Expected `str`"),
        ("        owner: payments\n", "", "20:9", "missing required field `owner`"),
        ("kind: sbom", "kind: sbom\n        maxAgeDays:", "9:9", "Expected `int`, got `null`"),
        ("kind: sbom", "kind: sbom\n        maxAgeDays: 0", "9:9", "Expected `int` >= 1"),
        ("transparency: require", "transparency:", "10:5", "got `null`"),
        ("transparency: require", "maxAgeDays:", "10:5", "Expected `int`, got `null`"),
        ("keys: [dhi-2]", "keys: [dhi-2]\n      trustedRoot: ''", "7:7", "length >= 1"),
    ],
)
def test_G15_G16_every_wrong_or_empty_value_has_its_place(old: str, new: str, place: str, words: str) -> None:
    found = fault(old, new)

    assert str(found).startswith(f"team.yaml:{place}: ")
    assert words in str(found)


def test_text_that_yaml_reads_as_a_number_shall_be_quoted() -> None:
    assert "Quote it" in fault("ticket: SEC-1", "ticket: 142").hint


def test_what_nothing_is_like_is_answered_with_what_is_known() -> None:
    assert fault("name: team", "zzz: 1\nname: team").hint == "Known here: version, name, images."


@pytest.mark.parametrize(
    ("rules", "column"),
    [
        ("[{pack: dhi, effects: {dhi-end-of-live: warn}}]", 70),
        ("[{pack: dhi, unknown: {dhi-end-of-live: warn}}]", 70),
        ("[{pack: dhi, config: {dhi-end-of-live: {}}}]", 69),
    ],
)
def test_G15_a_rule_that_does_not_exist_is_found_with_its_place(tmp_path: Path, rules: str, column: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"^t\.yaml:4:{column}: there is no rule 'dhi-end-of-live'") as caught:
        planned(tmp_path, rules=rules)

    assert caught.value.hint.startswith("Did you mean `dhi-end-of-life`?")


def test_G15_a_waiver_of_a_rule_that_the_section_does_not_load_is_refused(tmp_path: Path) -> None:
    waiver = "{rule: own, images: dhi.io/python, reason: a, owner: b, ticket: c, expires: 9999-12-31}"
    more = Additions(rules=(str(tmp_path / "own.rego"),))

    with pytest.raises(ConfigurationError, match=r"^t\.yaml:4:\d+: there is no rule 'own' here"):
        planned(tmp_path, f", waivers: [{waiver}]", more=more)
    assert planned(tmp_path, f", waivers: [{waiver}]", rules="[{path: own.rego}]").waivers[0].rule == "own"
