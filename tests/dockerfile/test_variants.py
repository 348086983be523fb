"""The grammar of tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.variants import Tag, parse_tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("3.13", Tag("3.13", "3.13")),
        ("3.13.15-debian13", Tag("3.13.15-debian13", "3.13.15", "debian", "13")),
        ("24-alpine3.24-sfw-ent-dev", Tag("24-alpine3.24-sfw-ent-dev", "24", "alpine", "3.24", ("sfw", "ent", "dev"))),
        ("8-sdk-alpine", Tag("8-sdk-alpine", "8", "alpine", "", ("sdk",))),
        ("2.2-debian13-php8.5-dev", Tag("2.2-debian13-php8.5-dev", "2.2", "debian", "13", ("php8.5", "dev"))),
        ("lts-alpine-dev", Tag("lts-alpine-dev", "", "alpine", "", ("lts", "dev"))),
        ("3.13-dev_acme-x", Tag("3.13-dev_acme-x", "3.13", tokens=("dev",), customisation="acme-x")),
        ("v1.2-fips", Tag("v1.2-fips", "v1.2", tokens=("fips",))),
        ("latest", Tag("latest", tokens=("latest",))),
        ("", Tag("")),
    ],
)
def test_a_tag_is_a_version_and_a_set_of_tokens(text: str, tag: Tag) -> None:
    assert parse_tag(text) == tag


@pytest.mark.parametrize(
    ("text", "variant", "twin"),
    [
        ("3.13-debian13", "runtime", ""),
        ("3.13-debian13-dev", "dev", "3.13-debian13"),
        ("3.9.23-debian13-fips-dev", "dev", "3.9.23-debian13-fips"),
        ("8.4-debian13-compat-dev", "dev", "8.4-debian13-compat"),
        ("24-sfw-dev", "dev", "24"),
        ("11-jdk-alpine-dev", "dev", "11-alpine"),
        ("5-debian13-jdk21-dev", "dev", "5-debian13-jdk21"),
        ("8-sdk-alpine3.24", "runtime", "8-alpine3.24"),
        ("devel", "runtime", ""),
        ("dev", "dev", ""),
    ],
)
def test_an_image_for_building_has_a_runtime_twin(text: str, variant: str, twin: str) -> None:
    tag = parse_tag(text)

    assert (tag.variant, tag.runtime_twin) == (variant, twin)
    assert tag.for_building == (variant == "dev" or "sdk" in text)


@given(st.text(max_size=40))
def test_any_text_is_read(text: str) -> None:
    tag = parse_tag(text)

    assert tag.text == text
    assert tag.runtime_twin in text or tag.for_building
