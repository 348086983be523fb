"""Rules about what the image is: product, tag, variant, platforms, required evidence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.dhi_images import Image, Judge, labelled

PRODUCT, TAG, TAG_ELSEWHERE = "dhi-requested-product", "dhi-requested-tag", "dhi-requested-tag-elsewhere"
AGREE, MATCHES, VARIANT, REQUIRED = (
    "dhi-platforms-agree",
    "dhi-platform-matches-config",
    "dhi-variant-agrees",
    "dhi-required-evidence",
)


def platform(name: str, *tags: str, definition: str = "image/python/debian-13/3.13") -> dict[str, Any]:
    return {"platform": name, "digest": name, "tags": list(tags), "definition": definition, "products": ["dhi/python"]}


def platforms(*found: dict[str, Any], **more: Any) -> Image:
    return Image(facts={"platforms": list(found)}, **more)


def evidence(*kinds: str) -> dict[str, Any]:
    return {"evidence": [{"kind": kind, "type": kind, "digest": "sha256:1"} for kind in kinds]}


def need(*kinds: str, compliance: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [{"kind": kind, "compliance": list(compliance)} for kind in kinds]


def test_requested_product_passes_and_is_named(judge: Judge) -> None:
    outcome = judge(PRODUCT)

    assert outcome.result == "pass"
    assert "dhi/python" in outcome.message


def test_O13_another_product_fails(judge: Judge) -> None:
    outcome = judge(PRODUCT, Image(products=["dhi/nginx"]))

    assert outcome.result == "fail"
    assert outcome.message == "expected dhi/python, found evidence that is signed for dhi/nginx"


def test_product_that_is_expected_twice_is_named_once(judge: Judge) -> None:
    image = Image(requested_products=["dhi/python", "dhi/python"], products=["dhi/nginx"])

    outcome = judge(PRODUCT, image)
    assert outcome.message == "expected dhi/python, found evidence that is signed for dhi/nginx"
    assert outcome.violations[0].detail["expected"] == ["dhi/python"]
    image = Image(requested_products=["dhi/python", "dhi/python"], products=[])
    assert judge(PRODUCT, image).message == "expected dhi/python, found no signed product"


def test_product_of_another_organisation_fails(judge: Judge) -> None:
    image = Image(requested_products=["dhi/python", "acme/dhi-python"], products=["dhi/python", "other/dhi-python"])

    assert judge(PRODUCT, image).result == "fail"


def test_image_without_a_signed_product_fails(judge: Judge) -> None:
    assert judge(PRODUCT, Image(products=[])).result == "fail"


def test_name_that_stands_for_no_product_is_skipped(judge: Judge) -> None:
    assert judge(PRODUCT, Image(requested_products=[], products=["dhi/nginx"])).result == "skipped"


def test_requested_tag_that_is_signed_passes(judge: Judge) -> None:
    assert judge(TAG).result == "pass"


@pytest.mark.parametrize("tags", [["3.12"], [], ["3.13-dev"]])
def test_O14_tag_that_is_not_signed_fails(judge: Judge, tags: list[str]) -> None:
    outcome = judge(TAG, Image(tags=tags))

    assert outcome.result == "fail"
    assert outcome.message.startswith("the tag 3.13 was requested; signed are: ")


@pytest.mark.parametrize("tags", [["3.12"], []])
def test_O14_signed_index_does_not_vouch_for_the_tag_and_warns(judge: Judge, tags: list[str]) -> None:
    assert judge(TAG, Image(tags=tags, index_signed=True)).result == "skipped"
    for enforced in (True, False):
        outcome = judge(TAG_ELSEWHERE, Image(tags=tags, index_signed=True, tag_enforced=enforced))
        assert (outcome.result, outcome.effect) == ("fail", "warn")
        assert judge(TAG_ELSEWHERE, Image(index_signed=True, tag_enforced=enforced)).result == "pass"


def test_tag_is_no_question_with_a_digest(judge: Judge) -> None:
    assert judge(TAG, Image(tags=["3.12"], requested_tag="")).result == "skipped"


def test_tag_elsewhere_only_warns(judge: Judge) -> None:
    outcome = judge(TAG_ELSEWHERE, Image(tags=["3.12"], tag_enforced=False))

    assert (outcome.result, outcome.effect) == ("fail", "warn")
    assert judge(TAG, Image(tags=["3.12"], tag_enforced=False)).result == "skipped"
    assert judge(TAG_ELSEWHERE, Image(tags=["3.12"])).result == "skipped"
    assert judge(TAG_ELSEWHERE, Image(tags=["3.12"], tag_enforced=False, is_layout=True)).result == "skipped"
    assert judge(TAG_ELSEWHERE, Image(tag_enforced=False)).result == "pass"


def test_platforms_of_one_tag_and_definition_agree(judge: Judge) -> None:
    image = platforms(platform("linux/amd64", "3.13", "3"), platform("linux/arm64", "3.13", "3.13.1"))

    assert judge(AGREE, image).result == "pass"


def test_O14_platforms_without_a_common_tag_fail(judge: Judge) -> None:
    image = platforms(platform("linux/amd64", "3.13"), platform("linux/arm64", "3.12"))

    assert "linux/arm64: 3.12" in judge(AGREE, image).message
    assert judge(AGREE, platforms(platform("linux/amd64", "3.13"), platform("linux/arm64"))).result == "fail"


def test_O13_platforms_of_two_definitions_fail(judge: Judge) -> None:
    image = platforms(platform("linux/amd64", "3"), platform("linux/arm64", "3", definition="image/nginx/alpine"))

    assert judge(AGREE, image).result == "fail"
    image = platforms(platform("linux/amd64", "3"), platform("linux/arm64", "3", definition=""))
    assert judge(AGREE, image).result == "fail"


def test_signed_index_or_a_single_platform_needs_no_agreement(judge: Judge) -> None:
    different = (platform("linux/amd64", "3.13"), platform("linux/arm64", "3.12"))

    assert judge(AGREE, platforms(*different, index_signed=True)).result == "skipped"
    assert judge(AGREE, platforms(different[0])).result == "skipped"


def test_platform_of_the_index_must_be_that_of_the_configuration(judge: Judge) -> None:
    assert judge(MATCHES).result == "pass"
    assert judge(MATCHES, Image(announced="linux/arm64")).result == "fail"
    assert judge(MATCHES, Image(announced="")).result == "fail"
    assert judge(MATCHES, Image(announced="", is_single=True)).result == "skipped"


@pytest.mark.parametrize("version", ["3.13-debian13-dev", "3.13-fips", "8-sdk"])
def test_O13_label_of_another_variant_fails(judge: Judge, version: str) -> None:
    assert judge(VARIANT, Image(config=labelled(version=version))).result == "fail"
    assert judge(VARIANT, Image(config=labelled(version=version), tags=["3", version])).result == "pass"


def test_variant_is_judged_of_hardened_images_alone(judge: Judge) -> None:
    dev = labelled(version="3.13-dev")

    assert judge(VARIANT).result == "pass"
    assert judge(VARIANT, Image(config=dev, products=["acme/app"])).result == "skipped"
    assert judge(VARIANT, Image(config=labelled(version=".."))).result == "skipped"
    assert judge(VARIANT, Image(config=dev, tags=[])).result == "skipped"
    assert judge(VARIANT, Image(config={})).result == "skipped"


def test_required_evidence_that_is_there_passes(judge: Judge) -> None:
    assert judge(REQUIRED, Image(facts=evidence("sbom", "tests")), required=need("sbom", "tests")).result == "pass"


def test_G01_G21_each_missing_kind_is_named(judge: Judge) -> None:
    outcome = judge(REQUIRED, Image(facts=evidence("sbom")), required=need("sbom", "tests", "malware"))

    assert outcome.result == "fail"
    assert {v.detail["kind"] for v in outcome.violations} == {"tests", "malware"}


@pytest.mark.parametrize(
    ("compliance", "result"),
    [
        ("fips , stig", "fail"),
        ("FIPS", "fail"),
        ("cis;fips", "fail"),
        ("cis/STIG", "fail"),
        ("cis fips", "fail"),
        ("cis;\tstig\n", "fail"),
        ("cis", "pass"),
        ("fipsy;no-stig", "pass"),
        ("..", "pass"),
    ],
)
def test_compliance_asks_for_more_evidence(judge: Judge, compliance: str, result: str) -> None:
    image = Image(config=labelled(compliance=compliance))

    assert judge(REQUIRED, image, required=need("stig", compliance=("stig", "fips"))).result == result


def test_requirement_may_name_a_predicate_type(judge: Judge) -> None:
    custom = "https://example.com/review/v1"
    item = {"kind": "unknown", "type": custom, "digest": "sha256:1"}

    assert judge(REQUIRED, Image(facts={"evidence": [item]}), required=need(custom)).result == "pass"
    for other in (custom.upper(), custom + "/", custom[:-1]):
        assert judge(REQUIRED, Image(facts={"evidence": [item]}), required=need(other)).result == "fail"


@pytest.mark.parametrize("kind", ["sbom", "https://spdx.dev/Document"])
def test_G11_evidence_that_cannot_be_read_does_not_count(judge: Judge, kind: str) -> None:
    item = {"kind": "sbom", "type": "https://spdx.dev/Document", "digest": "sha256:1"}
    unreadable = item | {"readable": False}

    outcome = judge(REQUIRED, Image(facts={"evidence": [unreadable]}), required=need(kind))
    assert outcome.result == "fail"
    assert outcome.message == f"expected readable verified evidence of kind {kind}, found it unreadable"
    both = [unreadable, item | {"readable": True}]
    assert judge(REQUIRED, Image(facts={"evidence": both}), required=need(kind)).result == "pass"
    assert judge(REQUIRED, Image(facts={"evidence": [item]}), required=need(kind)).result == "pass"


def test_O13_signed_fips_tag_asks_for_fips_evidence_whatever_the_label_says(judge: Judge) -> None:
    image = Image(config=labelled(compliance="cis"), tags=["3.13-debian13-fips"])

    assert judge(REQUIRED, image, required=need("fips", compliance=("fips",))).result == "fail"


def test_G16_a_rule_that_is_told_nothing_does_not_pass_and_one_told_nothing_is_required_does_not_apply(
    judge: Judge,
) -> None:
    assert judge(REQUIRED).result == "unknown"
    assert judge(REQUIRED, required=[]).result == "skipped"
