"""Tokens: who gets a stored secret, who does not, and for how long a token is good."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oci.conftest import OpenSource, ref
from tests.oci.scripted import Asked, Reply, ScriptedRegistry
from verifier.errors import AuthenticationError, NotFound, RegistryError, Unreachable
from verifier.model import Descriptor, Digest
from verifier.oci import Credential, Settings, Sources
from verifier.oci.auth import Authenticator
from verifier.oci.challenges import parse_challenges
from verifier.oci.exchange import Answer, Question
from verifier.oci.locations import Endpoint
from verifier.oci.session import endpoint_of

BLOB = Descriptor("", Digest.of(b"content"), 7)
ROUTE = f"/v2/app/blobs/{BLOB.digest}"
BASIC = "Basic " + base64.b64encode(b"me:secret").decode()


def guard(registry: ScriptedRegistry, accepted: set[str], realm: str = "", scheme: str = "Bearer") -> None:
    """Serves the blob to those whose Authorization is accepted, and challenges all others."""
    url = realm or f"http://{registry.host}/token"
    challenge = f'{scheme} realm="{url}",service="registry, one",scope="repository:app:pull,push"'
    registry.routes[ROUTE] = lambda asked: (
        Reply(200, b"content")
        if asked.authorization in accepted
        else Reply(401, b'{"errors":[{"code":"UNAUTHORIZED"}]}', {"WWW-Authenticate": challenge})
    )


def secret_for(registry: ScriptedRegistry, **members: str) -> dict[str, str]:
    if members:
        return {"DOCKER_AUTH_CONFIG": json.dumps({"auths": {registry.host: members}})}
    names = ("DHIVERIFY_REGISTRY", "DHIVERIFY_REGISTRY_USERNAME", "DHIVERIFY_REGISTRY_PASSWORD")
    return dict(zip(names, (registry.host, "me", "secret"), strict=True))


@pytest.fixture
def other(scripted_registry: Callable[..., ScriptedRegistry]) -> ScriptedRegistry:
    return scripted_registry()


@pytest.mark.parametrize(
    "answer",
    [
        {"token": "t1"},
        {"access_token": "t1"},
        {"token": "t1", "access_token": "t1", "expires_in": 300, "issued_at": "?"},
    ],
)
def test_P20_anonymous_token(registry: ScriptedRegistry, app: OpenSource, answer: dict[str, Any]) -> None:
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = Reply.json(answer)
    source = app()

    assert source.blob(BLOB, 10) == source.blob(BLOB, 10) == b"content"

    assert registry.paths == [ROUTE, "/token", ROUTE, ROUTE]
    assert parse_qs(registry.asked[1].query) == {"service": ["registry, one"], "scope": ["repository:app:pull"]}
    assert registry.asked[1].authorization == ""


def test_token_for_a_password(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {"Bearer t1"}, f"http://{registry.host}/auth/token?account=x")
    registry.routes["/auth/token"] = lambda asked: (
        Reply.json({"token": "t1"}) if asked.authorization == BASIC else Reply(401)
    )

    assert app(environ=secret_for(registry)).blob(BLOB, 10) == b"content"
    assert parse_qs(registry.asked[1].query)["account"] == ["x"]


def test_token_for_an_identity_token(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = Reply.json({"access_token": "t1"})

    assert app(environ=secret_for(registry, identitytoken="refresh me")).blob(BLOB, 10) == b"content"

    asked = registry.asked[1]
    form = parse_qs(asked.body.decode())
    assert (asked.method, form["grant_type"], form["refresh_token"]) == ("POST", ["refresh_token"], ["refresh me"])
    assert form["scope"] == ["repository:app:pull"]


def test_token_service_without_oauth_takes_the_password(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = lambda asked: Reply.json({"token": "t1"}) if asked.method == "GET" else Reply(404)

    environ = secret_for(registry, identitytoken="refresh", username="me", password="secret")
    assert app(environ=environ).blob(BLOB, 10) == b"content"
    assert registry.asked[-2].authorization == BASIC


def test_registry_token_is_sent_as_it_is(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {"Bearer given"})

    assert app(environ=secret_for(registry, registrytoken="given")).blob(BLOB, 10) == b"content"
    assert registry.count("/token") == 0


def test_basic_goes_to_the_registry_alone(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {BASIC}, scheme="Basic")

    assert app(environ=secret_for(registry)).blob(BLOB, 10) == b"content"
    with pytest.raises(AuthenticationError, match="none is stored"):
        app().blob(BLOB, 10)


def test_P21_token_that_ends_in_the_middle_of_a_run(registry: ScriptedRegistry, app: OpenSource) -> None:
    accepted = {"Bearer t1"}
    guard(registry, accepted)
    registry.routes["/token"] = [Reply.json({"token": "t1"}), Reply.json({"token": "t2"})]
    source = app()
    source.blob(BLOB, 10)

    accepted.clear()
    accepted.add("Bearer t2")

    assert source.blob(BLOB, 10) == b"content"
    assert registry.count("/token") == 2


def test_token_is_renewed_before_it_ends(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {"Bearer t1", "Bearer t2"})
    registry.routes["/token"] = [Reply.json({"token": "t1", "expires_in": 0.0001}), Reply.json({"token": "t2"})]
    source = app()

    for _ in range(3):
        source.blob(BLOB, 10)

    sent = [asked.authorization for asked in registry.asked if asked.path == ROUTE]
    assert sent == ["", "Bearer t1", "", "Bearer t2", "Bearer t2"]


def test_many_threads_share_one_token(registry: ScriptedRegistry, app: OpenSource) -> None:
    blobs = [Descriptor("", Digest.of(bytes([n])), 1) for n in range(12)]
    guard(registry, {"Bearer t1"})
    challenge = registry.routes[ROUTE]
    for number, blob in enumerate(blobs):

        def answer(asked: Asked, number: int = number) -> Any:
            if asked.authorization == "Bearer t1":
                return Reply(200, bytes([number]))
            assert callable(challenge)
            return challenge(asked)

        registry.routes[f"/v2/app/blobs/{blob.digest}"] = answer
    registry.routes["/token"] = Reply.json({"token": "t1"})
    source = app()

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda blob: source.blob(blob, 1), blobs))

    assert found == [bytes([n]) for n in range(12)]
    assert registry.count("/token") == 1


def test_I14_token_is_for_one_repository_only(registry: ScriptedRegistry, sources: Callable[..., Sources]) -> None:
    guard(registry, {"Bearer app"})
    registry.routes[ROUTE.replace("app", "two")] = registry.routes[ROUTE]
    registry.routes["/token"] = lambda asked: Reply.json({"token": parse_qs(asked.query)["scope"][0].split(":")[1]})
    opened = sources()

    assert opened.open(ref(registry, "app")).blob(BLOB, 10) == b"content"
    with pytest.raises(AuthenticationError):
        opened.open(ref(registry, "two")).blob(BLOB, 10)
    sent = {asked.authorization for asked in registry.asked if asked.path != ROUTE}
    assert "Bearer app" not in sent


def test_I14_path_credential_stays_with_its_path(registry: ScriptedRegistry, sources: Callable[..., Sources]) -> None:
    guard(registry, {BASIC}, scheme="Basic")
    registry.routes[ROUTE.replace("app", "two")] = registry.routes[ROUTE]
    auths = {f"{registry.host}/app": {"username": "me", "password": "secret"}}
    opened = sources(environ={"DOCKER_AUTH_CONFIG": json.dumps({"auths": auths})})

    assert opened.open(ref(registry, "app")).blob(BLOB, 10) == b"content"
    with pytest.raises(AuthenticationError):
        opened.open(ref(registry, "two")).blob(BLOB, 10)


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_loop_of_401_ends(registry: ScriptedRegistry, app: OpenSource, scheme: str) -> None:
    guard(registry, set(), scheme=scheme)
    registry.routes["/token"] = Reply.json({"token": "never"})

    with pytest.raises(AuthenticationError) as caught:
        app(environ=secret_for(registry)).blob(BLOB, 10)

    assert caught.value.exit_code == 6
    assert registry.count("/blobs/") == 2
    assert "docker login" in caught.value.hint


@pytest.mark.parametrize("status", [401, 403])
def test_I13_refusal_is_never_not_found(registry: ScriptedRegistry, app: OpenSource, status: int) -> None:
    registry.routes[ROUTE] = Reply(status)
    with pytest.raises(AuthenticationError):
        app().blob(BLOB, 10)

    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = Reply(status)
    with pytest.raises(AuthenticationError, match=str(status)):
        app().blob(BLOB, 10)


def test_I13_not_found_with_a_token_is_not_found(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, set())
    challenge = registry.routes[ROUTE]
    registry.routes[ROUTE] = lambda asked: Reply(404) if asked.authorization else challenge(asked)  # type: ignore[operator]
    registry.routes["/token"] = Reply.json({"token": "t1"})

    with pytest.raises(NotFound):
        app().blob(BLOB, 10)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_I21_busy_token_service_is_no_refusal(
    registry: ScriptedRegistry, app: OpenSource, pauses: list[float], status: int
) -> None:
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = [Reply(status), Reply.json({"token": "t1"})]
    assert app().blob(BLOB, 10) == b"content"

    registry.routes["/token"] = Reply(status)
    with pytest.raises(Unreachable):
        app().blob(BLOB, 10)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b""),
        Reply(200, b"<html>"),
        Reply.json([]),
        Reply.json({}),
        Reply.json({"token": 5}),
        Reply.json({"token": ""}),
        Reply.json({"token": "a\r\nX-Evil: 1"}),
        Reply.json({"token": "a b"}),
        Reply.json({"token": "ü"}),
        Reply(200, b'{"token":"' + b"x" * 70_000 + b'"}'),
        Reply(200, b'{"token":"a","token":"b"}'),
    ],
)
def test_I03_I19_token_answers_that_are_none(registry: ScriptedRegistry, app: OpenSource, reply: Reply) -> None:
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = reply

    with pytest.raises(AuthenticationError):
        app().blob(BLOB, 10)


@pytest.mark.parametrize("life", [None, "300", -1, 0, True, 10**19, 1e300])
def test_odd_lifetimes_of_tokens(registry: ScriptedRegistry, app: OpenSource, life: Any) -> None:
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = Reply.json({"token": "t1", "expires_in": life})
    source = app()

    assert source.blob(BLOB, 10) == source.blob(BLOB, 10) == b"content"
    assert registry.count("/token") == 1


# ---- where a secret may go


def test_I11_password_goes_to_no_foreign_realm(
    registry: ScriptedRegistry, other: ScriptedRegistry, app: OpenSource
) -> None:
    port = other.host.rpartition(":")[2]
    guard(registry, {"Bearer t1"}, f"http://localhost:{port}/token")
    other.routes["/token"] = Reply.json({"token": "t1"})

    for environ in (secret_for(registry), secret_for(registry, identitytoken="refresh")):
        with pytest.raises(AuthenticationError, match="neither this registry nor in its domain") as caught:
            app(environ=environ).blob(BLOB, 10)
        assert "Nothing was sent" in caught.value.hint
        assert "secret" not in str(caught.value)
    assert other.asked == []
    assert app().blob(BLOB, 10) == b"content"  # anonymous may


def test_I08_I11_realm_of_another_port_of_the_same_host(
    registry: ScriptedRegistry, other: ScriptedRegistry, app: OpenSource
) -> None:
    guard(registry, {"Bearer t1"}, f"http://{other.host}/token")
    other.routes["/token"] = Reply.json({"token": "t1"})

    assert app(environ=secret_for(registry)).blob(BLOB, 10) == b"content"
    assert other.asked[0].authorization == BASIC


def test_I11_token_service_that_redirects(registry: ScriptedRegistry, other: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = Reply(307, headers={"Location": f"http://{other.host}/token"})
    other.routes["/token"] = Reply.json({"token": "t1"})

    with pytest.raises(AuthenticationError, match="307"):
        app(environ=secret_for(registry)).blob(BLOB, 10)
    assert other.asked == []


@pytest.mark.parametrize(
    "realm",
    [
        "http://169.254.169.254/token",
        "http://10.0.0.1/token",
        "http://[::ffff:10.0.0.1]/token",
        "http://0.0.0.0/token",
        "file:///etc/passwd",
        "ftp://127.0.0.1/token",
        "/token",
        "token",
        "http://",
        "http://user:pass@127.0.0.1/token",
        "http://127.0.0.1:x/token",
    ],
)
def test_I08_I09_realms_that_nobody_is_sent_to(registry: ScriptedRegistry, app: OpenSource, realm: str) -> None:
    guard(registry, set(), realm)

    with pytest.raises((AuthenticationError, Unreachable)):
        app(connect_timeout=0.2, retries=0).blob(BLOB, 10)
    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    ("host", "realm", "allowed"),
    [
        ("docker.io", "https://auth.docker.io/token", True),
        ("dhi.io", "https://auth.docker.io/token", True),
        ("dhi.io", "https://dhi.io/token", True),
        ("registry.scout.docker.com", "https://auth.docker.io/token", True),
        ("registry.scout.docker.com", "https://login.docker.com/token", True),
        ("docker.io", "https://auth.docker.io.evil.example/token", False),
        ("docker.io", "https://evil-docker.com/token", False),
        ("ghcr.io", "https://ghcr.io/token", True),
        ("ghcr.io", "https://auth.docker.io/token", False),
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth", True),
        ("registry.example.com:5000", "https://auth.example.com/token", True),
        ("registry.example.com:5000", "https://registry.example.com/token", True),
        ("registry.example.com", "https://example.org/token", False),
        ("registry.acme.co.uk", "https://auth.acme.co.uk/token", True),
        ("registry.acme.co.uk", "https://evil.co.uk/token", False),
        ("acme.co.uk", "https://evil.co.uk/token", False),
        ("10.1.2.3:5000", "https://10.9.2.3/token", False),
        ("registry:5000", "https://auth/token", False),
        ("ghcr.io", "http://ghcr.io/token", False),
    ],
)
def test_I11_whose_realm_a_secret_may_go_to(host: str, realm: str, allowed: bool) -> None:
    sent: list[Question] = []

    def send(question: Question) -> Answer:
        sent.append(question)
        return Answer(200, {}, b'{"token":"t"}', question.location)

    class Stored:
        def lookup(self, host: str, repository: str = "") -> Credential:
            return Credential("me", "secret", origin="test")

    config = Settings()
    endpoint: Endpoint = endpoint_of(host, config)
    auth = Authenticator(host, endpoint, Stored(), config.limits, send, frozenset)  # type: ignore[arg-type]

    if allowed:
        assert auth.renew("app", f'Bearer realm="{realm}"', None) == "Bearer t"
        assert sent[0].headers["Authorization"] == BASIC
    else:
        with pytest.raises(AuthenticationError):
            auth.renew("app", f'Bearer realm="{realm}"', None)
        assert sent == []


def test_L08_tokens_are_kept_in_memory_only(
    registry: ScriptedRegistry, app: OpenSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    guard(registry, {"Bearer t1"})
    registry.routes["/token"] = Reply.json({"token": "t1", "expires_in": 3600})

    app().blob(BLOB, 10)
    app().blob(BLOB, 10)

    assert list(tmp_path.rglob("*")) == []
    assert registry.count("/token") == 2


def test_no_secret_in_any_error(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, set())
    registry.routes["/token"] = Reply(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"me:secret"}]}')
    for environ in (secret_for(registry), secret_for(registry, registrytoken="secret")):
        with pytest.raises((AuthenticationError, RegistryError)) as caught:
            app(environ=environ).blob(BLOB, 10)
        assert "secret" not in str(caught.value) + caught.value.hint
        assert base64.b64encode(b"me:secret").decode() not in str(caught.value)


# ---- challenges


def test_challenges_in_all_their_forms() -> None:
    header = (
        'Negotiate, Digest realm="a, b",nonce="x\\"y" , BEARER service = "s" ,Realm="https://a/b?c=d,e",'
        'scope="repository:x:pull,push",realm="second", Basic realm=plain'
    )

    found = parse_challenges(header)

    assert [challenge.scheme for challenge in found] == ["negotiate", "digest", "bearer", "basic"]
    assert found[1].parameters == {"realm": "a, b", "nonce": 'x"y'}
    assert found[2].parameters == {"service": "s", "realm": "https://a/b?c=d,e", "scope": "repository:x:pull,push"}
    assert found[3].parameters == {"realm": "plain"}


def test_first_bearer_among_several_headers(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, {"Bearer t1"}, scheme='Negotiate abc==, Basic realm="x", Bearer')
    registry.routes["/token"] = Reply.json({"token": "t1"})

    assert app(environ=secret_for(registry)).blob(BLOB, 10) == b"content"


def test_unknown_scheme(registry: ScriptedRegistry, app: OpenSource) -> None:
    guard(registry, set(), scheme="Negotiate")

    with pytest.raises(AuthenticationError, match="no kind of login"):
        app().blob(BLOB, 10)


@settings(max_examples=200, deadline=None)
@given(st.text() | st.from_regex(r'(Bearer|Basic)[ ,="\\a-z]{0,40}', fullmatch=True))
def test_any_header_gives_challenges(header: str) -> None:
    for challenge in parse_challenges(header):
        assert challenge.scheme == challenge.scheme.lower() != ""


def test_long_header_takes_no_time() -> None:
    done = threading.Event()

    def parse() -> None:
        for text in ('a="' * 100_000, "a=\\" * 100_000, 'Bearer a="' + "\\" * 100_000, "," * 300_000):
            parse_challenges(text)
        done.set()

    threading.Thread(target=parse, daemon=True).start()
    assert done.wait(2)
