"""Which variant an image is, and where tag, labels and evidence disagree."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import FIPS
from tests.verification.conftest import Verify

RULE = "dhi-variant-consistent"
NAME = "dhi.io/python:{}"


def test_a_runtime_and_a_fips_image_are_consistent(publisher: Publisher, verify: Verify) -> None:
    runtime = verify(publisher.image().layout(), requested=NAME.format("3.13-debian13"))
    fips = verify(publisher.image(**FIPS).layout(tags=("3.13-fips",)), requested=NAME.format("3.13-fips"))

    assert runtime.rule(RULE).result == "pass"
    assert fips.rule(RULE).result == "pass"


@pytest.mark.parametrize(
    ("fields", "tag", "said"),
    [
        ({}, "3.13-dev", "the requested tag 3.13-dev and the signed tags"),
        ({}, "3.13-alpine3.24", "the requested tag 3.13-alpine3.24 and the signed tags"),
        ({}, "3.13-debian12", "the requested tag 3.13-debian12 and the signed tags"),
        ({"labels": {"variant": "dev"}}, "3.13", "the variant label says dev, the version label 3.13.15-debian13"),
        ({"labels": {"distro": "alpine-3.24"}}, "3.13", "the distro label says alpine-3.24"),
        ({"version": "3.13.15-debian13-sfw"}, "3.13", "the version label 3.13.15-debian13-sfw and the signed tags"),
    ],
)
def test_O13_what_disagrees_is_said(
    publisher: Publisher, verify: Verify, fields: dict[str, Any], tag: str, said: str
) -> None:
    seen = verify(publisher.image(**fields).layout(tags=("3.13",)), requested=f"registry.example/dhi/python:{tag}")

    rule = seen.rule(RULE)

    assert (rule.result, rule.effect) == ("fail", "warn")
    assert any(said in violation.message for violation in rule.violations), rule.violations


def test_a_customised_image_whose_label_promises_evidence(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(
        tags=("3.13-debian13-fips_ours",), compliance=("fips", "stig", "cis"), omit=frozenset({"fips"})
    )

    seen = verify(image.layout())

    assert "no verified evidence of kind fips" in seen.rule(RULE).message
    assert seen.exit_code == 1  # the policy requires it


def test_an_image_built_on_a_hardened_one_is_not_judged_by_inherited_labels(
    publisher: Publisher, verify: Verify
) -> None:
    image = publisher.image(product="acme/shop", tags=("1.2",), labels={"name": "dhi/python", "version": "3.13-dev"})

    assert verify(image.layout()).rule(RULE).result == "skipped"
