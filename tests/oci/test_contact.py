"""What may be told about a registry: its address, what it asks for, which credential it would get. Never a secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oci.conftest import ref
from tests.oci.scripted import OCI_INDEX, Asked, Reply, ScriptedRegistry, index, manifest
from verifier.errors import Unreachable
from verifier.model import Digest
from verifier.oci import Credentials, Identity, Sources, parse_reference
from verifier.oci.contact import NO_URL, greeting_of
from verifier.oci.exchange import Answer
from verifier.oci.locations import Endpoint, Location

SECRET = "hunter2-of-the-user"
HUB = "https://index.docker.io/v1/"


def docker(auths: dict[str, Any]) -> dict[str, str]:
    return {"DOCKER_AUTH_CONFIG": json.dumps({"auths": auths})}


def basic(username: str, password: str = SECRET) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("stored", "form", "username"),
    [
        (basic("me"), "password", "me"),
        ({"username": "me", "password": SECRET}, "password", "me"),
        ({**basic("me"), "identitytoken": SECRET}, "identity token", "me"),
        ({"identitytoken": SECRET}, "identity token", ""),
        ({"registrytoken": SECRET}, "registry token", ""),
        (basic(f"ghp_{SECRET}"), "password", ""),
        (basic(SECRET, "x-oauth-basic"), "password", ""),
        (basic(f"eyJhbGciOiJIUzI1NiJ9.{SECRET}"), "password", ""),
    ],
)
def test_K12_a_credential_is_described_without_its_secret(stored: dict[str, str], form: str, username: str) -> None:
    found = Credentials.from_environment(docker({"registry.example": stored})).describe("registry.example", "app")

    assert found == Identity("DOCKER_AUTH_CONFIG", "registry.example", form, username)
    assert SECRET not in repr(found)


def test_I12_the_entry_that_serves_is_named() -> None:
    credentials = Credentials.from_environment(docker({HUB: basic("hub"), "registry.example": basic("me")}))

    described = [credentials.describe(host) for host in ("dhi.io", "registry.example", "quay.io")]

    assert [found and (found.entry, found.username) for found in described] == [
        ("docker.io", "hub"),
        ("registry.example", "me"),
        None,
    ]


def test_own_variable_is_named_with_its_host() -> None:
    own = {"DHIVERIFY_REGISTRY": "one.example", "DHIVERIFY_REGISTRY_TOKEN": SECRET}
    credentials = Credentials.from_environment({**own, **docker({"two.example": basic("me")})})

    assert credentials.origins == ("DHIVERIFY_REGISTRY (for one.example)", "DOCKER_AUTH_CONFIG")
    assert credentials.describe("one.example") == Identity("DHIVERIFY_REGISTRY", "one.example", "registry token")
    assert Credentials.from_environment({}).origins == ()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("registry.example/app", "https://registry.example:443"),
        ("registry.example:5000/app", "https://registry.example:5000"),
        ("alpine", "https://registry-1.docker.io:443"),
        ("localhost:5000/app", "http://localhost:5000"),
        ("[::1]:5000/app", "http://[::1]:5000"),
    ],
)
def test_address_is_known_without_asking_anyone(sources: Callable[..., Sources], name: str, address: str) -> None:
    found = sources().address(parse_reference(name))

    assert (str(found), found.proxy, found.is_open) == (address, "", False)


def test_plain_http_that_leaves_this_machine_is_open(sources: Callable[..., Sources]) -> None:
    found = sources(settings={"allow_http": True}).address(parse_reference("registry.example:5000/app"))

    assert (str(found), found.is_open) == ("http://registry.example:5000", True)


@pytest.mark.parametrize(
    ("variable", "shown"),
    [
        (f"http://me:{SECRET}@proxy.example:3128", "proxy.example:3128"),
        (f"me:{SECRET}@proxy.example:3128", "proxy.example:3128"),
        (f"http://me:{SECRET}@[::1]:3128/", "[::1]:3128"),
        ("http://proxy.example", "proxy.example"),
        (f"http://me:{SECRET}/x@proxy.example:3128", NO_URL),
        ("http://me:12/hunter2-of-the-user@proxy.example", NO_URL),
        (f"http://[{SECRET}", NO_URL),
    ],
)
def test_K12_I26_of_a_proxy_only_the_host_is_told(
    sources: Callable[..., Sources], monkeypatch: pytest.MonkeyPatch, variable: str, shown: str
) -> None:
    monkeypatch.setenv("https_proxy", variable)

    assert sources().address(parse_reference("registry.example/app")).proxy == shown


def test_greeting_names_logins_and_the_host_that_hands_out_tokens(
    registry: ScriptedRegistry, sources: Callable[..., Sources]
) -> None:
    challenge = f'Basic realm="x", Bearer realm="https://me:{SECRET}@auth.example:8443/token?key={SECRET}",service="s"'
    registry.routes["/v2/"] = Reply(401, b"{}", {"WWW-Authenticate": challenge})
    environ = {"DHIVERIFY_REGISTRY": registry.host, "DHIVERIFY_REGISTRY_TOKEN": SECRET}

    found = sources(environ=environ).greet(ref(registry))

    assert (found.status, found.schemes, found.realm) == (401, ("basic", "bearer"), "auth.example:8443")
    assert [asked.authorization for asked in registry.asked] == [""]


@pytest.mark.parametrize(
    ("reply", "status", "is_web_page"),
    [
        (Reply(200, b"{}"), 200, False),
        (Reply(200, b"<html>" + b"x" * 20_000, {"Content-Type": "text/html"}), 200, True),
        (Reply(403), 403, False),
        (Reply(404), 404, False),
    ],
)
def test_I19_greeting_is_whatever_was_answered(
    registry: ScriptedRegistry, sources: Callable[..., Sources], reply: Reply, status: int, is_web_page: bool
) -> None:
    registry.routes["/v2/"] = reply

    found = sources().greet(ref(registry))

    assert (found.status, found.is_web_page, found.schemes) == (status, is_web_page, ())


def test_greeting_follows_redirects_and_their_rules(
    registry: ScriptedRegistry, sources: Callable[..., Sources]
) -> None:
    registry.routes["/v2/"] = Reply(307, b"", {"Location": "/other/"})
    registry.routes["/other/"] = Reply(200, b"{}")
    assert sources().greet(ref(registry)).status == 200

    registry.routes["/v2/"] = Reply(307, b"", {"Location": "http://169.254.169.254/latest/"})
    with pytest.raises(Unreachable, match="link-local"):
        sources().greet(ref(registry))


@pytest.mark.parametrize("has_api", [True, False])
def test_whether_there_is_a_referrers_api_is_known_after_a_listing(
    registry: ScriptedRegistry, sources: Callable[..., Sources], has_api: bool
) -> None:
    digest = registry.put_manifest("app", manifest(), "1").digest

    def unsupported(asked: Asked) -> Reply:
        return Reply.json({"errors": [{"code": "UNSUPPORTED"}]}, status=404)

    answer = Reply.json(index([]), OCI_INDEX) if has_api else unsupported
    registry.routes[f"/v2/app/referrers/{digest}"] = answer
    opened = sources()

    before = opened.has_referrers_api(ref(registry))
    opened.open(ref(registry)).referrers(Digest(digest))

    assert (before, opened.has_referrers_api(ref(registry))) == (None, has_api)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.binary(max_size=20), st.integers(100, 599))
def test_any_answer_gives_a_greeting(header: str, body: bytes, status: int) -> None:
    location = Location(Endpoint("https", "registry.example", 443), "/v2/")

    found = greeting_of(Answer(status, {"WWW-Authenticate": f'Bearer realm="{header}"'}, body, location))

    assert found.status == status
    assert "@" not in found.realm
