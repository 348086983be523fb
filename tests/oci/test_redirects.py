"""Where a registry may send us, and what goes along."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oci.conftest import OpenSource, bounded, ref
from tests.oci.scripted import Asked, Reply, ScriptedRegistry
from verifier.errors import AuthenticationError, RegistryError, Unreachable
from verifier.model import Descriptor, Digest
from verifier.oci import Credentials, Settings
from verifier.oci.addresses import PUBLIC_ONLY, Zone, zone
from verifier.oci.deadline import Deadline
from verifier.oci.locations import Endpoint, Location
from verifier.oci.session import Session, endpoint_of
from verifier.oci.transport import HttpTransport

BLOB = Descriptor("", Digest.of(b"content"), 7)
ROUTE = f"/v2/app/blobs/{BLOB.digest}"


def to(url: str, status: int = 307) -> Reply:
    return Reply(status, b"gone", {"Location": url})


@pytest.fixture
def storage(scripted_registry: Callable[..., ScriptedRegistry]) -> ScriptedRegistry:
    return scripted_registry({"/blob": Reply(200, b"content")})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_P19_blob_on_another_host(
    registry: ScriptedRegistry, storage: ScriptedRegistry, app: OpenSource, status: int
) -> None:
    registry.routes[ROUTE] = to(f"http://{storage.host}/blob?X-Signature=s%2Fs", status)

    assert app().blob(BLOB, 100) == b"content"
    assert storage.asked[0].query == "X-Signature=s%2Fs"


def test_P18_redirect_to_a_relative_path(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.routes[ROUTE] = to("../../../prefix/blob")
    registry.routes["/prefix/blob"] = Reply(200, b"content")

    assert app().blob(BLOB, 100) == b"content"


def test_I10_credentials_stay_with_host_and_port(
    registry: ScriptedRegistry, storage: ScriptedRegistry, app: OpenSource
) -> None:
    registry.routes[ROUTE] = lambda asked: (
        to(f"http://{storage.host}/hop") if asked.authorization else Reply(401, headers={"WWW-Authenticate": "Basic"})
    )
    storage.routes["/hop"] = to(f"http://{registry.host}/back")
    registry.routes["/back"] = Reply(200, b"content", {"Set-Cookie": "a=b"})

    environ = {
        "DHIVERIFY_REGISTRY": registry.host,
        "DHIVERIFY_REGISTRY_USERNAME": "me",
        "DHIVERIFY_REGISTRY_PASSWORD": "secret",
    }
    source = app(environ=environ)

    assert source.blob(BLOB, 100) == b"content"
    assert [asked.path for asked in registry.asked if asked.authorization] == [ROUTE]
    assert [asked.authorization for asked in storage.asked] == [""]
    assert source.blob(BLOB, 100) == b"content"
    assert not any("Cookie" in asked.headers for asked in registry.asked + storage.asked)


def test_I07_redirects_have_an_end(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.routes[ROUTE] = to(ROUTE)

    with pytest.raises(Unreachable, match="more than 5 times"):
        app().blob(BLOB, 100)
    assert len(registry.asked) == 6


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1:70/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://172.16.0.1:8080/",
        "http://[fd00:ec2::254]/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://100.64.0.1/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://user:pass@127.0.0.1/",
        "http://",
        "http:///x",
        "http://[::1/",
        "http://host:port/",
        "//",
        "http://127.0.0.1:1/\x7f",
        "",
    ],
)
def test_I08_I09_no_way_into_the_users_network(registry: ScriptedRegistry, app: OpenSource, url: str) -> None:
    registry.routes[ROUTE] = to(url)

    with pytest.raises(Unreachable):
        app(connect_timeout=0.2, retries=0).blob(BLOB, 100)
    assert len(registry.asked) == 1


def test_I09_name_that_resolves_into_the_users_network(
    registry: ScriptedRegistry, app: OpenSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, {"storage.example": ["93.184.215.14", "169.254.169.254"]})
    registry.routes[ROUTE] = to("http://storage.example/x")

    with pytest.raises(Unreachable, match=r"169\.254\.169\.254 is a link-local address"):
        app().blob(BLOB, 100)


def test_I09_second_dns_answer_changes_nothing(
    registry: ScriptedRegistry, storage: ScriptedRegistry, app: OpenSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, {"storage.example": ["127.0.0.1"]})
    port = storage.host.rpartition(":")[2]
    registry.routes[ROUTE] = to(f"http://storage.example:{port}/blob")

    assert app().blob(BLOB, 100) == b"content"
    assert asked.count("storage.example") == 1
    assert storage.asked[0].headers["Host"] == f"storage.example:{port}"


def test_I09_public_registry_may_not_send_us_to_loopback(
    registry: ScriptedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, {"registry.example": ["93.184.215.14"]})
    transport = Scripted({"https://registry.example": to(f"https://{registry.host}/x")})
    session = Session("registry.example", Settings(), Credentials(), transport, Deadline(5))

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 is a loopback address"):
        session.get(Location(session.endpoint, "/v2/"), "app", "*/*", 10)
    assert transport.zones == [None, PUBLIC_ONLY]
    assert registry.asked == []


def test_I08_https_registry_may_not_send_us_to_http(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, {"registry.example": ["93.184.215.14"]})
    transport = Scripted({"https://registry.example": to("http://registry.example/x")})
    session = Session("registry.example", Settings(), Credentials(), transport, Deadline(5))

    with pytest.raises(Unreachable, match="not https"):
        session.get(Location(session.endpoint, "/v2/"), "app", "*/*", 10)


def test_refusal_by_the_storage_is_an_authentication_error(
    registry: ScriptedRegistry, storage: ScriptedRegistry, app: OpenSource
) -> None:
    storage.routes["/blob"] = Reply(403)
    registry.routes[ROUTE] = to(f"http://{storage.host}/blob?X-Signature=secret")

    with pytest.raises(AuthenticationError) as caught:
        app().blob(BLOB, 100)
    assert storage.host in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "options", "expected"),
    [
        ("ghcr.io", {}, "https://ghcr.io"),
        ("docker.io", {}, "https://registry-1.docker.io"),
        ("registry.example:5000", {}, "https://registry.example:5000"),
        ("10.0.0.1:5000", {}, "https://10.0.0.1:5000"),
        ("localhost", {}, "http://localhost"),
        ("localhost:5000", {}, "http://localhost:5000"),
        ("127.9.9.9:5000", {}, "http://127.9.9.9:5000"),
        ("[::1]:5000", {}, "http://[::1]:5000"),
        ("localhost:443", {}, "https://localhost"),
        ("localhost:5000", {"cacert": "ca.pem"}, "https://localhost:5000"),
        ("localhost.evil.example", {}, "https://localhost.evil.example"),
        ("127.0.0.1.evil.example:80", {}, "https://127.0.0.1.evil.example:80"),
        ("registry.example:5000", {"allow_http": True}, "http://registry.example:5000"),
        ("registry.example:80", {"allow_http": True}, "http://registry.example"),
        ("registry.example:443", {"allow_http": True}, "https://registry.example"),
        ("registry.example", {"allow_http": True}, "https://registry.example"),
        ("docker.io", {"allow_http": True}, "https://registry-1.docker.io"),
    ],
)
def test_I25_when_plain_http_is_spoken(host: str, options: dict[str, Any], expected: str) -> None:
    assert str(endpoint_of(host, Settings(**options))) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", Zone.PUBLIC),
        ("2606:2800:21f::1", Zone.PUBLIC),
        ("::ffff:10.0.0.1", Zone.PRIVATE),
        ("::ffff:127.0.0.1", Zone.LOOPBACK),
        ("64:ff9b::a9fe:a9fe", Zone.LINK_LOCAL),
        ("2002:7f00:1::", Zone.LOOPBACK),
        ("fe80::1%eth0", Zone.LINK_LOCAL),
        ("224.0.0.1", Zone.OTHER),
        ("0.0.0.0", Zone.OTHER),
        ("100.64.0.1", Zone.PRIVATE),
    ],
)
def test_I09_zones(address: str, expected: Zone) -> None:
    assert zone(address) is expected


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"(https?:)?//[a-z0-9.@:\[\]%/?#-]{0,30}", fullmatch=True))
def test_any_url_is_resolved_or_refused(url: str) -> None:
    here = Location(Endpoint("https", "registry.example", 443), "/v2/app/x?y")
    try:
        there = here.resolve(url)
    except RegistryError:
        return
    assert there.endpoint.scheme in ("http", "https")
    assert there.endpoint.host
    assert there.path.startswith("/")


def resolving(monkeypatch: pytest.MonkeyPatch, names: Mapping[str, list[str]]) -> list[str]:
    """Answers DNS for `names` the first time, and with the metadata address of clouds from then on."""
    real, asked = socket.getaddrinfo, []

    def getaddrinfo(host: str, port: int, *args: Any, **named: Any) -> Any:
        if host not in names:
            return real(host, port, *args, **named)
        asked.append(host)
        found = names[host] if asked.count(host) == 1 else ["169.254.169.254"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


class Scripted:
    """A transport that answers for some endpoints and leaves the others to HTTP."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = replies
        self.zones: list[frozenset[Zone] | None] = []
        self.http = HttpTransport(Settings(limits=bounded(retries=0, connect_timeout=1)))

    def request(self, method: str, location: Location, headers: Any, deadline: Deadline, **options: Any) -> Any:
        self.zones.append(options["zones"])
        reply = self.replies.get(str(location.endpoint))
        if reply is None:
            return self.http.request(method, location, headers, deadline, **options)
        return Given(reply)

    def close(self) -> None:
        self.http.close()


class Given:
    content_length = None

    def __init__(self, reply: Reply) -> None:
        self.status, self.headers, self.body = reply.status, reply.headers, reply.body

    def read(self, limit: int) -> bytes:
        return self.body

    def discard(self) -> None:
        pass


def test_nothing_is_asked_of_a_host_by_its_unchecked_name(registry: ScriptedRegistry, app: OpenSource) -> None:
    """The Host header of a redirected request is that of the target, not of the registry."""
    seen: list[Asked] = []

    def answer(asked: Asked) -> Reply:
        seen.append(asked)
        return Reply(200, b"content")

    registry.routes["/here"] = answer
    registry.routes[ROUTE] = to(f"http://{registry.host}/here")

    assert app().blob(BLOB, 100) == b"content"
    assert seen[0].headers["Host"] == registry.host
    assert ref(registry).registry == registry.host
