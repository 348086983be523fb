"""What is read from a registry is what was asked for, or an error that says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.oci.conftest import OpenSource, ref
from tests.oci.scripted import (
    DOCKER_INDEX,
    OCI_INDEX,
    OCI_MANIFEST,
    Asked,
    Raw,
    Reply,
    ScriptedRegistry,
    entry,
    index,
    manifest,
)
from verifier.errors import (
    AuthenticationError,
    ContentMismatch,
    LimitExceeded,
    MalformedContent,
    NotFound,
    RegistryError,
    Unreachable,
)
from verifier.model import Descriptor, Digest
from verifier.oci import Sources, parse_reference

SUBJECT = Digest("sha256:" + "5" * 64)


def referrer(number: int) -> dict[str, Any]:
    return {"mediaType": OCI_MANIFEST, "digest": f"sha256:{number:064x}", "size": 7}


def digests(listed: tuple[Descriptor, ...]) -> list[int]:
    return [int(descriptor.digest.hex, 16) for descriptor in listed]


def test_tag_to_index_to_manifest_to_blob(registry: ScriptedRegistry, app: OpenSource) -> None:
    layer = registry.put_blob("app", b"statement")
    child = registry.put_manifest("app", manifest(entry(layer)))
    top = registry.put_manifest("app", index([entry(child)]), "1", OCI_INDEX)
    source = app()

    found = source.resolve(ref(registry))

    assert (found.digest, found.is_index) == (top.digest, True)
    assert source.blob(source.manifest(found.manifests[0]).layers[0], 100) == b"statement"
    assert source.place == f"{registry.host}/app"


def test_P17_docker_manifest_list(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.put_manifest("app", {**index([]), "mediaType": DOCKER_INDEX}, "1", DOCKER_INDEX)

    assert app().resolve(ref(registry)).is_index


def test_P27_manifest_without_any_media_type(registry: ScriptedRegistry, app: OpenSource) -> None:
    document = manifest()
    del document["mediaType"]
    registry.routes["/v2/app/manifests/1"] = Reply(200, json.dumps(document).encode())

    assert app().resolve(ref(registry)).media_type == OCI_MANIFEST


def test_A22_another_manifest_than_the_digest_asked_for(registry: ScriptedRegistry, app: OpenSource) -> None:
    wanted = registry.put_manifest("app", manifest())
    other = json.dumps(manifest(annotations={"another": "one"})).encode()
    registry.routes[f"/v2/app/manifests/{wanted.digest}"] = Reply(200, other, {"Content-Type": OCI_MANIFEST})

    with pytest.raises(ContentMismatch, match="expected sha256:"):
        app().resolve(ref(registry, f"app@{wanted.digest}"))
    with pytest.raises(ContentMismatch):
        app().manifest(Descriptor(OCI_MANIFEST, wanted.digest, len(other)))


def test_A27_digest_decides_and_the_tag_is_not_asked_for(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.put_manifest("app", manifest(), "1")
    wanted = registry.put_manifest("app", manifest(annotations={"the": "right one"}))

    found = app().resolve(ref(registry, f"app:1@{wanted.digest}"))

    assert found.digest == wanted.digest
    assert registry.count("/manifests/1") == 0


def test_A23_L06_a_tag_is_resolved_once_in_a_run_and_again_in_the_next(
    registry: ScriptedRegistry, app: OpenSource
) -> None:
    good = registry.put_manifest("app", manifest(), "1")
    first = registry.routes["/v2/app/manifests/1"]
    bad = registry.put_manifest("app", manifest(annotations={"moved": "tag"}), "1")
    registry.routes["/v2/app/manifests/1"] = [first, registry.routes["/v2/app/manifests/1"]]  # type: ignore[list-item]
    source = app()

    assert {source.resolve(ref(registry)).digest for _ in range(3)} == {good.digest}
    assert app().resolve(ref(registry)).digest == bad.digest
    assert registry.count("/manifests/1") == 2


def test_I28_docker_content_digest_that_lies_about_a_tag(registry: ScriptedRegistry, app: OpenSource) -> None:
    reply = Reply.json(manifest(), OCI_MANIFEST, Docker_Content_Digest="sha256:" + "0" * 64)
    registry.routes["/v2/app/manifests/1"] = reply

    with pytest.raises(ContentMismatch, match="called it"):
        app().resolve(ref(registry))


def test_tag_called_like_a_question_of_ours(registry: ScriptedRegistry, app: OpenSource) -> None:
    image = registry.put_manifest("app", manifest(), "referrers")
    registry.put_referrers("app", image.digest, [referrer(1)])
    source = app()

    source.resolve(ref(registry, f"app:referrers@{image.digest}"))

    assert digests(source.referrers(image.digest)) == [1]


def test_I28_docker_content_digest_means_nothing_beside_a_requested_digest(
    registry: ScriptedRegistry, app: OpenSource
) -> None:
    reply = Reply.json(manifest(), OCI_MANIFEST, Docker_Content_Digest="sha256:" + "0" * 64)
    digest = Digest.of(reply.body)
    registry.routes[f"/v2/app/manifests/{digest}"] = reply

    assert app().resolve(ref(registry, f"app@{digest}")).digest == digest


def test_A13_the_same_bytes_under_another_type(registry: ScriptedRegistry, app: OpenSource) -> None:
    document = index([])
    del document["mediaType"]
    listed = registry.put_manifest("app", document, "1", OCI_MANIFEST)

    with pytest.raises(MalformedContent):
        app().resolve(ref(registry))
    with pytest.raises(ContentMismatch):
        app().manifest(Descriptor(OCI_INDEX, listed.digest, listed.size))


def test_A12_ambiguous_document(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.put_manifest("app", {**manifest(), "manifests": []}, "1")

    with pytest.raises(MalformedContent, match="ambiguous"):
        app().resolve(ref(registry))


def test_I01_blob_that_is_not_the_one_asked_for(registry: ScriptedRegistry, app: OpenSource) -> None:
    blob = registry.put_blob("app", b"right")
    registry.routes[f"/v2/app/blobs/{blob.digest}"] = Reply(200, b"wrong")

    with pytest.raises(ContentMismatch):
        app().blob(blob, 100)


def test_I02_descriptor_size_differs(registry: ScriptedRegistry, app: OpenSource) -> None:
    blob = registry.put_blob("app", b"right")
    listed = registry.put_manifest("app", manifest())

    for size in (4, 6):
        with pytest.raises(ContentMismatch, match="bytes"):
            app().blob(Descriptor("", blob.digest, size), 100)
    with pytest.raises(ContentMismatch, match="bytes"):
        app().manifest(Descriptor(OCI_MANIFEST, listed.digest, listed.size + 1))


def test_I03_sizes_over_the_limit_are_refused_before_a_request(registry: ScriptedRegistry, app: OpenSource) -> None:
    blob = registry.put_blob("app", b"x" * 101)
    source = app(manifest_bytes=1000)

    with pytest.raises(LimitExceeded):
        source.blob(blob, 100)
    with pytest.raises(LimitExceeded):
        source.manifest(Descriptor(OCI_MANIFEST, blob.digest, 1001))
    assert registry.asked == []


def test_I03_manifest_over_the_limit(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.put_manifest("app", manifest(annotations={"k": "x" * 2000}), "1")

    with pytest.raises(LimitExceeded):
        app(manifest_bytes=1000).resolve(ref(registry))


def test_I16_I29_paths_are_built_from_checked_digests_of_this_repository(
    registry: ScriptedRegistry, app: OpenSource
) -> None:
    elsewhere = registry.put_blob("other", b"content")

    with pytest.raises(NotFound):
        app().blob(elsewhere, 100)
    assert registry.paths == [f"/v2/app/blobs/{elsewhere.digest}"]


def test_not_found_says_what_is_not_there(registry: ScriptedRegistry, app: OpenSource) -> None:
    with pytest.raises(NotFound, match=f"{registry.host}/app has no 1"):
        app().resolve(ref(registry))


@pytest.mark.parametrize("status", [200, 404])
def test_I19_web_page_instead_of_a_registry(registry: ScriptedRegistry, app: OpenSource, status: int) -> None:
    registry.routes["/v2/app/manifests/1"] = Reply(status, b"<html>Welcome</html>", {"Content-Type": "text/html"})

    with pytest.raises(RegistryError) as caught:
        app().resolve(ref(registry))

    assert "captive portal" in caught.value.hint


def test_I19_captive_portal_is_not_an_image_without_referrers(registry: ScriptedRegistry, app: OpenSource) -> None:
    page = Reply(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
    registry.routes[f"/v2/app/referrers/{SUBJECT}"] = page
    registry.routes[f"/v2/app/manifests/sha256-{SUBJECT.hex}"] = page

    with pytest.raises(MalformedContent, match="web page"):
        app().referrers(SUBJECT)


# ---- referrers


def test_referrers_from_the_api(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.put_referrers("app", SUBJECT, [{**referrer(1), "artifactType": "a/b"}, referrer(2), referrer(1)])

    listed = app().referrers(SUBJECT)

    assert digests(listed) == [1, 2]
    assert listed[0].artifact_type == "a/b"


@pytest.mark.parametrize("manifests", [None, []])
def test_empty_listing_as_null_and_as_array(registry: ScriptedRegistry, app: OpenSource, manifests: Any) -> None:
    registry.put_referrers("app", SUBJECT, manifests)

    assert app().referrers(SUBJECT) == ()
    assert registry.count("sha256-") == 0


@pytest.mark.parametrize("status", [400, 404, 405, 406, 501])
def test_P04_I20_registry_without_the_api_has_the_fallback_tag(
    registry: ScriptedRegistry, app: OpenSource, status: int
) -> None:
    registry.routes[f"/v2/app/referrers/{SUBJECT}"] = Reply(status)
    registry.put_manifest("app", index([referrer(1), referrer(1), referrer(2)]), f"sha256-{SUBJECT.hex}", OCI_INDEX)

    assert digests(app().referrers(SUBJECT)) == [1, 2]


@pytest.mark.parametrize(
    "reply", [Reply(200, b"<html>", {"Content-Type": "text/html"}), Reply.json({"hello": 1}), Reply.json(manifest())]
)
def test_P04_I20_answer_that_is_no_index_leads_to_the_fallback_tag(
    registry: ScriptedRegistry, app: OpenSource, reply: Reply
) -> None:
    registry.routes[f"/v2/app/referrers/{SUBJECT}"] = reply
    registry.put_manifest("app", index([referrer(1)]), f"sha256-{SUBJECT.hex}", OCI_INDEX)

    assert digests(app().referrers(SUBJECT)) == [1]


def test_P29_the_api_goes_before_the_fallback_tag_and_nothing_is_listed_twice(
    registry: ScriptedRegistry, app: OpenSource
) -> None:
    registry.put_referrers("app", SUBJECT, [referrer(1), referrer(2), referrer(2)])
    registry.put_manifest("app", index([referrer(1), referrer(3)]), f"sha256-{SUBJECT.hex}", OCI_INDEX)

    assert digests(app().referrers(SUBJECT)) == [1, 2]


def test_missing_api_is_found_out_once_for_all_repositories(
    registry: ScriptedRegistry, sources: Callable[..., Sources]
) -> None:
    opened = sources()
    subjects = [Digest(f"sha256:{n:064x}") for n in range(12)]
    places = [opened.open(parse_reference(f"{registry.host}/app{n % 2}")) for n in range(12)]

    with ThreadPoolExecutor(8) as pool:
        listed = list(pool.map(lambda place, subject: place.referrers(subject), places, subjects))

    assert set(listed) == {()}
    assert registry.count("/referrers/") == 1
    assert registry.count("/manifests/sha256-") == 12


def test_unknown_repository_says_nothing_about_the_api(
    registry: ScriptedRegistry, sources: Callable[..., Sources]
) -> None:
    error = Reply.json({"errors": [{"code": "NAME_UNKNOWN"}]}, status=404)
    registry.routes[f"/v2/none/referrers/{SUBJECT}"] = error
    registry.put_referrers("app", SUBJECT, [referrer(1)])
    opened = sources()

    assert opened.open(ref(registry, "none")).referrers(SUBJECT) == ()
    assert digests(opened.open(ref(registry)).referrers(SUBJECT)) == [1]


@pytest.mark.parametrize("status", [401, 403])
def test_I13_refused_listing_is_no_empty_one(registry: ScriptedRegistry, app: OpenSource, status: int) -> None:
    registry.routes[f"/v2/app/referrers/{SUBJECT}"] = Reply(status)

    with pytest.raises(AuthenticationError) as caught:
        app().referrers(SUBJECT)

    assert "docker login" in caught.value.hint


@pytest.mark.parametrize("path", ["referrers/{0}", "manifests/sha256-{1}"])
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 418])
def test_I21_server_fault_is_no_empty_listing(
    registry: ScriptedRegistry, app: OpenSource, pauses: list[float], status: int, path: str
) -> None:
    registry.routes["/v2/app/" + path.format(SUBJECT, SUBJECT.hex)] = Reply(status)

    with pytest.raises(Unreachable, match=str(status)):
        app().referrers(SUBJECT)


def test_I21_broken_or_malformed_listing_is_an_error(
    registry: ScriptedRegistry, app: OpenSource, pauses: list[float]
) -> None:
    route = f"/v2/app/referrers/{SUBJECT}"
    registry.routes[route] = Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
    with pytest.raises(Unreachable):
        app().referrers(SUBJECT)
    registry.routes[route] = Reply(200, b"{", {"Content-Type": OCI_INDEX})
    with pytest.raises(MalformedContent):
        app().referrers(SUBJECT)


def paged(registry: ScriptedRegistry, pages: int, link: Callable[[int], str]) -> None:
    def answer(asked: Asked) -> Reply:
        number = int(asked.query.removeprefix("page=") or "0")
        headers = {"Link": link(number)} if number < pages - 1 else {}
        return Reply.json(index([referrer(number)]), OCI_INDEX, **headers)

    registry.routes[f"/v2/app/referrers/{SUBJECT}"] = answer


def test_P05_P18_listing_over_three_pages_with_relative_and_absolute_links(
    registry: ScriptedRegistry, app: OpenSource
) -> None:
    prefix = f"/v2/app/referrers/{SUBJECT}?page="
    links = [
        f'<{prefix}1>; rel="next"',
        f'</first>; rel="first", <http://{registry.host}{prefix}2>; title="a,b"; rel=next',
    ]
    paged(registry, 3, lambda number: links[number])

    assert digests(app().referrers(SUBJECT)) == [0, 1, 2]


def test_I07_page_that_leads_to_itself(registry: ScriptedRegistry, app: OpenSource) -> None:
    paged(registry, 100, lambda _: '<?page=1>; rel="next"')

    with pytest.raises(LimitExceeded, match="do not end"):
        app().referrers(SUBJECT)
    assert len(registry.asked) == 2


def test_I05_I07_listing_without_end(registry: ScriptedRegistry, app: OpenSource) -> None:
    paged(registry, 10**9, lambda number: f'<?page={number + 1}>; rel="next"')

    with pytest.raises(LimitExceeded, match="do not end within 4 pages"):
        app(referrer_pages=4).referrers(SUBJECT)
    assert len(registry.asked) == 4


def test_I05_I06_flood_of_referrers_is_an_error_and_not_a_part_of_the_list(
    registry: ScriptedRegistry, app: OpenSource
) -> None:
    paged(registry, 10**9, lambda number: f'<?page={number + 1}>; rel="next"')
    with pytest.raises(LimitExceeded, match="more than 3 referrers") as caught:
        app(referrers=3).referrers(SUBJECT)
    assert "flooded" in caught.value.hint

    registry.routes[f"/v2/app/referrers/{SUBJECT}"] = Reply(404)
    registry.put_manifest("app", index([referrer(n) for n in range(9)]), f"sha256-{SUBJECT.hex}", OCI_INDEX)
    with pytest.raises(LimitExceeded):
        app(referrers=3).referrers(SUBJECT)


@pytest.mark.parametrize("target", ["http://evil.example/x", "https://{0}/x", "//evil.example/x", "file:///etc/passwd"])
def test_I08_listing_that_continues_elsewhere(registry: ScriptedRegistry, app: OpenSource, target: str) -> None:
    paged(registry, 2, lambda _: f'<{target.format(registry.host)}>; rel="next"')

    with pytest.raises(RegistryError, match=r"continues its listing|without a host"):
        app().referrers(SUBJECT)
    assert len(registry.asked) == 1


def test_I21_fault_in_the_middle_of_a_listing(registry: ScriptedRegistry, app: OpenSource) -> None:
    first = Reply.json(index([referrer(1)]), OCI_INDEX, Link='<?page=2>; rel="next"')
    registry.routes[f"/v2/app/referrers/{SUBJECT}"] = [first, Reply(404)]

    with pytest.raises(MalformedContent, match="middle of a listing"):
        app().referrers(SUBJECT)


def test_I27_fallback_tag_that_is_an_image(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.put_manifest("app", manifest(referrer(1)), f"sha256-{SUBJECT.hex}")

    assert app().referrers(SUBJECT) == ()


def test_A03_A21_truncated_fallback_tag_lists_what_manifests_must_confirm(
    registry: ScriptedRegistry, app: OpenSource
) -> None:
    shared, mine, theirs = "a" * 64, Digest("sha512:" + "a" * 64 + "1" * 64), Digest("sha512:" + "a" * 64 + "2" * 64)
    subjects = [{"mediaType": OCI_MANIFEST, "digest": digest, "size": 1} for digest in (mine, theirs)]
    entries = [entry(registry.put_manifest("app", manifest(subject=subject))) for subject in subjects]
    registry.put_manifest("app", index(entries), f"sha512-{shared}", OCI_INDEX)
    source = app()

    listed = source.referrers(mine)

    # The listing is a hint; each manifest tells its own subject, which is what evidence goes by.
    named = [source.manifest(descriptor).subject for descriptor in listed]
    assert [subject.digest for subject in named if subject] == [mine, theirs]


def test_sha512_digest_is_checked(registry: ScriptedRegistry, app: OpenSource) -> None:
    right = Digest.of(b"right", "sha512")
    registry.routes[f"/v2/app/blobs/{right}"] = [Reply(200, b"right"), Reply(200, b"wrong")]

    assert app().blob(Descriptor("", right, 5), 10) == b"right"
    with pytest.raises(ContentMismatch):
        app().blob(Descriptor("", right, 5), 10)


# ---- nothing twice


def test_L07_nothing_is_fetched_twice_by_many_threads(registry: ScriptedRegistry, app: OpenSource) -> None:
    listed = registry.put_manifest("app", manifest(), "1")
    blob = registry.put_blob("app", b"content")
    reply, gate = registry.routes[f"/v2/app/blobs/{blob.digest}"], threading.Event()

    def answer(_: Asked) -> Reply:
        gate.wait(5)
        assert isinstance(reply, Reply)
        return reply

    registry.routes[f"/v2/app/blobs/{blob.digest}"] = answer
    registry.put_referrers("app", SUBJECT, [referrer(1)])
    source = app()
    calls: list[Callable[[], Any]] = [
        lambda: source.blob(blob, 10),
        lambda: source.manifest(listed),
        lambda: source.referrers(SUBJECT),
    ]

    with ThreadPoolExecutor(12) as pool:
        running = [pool.submit(call) for _ in range(4) for call in calls]
        threading.Timer(0.1, gate.set).start()
        found = [future.result() for future in running]

    assert found[0] == b"content"
    assert len(registry.asked) == 3
    assert source.resolve(ref(registry, f"app@{listed.digest}")).digest == listed.digest
    assert len(registry.asked) == 3


def test_L05_L07_a_wrong_descriptor_spoils_nothing_for_a_right_one(registry: ScriptedRegistry, app: OpenSource) -> None:
    right = registry.put_manifest("app", manifest())
    wrong = Descriptor(OCI_MANIFEST, right.digest, right.size + 1)
    source = app()

    with pytest.raises(ContentMismatch):
        source.manifest(wrong)
    assert source.manifest(right).digest == right.digest
    with pytest.raises(ContentMismatch):
        source.manifest(wrong)
    with pytest.raises(ContentMismatch):
        source.manifest(Descriptor(OCI_INDEX, right.digest, right.size))


def test_L03_L05_faults_are_not_remembered(registry: ScriptedRegistry, app: OpenSource) -> None:
    blob = registry.put_blob("app", b"content")
    route = f"/v2/app/blobs/{blob.digest}"
    good = registry.routes[route]
    registry.routes[route] = [Reply(200, b"CONTENT"), good]  # type: ignore[list-item]
    source = app()

    with pytest.raises(ContentMismatch):
        source.blob(blob, 10)
    assert source.blob(blob, 10) == b"content"


def test_the_same_place_is_the_same_source(registry: ScriptedRegistry, sources: Callable[..., Sources]) -> None:
    opened = sources()

    assert opened.open(ref(registry, "app:1")) is opened.open(ref(registry, "app:2"))
    assert opened.open(ref(registry, "app")) is not opened.open(ref(registry, "other"))


def test_stats_count_requests_and_bytes(registry: ScriptedRegistry, sources: Callable[..., Sources]) -> None:
    blob = registry.put_blob("app", b"x" * 1234)
    opened = sources()

    opened.open(ref(registry)).blob(blob, 2000)

    assert (opened.stats.requests, opened.stats.bytes_received) == (1, 1234)


def test_no_more_requests_at_once_than_jobs(registry: ScriptedRegistry, app: OpenSource) -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def answer(_: Asked) -> Reply:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.01)
        with lock:
            under_way -= 1
        return Reply(404)

    blobs = [Descriptor("", Digest(f"sha256:{n:064x}"), 1) for n in range(12)]
    registry.routes.update({f"/v2/app/blobs/{blob.digest}": answer for blob in blobs})
    source = app(settings={"jobs": 2})

    with ThreadPoolExecutor(12) as pool:
        faults = list(pool.map(lambda blob: _fault(lambda: source.blob(blob, 10)), blobs))

    assert {type(fault) for fault in faults} == {NotFound}
    assert most <= 2


def _fault(call: Callable[[], object]) -> Exception | None:
    try:
        call()
    except RegistryError as fault:
        return fault
    return None
