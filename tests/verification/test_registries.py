"""What a registry may do to a whole run: halves of listings, strange layers, other credentials, unknown members."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import only
from tests.publisher.documents import IN_TOTO, INDEX, MANIFEST, descriptor, empty_descriptor, encode
from tests.publisher.handler import Handler
from tests.publisher.kinds import SLSA_V02, SPDX
from tests.verification.conftest import Seen, Verify
from verifier.policy import Additions
from verifier.verification import Options, inspect


@pytest.mark.parametrize(("status", "code"), [(500, 5), (429, 5), (404, 5), (403, 6), (401, 6)])
def test_G20_half_of_a_listing_is_no_listing(
    publisher: Publisher, verify: Verify, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    """Without its second page, the listing would show an image whose scans are simply not there."""

    def first_page_only(self: Handler, repository: Any, path: str, query: dict[str, list[str]]) -> None:
        if "from" in query:
            return self._error(status, "UNAVAILABLE")
        return whole(self, repository, path, query)

    whole = Handler._referrers
    monkeypatch.setattr(Handler, "_referrers", first_page_only)
    monkeypatch.setattr("verifier.oci.exchange.time", SimpleNamespace(sleep=lambda _: None, time=lambda: 0.0))

    seen = verify(publisher.image().registry(page_size=8))

    assert (seen.exit_code, seen.image.verdict, seen.report.complete) == (code, "error", False)
    assert seen.image.pinned == ""


def with_password(registry: str, password: str) -> dict[str, str]:
    names = {"DHIVERIFY_REGISTRY": registry, "DHIVERIFY_REGISTRY_USERNAME": "me"}
    return {**names, "DHIVERIFY_REGISTRY_PASSWORD": password}


def test_L02_a_verdict_reached_with_a_password_serves_nobody_without(
    publisher: Publisher, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    def guarded(self: Handler) -> None:
        if self.headers.get("Authorization") == "Basic " + base64.b64encode(b"me:right").decode():
            return read(self)
        return self._answer(401, b"{}", {"WWW-Authenticate": 'Basic realm="registry"'})

    read = Handler._read
    monkeypatch.setattr(Handler, "_read", guarded)
    reference = publisher.image().registry()
    host = reference.partition("/")[0]

    codes = [
        verify(reference, environ=environ).exit_code
        for environ in (with_password(host, "right"), {}, with_password(host, "wrong"), with_password(host, "right"))
    ]

    assert codes == [0, 6, 6, 0]


def test_A08_an_attestation_in_the_index_of_an_image_that_is_not_there(publisher: Publisher, verify: Verify) -> None:
    other = publisher.image(user="1000")
    statement = other["amd64"].attestation("malware")

    def dangling(index: Any) -> Any:
        annotations = {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": other["amd64"].digest,
        }
        unknown = {"os": "unknown", "architecture": "unknown"}
        entry = {**other.descriptor(statement.digest), "annotations": annotations, "platform": unknown}
        return {**index, "manifests": [*index["manifests"], entry]}

    image = publisher.image(omit={"malware"}, index=dangling)
    image.manifests |= other.manifests
    image.blobs |= other.blobs

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert not seen.all("malware")
    assert len(seen.image.platforms) == 2


@pytest.mark.parametrize(("levels", "code"), [(1, 0), (2, 0), (3, 5), (50, 5)])
def test_A11_indexes_in_indexes_end_somewhere(publisher: Publisher, verify: Verify, levels: int, code: int) -> None:
    image = publisher.image(platforms=("linux/amd64",))
    digest = image.index_digest
    for level in range(levels):
        entries = [image.descriptor(digest)] * 2
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries, "annotations": {"level": str(level)}}
        digest = image.put_manifest(index, INDEX)["digest"]
    image.tags = {"nested": digest}

    seen = verify(image.registry())

    assert seen.exit_code == code, seen.why
    assert len(seen.image.platforms) == (1 if code == 0 else 0)
    assert not publisher.registry().repeated


def test_I32_what_lies_in_a_layer_is_never_opened(publisher: Publisher, verify: Verify) -> None:
    def bomb(_: str, manifest: Any) -> Any:
        layers = [{**layer, "size": 1 << 50, "urls": ["http://127.0.0.1:1/x"]} for layer in manifest["layers"]]
        return {**manifest, "layers": layers}

    image = publisher.image(platform_manifest=bomb, tiny_layers=True)

    seen = verify(image.registry())

    assert seen.exit_code == 0, seen.why
    assert not publisher.registry().layers_fetched(image)


def test_I33_no_registry_is_asked_for_the_images_of_another(
    publisher: Publisher, verify: Verify, tmp_path: Any
) -> None:
    image = publisher.image()
    mirror = image.registry(filters=False).partition("/")[0]
    (tmp_path / "config.json").write_text(f'{{"registry-mirrors": ["http://{mirror}"], "auths": {{}}}}')

    seen = verify(image.registry(), environ={"DOCKER_CONFIG": str(tmp_path)})

    asked = publisher.registry().log
    assert seen.exit_code == 0, seen.why
    assert {request.headers["Host"] for request in asked} == {publisher.registry().host}
    assert not [request.target for request in asked if "ns=" in request.target]
    assert publisher.registry(filters=False).log == []


def test_P06_unsigned_provenance_of_buildkit_in_a_signed_index(publisher: Publisher, verify: Verify) -> None:
    plain = publisher.image(platforms=("linux/amd64",))
    amd64 = plain["amd64"]
    body = encode({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": SLSA_V02, "subject": []})
    layer = descriptor(IN_TOTO, body, annotations={"in-toto.io/predicate-type": SLSA_V02})
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": empty_descriptor(), "layers": [layer]}

    def with_attestation(index: Any) -> Any:
        entry = {
            **descriptor(MANIFEST, encode(manifest)),
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": amd64.digest,
            },
            "platform": {"os": "unknown", "architecture": "unknown"},
        }
        return {**index, "manifests": [*index["manifests"], entry]}

    image = publisher.image(platforms=("linux/amd64",), index=with_attestation, sign_index=True)
    image.put_blob(body)
    image.put_manifest(manifest)

    seen = verify(image.registry())

    assert seen.exit_code == 0, seen.why
    assert [platform.platform for platform in seen.image.platforms] == ["linux/amd64"]
    assert [entry.status for entry in seen.image.signatures] == ["verified"]


@pytest.mark.parametrize("unknown", [{"x-unknown": {"nested": [1, None]}}, {"comment": "hello"}])
def test_P09_unknown_members_are_no_fault(publisher: Publisher, verify: Verify, unknown: dict[str, Any]) -> None:
    def more(document: Any) -> Any:
        return {**document, **unknown}

    def more_inside(payload: Any) -> Any:
        critical = {**payload["critical"], **unknown}
        return {**payload, **unknown, "critical": critical, "optional": {**payload["optional"], **unknown}}

    image = publisher.image(
        statement=only("*", more),
        attestation_manifest=only("*", more),
        payload=only("*", more_inside),
        signature_manifest=only("*", more),
        index=more,
        platform_manifest=lambda _, manifest: more(manifest),
        image_config=lambda _, config: more(config),
    )

    seen = verify(image.registry())

    assert seen.exit_code == 0, seen.why


def test_P23_a_statement_of_sixty_megabytes_is_read(publisher: Publisher, key_files: dict[str, str]) -> None:
    packages = [{"SPDXID": f"SPDXRef-{n}", "name": f"p{n}", "comment": "x" * 4_000} for n in range(15_000)]
    image = publisher.image(platforms=("linux/amd64",), evidence={"spdx": {"packages": packages}})
    assert len(image["amd64"].attestation("spdx").statement) > 60_000_000

    seen = Seen(inspect([image.registry()], Options(additions=Additions(key_files=(key_files["publisher"],)))))

    assert seen.only(SPDX).status == "verified"
