"""Spellings of one package, and what tells packages apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vex.words import excuses, found, said
from verifier.vex.packages import Packages

DEBIAN = "pkg:deb/debian/openssl@3.5.4-1"


@pytest.mark.parametrize(
    ("stated", "scanned"),
    [
        ("pkg:deb/debian/openssl", "pkg:deb/debian/openssl@3.5.4-1?arch=amd64&distro=debian-13"),
        ("pkg:deb/dhi/openssl@3.5.4-1", "pkg:deb/debian/openssl@3.5.4-1"),
        ("pkg:deb/debian/openssl@3.5.4-1", "pkg:deb/dhi/openssl@3.5.4-1"),
        ("pkg:apk/alpine/busybox@1.37.0-r1", "pkg:apk/dhi/busybox@1.37.0-r1?arch=x86_64&distro=alpine-3.22.1"),
        (f"{DEBIAN}?os_name=debian&os_version=13&os_distro=trixie", f"{DEBIAN}?distro=debian-13.1"),
        (f"{DEBIAN}?os_distro=trixie&os_version=13&os_name=debian", f"{DEBIAN}?distro=trixie"),
        (f"{DEBIAN}?distro=debian-13", f"{DEBIAN}?os_version=13&os_name=debian"),
        (f"{DEBIAN}?distro=debian-13", f"{DEBIAN}?arch=arm64"),
        ("pkg:apk/alpine/musl?os_name=alpine&os_version=3.22", "pkg:apk/alpine/musl@1?distro=alpine-3.22.2"),
        ("pkg:apk/alpine/musl?distro=v3.22", "pkg:apk/alpine/musl@1?distro=3.22.2"),
        ("pkg:deb/debian/shadow@1%3A4.13%2Bdfsg1", "pkg:deb/debian/shadow@1:4.13+dfsg1"),
        ("pkg:deb/debian/shadow@1%3A4.13", "pkg:deb/debian/shadow@4.13?epoch=1"),
        ("pkg:deb/debian/shadow@4.13", "pkg:deb/debian/shadow@0:4.13"),
        ("pkg:deb/Debian/OpenSSL", "pkg:deb/debian/openssl@1"),
        ("pkg:deb/debian/libstdc%2B%2B6", "pkg:deb/debian/libstdc++6@12"),
        ("pkg:golang/github.com/AWS/aws-sdk-go@1.55.6", "pkg:golang/github.com/aws/aws-sdk-go@v1.55.6"),
        ("pkg:golang/golang.org/x/crypto@1", "pkg:golang/golang.org/x/crypto@1#ssh"),
        ("pkg:pypi/Foo_Bar.baz@1", "pkg:pypi/foo-bar-baz@1"),
        ("pkg:npm/%40angular/core@1", "pkg:npm/@Angular/core@1"),
        ("pkg:npm/a@1?b=1&c=2", "pkg:npm/a@1?c=2&b=1"),
        (f"{DEBIAN}?upstream=openssl&package-id=7", DEBIAN),
    ],
)
def test_spellings_of_one_package_match(stated: str, scanned: str) -> None:
    assert excuses(said(stated), finding=found(scanned))


@pytest.mark.parametrize(
    ("stated", "scanned"),
    [
        ("pkg:deb/debian/openssl@3.5.4", "pkg:deb/debian/openssl@3.5.4-1"),
        ("pkg:deb/debian/openssl@3.5.4-1", "pkg:deb/debian/openssl"),
        ("pkg:deb/debian/openssl", "pkg:deb/ubuntu/openssl@3.5.4-1"),
        ("pkg:deb/debian/openssl", "pkg:apk/debian/openssl@3.5.4-1"),
        ("pkg:deb/debian/openssl", "pkg:deb/debian/openssl-provider@1"),
        ("pkg:deb/dhi/openssl", "pkg:dhi/openssl@1"),
        ("pkg:apk/dhi/openssl", "pkg:apk/wolfi/openssl@1"),
        (f"{DEBIAN}?distro=debian-12", f"{DEBIAN}?distro=debian-13"),
        (f"{DEBIAN}?os_version=13&os_distro=bookworm", f"{DEBIAN}?distro=debian-13"),
        ("pkg:deb/debian/openssl?distro=debian-13", DEBIAN),
        ("pkg:apk/alpine/musl?distro=alpine-3.2", "pkg:apk/alpine/musl@1?distro=alpine-3.22"),
        (f"{DEBIAN}?arch=amd64", f"{DEBIAN}?arch=arm64"),
        (f"{DEBIAN}?arch=amd64", DEBIAN),
        ("pkg:deb/debian/shadow@1%3A4.13", "pkg:deb/debian/shadow@4.13"),
        ("pkg:deb/debian/shadow@1%3A4.13?epoch=2", "pkg:deb/debian/shadow@1:4.13?epoch=2"),
        ("pkg:golang/golang.org/x/crypto@1#ssh", "pkg:golang/golang.org/x/crypto@1"),
        ("pkg:maven/org.a/B@1", "pkg:maven/org.a/b@1"),
        ("pkg:npm/a@1?checksum=sha256:00", "pkg:npm/a@1"),
        ("openssl", "openssl"),
    ],
)
def test_J13_another_package_version_or_build_does_not_match(stated: str, scanned: str) -> None:
    assert not excuses(said(stated), finding=found(scanned))


@pytest.mark.parametrize(
    "product",
    [
        *("*", "pkg:*", "pkg:deb/*", "pkg:deb/debian/*", "pkg:deb/*/openssl", "pkg:deb/debian/open*", "pkg:deb"),
        *("pkg:deb/debian/openssl@*", "pkg:deb/debian/openssl?vers=vers:deb/*", "", "pkg:deb/debian/", "pkg:"),
        *("pkg:deb/debian/%2A", "pkg:generic/*", "https://example.com/all", "pkg:oci/*", "pkg:docker/dhi/*"),
    ],
)
def test_J14_no_pattern_stands_for_packages(product: str) -> None:
    assert not excuses(said(product), finding=found("pkg:deb/debian/openssl@3.5.4-1"))


@pytest.mark.parametrize("text", ["pkg:deb/debian/" + "a" * 5_000, "pkg:deb/debian/a@%ff", "pkg:" + "/" * 4_000])
def test_J12_overlong_and_odd_package_urls_are_none(text: str) -> None:
    assert Packages().package(text) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="pkg:deb/@?&=%+#*.1av-", max_size=60).map("pkg:deb/".__add__))
def test_J12_no_text_raises(text: str) -> None:
    package = Packages().package(text)

    assert package is None or package.covers(package)
    assert "*" not in (package.name if package else "")
