"""The virtual publisher against the documents that it follows, without anything of the product."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format  # type: ignore[import-untyped]  # has no types
from in_toto_attestation.v1.statement import Statement  # type: ignore[import-untyped]  # has no types

from tests.publisher import (
    DEV,
    FIPS,
    OTHER_DIGEST,
    ImageSpec,
    PublishedImage,
    keys,
    kinds,
    only,
    predicates,
    publish,
    to_layout,
)
from tests.publisher.documents import EMPTY, IN_TOTO, SIGNATURE, SIGNATURE_ARTIFACT, SIMPLE_SIGNING


def sha256(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def descriptors(document: Any) -> list[dict[str, Any]]:
    """Every descriptor in a manifest or index."""
    named = [document[name] for name in ("config", "subject") if name in document]
    return [*named, *document.get("layers", []), *document.get("manifests", [])]


def publisher_key() -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(keys.publisher.public_pem)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


@pytest.fixture(scope="module")
def fips() -> PublishedImage:
    return publish(ImageSpec(sign_index=True, tiny_layers=True, **FIPS))


def test_every_digest_and_size_is_right(fips: PublishedImage) -> None:
    everything = {digest: body for digest, (_, body) in fips.manifests.items()} | fips.blobs
    assert all(sha256(body) == digest for digest, body in everything.items())

    described = [entry for digest in fips.manifests for entry in descriptors(fips.document(digest))]
    described += [entry for listed in fips.listings.values() for entry in listed]
    assert len(described) > 200
    for entry in described:
        assert entry["size"] == len(everything[entry["digest"]])


def test_a_fips_image_has_all_fifteen_kinds_on_each_platform(fips: PublishedImage) -> None:
    for platform in fips.platforms.values():
        assert len(platform.attestations) == 15
    assert set(fips["amd64"].attestations) == set(kinds.ALL) - {kinds.SLSA_V1}
    assert set(publish(ImageSpec())["amd64"].attestations) == set(fips["amd64"].attestations) - {kinds.STIG, kinds.FIPS}


def test_the_chain_is_the_one_observed(fips: PublishedImage) -> None:
    for platform in fips.platforms.values():
        for uri, attestation in platform.attestations.items():
            manifest = fips.document(attestation.digest)
            members = "schemaVersion mediaType artifactType config layers subject annotations"
            assert set(manifest) == set(members.split())
            assert manifest["artifactType"] == IN_TOTO
            assert manifest["annotations"] == {"in-toto.io/predicate-type": uri} == manifest["layers"][0]["annotations"]
            assert manifest["config"] == {"mediaType": EMPTY, "digest": sha256(b"{}"), "size": 2, "data": "e30="}
            assert manifest["subject"]["digest"] == platform.digest
            assert len(manifest["layers"]) == 1

            signature = fips.document(attestation.signature_digest)
            assert signature["artifactType"] == SIGNATURE_ARTIFACT
            assert signature["subject"]["digest"] == attestation.digest
            assert [layer["mediaType"] for layer in signature["layers"]] == [SIMPLE_SIGNING]


def test_signatures_verify_and_speak_about_their_manifest(fips: PublishedImage) -> None:
    key = publisher_key()
    for attestation in fips.attestations:
        layer = fips.document(attestation.signature_digest)["layers"][0]
        payload = fips.blobs[layer["digest"]]
        key.verify(base64.b64decode(layer["annotations"][SIGNATURE]), payload, ec.ECDSA(hashes.SHA256()))

        said = json.loads(payload)
        assert said["critical"]["image"]["docker-manifest-digest"] == attestation.digest
        assert said["critical"]["type"] == "cosign container image signature"
        subject = attestation.document["subject"][0]["digest"]["sha256"]
        assert said["optional"]["subject"] == f"dhi/python@sha256:{subject}"
        assert said["optional"]["predicateType"] == attestation.uri


def test_the_index_signature_has_no_optional_members(fips: PublishedImage) -> None:
    assert fips.index
    (signature,) = fips.index.signatures

    assert json.loads(signature.payload)["critical"]["image"]["docker-manifest-digest"] == fips.index_digest
    assert json.loads(signature.payload)["optional"] is None
    assert fips.listings[fips.index_digest][0]["digest"] == signature.digest


def test_statements_name_every_tag_and_one_digest(fips: PublishedImage) -> None:
    for platform in fips.platforms.values():
        statement = platform.attestation("malware").document
        assert statement["_type"] == "https://in-toto.io/Statement/v0.1"
        assert {subject["digest"]["sha256"] for subject in statement["subject"]} == {platform.digest[7:]}
        assert [subject["name"].split("@")[1].split("?")[0] for subject in statement["subject"]] == list(fips.tags)


def test_the_in_toto_library_reads_statements_of_version_1() -> None:
    image = publish(ImageSpec(statement_version="v1", slsa="v1"))
    objects = [a for a in image.attestations if isinstance(a.document["predicate"], dict)]  # all that the library takes
    assert len(objects) > 20

    for attestation in objects:
        statement = Statement.copy_from_pb(json_format.Parse(attestation.statement, Statement([], "", {}).pb))
        statement.validate()
        assert statement.pb.predicate_type == attestation.uri


def test_labels_agree_with_the_layers() -> None:
    image = publish(ImageSpec(labels={"flavor": "sfw", "com.docker.dhi.shell": None, "maintainer.x": "me"}, layers=2))
    config = json.loads(image.blobs[image["arm64"].config_digest])
    labels = config["config"]["Labels"]

    first, second = config["rootfs"]["diff_ids"]
    assert labels["com.docker.dhi.chain-id"] == sha256(f"{first} {second}".encode())
    assert labels["com.docker.dhi.flavor"] == "sfw"
    assert labels["maintainer.x"] == "me"
    assert "com.docker.dhi.shell" not in labels
    assert config["architecture"] == "arm64"


def test_layers_are_described_and_not_there() -> None:
    image = publish(ImageSpec())
    layers = [layer["digest"] for p in image.platforms.values() for layer in image.document(p.digest)["layers"]]

    assert layers
    assert not image.blobs.keys() & set(layers)
    assert image.layers.keys() == set(layers)


def test_publishing_twice_gives_the_same_digests() -> None:
    first, second = publish(ImageSpec(**FIPS)), publish(ImageSpec(**FIPS))

    assert first.manifests == second.manifests
    assert first.blobs == second.blobs
    assert publish(ImageSpec(**DEV)).index_digest != first.index_digest


@pytest.mark.parametrize("key", keys.ALL, ids=lambda key: key.name)
def test_keys_are_stable_and_sign(key: keys.SigningKey) -> None:
    image = publish(ImageSpec(keys=(key,), platforms=("linux/amd64",)))
    signature = image["amd64"].attestation("secrets").signatures[0]

    assert signature.key == key.name
    assert signature.signature == key.sign(signature.payload)
    assert len(key.fingerprint) == 64
    assert Counter(other.fingerprint for other in keys.ALL)[key.fingerprint] == 1


def test_rsa_signs_in_both_forms() -> None:
    public = load_pem_public_key(keys.rsa2048.public_pem)
    assert isinstance(public, rsa.RSAPublicKey)
    form = padding.PSS(padding.MGF1(hashes.SHA512()), 64)

    public.verify(keys.rsa2048.sign(b"x"), b"x", padding.PKCS1v15(), hashes.SHA256())
    public.verify(keys.rsa2048.using("pss-sha512").sign(b"x"), b"x", form, hashes.SHA512())


def test_a_hook_on_the_statement_keeps_the_rest_of_the_chain_right() -> None:
    spec = ImageSpec(statement=only("tests", lambda said: {**said, "predicate": None}, "linux/arm64"))
    image = publish(spec)
    changed, other = image["arm64"].attestation("tests"), image["amd64"].attestation("tests")

    assert changed.document["predicate"] is None
    assert other.document["predicate"] is not None
    assert image.document(changed.digest)["layers"][0]["digest"] == sha256(changed.statement)
    assert json.loads(changed.signatures[0].payload)["critical"]["image"]["docker-manifest-digest"] == changed.digest


def test_hooks_reach_every_hop() -> None:
    image = publish(
        ImageSpec(
            platforms=("linux/amd64",),
            payload=only("fips", lambda payload: b"not JSON"),
            signature=only("spdx", lambda signature: signature[:-1]),
            attestation_manifest=only("malware", lambda manifest: {**manifest, "layers": []}),
            signature_manifest=only("secrets", lambda manifest: {**manifest, "artifactType": "a/b"}),
            image_config=lambda platform, config: {**config, "architecture": "s390x"},
            platform_manifest=lambda platform, manifest: {**manifest, "annotations": {"a": platform}},
            index=lambda index: {**index, "manifests": index["manifests"] * 2},
            **FIPS,
        )
    )
    amd64 = image["amd64"]

    assert amd64.attestation("fips").signatures[0].payload == b"not JSON"
    assert image.document(amd64.attestation("malware").digest)["layers"] == []
    assert image.document(amd64.attestation("secrets").signature_digest)["artifactType"] == "a/b"
    assert json.loads(image.blobs[amd64.config_digest])["architecture"] == "s390x"
    assert image.document(amd64.digest)["annotations"] == {"a": "linux/amd64"}
    assert len(image.document(image.index_digest)["manifests"]) == 2
    spdx = amd64.attestation("spdx").signatures[0]
    with pytest.raises(InvalidSignature):
        publisher_key().verify(spdx.signature, spdx.payload, ec.ECDSA(hashes.SHA256()))


def test_words_choose_what_is_damaged() -> None:
    image = publish(
        ImageSpec(
            omit={"vex", "vulnerabilities"},
            unsigned={"tests"},
            signed_by={"*": keys.stranger, "secrets": (keys.publisher, keys.p384)},
            statement_subject={"malware": OTHER_DIGEST},
            evidence={"fips": [], "malware": partial(predicates.malware, infected=2)},
            extra=(("secrets", []),),
        )
    )
    amd64 = image["amd64"]

    assert {kinds.OPENVEX, kinds.IN_TOTO_VULNS, kinds.SCOUT_VULNERABILITIES}.isdisjoint(amd64.attestations)
    assert amd64.attestation("tests").signatures == ()
    assert [s.key for s in amd64.attestation("secrets").signatures] == ["publisher", "p384"]
    assert amd64.attestation("spdx").signatures[0].key == "stranger"
    assert {s["digest"]["sha256"] for s in amd64.attestation("malware").document["subject"]} == {OTHER_DIGEST[7:]}
    assert (
        "Infected files: 2"
        in base64.b64decode(amd64.attestation("malware").document["predicate"]["scanner"]["report"]).decode()
    )
    assert amd64.attestation("fips").document["predicate"] == []
    assert len(amd64.extra) == 1


def test_damage_after_publication() -> None:
    image = publish(ImageSpec())
    malware, tests = image["amd64"].attestation("malware"), image["amd64"].attestation("tests")

    image.corrupt(malware.statement_digest)
    image.drop(tests.digest)
    junk = image.attach(image["amd64"].digest, {"schemaVersion": 2, "artifactType": "junk/junk"})
    image.relist(image["arm64"].digest, [malware.digest])

    assert sha256(image.blobs[malware.statement_digest]) != malware.statement_digest
    assert len(image.blobs[malware.statement_digest]) == len(malware.statement)
    assert tests.digest not in image.manifests
    assert image.listings[image["amd64"].digest][-1] == {**junk, "artifactType": "junk/junk"}
    assert [entry["digest"] for entry in image.listings[image["arm64"].digest]] == [malware.digest]


@pytest.mark.parametrize("style", ["index", "fallback-tag", "nested"])
def test_layouts_hold_everything_that_can_be_reached(style: str, tmp_path: Path) -> None:
    image = publish(ImageSpec(sign_index=True))
    path = to_layout(image, tmp_path / "layout", style)
    index = json.loads((path / "index.json").read_bytes())
    blobs = {f"sha256:{file.name}": file.read_bytes() for file in (path / "blobs" / "sha256").iterdir()}

    assert json.loads((path / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert all(sha256(body) == digest for digest, body in blobs.items())
    named = {
        entry.get("annotations", {}).get("org.opencontainers.image.ref.name"): entry for entry in index["manifests"]
    }
    assert {tag: named[tag]["digest"] for tag in image.tags} == image.tags
    reached = set(reach(index, blobs))
    assert reached >= image.manifests.keys()
    assert {entry["digest"] for entry in index["manifests"]} <= blobs.keys()


def reach(index: Any, blobs: dict[str, bytes]) -> list[str]:
    """All manifests that can be found from an index by following `manifests`."""
    found = []
    for entry in index["manifests"]:
        found.append(entry["digest"])
        if entry["mediaType"].endswith("index.v1+json"):
            found += reach(json.loads(blobs[entry["digest"]]), blobs)
    return found


def test_the_fallback_tag_is_the_one_of_the_distribution_spec(tmp_path: Path) -> None:
    image = publish(ImageSpec())
    path = to_layout(image, tmp_path / "layout", "fallback-tag")
    digest = image["amd64"].digest

    index = json.loads((path / "index.json").read_bytes())
    tagged = {entry["annotations"]["org.opencontainers.image.ref.name"]: entry for entry in index["manifests"]}
    listing = json.loads((path / "blobs" / "sha256" / tagged[f"sha256-{digest[7:]}"]["digest"][7:]).read_bytes())
    assert len(listing["manifests"]) == 13
    assert all(entry["artifactType"] == IN_TOTO for entry in listing["manifests"])


def test_a_large_sbom_is_as_large_as_real_ones() -> None:
    image = publish(ImageSpec(packages=2_000, platforms=("linux/amd64",)))

    assert 600_000 < len(image["amd64"].attestation("spdx").statement) < 900_000
    assert len(image["amd64"].attestation("spdx").document["predicate"]["packages"]) == 2_000
