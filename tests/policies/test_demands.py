"""The rules `signed` and `attested`: something must be there and trusted, about the platform or its index."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import DIGEST, INDEX, NOW, OTHER, SLSA_1, SPDX, TYPES, Image, Judge
from verifier.model import RuleModule
from verifier.rules import RuleInput, Rules


def signature(level: str = "platform", signer: str = "release.pub") -> dict[str, Any]:
    subject = DIGEST if level == "platform" else INDEX
    about = {"signer": signer, "subject": subject, "level": level, "annotations": {}, "layout": "cosign-tag"}
    return {"digest": OTHER} | about


def signed(*found: dict[str, Any]) -> Image:
    return Image(facts={"signature": list(found)})


def item(predicate_type: str, kind: str = "unknown", digest: str = OTHER) -> dict[str, Any]:
    return {"kind": kind, "type": predicate_type, "digest": digest, "readable": True}


def attested(platform: tuple[dict[str, Any], ...] = (), index: tuple[dict[str, Any], ...] = ()) -> Image:
    return Image(facts={"evidence": list(platform), "index_evidence": list(index)})


def demand(name: str, *types: str) -> dict[str, Any]:
    return {"name": name, "types": list(types) or [name]}


@pytest.mark.parametrize("level", ["platform", "index"])
def test_a_signature_of_the_platform_or_of_its_index_passes_and_is_named(judge: Judge, level: str) -> None:
    outcome = judge("signed", signed(signature(level)))

    assert (outcome.result, outcome.message) == ("pass", f"the {level} is signed by release.pub")
    assert outcome.evidence == (OTHER,)


def test_every_signer_is_named_once(judge: Judge) -> None:
    found = (signature(), signature(), signature("index"), signature(signer="team.pub"))

    outcome = judge("signed", signed(*found))

    assert outcome.message.split(", ") == [
        "the index is signed by release.pub",
        "the platform is signed by release.pub",
        "the platform is signed by team.pub",
    ]


def test_A05_A06_a_platform_without_a_signature_fails_and_is_named(judge: Judge) -> None:
    outcome = judge("signed", signed())

    assert (outcome.result, outcome.effect) == ("fail", "enforce")
    expected = f"expected a signature by a trusted key of {DIGEST}, or of the index that led to it, found none"
    assert outcome.message == expected
    assert outcome.violations[0].detail == {"digest": DIGEST, "annotations": {}}
    assert "--key" in outcome.remediation


def test_demanded_annotations_are_named(judge: Judge) -> None:
    outcome = judge("signed", signed(), annotations={"stage": "production", "build": "7"})

    assert outcome.result == "fail"
    assert outcome.message.endswith("found none that states build=7, stage=production")


def test_evidence_is_no_signature(judge: Judge) -> None:
    assert judge("signed", Image(facts={"evidence": [item(SLSA_1, "provenance")]})).result == "fail"


@pytest.mark.parametrize("rule", ["signed", "attested"])
def test_H03_G01_without_any_input_nothing_passes(pack: dict[str, RuleModule], rule: str) -> None:
    with Rules([pack[rule]], NOW) as rules:
        (outcome,) = rules.evaluate(RuleInput(input={}, statements={}, facts={}, verified={}, types=TYPES))

    assert outcome.result in ("fail", "unknown")


@pytest.mark.parametrize("place", ["platform", "index"])
def test_A05_an_attestation_about_the_platform_or_its_index_answers(judge: Judge, place: str) -> None:
    found = (item(SLSA_1, "provenance"),)
    image = attested(found) if place == "platform" else attested(index=found)

    outcome = judge("attested", image, types=[demand("slsaprovenance1", SLSA_1)])

    assert (outcome.result, outcome.message) == ("pass", f"slsaprovenance1 about the {place}")


def test_one_type_of_a_demand_is_enough_and_each_demand_is_judged(judge: Judge) -> None:
    image = attested((item(SPDX, "sbom"),))
    sbom, slsa = demand("sbom", "https://cyclonedx.org/bom/v1.6", SPDX), demand("slsaprovenance1", SLSA_1)

    assert judge("attested", image, types=[sbom]).result == "pass"
    outcome = judge("attested", image, types=[sbom, slsa, demand("https://example.com/review/v1")])
    assert outcome.result == "fail"
    assert [violation.message for violation in outcome.violations] == [
        f"expected a verified attestation of {named} about this platform or its index, found none"
        for named in ("type https://example.com/review/v1", f"slsaprovenance1 ({SLSA_1})")
    ]


def test_a_demand_may_name_a_kind(judge: Judge) -> None:
    assert judge("attested", attested((item(SPDX, "sbom"),)), types=[demand("sbom")]).result == "pass"
    assert judge("attested", attested(index=(item(SPDX, "sbom"),)), types=[demand("sbom")]).result == "pass"
    assert judge("attested", attested((item("sbom"),)), types=[demand("sbom")]).result == "fail"  # no URI


@pytest.mark.parametrize("other", [SLSA_1.upper(), SLSA_1 + "/", SLSA_1[:-1], SLSA_1.replace("/v1", "%2fv1")])
def test_B21_another_spelling_of_a_type_does_not_answer(judge: Judge, other: str) -> None:
    assert judge("attested", attested((item(other),), (item(other),)), types=[demand(SLSA_1)]).result == "fail"


@pytest.mark.parametrize("config", [{}, {"types": []}, {"types": {}}, {"types": None}, {"types": 7}])
def test_G16_a_rule_that_is_told_nothing_does_not_pass(judge: Judge, config: dict[str, Any]) -> None:
    assert judge("attested", attested((item(SLSA_1, "provenance"),)), **config).result == "unknown"
