"""OCI layouts on disk."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oci.disk import COSIGN, REF_NAME, Disk
from tests.oci.scripted import DOCKER_INDEX, OCI_INDEX, OCI_MANIFEST, entry, index, manifest
from verifier.errors import ContentMismatch, LimitExceeded, MalformedContent, NotFound, RegistryError, Unreachable
from verifier.model import Descriptor, Digest, Source
from verifier.oci import Sources, parse_reference


def resolve(source: Source, disk: Disk, suffix: str = "") -> Digest:
    return source.resolve(parse_reference(f"oci:{disk.path}{suffix}")).digest


def names(listed: tuple[Descriptor, ...]) -> list[str]:
    return [descriptor.annotations.get("name", "") for descriptor in listed]


def test_by_tag_by_full_name_and_by_digest(disk: Disk, opened: Callable[..., Source]) -> None:
    one, two = disk.add(manifest(annotations={"n": "1"}), "one"), disk.add(manifest(), "ghcr.io/a/b:two")
    source = opened()

    assert resolve(source, disk, ":one") == one.digest
    assert resolve(source, disk, ":two") == two.digest
    assert resolve(source, disk, f"@{two.digest}") == two.digest
    assert source.place == f"oci:{disk.path}"


def test_A27_digest_beside_a_tag_decides(disk: Disk, opened: Callable[..., Source]) -> None:
    disk.add(manifest(annotations={"n": "1"}), "one")
    two = disk.add(manifest(), "two")

    assert resolve(opened(), disk, f":one@{two.digest}") == two.digest


def test_only_image_needs_no_tag(disk: Disk, opened: Callable[..., Source]) -> None:
    image = disk.add(index([]), "latest")
    attestation = disk.add(disk.referrer(image, "att"))
    disk.add(disk.referrer(attestation, "sig"))
    disk.add(index([]) | {"annotations": {"x": "y"}}, f"sha256-{image.digest.hex}")
    disk.add(manifest(annotations={"n": "sigs"}), kind="ignored", annotations={"kind": "dev.cosignproject.cosign/sigs"})

    assert resolve(opened(), disk) == image.digest


def test_several_images_are_listed_by_tag(disk: Disk, opened: Callable[..., Source]) -> None:
    disk.add(manifest(annotations={"n": "1"}), "one")
    disk.add(manifest(), "two")

    with pytest.raises(NotFound, match="has 2 images") as caught:
        resolve(opened(), disk)
    assert "'one', 'two'" in caught.value.hint
    with pytest.raises(NotFound, match="called 'three'"):
        resolve(opened(), disk, ":three")


def test_tag_of_two_images_is_ambiguous(disk: Disk, opened: Callable[..., Source]) -> None:
    disk.add(manifest(annotations={"n": "1"}), "one")
    disk.add(manifest(), "one")

    with pytest.raises(MalformedContent, match="has 2 images called 'one'"):
        resolve(opened(), disk, ":one")


def test_referrers_by_subject(disk: Disk, opened: Callable[..., Source]) -> None:
    platform = disk.document(manifest())
    image = disk.add(index([entry(platform)]), "1")
    attestation = disk.add(disk.referrer(platform, "att"))
    disk.add(disk.referrer(platform, "other"))
    disk.add(disk.referrer(attestation, "sig"))
    source = opened()

    listed = source.referrers(platform.digest)

    assert names(listed) == ["att", "other"]
    assert listed[0].artifact_type == "a/b"
    assert names(source.referrers(attestation.digest)) == ["sig"]
    assert source.referrers(image.digest) == ()


def test_P29_fallback_tag_and_subject_name_the_same_once(disk: Disk, opened: Callable[..., Source]) -> None:
    image = disk.add(manifest(), "1")
    listed = disk.add(disk.referrer(image, "both"))
    only = disk.document(disk.referrer(image, "fallback only"))
    unrelated = disk.document(manifest(annotations={"name": "claims no subject"}))
    disk.add(index([entry(listed), entry(only), entry(unrelated)]), f"sha256-{image.digest.hex}")

    found = opened().referrers(image.digest)

    assert [descriptor.digest for descriptor in found] == [listed.digest, only.digest, unrelated.digest]


def test_P17_docker_list_in_a_layout(disk: Disk, opened: Callable[..., Source]) -> None:
    platform = disk.document(manifest())
    disk.add(index([entry(platform)]) | {"mediaType": DOCKER_INDEX}, "1")

    assert opened().resolve(parse_reference(f"oci:{disk.path}:1")).is_index


def test_A11_nested_indexes_are_walked_to_a_depth(disk: Disk, opened: Callable[..., Source]) -> None:
    image = disk.document(manifest())
    nested = disk.document(index([entry(disk.document(disk.referrer(image, "deep")))]))
    for level in range(2):
        nested = disk.document(index([entry(nested), entry(image)], annotations={"level": str(level)}))
    disk.entries = [entry(nested)]
    disk.write()
    assert names(opened().referrers(image.digest)) == ["deep"]

    disk.entries = [entry(disk.document(index([entry(nested)])))]
    disk.write()
    with pytest.raises(LimitExceeded, match="deeper than 3"):
        opened().referrers(image.digest)


def test_I05_layout_with_too_many_manifests(disk: Disk, opened: Callable[..., Source]) -> None:
    image = disk.add(manifest(), "1")
    for number in range(6):
        disk.add(disk.referrer(image, str(number)))

    with pytest.raises(LimitExceeded):
        opened(layout_manifests=5).referrers(image.digest)
    with pytest.raises(LimitExceeded, match="more than 5 referrers"):
        opened(referrers=5).referrers(image.digest)


def test_a_layout_may_hold_more_manifests_than_one_index(disk: Disk, opened: Callable[..., Source]) -> None:
    image = disk.add(manifest(), "1")
    for number in range(6):
        disk.add(disk.referrer(image, str(number)))

    assert len(opened(index_entries=5).referrers(image.digest)) == 6


def test_A21_truncated_fallback_tag_in_a_layout(disk: Disk, opened: Callable[..., Source]) -> None:
    listed = disk.document(manifest())
    disk.add(index([entry(listed)]), "sha512-" + "a" * 64)
    source = opened()

    for tail in "12":
        found = source.referrers(Digest("sha512:" + "a" * 64 + tail * 64))
        assert [descriptor.digest for descriptor in found] == [listed.digest]
        assert source.manifest(found[0]).subject is None


def test_damaged_and_missing_entries_hang_under_nothing_and_fail_when_asked_for(
    disk: Disk, opened: Callable[..., Source]
) -> None:
    image = disk.add(manifest(), "1")
    damaged, missing = disk.add(disk.referrer(image, "damaged")), disk.add(disk.referrer(image, "missing"))
    disk.add(disk.referrer(image, "good"))
    disk.file(damaged.digest).write_bytes(b"x" * damaged.size)
    disk.file(missing.digest).unlink()
    source = opened()

    assert names(source.referrers(image.digest)) == ["good"]
    with pytest.raises(ContentMismatch):
        source.manifest(damaged)
    with pytest.raises(NotFound, match="is not there"):
        source.manifest(missing)


def test_I01_I02_I03_blobs_are_checked(disk: Disk, opened: Callable[..., Source]) -> None:
    good, bad = disk.blob(b"content"), disk.blob(b"other")
    disk.file(bad.digest).write_bytes(b"wrong")
    source = opened()

    assert source.blob(good, 7) == b"content"
    with pytest.raises(ContentMismatch):
        source.blob(bad, 10)
    with pytest.raises(LimitExceeded):
        source.blob(good, 6)
    for size in (6, 8):
        with pytest.raises(ContentMismatch, match="expected"):
            source.blob(Descriptor("", good.digest, size), 10)


def test_I03_sparse_file_is_refused_by_its_size(disk: Disk, opened: Callable[..., Source]) -> None:
    digest = Digest("sha256:" + "a" * 64)
    with disk.file(digest).open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(LimitExceeded):
        opened().manifest(Descriptor(OCI_MANIFEST, digest, -1))


def test_A13_descriptor_of_another_type(disk: Disk, opened: Callable[..., Source]) -> None:
    stored = disk.document(manifest())
    source = opened()

    assert source.manifest(stored).media_type == OCI_MANIFEST
    with pytest.raises(ContentMismatch):
        source.manifest(Descriptor(OCI_INDEX, stored.digest, stored.size))


@pytest.mark.parametrize("kind", ["symlink", "symlink inside", "fifo", "directory", "socket"])
def test_N14_I34_only_regular_files_are_blobs(disk: Disk, opened: Callable[..., Source], kind: str) -> None:
    stored = disk.blob(b"content")
    path = disk.file(stored.digest)
    inside = path.with_name("0" * 64)
    path.rename(disk.path.parent / "outside") if kind == "symlink" else path.rename(inside)
    if kind == "symlink":
        path.symlink_to(disk.path.parent / "outside")
    elif kind == "symlink inside":
        path.symlink_to(inside)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        here = Path.cwd()
        os.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
        os.chdir(here)

    with pytest.raises(ContentMismatch, match="regular file"):
        opened().blob(stored, 10)


@pytest.mark.parametrize("linked", ["blobs", "blobs/sha256"])
def test_I34_no_linked_directories(disk: Disk, opened: Callable[..., Source], linked: str) -> None:
    stored = disk.blob(b"content")
    away = disk.path.parent / "away"
    (disk.path / linked).rename(away)
    (disk.path / linked).symlink_to(away)

    with pytest.raises(ContentMismatch, match="directories"):
        opened().blob(stored, 10)


@pytest.mark.parametrize("name", ["index.json", "oci-layout"])
def test_N14_the_layouts_own_files_are_regular(disk: Disk, opened: Callable[..., Source], name: str) -> None:
    (disk.path / name).unlink()
    (disk.path / name).symlink_to("/dev/zero")

    with pytest.raises(ContentMismatch, match="regular file"):
        resolve(opened(), disk)


def test_the_layout_itself_may_be_a_link(disk: Disk, sources: Callable[..., Sources]) -> None:
    image = disk.add(manifest(), "1")
    link = disk.path.parent / "link"
    link.symlink_to(disk.path)
    reference = parse_reference(f"oci:{link}:1")

    assert sources().open(reference).resolve(reference).digest == image.digest


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda path: (path / "oci-layout").unlink(), NotFound),
        (lambda path: (path / "oci-layout").write_text("{}"), MalformedContent),
        (lambda path: (path / "oci-layout").write_text('{"imageLayoutVersion": "2.0.0"}'), MalformedContent),
        (lambda path: (path / "oci-layout").write_text("[]"), MalformedContent),
        (lambda path: (path / "oci-layout").write_text(" " * 5000), LimitExceeded),
        (lambda path: (path / "index.json").unlink(), NotFound),
        (lambda path: (path / "index.json").write_text("{"), MalformedContent),
        (lambda path: (path / "index.json").write_text(json.dumps(manifest())), ContentMismatch),
        (lambda path: (path / "index.json").write_text(json.dumps({**index([]), "manifests": None})), MalformedContent),
        (lambda path: path.rename(path.with_name("gone")), NotFound),
        (lambda path: (path.rename(path.with_name("gone")), path.write_text("a tar archive")), NotFound),
    ],
)
def test_what_is_no_layout(
    disk: Disk, opened: Callable[..., Source], damage: Callable[[Path], object], error: type[RegistryError]
) -> None:
    damage(disk.path)

    with pytest.raises(error):
        resolve(opened(), disk)


def test_empty_layout_has_no_image(disk: Disk, opened: Callable[..., Source]) -> None:
    with pytest.raises(NotFound, match="has no image"):
        resolve(opened(), disk)


def test_I16_index_entry_with_a_path_for_a_digest(disk: Disk, opened: Callable[..., Source]) -> None:
    disk.entries = [{"mediaType": OCI_MANIFEST, "digest": "sha256:../../../../etc/passwd", "size": 5}]
    disk.write()

    with pytest.raises(MalformedContent):
        resolve(opened(), disk)


def test_A08_A09_entries_and_their_annotations_come_as_written(disk: Disk, opened: Callable[..., Source]) -> None:
    """What a dangling attestation or a second entry of a platform means is for those to say who verify."""
    one, two = disk.document(manifest()), disk.document(manifest(annotations={"n": "2"}))
    platform = {"os": "linux", "architecture": "amd64"}
    dangling = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": "sha256:" + "0" * 64,
    }
    entries = [entry(one, platform=platform), entry(two, platform=platform), entry(two, annotations=dangling)]
    disk.add(index(entries), "1")

    found = opened().resolve(parse_reference(f"oci:{disk.path}:1")).manifests

    assert [descriptor.digest for descriptor in found] == [one.digest, two.digest, two.digest]
    assert found[0].platform == found[1].platform
    assert found[2].annotations == dangling


def test_N11_walk_over_a_layout_has_a_deadline(disk: Disk, opened: Callable[..., Source]) -> None:
    image = disk.add(manifest(), "1")

    with pytest.raises(Unreachable, match="--timeout"):
        opened(settings={"timeout": 1e-6}).referrers(image.digest)


def test_layouts_need_no_network(disk: Disk, opened: Callable[..., Source], monkeypatch: pytest.MonkeyPatch) -> None:
    image = disk.add(manifest(), "1")
    monkeypatch.setattr(socket, "socket", None)

    assert resolve(opened(), disk) == image.digest


def test_closing_lets_go_of_the_directory(disk: Disk, sources: Callable[..., Sources]) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with sources() as some:
        some.open(parse_reference(f"oci:{disk.path}"))
        some.open(parse_reference(f"oci:{disk.path}:other"))

    assert len(list(Path("/proc/self/fd").iterdir())) == before


WORDS = [f"{COSIGN}/{kind}" for kind in ("image", "imageIndex", "sigs", "atts")]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.lists(
        st.fixed_dictionaries(
            {
                "mediaType": st.sampled_from([OCI_INDEX, OCI_MANIFEST, "x"]) | st.text(max_size=5),
                "digest": st.sampled_from([Digest.of(b"{}"), "sha256:x", 5]),
                "size": st.integers(-1, 3),
            },
            optional={
                "annotations": st.dictionaries(
                    st.sampled_from([REF_NAME, "kind"]), st.sampled_from(WORDS) | st.text(max_size=9)
                ),
                "platform": st.none(),
            },
        ),
        max_size=3,
    ).map(lambda entries: json.dumps(index(entries)).encode())
)
def test_any_index_gives_an_image_or_our_error(disk: Disk, sources: Callable[..., Sources], body: bytes) -> None:
    disk.blob(b"{}")
    (disk.path / "index.json").write_bytes(body)
    with sources() as some:
        for suffix in ("", ":1", f"@{Digest.of(b'{}')}"):
            reference = parse_reference(f"oci:{disk.path}{suffix}")
            with contextlib.suppress(RegistryError):
                some.open(reference).resolve(reference)
            with contextlib.suppress(RegistryError):
                some.open(reference).referrers(Digest.of(b"{}"))
            with contextlib.suppress(RegistryError):
                some.open(reference).tagged(f"sha256-{Digest.of(b'{}').hex}.sig")
