"""Pushing: what is sent where, who gets a credential, and lists that others share."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oci.conftest import bounded
from tests.oci.scripted import OCI_INDEX, OCI_MANIFEST, Asked, Reply, ScriptedRegistry, index
from tests.oci.test_transport import authority
from tests.publisher import MemoryRegistry
from verifier.errors import AuthenticationError, LimitExceeded, MalformedContent, RegistryError, Unreachable, UsageError
from verifier.model import Descriptor, Digest
from verifier.oci import Credentials, Settings, Sources, parse_reference
from verifier.oci.artifacts import Artifact, Content
from verifier.oci.push import Pusher

FILES = (Content(b"one", "text/plain", {"title": "1"}), Content(b"two", "text/plain", {"title": "2"}))
ARTIFACT = Artifact("application/vnd.example", FILES)
BASIC = "Basic " + base64.b64encode(b"me:secret").decode()
UPLOADS = "/v2/app/blobs/uploads/"

MakePusher = Callable[..., AbstractContextManager[Pusher]]

__all__ = ["authority"]


@pytest.fixture
def pusher() -> MakePusher:
    """`pusher(host, environ={…}, **settings)` writes to the repository `app`."""

    def make(host: str, environ: dict[str, str] | None = None, **settings: Any) -> Pusher:
        credentials = Credentials.from_environment(environ or {})
        settings = {"limits": bounded(retries=0), "timeout": 10, **settings}
        return Pusher(parse_reference(f"{host}/app:1"), Settings(**settings), credentials)

    return make


@pytest.fixture
def memory() -> Iterator[MemoryRegistry]:
    with MemoryRegistry() as registry:
        yield registry


@pytest.fixture
def without_api() -> Iterator[MemoryRegistry]:
    with MemoryRegistry(referrers_api=False) as registry:
        yield registry


def taking(registry: ScriptedRegistry, upload: str = "/upload") -> None:
    """Answers as a registry that takes everything."""
    registry.routes[UPLOADS] = Reply(202, headers={"Location": upload})
    registry.routes["/upload"] = Reply(201)
    registry.routes["/v2/app/manifests/1"] = Reply(201)


def secret_for(host: str) -> dict[str, str]:
    names = ("DHIVERIFY_REGISTRY", "DHIVERIFY_REGISTRY_USERNAME", "DHIVERIFY_REGISTRY_PASSWORD")
    return dict(zip(names, (host, "me", "secret"), strict=True))


def challenging(registry: ScriptedRegistry, path: str, realm: str, accepted: str = "Bearer t1") -> None:
    """Demands a token of `realm` for `path`, whose answer so far goes to those who have it."""
    challenge = f'Bearer realm="{realm}",service="registry",scope="repository:other:*"'
    reply = registry.routes[path]

    def answer(asked: Asked) -> Reply:
        assert isinstance(reply, Reply)
        return reply if asked.authorization == accepted else Reply(401, headers={"WWW-Authenticate": challenge})

    registry.routes[path] = answer


def test_what_was_pushed_is_read_back_byte_for_byte(memory: MemoryRegistry, pusher: MakePusher) -> None:
    with pusher(memory.host) as pushing:
        pushed = pushing.push(ARTIFACT, "1")

    reference = parse_reference(f"{memory.host}/app:1")
    with Sources(Settings(), Credentials()) as sources:
        source = sources.open(reference)
        manifest = source.resolve(reference)
        assert (manifest.descriptor.digest, manifest.artifact_type) == (pushed.digest, "application/vnd.example")
        assert [source.blob(layer, 10) for layer in manifest.layers] == [b"one", b"two"]
        assert [layer.annotations["title"] for layer in manifest.layers] == ["1", "2"]


def test_without_a_tag_nothing_but_the_digest_leads_there(memory: MemoryRegistry, pusher: MakePusher) -> None:
    with pusher(memory.host) as pushing:
        pushed = pushing.push(ARTIFACT)

    assert memory.repository("app").manifest(pushed.digest)
    assert memory.repository("app").pushed.tags == {}


def test_what_is_there_already_is_not_sent_again(memory: MemoryRegistry, pusher: MakePusher) -> None:
    with pusher(memory.host) as pushing:
        first = pushing.push(ARTIFACT, "1")
        uploads = len([asked for asked in memory.log if asked.method == "POST"])

        again = pushing.push(ARTIFACT, "2")

    assert again == first
    assert uploads == 3
    assert len([asked for asked in memory.log if asked.method == "POST"]) == uploads


@given(st.permutations([("b", "2"), ("a", "1"), ("c", "3")]))
def test_the_same_contents_have_the_same_digest(annotations: list[tuple[str, str]]) -> None:
    one = Artifact("application/vnd.example", FILES, annotations=dict(sorted(annotations)))

    other = Artifact("application/vnd.example", FILES, annotations=dict(annotations))

    assert one.descriptor.digest == other.descriptor.digest
    assert one.descriptor.digest != ARTIFACT.descriptor.digest


def test_a_layout_is_nothing_to_push_to() -> None:
    with pytest.raises(UsageError, match="layout"):
        Pusher(parse_reference("oci:somewhere"), Settings(), Credentials())


def test_a_manifest_that_no_registry_takes_is_not_begun(registry: ScriptedRegistry, pusher: MakePusher) -> None:
    large = Artifact("application/vnd.example", FILES, annotations={"a": "x" * 2000})

    with pusher(registry.host, limits=bounded(manifest_bytes=1000)) as pushing, pytest.raises(LimitExceeded):
        pushing.push(large, "1")

    assert registry.asked == []


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 302, 307])
@pytest.mark.parametrize("path", [UPLOADS, "/upload", "/v2/app/manifests/1"])
def test_an_upload_that_is_not_taken_is_an_error(
    registry: ScriptedRegistry, pusher: MakePusher, path: str, status: int
) -> None:
    taking(registry)
    registry.routes[path] = Reply(status, b'{"errors":[{"code":"DENIED"}]}', {"Location": "/elsewhere"})
    registry.routes["/elsewhere"] = Reply(201)

    with pusher(registry.host) as pushing, pytest.raises(RegistryError, match=str(status)):
        pushing.push(ARTIFACT, "1")

    assert "/elsewhere" not in registry.paths


def test_a_registry_that_does_not_say_where_to_upload(registry: ScriptedRegistry, pusher: MakePusher) -> None:
    registry.routes[UPLOADS] = Reply(202)

    with pusher(registry.host) as pushing, pytest.raises(RegistryError, match="without saying where"):
        pushing.push(ARTIFACT, "1")


def test_a_busy_registry_is_asked_again_and_not_for_minutes(
    registry: ScriptedRegistry, pusher: MakePusher, pauses: list[float]
) -> None:
    taking(registry)
    registry.routes[UPLOADS] = Reply(500)

    with pusher(registry.host, limits=bounded(retries=2)) as pushing, pytest.raises(Unreachable):
        pushing.push(ARTIFACT, "1")

    assert registry.count("/uploads/") == 3
    assert sum(pauses) < 1


def test_a_token_is_asked_for_with_the_right_to_push(registry: ScriptedRegistry, pusher: MakePusher) -> None:
    taking(registry)
    registry.routes["/token"] = Reply.json({"token": "t1"})
    challenging(registry, UPLOADS, f"http://{registry.host}/token")

    with pusher(registry.host, secret_for(registry.host)) as pushing:
        pushing.push(ARTIFACT, "1")

    (token,) = [asked for asked in registry.asked if asked.path == "/token"]
    assert parse_qs(token.query)["scope"] == ["repository:app:pull,push"]
    assert token.authorization == BASIC
    assert {asked.authorization for asked in registry.asked if asked.path == "/upload"} == {"Bearer t1"}


def test_I11_a_password_goes_to_no_realm_but_the_registrys(
    registry: ScriptedRegistry, scripted_registry: Callable[..., ScriptedRegistry], pusher: MakePusher
) -> None:
    other = scripted_registry({"/token": Reply.json({"token": "t1"})})
    taking(registry)
    challenging(registry, UPLOADS, f"http://{other.host.replace('127.0.0.1', 'localhost')}/token")

    with pusher(registry.host, secret_for(registry.host)) as pushing, pytest.raises(AuthenticationError):
        pushing.push(ARTIFACT, "1")

    assert other.asked == []


def test_I10_an_upload_elsewhere_carries_no_credential(
    registry: ScriptedRegistry, scripted_registry: Callable[..., ScriptedRegistry], pusher: MakePusher
) -> None:
    storage = scripted_registry({"/upload": Reply(201)})
    taking(registry, f"http://{storage.host}/upload?signed=yes%2Fno")
    challenging(registry, UPLOADS, "", accepted=BASIC)
    registry.routes[UPLOADS] = _basic(registry.routes[UPLOADS])

    with pusher(registry.host, secret_for(registry.host)) as pushing:
        pushing.push(ARTIFACT, "1")

    assert len(storage.asked) == 3
    assert {asked.authorization for asked in storage.asked} == {""}
    assert {parse_qs(asked.query)["signed"][0] for asked in storage.asked} == {"yes/no"}


def _basic(route: Any) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        reply = route(asked)
        return Reply(401, headers={"WWW-Authenticate": "Basic"}) if reply.status == 401 else reply

    return answer


def test_I09_no_upload_leads_into_another_part_of_the_network(registry: ScriptedRegistry, pusher: MakePusher) -> None:
    taking(registry, "http://169.254.169.254/upload")

    with pusher(registry.host) as pushing, pytest.raises(Unreachable, match="link-local"):
        pushing.push(ARTIFACT, "1")


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/upload", "http://me:secret@127.0.0.1/upload", "http:///upload"])
def test_an_upload_to_what_is_no_place(registry: ScriptedRegistry, pusher: MakePusher, location: str) -> None:
    taking(registry, location)

    with pusher(registry.host) as pushing, pytest.raises(Unreachable):
        pushing.push(ARTIFACT, "1")


def test_I10_an_upload_without_tls_is_refused_where_the_registry_has_it(
    scripted_registry: Callable[..., ScriptedRegistry],
    pusher: MakePusher,
    authority: tuple[Path, ssl.SSLContext],
) -> None:
    ca_file, context = authority
    plain, registry = scripted_registry({"/upload": Reply(201)}), scripted_registry(context=context)
    taking(registry, f"http://{plain.host}/upload")

    with pusher(registry.host, cacert=str(ca_file)) as pushing, pytest.raises(Unreachable, match="not https"):
        pushing.push(ARTIFACT, "1")

    assert plain.asked == []


def test_tls_is_verified_like_that_of_reading(
    scripted_registry: Callable[..., ScriptedRegistry],
    pusher: MakePusher,
    authority: tuple[Path, ssl.SSLContext],
) -> None:
    ca_file, context = authority
    registry = scripted_registry(context=context)
    taking(registry)
    other_name = registry.host.replace("127.0.0.1", "localhost")

    with pusher(registry.host, cacert=str(ca_file)) as pushing:
        pushing.push(ARTIFACT, "1")
    asked = len(registry.asked)
    with pusher(other_name, cacert=str(ca_file)) as pushing, pytest.raises(Unreachable, match="TLS"):
        pushing.push(ARTIFACT, "1")

    assert len(registry.asked) == asked


def hung(subject: Descriptor, text: bytes = b"signature") -> Artifact:
    return Artifact("application/vnd.example.sig", (Content(text, "text/plain"),), subject=subject)


def listed(registry: MemoryRegistry, subject: Digest) -> list[Digest]:
    reference = parse_reference(f"{registry.host}/app@{subject}")
    with Sources(Settings(), Credentials()) as sources:
        return [entry.digest for entry in sources.open(reference).referrers(subject)]


def test_a_registry_with_the_api_lists_what_hangs_on_a_manifest(memory: MemoryRegistry, pusher: MakePusher) -> None:
    with pusher(memory.host) as pushing:
        subject = pushing.push(ARTIFACT, "1")

        signature = pushing.attach(hung(subject), subject.digest)

    assert listed(memory, subject.digest) == [signature.digest]
    assert set(memory.repository("app").pushed.tags) == {"1"}


def test_without_the_api_it_stands_in_the_list_under_the_fallback_tag(
    without_api: MemoryRegistry, pusher: MakePusher
) -> None:
    with pusher(without_api.host) as pushing:
        subject = pushing.push(ARTIFACT, "1")

        signature = pushing.attach(hung(subject), subject.digest)

    assert listed(without_api, subject.digest) == [signature.digest]
    _, body = without_api.repository("app").pushed.manifests[
        without_api.repository("app").pushed.tags[f"sha256-{subject.digest.hex}"]
    ]
    (entry,) = json.loads(body)["manifests"]
    assert entry["artifactType"] == "application/vnd.example.sig"


def test_what_others_listed_there_stays_as_it_was(without_api: MemoryRegistry, pusher: MakePusher) -> None:
    with pusher(without_api.host) as pushing:
        subject = pushing.push(ARTIFACT, "1")
        others = [_other(number, annotations={"by": "others"}, data="eA==") for number in range(3)]
        body = json.dumps(index(others, annotations={"kept": "yes"})).encode()
        store, tag = without_api.repository("app").pushed, f"sha256-{subject.digest.hex}"
        store.manifests[Digest.of(body)] = (OCI_INDEX, body)
        store.tags[tag] = Digest.of(body)

        first = pushing.attach(hung(subject, b"one"), subject.digest)
        second = pushing.attach(hung(subject, b"two"), subject.digest)
        pushing.attach(hung(subject, b"two"), subject.digest)

    written = json.loads(store.manifests[store.tags[tag]][1])
    assert written["manifests"][:3] == others
    assert [entry["digest"] for entry in written["manifests"][3:]] == [first.digest, second.digest]
    assert written["annotations"] == {"kept": "yes"}


def _other(number: int, **members: Any) -> dict[str, Any]:
    return {"mediaType": OCI_MANIFEST, "digest": Digest.of(bytes([number])), "size": 100 + number, **members}


def test_a_list_that_somebody_else_writes_at_the_same_time_is_written_again(
    registry: ScriptedRegistry, pusher: MakePusher
) -> None:
    """The other one read before we wrote, and wrote after: our entry is gone, and its own must not go."""
    taking(registry)
    subject = ARTIFACT.descriptor
    tag = f"/v2/app/manifests/sha256-{subject.digest.hex}"
    state = {"list": index([]), "puts": 0}
    other = _other(7)

    def answer(asked: Asked) -> Reply:
        if asked.method == "PUT":
            state["puts"] += 1
            state["list"] = index([other]) if state["puts"] == 1 else json.loads(asked.body)
            return Reply(201)
        return Reply.json(state["list"], OCI_INDEX)

    registry.routes[tag] = answer
    signature = hung(subject)
    registry.routes[f"/v2/app/manifests/{signature.descriptor.digest}"] = Reply(201)

    with pusher(registry.host) as pushing:
        pushing.attach(signature, subject.digest)

    assert [entry["digest"] for entry in state["list"]["manifests"]] == [other["digest"], signature.descriptor.digest]
    assert state["puts"] == 2


def test_a_list_that_never_keeps_the_entry_is_an_error(registry: ScriptedRegistry, pusher: MakePusher) -> None:
    taking(registry)
    subject = ARTIFACT.descriptor
    signature = hung(subject)
    registry.routes[f"/v2/app/manifests/{signature.descriptor.digest}"] = Reply(201)
    registry.routes[f"/v2/app/manifests/sha256-{subject.digest.hex}"] = lambda asked: (
        Reply(201) if asked.method == "PUT" else Reply.json(index([]), OCI_INDEX)
    )

    with pusher(registry.host) as pushing, pytest.raises(RegistryError, match="does not list it"):
        pushing.attach(signature, subject.digest)

    assert len([asked for asked in registry.asked if asked.method == "PUT" and "sha256-" in asked.path]) == 3


def test_a_manifest_under_the_fallback_tag_is_not_overwritten(without_api: MemoryRegistry, pusher: MakePusher) -> None:
    with pusher(without_api.host) as pushing:
        subject = pushing.push(ARTIFACT, "1")
        tag = f"sha256-{subject.digest.hex}"
        pushing.push(ARTIFACT, tag)

        with pytest.raises(MalformedContent, match="not overwritten"):
            pushing.attach(hung(subject), subject.digest)

    assert without_api.repository("app").pushed.tags[tag] == subject.digest


def test_a_full_list_takes_no_more(without_api: MemoryRegistry, pusher: MakePusher) -> None:
    with pusher(without_api.host, limits=bounded(index_entries=1)) as pushing:
        subject = pushing.push(ARTIFACT, "1")
        pushing.attach(hung(subject, b"one"), subject.digest)

        with pytest.raises(LimitExceeded, match="takes no more"):
            pushing.attach(hung(subject, b"two"), subject.digest)
