"""What rules get to see of an image: all that is verified, exactly as signed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import keys, only
from tests.verification.conftest import Verify
from verifier.model import RuleOutcome

MARK = "nobody-signed-this"
SEES_MARK = f"""\
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

image := input.source.image

everything := [
	input,
	data.dhiverify,
	dhi.facts("evidence"),
	dhi.facts("image"),
	dhi.facts("platforms"),
	oci.index(image.name, image.digest),
	oci.referrer_index(image.name, image.digest),
]

violation contains {{"message": sprintf("%v", [path])}} if {{
	some path, value
	walk(everything, [path, value])
	is_string(value)
	contains(value, "{MARK}")
}}

violation contains {{"message": sprintf("name %v", [path])}} if {{
	some path, value
	walk(everything, [path, value])
	is_object(value)
	some name, _ in value
	contains(name, "{MARK}")
}}
"""
Ask = Callable[[ImageUnderTest, str], RuleOutcome]


@pytest.fixture
def ask(verify: Verify, tmp_path: Path) -> Ask:
    """`ask(image, rego)`: what this rule, given beside the pack, comes to."""

    def outcome(image: ImageUnderTest, source: str) -> RuleOutcome:
        (tmp_path / "asked.rego").write_text(source)
        return verify(image.registry(), rules=(str(tmp_path / "asked.rego"),)).rule("asked")

    return outcome


def when(condition: str) -> str:
    return f"package docker.scout\n\nimport rego.v1\n\ndefault pass := false\n\npass if {{\n\t{condition}\n}}\n"


def marked(document: Any) -> Any:
    annotations = {**document.get("annotations", {}), MARK: MARK}
    return {**document, "annotations": annotations, f"x-{MARK}": MARK}


UNSIGNED: dict[str, dict[str, Any]] = {
    "annotations of signatures": {"signature_manifest": only("*", marked)},
    "the index": {"index": marked},
    "entries of the index": {"index": lambda index: {**index, "manifests": [marked(e) for e in index["manifests"]]}},
    "an unsigned statement": {"extra": (("malware", {"scanner": MARK}),), "unsigned": {"malware"}},
    "a stranger's statement": {"evidence": {"malware": {"scanner": MARK}}, "signed_by": {"malware": keys.stranger}},
    "another image's statement": {
        "evidence": {"malware": {"scanner": MARK}},
        "statement_subject": {"malware": "sha256:" + "1" * 64},
    },
}


@pytest.mark.parametrize("where", UNSIGNED)
def test_H11_rules_see_nothing_that_nobody_signed(publisher: Publisher, ask: Ask, where: str) -> None:
    image = publisher.image(platforms=("linux/amd64",), **UNSIGNED[where])

    outcome = ask(image, SEES_MARK)

    assert (outcome.result, outcome.message) == ("pass", "")


def test_H11_what_a_listing_says_is_not_seen(publisher: Publisher, ask: Ask) -> None:
    image = publisher.image(platforms=("linux/amd64",))
    for subject, entries in image.listings.items():
        image.relist(subject, [marked(entry) for entry in entries])

    assert ask(image, SEES_MARK).result == "pass"


@pytest.mark.parametrize(
    "signed",
    [
        {"evidence": {"tests": {"note": MARK}}},
        {"statement": only("tests", lambda statement: {**statement, MARK: 1})},
        {"labels": {"note.x": MARK}},
        {"sign_index": True, "index": marked},
    ],
)
def test_what_is_signed_is_seen(publisher: Publisher, ask: Ask, signed: dict[str, Any]) -> None:
    assert ask(publisher.image(platforms=("linux/amd64",), **signed), SEES_MARK).result == "fail"


NUMBERS = "https://example.com/numbers/v1"


@pytest.mark.parametrize(
    ("number", "condition", "result"),
    [
        (9007199254740992, "n == 9007199254740993", "fail"),
        (9007199254740993, "n == 9007199254740993", "pass"),
        (9007199254740992, "n < 9007199254740993", "pass"),
        (18446744073709551615, "n > 18446744073709551614", "pass"),
        (6.9, "n < 7", "pass"),
        (7.0, "n >= 7", "pass"),
    ],
)
def test_H10_numbers_keep_their_precision(
    publisher: Publisher, ask: Ask, number: float, condition: str, result: str
) -> None:
    image = publisher.image(platforms=("linux/amd64",), evidence={NUMBERS: {"n": number}})

    rule = when(f'n := oci.referrer("{NUMBERS}").statement.predicate.n; {condition}')

    assert ask(image, rule).result == result


def test_J18_a_rule_can_judge_parameters_and_materials_of_a_build(publisher: Publisher, ask: Ask) -> None:
    image = publisher.image(platforms=("linux/amd64",), slsa="v1")
    slsa = 'build := oci.referrer("https://slsa.dev/provenance/v1").statement.predicate.buildDefinition'

    assert ask(image, when(f"{slsa}; count(build.resolvedDependencies) > 0")).result == "pass"
    assert ask(image, when(f"{slsa}; count(build.externalParameters) == 0")).result == "fail"
