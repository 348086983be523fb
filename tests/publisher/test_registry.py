"""The registry in memory, and pushing to it, as any client sees them."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.publisher import ImageSpec, MemoryRegistry, PublishedImage, publish, serve, to_registry
from tests.publisher.stores import PushRefused


def ask(registry: MemoryRegistry, path: str) -> tuple[http.client.HTTPResponse, Any]:
    connection = http.client.HTTPConnection(registry.host, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        return answer, json.loads(body) if body[:1] in b"{[" else body
    finally:
        connection.close()


@pytest.fixture
def image() -> PublishedImage:
    return publish(ImageSpec(platforms=("linux/amd64",)))


def test_manifests_blobs_and_referrers(image: PublishedImage) -> None:
    with serve(image) as registry:
        assert registry.reference == f"{registry.host}/dhi/python:3.13"
        answer, index = ask(registry, "/v2/dhi/python/manifests/3.13")
        assert answer.headers["Content-Type"] == "application/vnd.oci.image.index.v1+json"
        assert answer.headers["Docker-Content-Digest"] == image.index_digest
        platform = index["manifests"][0]["digest"]
        assert ask(registry, f"/v2/dhi/python/manifests/{platform}")[1] == image.document(platform)
        _, listing = ask(registry, f"/v2/dhi/python/referrers/{platform}")
        assert listing["manifests"] == image.listings[platform]
        statement = image["amd64"].attestation("secrets")
        assert ask(registry, f"/v2/dhi/python/blobs/{statement.statement_digest}")[1] == statement.document
        assert ask(registry, "/v2/other/manifests/3.13")[0].status == 404


def test_listings_are_filtered_and_paged(image: PublishedImage) -> None:
    path = f"/v2/dhi/python/referrers/{image['amd64'].digest}"
    with serve(image, page_size=5) as registry:
        seen, following = [], path
        while following:
            answer, page = ask(registry, following)
            seen += page["manifests"]
            following = (answer.headers["Link"] or "").partition(">")[0].lstrip("<")
        assert seen == image.listings[image["amd64"].digest]

        answer, page = ask(registry, f"{path}?artifactType=other/type")
        assert answer.headers["OCI-Filters-Applied"] == "artifactType"
        assert page["manifests"] == []


def test_without_the_api_lists_stand_under_fallback_tags(image: PublishedImage) -> None:
    digest = image["amd64"].digest
    with serve(image, referrers_api=False) as registry:
        assert ask(registry, f"/v2/dhi/python/referrers/{digest}")[0].status == 404
        _, listing = ask(registry, f"/v2/dhi/python/manifests/sha256-{digest[7:]}")
        assert listing["manifests"] == image.listings[digest]


@pytest.mark.parametrize("referrers_api", [True, False])
def test_what_was_pushed_can_be_read(image: PublishedImage, *, referrers_api: bool) -> None:
    with MemoryRegistry(referrers_api=referrers_api) as registry:
        to_registry(image, f"{registry.url}/team/python")
        pushed = registry.repository("team/python").pushed

        assert {digest: pushed.manifests[digest] for digest in image.manifests} == image.manifests
        assert pushed.blobs == image.blobs | image.layers
        path = "referrers/sha256:" if referrers_api else "manifests/sha256-"
        for subject, listed in image.listings.items():
            _, listing = ask(registry, f"/v2/team/python/{path}{subject[7:]}")
            assert listing["manifests"] == listed


def test_a_registry_refuses_bytes_of_another_digest(image: PublishedImage) -> None:
    image.corrupt(image["amd64"].attestation("malware").statement_digest)

    with MemoryRegistry() as registry, pytest.raises(PushRefused, match="DIGEST_INVALID"):
        to_registry(image, f"{registry.url}/team/python")


def test_the_log_tells_what_was_asked(image: PublishedImage) -> None:
    layer = image.document(image["amd64"].digest)["layers"][0]["digest"]
    with serve(image) as registry:
        ask(registry, "/v2/dhi/python/manifests/3.13")
        assert registry.repeated == []
        assert registry.layers_fetched(image) == []

        ask(registry, "/v2/dhi/python/manifests/3.13")
        ask(registry, f"/v2/dhi/python/blobs/{layer}")
        assert registry.repeated == ["/v2/dhi/python/manifests/3.13"]
        assert registry.layers_fetched(image) == [f"/v2/dhi/python/blobs/{layer}"]
        assert registry.fetched == ["/v2/dhi/python/manifests/3.13"] * 2


def test_damage_shows_while_serving(image: PublishedImage) -> None:
    with serve(image) as registry:
        image.drop(image.index_digest)
        assert ask(registry, "/v2/dhi/python/manifests/3.13")[0].status == 404


def test_fixtures_place_images_for_a_test(publisher: Any) -> None:
    one = publisher.image(product="dhi/nginx", tags=("1.29",))

    assert one.registry() == f"{publisher.registry().host}/dhi/nginx:1.29"
    assert one.layout("nested").startswith("oci:/")
    assert one.layout() != one.layout()
