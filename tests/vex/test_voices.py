"""What speaks for the base of an image is heard about packages of the base, and beside what speaks for the image."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.vex.words import CVE, DIGEST, NGINX, OPENSSL, document, found, inside, said
from verifier.errors import LimitExceeded
from verifier.vex.export import spoken
from verifier.vex.matching import matched
from verifier.vex.scope import Image
from verifier.vex.voices import Installed, Voice

SHOP = Image(frozenset({"acme/shop"}), frozenset())
EARLIER, LATER = "2026-01-15T00:00:00Z", "2026-03-01T00:00:00Z"


def of_base(*purls: str, about: str = "pkg:docker/dhi/nginx") -> Voice:
    """Excuses whatever is in openssl, and is heard about these packages of the base."""
    return Voice((document(said(inside(about, "pkg:deb/debian/openssl"))),), NGINX, "dhi.io/nginx", Installed(purls))


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (OPENSSL, True),
        ("pkg:deb/dhi/openssl@3.5.4-1?distro=debian-13.1&arch=amd64", True),
        ("pkg:deb/debian/openssl@0%3A3.5.4-1", True),
        ("pkg:deb/debian/openssl@3.5.4-1?distro=debian-12", False),
        ("pkg:deb/debian/openssl@1:3.5.4-1", False),
        ("pkg:deb/debian/openssl", False),
        ("pkg:deb/debian/openssl?vers=vers:deb/*", False),
        ("pkg:deb/debian/*@3.5.4-1", False),
        ("pkg:deb/ubuntu/openssl@3.5.4-1", False),
        ("pkg:deb/debian/openssl@3.5.4-1?epoch=1", False),
        ("pkg:deb/debian/openssl@1:3.5.4-1?epoch=2", False),
        ("pkg:generic/openssl@3.5.4-1", False),
        ("pkg:oci/openssl@3.5.4-1", False),
        ("openssl", False),
        ("", False),
    ],
)
def test_J13_the_bill_of_the_base_lists_the_package_in_the_version_that_was_found(listed: str, expected: bool) -> None:
    outcomes = matched([of_base(listed)], [found()]).outcomes

    assert [one.suppressed for one in outcomes] == [True] * expected


@pytest.mark.parametrize("when", [EARLIER, LATER])
def test_J13_one_document_about_both_excuses_the_base_and_not_the_image(when: str) -> None:
    both = document(
        said(inside("pkg:docker/dhi/nginx", OPENSSL), timestamp="2026-02-01T00:00:00Z"),
        said(inside("pkg:docker/acme/shop", OPENSSL), status="affected", timestamp=when),
    )
    voices = [Voice((both,), SHOP), Voice((both,), NGINX, "dhi.io/nginx", Installed([OPENSSL]))]

    (outcome,) = matched(voices, [found()]).outcomes

    assert outcome.disputed
    assert not spoken(voices).lines


def test_J14_a_bill_with_one_package_in_countless_builds_lists_none(compared: Counter[str]) -> None:
    builds = [f"{OPENSSL}&arch=a{number}" for number in range(2_000)]

    result = matched([of_base(*builds)], [found(f"{OPENSSL}&arch=b{number}") for number in range(2_000)])

    assert not result.outcomes
    assert not compared


def test_thousands_of_versions_are_looked_up_and_not_compared_with_each_finding(compared: Counter[str]) -> None:
    versions = [f"pkg:deb/debian/openssl@{number}" for number in range(5_000)]

    result = matched([of_base(*versions)], [found(purl) for purl in versions])

    assert len(result.suppressed) == 5_000
    assert compared.total() < 20_000  # of 25 million


def test_an_export_of_thousands_of_statements_about_thousands_of_packages_is_refused() -> None:
    whole = document(*(said(f"pkg:oci/nginx@{DIGEST}", name=f"{CVE}{number}") for number in range(600)))
    packages = Installed(f"pkg:deb/debian/p{number}@1" for number in range(2_000))

    with pytest.raises(LimitExceeded, match="1000000 packages of the base"):
        spoken([Voice((whole,), NGINX, "dhi.io/nginx", packages)])
