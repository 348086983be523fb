"""Package URLs, read strictly, with packageurl-python as witness."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl import PackageURL

from verifier.purl import parse_purl


@pytest.mark.parametrize(
    "text",
    [
        "pkg:deb/debian/openssl@3.0.1-1%2Bdeb13u1?os_name=debian&os_version=13",
        "pkg:docker/dhi/python@3.13-debian13?platform=linux%2Famd64",
        "pkg:npm/%40angular/core@1.0.0",
        "pkg:golang/golang.org/x/crypto@1.0.0#crypto/internal/fips140",
        "pkg:oci/dhi%2Fnginx",
        "pkg:dhi/openssl-provider-fips@3.1.2",
        "pkg:apk/alpine/busybox@1.37.0-r1?arch=x86_64&distro=alpine-3.24",
    ],
)
def test_parts_are_those_of_the_reference_parser(text: str) -> None:
    expected, found = PackageURL.from_string(text), parse_purl(text)

    assert found["type"] == expected.type
    assert found["namespace"] == (expected.namespace or "")
    assert found["name"] == expected.name
    assert found["version"] == (expected.version or "")
    assert found["qualifiers"] == expected.qualifiers
    assert found["subpath"] == (expected.subpath or "")


@pytest.mark.parametrize(
    "text",
    ["", "pkg:", "pkg:deb", "pkg:deb/", "bash", "http://x/y", "pkg:/deb", "pkg:d b/x", "pkg:deb/%ff", "pkg:deb/x?=1"],
)
def test_what_is_no_package_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"package URL|expected pkg:"):
        parse_purl(text)


def test_J12_long_text_is_refused() -> None:
    with pytest.raises(ValueError, match="of 1000009 characters"):
        parse_purl("pkg:deb/a" + "a" * 1_000_000)


def test_qualifier_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="qualifier"):
        parse_purl("pkg:deb/a?arch=x&Arch=y")


@settings(max_examples=100, deadline=None)
@given(st.text() | st.text().map("pkg:deb/".__add__))
def test_J12_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert parse_purl(text)["name"]
