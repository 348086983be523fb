"""What evidence speaks about: subjects, platforms, replays. Each image is published, damaged, and judged whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import OTHER_DIGEST, only
from tests.publisher.kinds import SPDX, VIRUS
from tests.verification.conftest import Verify


def subject(**digests: str) -> Any:
    return lambda statement: {**statement, "subject": [{"name": "pkg:docker/dhi/python@3.13", "digest": digests}]}


def test_a_clean_image_is_allowed(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image().layout())

    assert seen.exit_code == 0, seen.why
    assert seen.report.complete
    assert seen.only("malware").status == "verified"
    assert seen.only("malware").signer.endswith("publisher.pub")
    assert seen.image.product == "dhi/python"
    assert seen.image.is_dhi is False


def test_A01_A14_A25_O12_subject_digest_mismatch(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(statement_subject={"malware": OTHER_DIGEST}).layout())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"
    assert "speaks about another image" in seen.only("malware").reason
    assert seen.only("malware").hint


def test_A02_O04_a_whole_set_of_an_older_image_is_replayed(publisher: Publisher, verify: Verify) -> None:
    old, new = publisher.image(version="3.13.14"), publisher.image(omit={"*"})
    for platform in ("amd64", "arm64"):
        new.blobs |= old.blobs
        for attestation in old[platform].attestations.values():
            moved = {**old.document(attestation.digest), "subject": new.descriptor(new[platform].digest)}
            listed = new.attach(new[platform].digest, moved)
            for signature in attestation.signatures:
                document = old.document(signature.digest)
                new.attach(listed["digest"], {**document, "subject": new.descriptor(listed["digest"])})

    seen = verify(new.registry())

    assert seen.exit_code == 4
    assert {entry.status for entry in seen.platform().attestations} == {"invalid"}


def test_A03_O04_manifest_of_another_subject_is_listed(publisher: Publisher, verify: Verify) -> None:
    old, new = publisher.image(version="3.13.14"), publisher.image(omit={"malware"})
    new.blobs |= old.blobs
    new.manifests |= old.manifests
    new.listings |= {digest: listing for digest, listing in old.listings.items() if digest not in new.listings}
    stolen = old["amd64"].attestation("malware").digest
    new.relist(new["amd64"].digest, [*new.listings[new["amd64"].digest], stolen])

    seen = verify(new.registry())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"
    assert "subject" in seen.only("malware").reason


def test_A04_O13_evidence_of_another_platform(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    arm = image["arm64"].attestation("malware").digest
    image.relist(
        image["amd64"].digest,
        [
            *(
                e
                for e in image.listings[image["amd64"].digest]
                if e["digest"] != image["amd64"].attestation("malware").digest
            ),
            arm,
        ],
    )

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"
    assert seen.only("malware", "linux/arm64").status == "verified"


def test_A04_signed_subject_of_another_platform(publisher: Publisher, verify: Verify) -> None:
    arm = publisher.image()["arm64"].digest
    image = publisher.image(statement=only("malware", subject(sha256=arm.removeprefix("sha256:")), "linux/amd64"))

    seen = verify(image.layout())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"


def test_A05_evidence_about_the_index_is_none_about_a_platform(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(omit={"malware"}, index_evidence={"malware": {"scanner": {"uri": "x", "report": ""}}})

    seen = verify(image.layout())

    assert seen.exit_code == 1
    assert not seen.all("malware")
    assert [entry.kind for entry in seen.image.attestations] == ["malware"]


def test_A06_G01_a_platform_without_evidence_is_added(publisher: Publisher, verify: Verify) -> None:
    good, bare = publisher.image(), publisher.image(platforms=("linux/s390x",), omit={"*"})
    good.blobs |= bare.blobs
    good.manifests |= bare.manifests
    index = good.document(good.index_digest)
    index["manifests"] += bare.document(bare.index_digest)["manifests"]
    good.tags["evil"] = good.put_manifest(index, good.manifests[good.index_digest][0])["digest"]

    seen = verify(good.registry().rpartition(":")[0] + ":evil")

    assert seen.exit_code == 1
    assert seen.platform("linux/s390x").verdict == "deny"


@pytest.mark.parametrize("annotated", [True, False])
def test_A07_a_runnable_entry_is_judged_whatever_it_is_called(
    publisher: Publisher, verify: Verify, annotated: bool
) -> None:
    bare = publisher.image(platforms=("linux/riscv64",), omit={"*"})

    def smuggle(index: Any) -> Any:
        (entry,) = bare.document(bare.index_digest)["manifests"]
        entry["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"} if annotated else {}
        if not annotated:
            entry["platform"] = {"os": "unknown", "architecture": "unknown"}
        return {**index, "manifests": [*index["manifests"], entry]}

    image = publisher.image(index=smuggle)
    image.blobs |= bare.blobs
    image.manifests |= bare.manifests

    seen = verify(image.registry())

    assert seen.exit_code == (1 if annotated else 0)


def test_A20_referrers_of_referrers_are_no_evidence(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(omit={"malware"})
    malware = publisher.image()["amd64"].attestation("malware")
    spdx = image["amd64"].attestation("spdx")
    layer = image.document(spdx.digest)["layers"][0]
    body = malware.statement
    digest = image.put_blob(body)
    image.attach(
        spdx.digest,
        {
            **image.document(spdx.digest),
            "layers": [{**layer, "digest": digest, "size": len(body)}],
            "subject": image.descriptor(spdx.digest),
        },
    )

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert not seen.all("malware")


def test_A09_two_entries_for_one_platform_are_both_judged(publisher: Publisher, verify: Verify) -> None:
    bare = publisher.image(platforms=("linux/amd64",), omit={"*"}, user="1234")

    image = publisher.image(
        index=lambda index: {
            **index,
            "manifests": [*index["manifests"], *bare.document(bare.index_digest)["manifests"]],
        }
    )
    image.blobs |= bare.blobs
    image.manifests |= bare.manifests

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert [platform.platform for platform in seen.image.platforms].count("linux/amd64") == 2


def test_A10_platform_in_the_index_differs_from_the_configuration(publisher: Publisher, verify: Verify) -> None:
    def swap(index: Any) -> Any:
        first, second = index["manifests"]
        return {
            **index,
            "manifests": [
                {**first, "platform": second["platform"]},
                {**second, "platform": first["platform"]},
            ],
        }

    seen = verify(publisher.image(index=swap).layout())

    assert seen.exit_code == 1
    assert seen.rule("dhi-platform-matches-config").result == "fail"


@pytest.mark.parametrize("algorithm", ["sha1", "md5", "gitCommit", "sha224"])
def test_A15_only_strong_digests_bind(publisher: Publisher, verify: Verify, algorithm: str) -> None:
    image = publisher.image(statement=only("malware", subject(**{algorithm: "0" * 40})))

    assert verify(image.layout()).only("malware").status == "invalid"


def test_A16_contradicting_digests(publisher: Publisher, verify: Verify) -> None:
    def contradict(statement: Any) -> Any:
        (first, *_) = statement["subject"]
        return {**statement, "subject": [{**first, "digest": {**first["digest"], "sha512": "0" * 128}}]}

    seen = verify(publisher.image(statement=only("malware", contradict)).layout())

    assert seen.only("malware").status == "invalid"
    assert "contradicts" in seen.only("malware").reason


@pytest.mark.parametrize("change", [str.upper, lambda text: f"sha256:{text}", lambda text: f" {text}"])
def test_A17_digests_are_compared_exactly(publisher: Publisher, verify: Verify, change: Any) -> None:
    def rewrite(statement: Any) -> Any:
        return {
            **statement,
            "subject": [
                {**s, "digest": {name: change(text) for name, text in s["digest"].items()}}
                for s in statement["subject"]
            ],
        }

    assert verify(publisher.image(statement=only("malware", rewrite)).layout()).only("malware").status == "invalid"


@pytest.mark.parametrize("value", [[], None, {}, "x", [{}], [{"name": "a"}]])
def test_A18_a_statement_about_nothing(publisher: Publisher, verify: Verify, value: Any) -> None:
    image = publisher.image(statement=only("malware", lambda statement: {**statement, "subject": value}))

    seen = verify(image.layout())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"


def test_A19_one_of_many_subjects_is_enough_up_to_a_bound(publisher: Publisher, verify: Verify) -> None:
    def pad(count: int) -> Any:
        extra = [{"name": f"x{n}", "digest": {"sha256": f"{n:064x}"}} for n in range(count)]
        return lambda statement: {**statement, "subject": [*extra, *statement["subject"]]}

    assert verify(publisher.image(statement=only("malware", pad(900))).layout()).exit_code == 0
    assert verify(publisher.image(statement=only("malware", pad(2_000))).layout()).only("malware").status == "invalid"


def test_P16_P30_sha512_beside_sha256_and_statement_v1(publisher: Publisher, verify: Verify) -> None:
    assert verify(publisher.image(statement_version="v1").layout()).exit_code == 0


def test_A23_L06_the_tag_is_resolved_once_and_the_digest_is_handed_on(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    reference = image.registry()

    seen = verify(reference)

    asked = [entry for entry in publisher.registry().log if entry.target.endswith("/manifests/3.13")]
    assert len(asked) == 1
    assert seen.image.digest == image.index_digest
    assert seen.image.pinned == f"{reference.rpartition(':')[0]}@{image.index_digest}"


def test_A27_K14_tag_and_digest_together_mean_the_digest(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    reference = image.registry()

    seen = verify(f"{reference}-not-there@{image.index_digest}")

    assert seen.exit_code == 0
    assert "not-there" not in seen.image.reference


def test_A22_another_image_is_served_under_the_digest(publisher: Publisher, verify: Verify) -> None:
    image, other = publisher.image(), publisher.image(user="1000")
    image.replace_blob(image.index_digest, other.manifests[other.index_digest][1])

    seen = verify(image.registry())
    by_digest = verify(f"{image.registry().rpartition(':')[0]}@{image.index_digest}")

    assert by_digest.exit_code == 5
    assert by_digest.report.complete is False
    assert seen.exit_code != 0


def test_A24_O14_an_older_image_under_the_tag_is_seen_by_its_signed_tags(publisher: Publisher, verify: Verify) -> None:
    old = publisher.image(tags=("3.13",), statement_tags=("3.13.14", "3.13.14-debian13"), version="3.13.14-debian13")

    seen = verify(old.layout(), requested="dhi.io/python:3.13")

    assert seen.exit_code == 1
    assert seen.rule("dhi-requested-tag").result == "fail"


def test_A26_absent_on_the_mirror_is_looked_for_at_the_other_place(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    place = image.registry("acme/evidence").rpartition(":")[0]
    bare = publisher.image(omit={"*"})
    assert bare.index_digest == image.index_digest

    seen = verify(bare.registry("acme/mirror"), attestation_repos=(place,))

    assert seen.exit_code == 0, seen.why
    assert seen.only("malware").location.startswith(f"{place}@")


def test_no_layer_is_fetched_and_nothing_twice(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(tiny_layers=True)

    assert verify(image.registry()).exit_code == 0
    assert not publisher.registry().layers_fetched(image)
    assert not publisher.registry().repeated


@pytest.mark.parametrize("style", ["index", "fallback-tag", "nested"])
def test_every_style_of_layout(publisher: Publisher, verify: Verify, style: str) -> None:
    assert verify(publisher.image().layout(style)).exit_code == 0


@pytest.mark.parametrize("options", [{}, {"referrers_api": False}, {"filters": False}, {"page_size": 3}])
def test_P04_P05_every_way_in_which_a_registry_lists(publisher: Publisher, verify: Verify, options: Any) -> None:
    assert verify(publisher.image().registry(**options)).exit_code == 0


def test_the_annotation_may_be_missing_from_the_listing(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    for digest in (image["amd64"].digest, image["arm64"].digest):
        image.relist(digest, [{k: v for k, v in e.items() if k != "annotations"} for e in image.listings[digest]])

    seen = verify(image.registry())

    assert seen.exit_code == 0, seen.why
    assert seen.only(SPDX).status == "verified"


def test_B20_G25_O19_annotation_says_another_type(publisher: Publisher, verify: Verify) -> None:
    def relabel(manifest: Any) -> Any:
        text = json.dumps(manifest).replace(VIRUS, SPDX)
        return json.loads(text)

    seen = verify(publisher.image(attestation_manifest=only("malware", relabel)).layout())

    assert seen.exit_code == 1
    assert "predicate type" in "".join(entry.reason for entry in seen.all("sbom"))


def test_O19_signed_payload_says_another_type(publisher: Publisher, verify: Verify) -> None:
    def relabel(payload: Any) -> Any:
        return {**payload, "optional": {**payload["optional"], "predicateType": SPDX}}

    seen = verify(publisher.image(payload=only("malware", relabel)).layout())

    assert seen.only("malware").status == "invalid"
    assert "signed payload" in seen.only("malware").reason


@pytest.mark.parametrize("named", [f"dhi/python@{OTHER_DIGEST}", "dhi/python", "@", "dhi/python@"])
def test_O19_signed_payload_names_another_image(publisher: Publisher, verify: Verify, named: str) -> None:
    def rename(payload: Any) -> Any:
        return {**payload, "optional": {**payload["optional"], "subject": named}}

    seen = verify(publisher.image(payload=only("malware", rename)).layout())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"


def test_P24_payload_without_optional_members(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(payload=lambda uri, platform, payload: {**payload, "optional": None})

    assert verify(image.layout()).exit_code == 0
