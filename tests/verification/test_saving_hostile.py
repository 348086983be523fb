"""Hostile registries and careful owners: what a saved or copied image must never lose, and never take away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import keys
from tests.publisher.about import JSON
from tests.publisher.cosign import attest_tag, sign_tag
from tests.publisher.documents import MANIFEST, empty_descriptor
from tests.publisher.handler import Handler
from tests.publisher.kinds import one_uri
from tests.verification.conftest import SOON_AFTER, Verify
from verifier.errors import MalformedContent, UsageError
from verifier.oci import Settings
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification.saving import copy, save

NAME = "registry.example/dhi/python:3.13"
FAILING: JSON = {"reportFormat": "CTRF", "results": {"summary": {"tests": 1, "passed": 0, "failed": 1}, "tests": []}}


@pytest.fixture
def options(key_files: dict[str, str]) -> Options:
    """One request at a time, so that places are asked in their order."""
    return Options(
        additions=Additions(key_files=(key_files["publisher"],)),
        effective_time=SOON_AFTER,
        settings=Settings(jobs=1, timeout=20),
    )


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registries take a manifest only when they have all that it names, as most do."""
    take = Handler._take_manifest

    def checked(self: Handler, repository: Any, body: bytes, reference: str) -> None:
        document = json.loads(body)
        named = [document.get("config"), *document.get("layers", [])]
        if any(one and repository.blob(one["digest"]) is None for one in named):
            return self._error(400, "MANIFEST_BLOB_UNKNOWN")
        return take(self, repository, body, reference)

    monkeypatch.setattr(Handler, "_take_manifest", checked)


def twin(image: ImageUnderTest) -> ImageUnderTest:
    """The same content, with tags and listings of its own."""
    fields = {field: getattr(image, field) for field in image.__struct_fields__}
    listings = {subject: [dict(entry) for entry in listed] for subject, listed in image.listings.items()}
    return ImageUnderTest(**{**fields, "tags": dict(image.tags), "listings": listings})


def mirrored(image: ImageUnderTest) -> ImageUnderTest:
    """The image alone, as it arrives at a mirror: not a byte of its evidence."""
    bare = twin(image)
    own = {image.index_digest, *(platform.digest for platform in image.platforms.values())}
    configurations = {platform.config_digest for platform in image.platforms.values()}
    bare.manifests = {digest: stored for digest, stored in image.manifests.items() if digest in own}
    bare.blobs = {digest: body for digest, body in image.blobs.items() if digest in configurations}
    bare.tags = {tag: digest for tag, digest in image.tags.items() if not tag.startswith("sha256-")}
    bare.listings = {}
    return bare


def with_place(options: Options, place: str) -> Options:
    return replace(options, additions=replace(options.additions, attestation_repos=(place,)))


def test_G21_one_place_cannot_hide_what_another_one_has_from_a_copy(
    publisher: Publisher, verify: Verify, options: Options, tmp_path: Path
) -> None:
    honest = publisher.image(platforms=("linux/amd64",), extra=(("tests", FAILING),))
    failing = honest["amd64"].extra[0].digest
    lying = twin(honest)
    for entry in lying.listings[honest["amd64"].digest]:
        entry["size"] += entry["digest"] == failing
    reference = lying.registry("dhi/python")
    elsewhere = honest.registry("evidence/python").rpartition(":")[0]

    online = verify(reference, requested=NAME, attestation_repos=(elsewhere,))
    save(reference, str(tmp_path / "saved"), with_place(options, elsewhere))
    offline = verify(f"oci:{tmp_path}/saved", requested=NAME)

    assert online.rule("dhi-no-failing-tests").result == "fail"
    assert offline.rule("dhi-no-failing-tests").result == "fail"


def test_G21_two_places_with_other_attestations_under_one_tag_are_not_saved_as_one(
    publisher: Publisher, verify: Verify, options: Options, tmp_path: Path
) -> None:
    here = publisher.image(platforms=("linux/amd64",))
    there = twin(here)
    platform, uri = here["amd64"].digest, one_uri("tests")
    passing = here["amd64"].attestation("tests").document["predicate"]
    attest_tag(here, platform, uri, passing, keys.publisher)
    attest_tag(there, platform, uri, FAILING, keys.publisher)
    reference, elsewhere = here.registry("dhi/python"), there.registry("evidence/python").rpartition(":")[0]

    assert verify(reference, requested=NAME, attestation_repos=(elsewhere,)).exit_code == 1
    with pytest.raises(MalformedContent, match="two places hold different manifests"):
        save(reference, str(tmp_path / "saved"), with_place(options, elsewhere))
    assert not (tmp_path / "saved").exists()


def test_copy_needs_nothing_at_the_mirror_but_the_image(
    publisher: Publisher, verify: Verify, options: Options, strict: None
) -> None:
    image = publisher.image(platforms=("linux/amd64",))
    sign_tag(image, image.index_digest, keys.publisher)
    target = mirrored(image).registry("mirror/python")

    copied = copy(image.registry("dhi/python"), target.rpartition(":")[0], options)

    assert copied.left_out == ()
    assert verify(target, requested=NAME).exit_code == 0


def test_G07_what_is_no_evidence_or_damaged_does_not_keep_the_rest_from_being_copied(
    publisher: Publisher, verify: Verify, options: Options, strict: None
) -> None:
    image = publisher.image(platforms=("linux/amd64",), extra=(("tests", FAILING),))
    damaged = image["amd64"].extra[0]
    image.drop(damaged.statement_digest)
    layer = {"mediaType": "application/octet-stream", "digest": "sha256:" + "d" * 64, "size": 77}
    foreign = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.example.index"}
    foreign |= {"config": empty_descriptor(), "layers": [layer]}
    index = image.attach(image["amd64"].digest, foreign)
    target = mirrored(image).registry("mirror/python")

    copied = copy(image.registry("dhi/python"), target.rpartition(":")[0], options)

    assert sorted(line.partition(": ")[0] for line in copied.left_out) == sorted([damaged.digest, index["digest"]])
    assert verify(target, requested=NAME).exit_code == 0


def test_copy_does_not_take_away_signatures_that_are_at_the_target(publisher: Publisher, options: Options) -> None:
    image = publisher.image()
    sign_tag(image, image.index_digest, keys.publisher)
    target = mirrored(image)
    sign_tag(target, image.index_digest, keys.stranger)
    name = target.registry("mirror/python").rpartition(":")[0]

    with pytest.raises(UsageError, match="would be lost"):
        copy(image.registry("dhi/python"), name, options)

    assert not publisher.registry().repository("mirror/python").pushed.manifests


def test_copy_replaces_a_tag_whose_signatures_it_brings_along(
    publisher: Publisher, verify: Verify, options: Options
) -> None:
    image = publisher.image()
    sign_tag(image, image.index_digest, keys.stranger)
    reference, target = image.registry("dhi/python"), mirrored(image).registry("mirror/python")
    copy(reference, target.rpartition(":")[0], options)
    sign_tag(image, image.index_digest, keys.publisher)

    copy(reference, target.rpartition(":")[0], options)

    statuses = {signature.status for signature in verify(target, requested=NAME).image.signatures}
    assert statuses == {"verified", "untrusted"}


def test_I05_large_manifests_that_hang_on_an_image_are_bounded_together(
    publisher: Publisher, options: Options, verify: Verify, tmp_path: Path
) -> None:
    image = publisher.image(platforms=("linux/amd64",))
    junk: JSON = {"schemaVersion": 2, "mediaType": MANIFEST, "config": empty_descriptor(), "layers": []}
    large = [
        image.attach(image["amd64"].digest, {**junk, "annotations": {"padding": f"{number}" * 100 * 1024}})
        for number in range(8)
    ]
    bounded = replace(options.settings, limits=replace(options.settings.limits, manifests_bytes=250 * 1024))
    for listed in image.listings[image["amd64"].digest]:
        if listed["size"] > 100 * 1024:
            listed.pop("annotations")

    saved = save(image.registry("dhi/python"), str(tmp_path / "saved"), replace(options, settings=bounded))

    read = {path.rpartition("/manifests/")[2] for path in publisher.registry().fetched}
    assert len(read & {one["digest"] for one in large}) == 2
    assert saved.report.exit_code == 0
    assert verify(f"oci:{tmp_path}/saved", requested=NAME).exit_code == 0
