"""References as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import ReferenceInvalid
from verifier.model import Digest, Reference
from verifier.oci import parse_reference

SHA = Digest("sha256:" + "a" * 64)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpine", Reference("docker.io", "library/alpine", "latest")),
        ("acme/dhi-python:3.13", Reference("docker.io", "acme/dhi-python", "3.13")),
        ("index.docker.io/alpine", Reference("docker.io", "library/alpine", "latest")),
        ("Docker.IO/alpine", Reference("docker.io", "library/alpine", "latest")),
        ("dhi.io/alpine-base:3.22", Reference("dhi.io", "alpine-base", "3.22")),
        ("registry://dhi.io/bun", Reference("dhi.io", "bun", "latest")),
        ("localhost/app", Reference("localhost", "app", "latest")),
        (f"dhi.io/bun@{SHA}", Reference("dhi.io", "bun", "", SHA)),
        ("dhi.io/a__b/c-d---e/f.g", Reference("dhi.io", "a__b/c-d---e/f.g", "latest")),
    ],
)
def test_docker_normal_form(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Registry.Example:5000/app", "registry.example:5000"),
        ("[::1]:5000/app:1", "[::1]:5000"),
        ("registry://[2001:DB8::2]/app", "[2001:db8::2]"),
        ("LocalHost/app", "localhost"),
    ],
)
def test_P18_hosts_with_port_ipv6_and_upper_case(text: str, host: str) -> None:
    assert parse_reference(text).registry == host
    assert parse_reference(text).repository == "app"


def test_A27_tag_and_digest_are_both_kept() -> None:
    reference = parse_reference(f"dhi.io/app:1.2@{SHA}")

    assert (reference.tag, reference.digest) == ("1.2", SHA)
    assert str(reference) == f"dhi.io/app@{SHA}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oci:dir", Reference(path="dir")),
        ("oci:/tmp/My Layout/x:1.0", Reference(tag="1.0", path="/tmp/My Layout/x")),
        (f"oci:../up@{SHA}", Reference(digest=SHA, path="../up")),
        (f"oci:dir:1@{SHA}", Reference(tag="1", digest=SHA, path="dir")),
        ("oci-layout://dir/", Reference(path="dir/")),
        ("ocidir:///abs:v", Reference(tag="v", path="/abs")),
        ("oci:/home/me@work/dir", Reference(path="/home/me@work/dir")),
        ("oci:/home/a:b/dir", Reference(path="/home/a:b/dir")),
    ],
)
def test_layouts_keep_their_path_as_given(text: str, expected: Reference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "dhi.io/../etc/passwd",
        "dhi.io/a/../b",
        "dhi.io/a%2fb",
        "dhi.io/a?x=1",
        "dhi.io/a#frag",
        "dhi.io/a\r\nHost: evil",
        "dhi.io/a\n",
        "dhi.io/a:tag\n",
        "dhi.io/a:t/../x",
        "dhi.io/a b",
        " alpine",
        "alpine ",
        "-oProxyCommand=x",
        "--help",
        "$(id)",
        "dhi.io/a;id",
    ],
)
def test_I17_N07_nothing_that_could_steer_a_url_or_program(text: str) -> None:
    with pytest.raises(ReferenceInvalid):
        parse_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 64,
        "dhi.io/",
        "dhi.io/UPPER",
        "https://dhi.io/bun",
        "dhi.io/bun:",
        "dhi.io/bun:" + "t" * 129,
        "dhi.io/bun@sha256:" + "A" * 64,
        "dhi.io/bun@sha256:" + "a" * 63,
        "dhi.io/bun@md5:" + "a" * 32,
        "dhi.io/bun@",
        "dhi.io/" + "a" * 250,
        "host:99999/app",
        "host:0/app",
        "[::1/app",
        "[:::::1]/app",
        "[fe80::1%eth0]/app",
        "UPPER/app",
        "oci:",
        "oci:dir:",
        "oci:dir@sha256:abc",
        "oci:di\0r",
        "oci://ghcr.io/rules",
        "dhi.io/ünï",
    ],
)
def test_outside_the_grammar(text: str) -> None:
    with pytest.raises(ReferenceInvalid):
        parse_reference(text)


def test_a_path_that_is_not_utf8_is_refused_before_a_report_has_to_name_it() -> None:
    with pytest.raises(ReferenceInvalid, match="not UTF-8"):
        parse_reference("oci:d\udcffr")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300) | st.from_regex(r"(oci:|registry://)?[a-zA-Z0-9.:/@_\[\]-]{0,60}", fullmatch=True))
def test_any_text_gives_a_reference_or_our_error(text: str) -> None:
    try:
        reference = parse_reference(text)
    except ReferenceInvalid:
        return
    assert reference.path or (reference.registry and reference.repository and (reference.tag or reference.digest))
    if not reference.path:
        assert parse_reference(str(reference)).name == reference.name
