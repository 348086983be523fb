"""Indexes inside indexes, which anyone can put around what somebody signed: only what was signed is covered."""

from __future__ import annotations

from typing import Any

import pytest

from tests import publisher as publishing
from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import keys
from tests.publisher.buildkit import with_buildkit
from tests.publisher.documents import INDEX, index_of
from tests.verification.conftest import Seen, Verify

KEY = keys.publisher
SLSA = "https://slsa.dev/provenance/v1"
FORGED = {SLSA: {"builder": {"id": "https://builder.example"}, "forged": True}}
UNKNOWN = {"os": "unknown", "architecture": "unknown"}


def wrapped(image: ImageUnderTest, *entries: Any, **more: Any) -> str:
    """Puts an unsigned index around `entries`, and moves the tags to it."""
    root: str = image.put_manifest({**index_of(list(entries)), **more}, INDEX)["digest"]
    image.tags.update(dict.fromkeys(image.tags, root))
    image.index_digest = root
    return root


def attested(verify: Verify, reference: str, **more: Any) -> Seen:
    return verify(reference, policy="attested", predicate_types=((SLSA, (SLSA,)),), **more)


@pytest.mark.parametrize("platform", [None, {"os": "linux", "architecture": "ppc64le"}])
def test_A06_A08_an_unsigned_index_borrows_no_cover_for_what_only_it_lists(
    publisher: Publisher, verify: Verify, platform: Any
) -> None:
    image = publisher.image(omit={"*"})
    signed, one = image.index_digest, image["amd64"].digest
    publishing.sign_bundle(image, signed, KEY)
    forged = with_buildkit(image, FORGED, platforms=("linux/amd64",))["linux/amd64"].digest
    about = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": one}
    wrapped(
        image,
        {**image.descriptor(one), **({"platform": platform} if platform else {})},
        {**image.descriptor(forged), "platform": UNKNOWN, "annotations": about},
        image.descriptor(signed),
    )

    for reference in (image.layout(), image.registry()):
        seen = attested(verify, reference)
        assert seen.exit_code != 0
        assert "verified" not in {e.status for p in seen.image.platforms for e in p.attestations}


def test_A05_A06_a_signed_index_inside_does_not_make_its_wrapper_a_signed_one(
    publisher: Publisher, verify: Verify
) -> None:
    image = publisher.image(user="root", sign_index=True)
    wrapped(image, image.descriptor(image.index_digest), annotations={"runtime-root-required": "true"})

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert seen.rule("dhi-default-non-root-user").result == "fail"


def test_A06_two_signed_indexes_of_different_tags_joined_by_nobody(publisher: Publisher, verify: Verify) -> None:
    new = publisher.image(platforms=("linux/arm64",), sign_index=True)
    old = publisher.image(platforms=("linux/amd64",), sign_index=True, tags=("3.9", "3.9-debian13", "3.9.1-debian13"))
    inside = [new.descriptor(new.index_digest), old.descriptor(old.index_digest)]
    for store in ("blobs", "manifests", "listings", "layers"):
        getattr(new, store).update(getattr(old, store))
    wrapped(new, *inside)

    seen = verify(new.registry(), requested="dhi.io/python:3.13")

    assert seen.exit_code == 1
    assert seen.rule("dhi-platforms-agree").result == "fail"


def test_G08_evidence_about_an_index_inside_answers_for_its_own_platforms_alone(
    publisher: Publisher, verify: Verify
) -> None:
    image = publisher.image(omit={"*"}, platforms=("linux/amd64",))
    other = publisher.image(omit={"*"}, platforms=("linux/arm64",), user="root")
    inside, strange = image.descriptor(image.index_digest), other.descriptor(other["arm64"].digest)
    publishing.attest_bundle(image, image.index_digest, SLSA, {"x": 1}, KEY)
    for store in ("blobs", "manifests", "layers"):
        getattr(image, store).update(getattr(other, store))

    wrapped(image, inside)
    assert attested(verify, image.registry()).exit_code == 0
    wrapped(image, inside, {**strange, "platform": {"os": "linux", "architecture": "arm64"}})
    seen = attested(verify, image.registry())

    assert seen.exit_code == 1
    assert seen.rule("attested", "linux/amd64").result == "pass"
    assert seen.rule("attested", "linux/arm64").result == "fail"


def test_A11_I33_a_few_small_indexes_cannot_grow_without_a_bound(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(omit={"*"})
    one = image.descriptor(image["amd64"].digest)
    inner = image.put_manifest(index_of([one] * 300), INDEX)
    middle = image.put_manifest(index_of([inner] * 300), INDEX)
    wrapped(image, *[middle] * 300)

    assert verify(image.layout(), policy="signed").exit_code in (3, 5)

    many = [image.put_manifest({**index_of([one]), "annotations": {"n": str(n)}}, INDEX) for n in range(100)]
    wrapped(image, *many)
    seen = verify(image.layout(), policy="signed")
    assert seen.exit_code == 5
    assert "indexes" in seen.image.reasons[0]
