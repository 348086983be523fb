"""Images that the real cosign signed, with keys of each kind and in each of its formats, judged by `--policy signed`.

cosign's own verdict stands beside ours as a witness.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.cosign import BUNDLE, REFERRER, SIGN, TAG, Cosign, Hosted
from tests.e2e.judging import judge, reported
from tests.publisher.documents import cosign_tag

pytestmark = pytest.mark.e2e

Host = Callable[..., Hosted]

NOT_REQUIRED = {"cyclonedx", "scout-sbom", "scout-provenance", "vsa", "source", "vex", "in-toto-vulns"}
"""Kinds without which the policy `dhi` allows an image."""

signing = pytest.mark.parametrize("form", SIGN)


@signing
@pytest.mark.parametrize("kind", ["p256", "p384", "rsa3072"])
def test_B29_keys_of_every_kind_sign_in_every_format(cosign: Cosign, hosted: Host, form: str, kind: str) -> None:
    image, key = hosted(), cosign.key(kind)
    cosign.sign(image.reference, key, SIGN[form])

    seen = judge(image.reference, key)

    assert seen.exit_code == 0, seen.why
    (entry,) = seen.image.signatures
    assert (entry.status, entry.layout, entry.subject) == ("verified", SIGN[form].layout, image.digest)
    assert kind in entry.signer
    accepted = cosign.accepts(image.reference, key, SIGN[form])
    assert accepted is (kind != "p384")  # it hashes with SHA-384 to sign, and with SHA-256 to verify


@signing
def test_B27_B29_prehashed_ed25519_is_refused_by_name(cosign: Cosign, hosted: Host, form: str) -> None:
    """It is what cosign makes of an Ed25519 key, and what cosign itself does not verify."""
    image, key = hosted(), cosign.key("ed25519")
    cosign.sign(image.reference, key, SIGN[form])

    seen = judge(image.reference, key)

    assert seen.exit_code == 4
    (entry,) = seen.image.signatures
    assert entry.status == "invalid"
    assert "Ed25519ph" in entry.reason
    assert not cosign.accepts(image.reference, key, SIGN[form])


@pytest.mark.parametrize(("registry", "form"), [*(("ocimem", form) for form in SIGN), ("ggcr", "bundle")])
def test_G08_signatures_in_a_registry_with_the_referrers_api(
    cosign: Cosign, hosted: Host, registry: str, form: str
) -> None:
    image, key = hosted(registry), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form])

    seen = judge(image.reference, key)

    assert seen.exit_code == 0, seen.why
    assert [(entry.status, entry.layout) for entry in seen.image.signatures] == [("verified", SIGN[form].layout)]
    assert judge(image.reference, cosign.key("other")).exit_code == 4


@signing
def test_A05_a_signed_index_covers_its_platforms(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form])

    seen = judge(image.reference, key)

    assert {(p.platform, p.signatures) for p in seen.image.platforms} == {("linux/amd64", ()), ("linux/arm64", ())}
    assert {rule.result for platform in seen.image.platforms for rule in platform.rules} == {"pass"}
    assert judge(image.platform("arm64"), key).exit_code == 3


@signing
def test_A05_A06_one_signed_platform_covers_neither_the_other_nor_the_index(
    cosign: Cosign, hosted: Host, form: str
) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.sign(image.platform("amd64"), key, SIGN[form])

    seen = judge(image.reference, key)

    assert seen.exit_code == 1
    assert seen.image.signatures == ()
    assert seen.rule("signed", "linux/amd64").result == "pass"
    assert seen.rule("signed", "linux/arm64").result == "fail"
    assert not cosign.accepts(image.reference, key, SIGN[form])
    assert judge(image.platform("amd64"), key).exit_code == 0


@signing
def test_a_recursive_signature_covers_every_platform_by_its_own(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form], "--recursive")

    seen = judge(image.reference, key)

    assert seen.exit_code == 0, seen.why
    assert [entry.subject for entry in seen.image.signatures] == [image.digest]
    for platform in seen.image.platforms:
        assert [(entry.status, entry.subject) for entry in platform.signatures] == [("verified", platform.digest)]
        assert judge(image.of(platform.digest), key).exit_code == 0


@signing
def test_P03_two_signers_of_one_image(cosign: Cosign, hosted: Host, form: str) -> None:
    image, ours, theirs = hosted(), cosign.key("p256"), cosign.key("p384")
    cosign.sign(image.reference, ours, SIGN[form])
    cosign.sign(image.reference, theirs, SIGN[form])

    for key in (ours, theirs):
        seen = judge(image.reference, key)
        assert seen.exit_code == 0, seen.why
        assert [entry.status for entry in seen.image.signatures] == ["untrusted", "verified"]
    assert [entry.status for entry in judge(image.reference, ours, theirs).image.signatures] == ["verified"] * 2
    assert judge(image.reference, cosign.key("other")).exit_code == 4


def test_B10_two_signers_share_one_layer_digest_under_the_tag(cosign: Cosign, hosted: Host) -> None:
    image = hosted()
    for name in ("p256", "p384"):
        cosign.sign(image.reference, cosign.key(name), TAG)

    first, second = json.loads(image.manifest(cosign_tag(image.digest, "sig"))[1])["layers"]

    assert first["digest"] == second["digest"]
    assert first["annotations"] != second["annotations"]


def test_P02_one_image_in_all_three_formats_by_several_signers(cosign: Cosign, hosted: Host) -> None:
    """In OCI 1.1 mode cosign takes over what is under the tag, so the referrers come first."""
    image = hosted()
    signers = {REFERRER.layout: "rsa3072", BUNDLE.layout: "p384", TAG.layout: "p256"}
    for form in (REFERRER, BUNDLE, TAG):
        cosign.sign(image.reference, cosign.key(signers[form.layout]), form)

    for layout, name in signers.items():
        seen = judge(image.reference, cosign.key(name))
        assert seen.exit_code == 0, seen.why
        found = {entry.layout: entry.status for entry in seen.image.signatures}
        assert found == {other: "verified" if other == layout else "untrusted" for other in signers}


@signing
def test_annotations_can_be_demanded(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form], "-a", "stage=production", "-a", "team=web")

    right = judge(image.reference, key, annotations=(("stage", "production"),))

    assert right.exit_code == 0, right.why
    assert right.image.signatures[0].annotations == {"stage": "production", "team": "web"}
    assert cosign.accepts(image.reference, key, SIGN[form], "-a", "stage=production")
    for demanded in (("stage", "test"), ("owner", "web")):
        wrong = judge(image.reference, key, annotations=(demanded,))
        assert wrong.exit_code == 4
        assert demanded[0] in wrong.image.signatures[0].reason
        assert not cosign.accepts(image.reference, key, SIGN[form], "-a", "=".join(demanded))


@signing
def test_an_annotation_may_be_stated_by_the_second_signature_of_a_key(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form])
    cosign.sign(image.reference, key, SIGN[form], "-a", "stage=production")

    assert judge(image.reference, key, annotations=(("stage", "production"),)).exit_code == 0


@signing
def test_B07_another_key_is_not_trusted(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key, other = hosted(), cosign.key("p256"), cosign.key("other")
    cosign.sign(image.reference, other, SIGN[form])

    seen = judge(image.reference, key)

    assert seen.exit_code == 4
    assert [entry.status for entry in seen.image.signatures] == ["untrusted"]
    assert not cosign.accepts(image.reference, key, SIGN[form])


def test_an_image_that_nobody_signed(cosign: Cosign, hosted: Host) -> None:
    image, key = hosted(), cosign.key("p256")

    assert judge(image.reference, key).exit_code == 3
    assert not cosign.accepts(image.reference, key, BUNDLE)


def test_P17_docker_media_types(cosign: Cosign, hosted: Host) -> None:
    image, key = hosted(docker_types=True), cosign.key("p256")
    cosign.sign(image.reference, key, TAG, COSIGN_DOCKER_MEDIA_TYPES="1")
    media_type, _ = image.manifest(cosign_tag(image.digest, "sig"))

    assert media_type == "application/vnd.docker.distribution.manifest.v2+json"
    seen = judge(image.reference, key)
    assert seen.exit_code == 0, seen.why
    assert seen.image.signatures[0].layout == "cosign-tag"


@signing
def test_a_docker_image_is_signed_like_any_other(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(docker_types=True), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form])

    seen = judge(image.reference, key)

    assert seen.exit_code == 0, seen.why
    assert [entry.subject for entry in seen.image.signatures] == [image.digest]


@signing
def test_an_image_that_is_a_single_manifest(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(as_index=False), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form])

    seen = judge(image.reference, key)

    assert seen.exit_code == 0, seen.why
    assert [platform.platform for platform in seen.image.platforms] == ["linux/amd64"]


@pytest.mark.parametrize("as_index", [True, False], ids=["index", "manifest"])
@pytest.mark.parametrize("form", ["bundle", "tag"])
def test_a_layout_that_cosign_saved(cosign: Cosign, hosted: Host, tmp_path: Path, form: str, *, as_index: bool) -> None:
    """Bundles are saved as blobs that `index.json` does not name; cosign reads every blob to find those of an image."""
    image, key = hosted(as_index=as_index), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form])
    layout = cosign.save(image.reference, tmp_path / "saved")
    accepted = cosign.accepts(layout.removeprefix("oci:"), key, SIGN[form], "--local-image")
    assert accepted is (form == "tag" or not as_index)  # it looks for bundles of single manifests only

    seen = judge(layout, key)

    assert seen.exit_code == 0, seen.why
    assert seen.image.digest == image.digest
    signatures = seen.image.signatures if as_index else seen.platform().signatures
    assert [(entry.status, entry.layout) for entry in signatures] == [("verified", SIGN[form].layout)]
    assert judge(layout, cosign.key("other")).exit_code == 4


@pytest.mark.parametrize("form", ["bundle", "tag"])
def test_O05_a_hardened_image_whose_attestation_manifests_cosign_signed(
    cosign: Cosign, hosted: Host, form: str
) -> None:
    image = hosted(omit=NOT_REQUIRED, unsigned={"*"}, platforms=("linux/amd64",))
    key = cosign.key("p256")
    assert judge(image.reference, key, policy="dhi").exit_code == 4
    for attestation in image.image.attestations:
        cosign.sign(image.of(attestation.digest), key, SIGN[form])

    seen = judge(image.reference, key, policy="dhi")

    assert seen.exit_code == 0, seen.why
    assert {(entry.status, entry.layout) for entry in seen.platform().attestations} == {("verified", "dhi")}
    assert judge(image.reference, cosign.key("other"), policy="dhi").exit_code == 4


def test_the_command_says_the_same(cosign: Cosign, hosted: Host) -> None:
    image, key = hosted(), cosign.key("p256")
    asked = ("image", "--policy", "signed", "--key", key.public)
    assert reported(*asked, image.reference)[0] == 3
    cosign.sign(image.platform("amd64"), key, BUNDLE)
    assert reported(*asked, image.reference)[0] == 1
    cosign.sign(image.reference, key, TAG, "-a", "stage=production")

    code, report = reported(*asked, "-a", "stage=production", image.reference)

    assert (code, report["verdict"]) == (0, "allow")
    (result,) = report["images"]
    assert [(entry["status"], entry["layout"]) for entry in result["signatures"]] == [("verified", "cosign-tag")]
    assert [rule["id"] for platform in result["platforms"] for rule in platform["rules"]] == ["signed", "signed"]
    assert reported(*asked, "-a", "stage=test", image.reference)[0] == 4
