"""Signatures and evidence in every storage layout, whole and damaged, found without a word about where they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests import publisher as publishing
from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import CHART, OTHER_DIGEST, keys
from tests.publisher.buildkit import FORMS, with_buildkit
from tests.publisher.documents import INDEX, cosign_tag, index_of
from tests.verification.conftest import Seen, Verify
from verifier.report import format_of

KEY, STRANGER = keys.publisher, keys.stranger
VSA = "https://slsa.dev/verification_summary/v1"
SLSA = "https://slsa.dev/provenance/v1"

SIGN: dict[str, tuple[str, Callable[..., publishing.Attached]]] = {
    "tag": ("cosign-tag", publishing.sign_tag),
    "referrer": ("cosign-referrer", publishing.sign_referrer),
    "referrer by its config": ("cosign-referrer", partial(publishing.sign_referrer, artifact_type=False)),
    "bundle 0.1": ("sigstore-bundle", partial(publishing.sign_bundle, version="0.1")),
    "bundle 0.2": ("sigstore-bundle", partial(publishing.sign_bundle, version="0.2")),
    "bundle 0.3": ("sigstore-bundle", publishing.sign_bundle),
    "bundle 0.3, old spelling": ("sigstore-bundle", partial(publishing.sign_bundle, version="0.3-old")),
    "bundle of a message": ("sigstore-bundle", publishing.message_bundle),
}
ATTEST: dict[str, tuple[str, Callable[..., publishing.Attached]]] = {
    "tag": ("cosign-tag", publishing.attest_tag),
    "referrer": ("cosign-referrer", publishing.attest_referrer),
    "bundle 0.1": ("sigstore-bundle", partial(publishing.attest_bundle, version="0.1")),
    "bundle 0.3": ("sigstore-bundle", publishing.attest_bundle),
    "envelope": ("dsse", publishing.attest_dsse),
    "envelope of docker/attest": ("dsse", partial(publishing.attest_dsse, name="provenance")),
}
PREDICATE = {"builder": {"id": "https://builder.example"}, "buildType": "x", "metadata": {}}

signing = pytest.mark.parametrize("form", SIGN)
attesting = pytest.mark.parametrize("form", ATTEST)


@pytest.fixture
def bare(publisher: Publisher) -> ImageUnderTest:
    """An image with two platforms about which nobody has said anything."""
    return publisher.image(omit={"*"})


@pytest.fixture
def signed(verify: Verify) -> Callable[..., Seen]:
    """Asks whether the image is signed, as `cosign verify` is asked."""
    return partial(verify, policy="signed")


def speaking_of(form: str, digest: str) -> dict[str, Any]:
    """Options with which the signature is made of something else than what it hangs on."""
    return {"message": digest.encode()} if "message" in form else {"about": digest}


def attested(verify: Verify, reference: str, *types: str, **more: Any) -> Seen:
    return verify(reference, policy="attested", predicate_types=tuple((uri, (uri,)) for uri in types), **more)


@signing
@pytest.mark.parametrize("api", [True, False])
def test_G08_a_signature_of_the_index_is_found_wherever_it_is(
    bare: ImageUnderTest, signed: Callable[..., Seen], form: str, api: bool
) -> None:
    layout, sign = SIGN[form]
    attached = sign(bare, bare.index_digest, KEY)

    seen = signed(bare.registry(referrers_api=api))

    assert seen.exit_code == 0, seen.why
    (entry,) = seen.image.signatures
    assert (entry.status, entry.layout, entry.subject) == ("verified", layout, bare.index_digest)
    assert entry.location.endswith(attached.digest)
    assert {platform.signatures for platform in seen.image.platforms} == {()}


@signing
def test_G08_the_same_in_a_layout_on_disk(bare: ImageUnderTest, signed: Callable[..., Seen], form: str) -> None:
    SIGN[form][1](bare, bare.index_digest, KEY)

    assert signed(bare.layout()).exit_code == 0


@signing
def test_A05_A06_a_platform_is_not_covered_by_another_and_an_index_not_by_its_platform(
    bare: ImageUnderTest, signed: Callable[..., Seen], form: str
) -> None:
    SIGN[form][1](bare, bare["amd64"].digest, KEY)

    seen = signed(bare.registry())

    assert seen.exit_code == 1
    assert seen.image.signatures == ()
    assert seen.rule("signed", "linux/amd64").result == "pass"
    assert seen.rule("signed", "linux/arm64").result == "fail"
    SIGN[form][1](bare, bare["arm64"].digest, KEY)
    assert signed(bare.layout()).exit_code == 0


@signing
def test_A01_A02_O05_a_signature_of_another_image_is_none_of_this_one(
    bare: ImageUnderTest, signed: Callable[..., Seen], form: str
) -> None:
    SIGN[form][1](bare, bare.index_digest, KEY, **speaking_of(form, OTHER_DIGEST))

    seen = signed(bare.registry())

    assert seen.exit_code == 4
    assert seen.image.signatures[0].status == "invalid"


@signing
def test_B07_a_strangers_signature_is_not_trusted(bare: ImageUnderTest, signed: Callable[..., Seen], form: str) -> None:
    SIGN[form][1](bare, bare.index_digest, STRANGER)

    seen = signed(bare.registry())

    assert seen.exit_code == 4
    assert seen.image.signatures[0].status == "untrusted"
    assert seen.image.signatures[0].subject == bare.index_digest


@signing
def test_G07_P01_a_strangers_signature_beside_ours_disturbs_nothing(
    bare: ImageUnderTest, signed: Callable[..., Seen], form: str
) -> None:
    for key in (STRANGER, KEY, STRANGER):
        SIGN[form][1](bare, bare.index_digest, key)

    seen = signed(bare.registry())

    assert seen.exit_code == 0
    assert sorted({entry.status for entry in seen.image.signatures}) == ["untrusted", "verified"]


@signing
def test_B01_a_changed_signature_is_refused(bare: ImageUnderTest, signed: Callable[..., Seen], form: str) -> None:
    SIGN[form][1](bare, bare.index_digest, KEY, signature=lambda body: body[:-1] + bytes([body[-1] ^ 1]))

    assert signed(bare.registry()).exit_code == 4


@signing
def test_I01_a_signature_whose_bytes_are_damaged_is_invalid(
    bare: ImageUnderTest, signed: Callable[..., Seen], form: str
) -> None:
    attached = SIGN[form][1](bare, bare.index_digest, KEY)
    bare.corrupt(attached.layers[0])

    seen = signed(bare.registry())

    assert seen.exit_code == 4
    assert "invalid" in {entry.status for entry in (*seen.image.signatures, *seen.image.attestations)}


def test_B30_nothing_signed_is_exit_code_3_whatever_else_is_there(
    publisher: Publisher, signed: Callable[..., Seen]
) -> None:
    seen = signed(publisher.image().registry())

    assert seen.exit_code == 3
    assert "signature" in seen.image.reasons[0]


def test_P02_old_and_new_formats_and_several_signers_side_by_side(
    bare: ImageUnderTest, signed: Callable[..., Seen], key_files: dict[str, str]
) -> None:
    publishing.sign_tag(bare, bare.index_digest, KEY, STRANGER)
    publishing.sign_bundle(bare, bare.index_digest, KEY)
    publishing.sign_referrer(bare, bare.index_digest, STRANGER)

    both = signed(bare.registry(), key_files=tuple(key_files.values()))

    assert both.exit_code == 0
    assert [entry.status for entry in both.image.signatures] == ["verified"] * 4
    assert {entry.layout for entry in both.image.signatures} == {"cosign-tag", "cosign-referrer", "sigstore-bundle"}
    ours = signed(bare.registry())
    assert sorted(entry.status for entry in ours.image.signatures) == ["untrusted", "untrusted", "verified", "verified"]


def test_B10_two_layers_with_one_digest_are_two_signatures(bare: ImageUnderTest, signed: Callable[..., Seen]) -> None:
    first, second = publishing.sign_tag(bare, bare.index_digest, STRANGER, KEY).layers
    assert first == second

    seen = signed(bare.registry())

    assert [entry.status for entry in seen.image.signatures] == ["untrusted", "verified"]


@pytest.mark.parametrize("form", [form for form in SIGN if "message" not in form])
def test_signed_annotations_can_be_demanded(bare: ImageUnderTest, signed: Callable[..., Seen], form: str) -> None:
    SIGN[form][1](bare, bare.index_digest, KEY, annotations={"stage": "qa", "ref": "v1"})

    right = signed(bare.registry(), annotations=(("stage", "qa"),))
    assert right.exit_code == 0
    assert right.image.signatures[0].annotations == {"stage": "qa", "ref": "v1"}
    for demanded in (("stage", "prod"), ("owner", "x")):
        wrong = signed(bare.registry(), annotations=(demanded,))
        assert wrong.exit_code == 4
        assert demanded[0] in wrong.image.signatures[0].reason


def test_annotations_are_demanded_under_every_policy(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    assert verify(image.layout()).exit_code == 0

    seen = verify(image.layout(), annotations=(("stage", "qa"),))

    assert seen.exit_code == 1
    assert seen.rule("signed").result == "fail"


@attesting
@pytest.mark.parametrize("api", [True, False])
def test_G08_an_attestation_is_found_wherever_it_is(bare: ImageUnderTest, verify: Verify, form: str, api: bool) -> None:
    layout, attest = ATTEST[form]
    for platform in ("amd64", "arm64"):
        attest(bare, bare[platform].digest, SLSA, PREDICATE, KEY)

    seen = attested(verify, bare.registry(referrers_api=api), SLSA)

    assert seen.exit_code == 0, seen.why
    assert (seen.only(SLSA).status, seen.only(SLSA).layout) == ("verified", layout)
    assert attested(verify, bare.layout(), SLSA).exit_code == 0


@attesting
def test_A05_evidence_about_the_index_answers_a_demand_and_not_the_dhi_policy(
    bare: ImageUnderTest, verify: Verify, form: str
) -> None:
    ATTEST[form][1](bare, bare.index_digest, SLSA, PREDICATE, KEY)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 0, seen.why
    assert seen.image.attestations[0].status == "verified"
    assert seen.rule("attested").result == "pass"
    whole = verify(bare.registry())
    assert whole.exit_code == 1
    assert "provenance" in whole.rule("dhi-required-evidence").violations[1].message


@attesting
def test_A01_A14_an_attestation_about_another_image_is_invalid_here(
    bare: ImageUnderTest, verify: Verify, form: str
) -> None:
    ATTEST[form][1](bare, bare["amd64"].digest, SLSA, PREDICATE, KEY, about=OTHER_DIGEST)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert seen.only(SLSA).status == "invalid"
    assert OTHER_DIGEST in seen.only(SLSA).reason


@attesting
def test_A04_an_attestation_of_one_platform_is_none_of_the_other(
    bare: ImageUnderTest, verify: Verify, form: str
) -> None:
    ATTEST[form][1](bare, bare["arm64"].digest, SLSA, PREDICATE, KEY, about=bare["amd64"].digest)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert seen.only(SLSA, "linux/arm64").status == "invalid"


@attesting
def test_B07_G02_a_strangers_attestation_is_not_trusted(bare: ImageUnderTest, verify: Verify, form: str) -> None:
    ATTEST[form][1](bare, bare["amd64"].digest, SLSA, PREDICATE, STRANGER)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert seen.only(SLSA).status == "untrusted"


@attesting
def test_B20_B33_annotation_and_statement_must_agree_on_the_type(
    bare: ImageUnderTest, verify: Verify, form: str
) -> None:
    ATTEST[form][1](
        bare, bare["amd64"].digest, SLSA, PREDICATE, KEY, statement=lambda said: {**said, "predicateType": VSA}
    )

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert "relabelled" in seen.only(SLSA).hint or "predicate type" in seen.only(SLSA).reason


@attesting
def test_A20_evidence_on_an_attestation_manifest_is_no_signature_of_it(
    publisher: Publisher, verify: Verify, form: str
) -> None:
    image = publisher.image(platforms=("linux/amd64",), unsigned={"malware"})
    malware = image["amd64"].attestation("malware").digest
    ATTEST[form][1](image, malware, SLSA, PREDICATE, KEY)

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert seen.only("malware").status in ("unsigned", "invalid")


@attesting
def test_an_attestation_is_no_signature_of_the_image(
    bare: ImageUnderTest, signed: Callable[..., Seen], form: str
) -> None:
    ATTEST[form][1](bare, bare.index_digest, SLSA, PREDICATE, KEY)

    assert signed(bare.registry()).exit_code == 3


@signing
def test_O05_a_dhi_statement_may_be_signed_in_any_of_these_ways(
    publisher: Publisher, verify: Verify, form: str
) -> None:
    image = publisher.image(platforms=("linux/amd64",), unsigned={"*"})
    assert verify(image.registry()).exit_code == 4
    for attestation in image.attestations:
        SIGN[form][1](image, attestation.digest, KEY)

    for reference in (image.registry(referrers_api=False), image.registry(), image.layout()):
        seen = verify(reference)
        assert seen.exit_code == 0, seen.why
        assert {entry.layout for entry in seen.platform().attestations} == {"dhi"}


@signing
def test_A01_a_dhi_statement_is_not_signed_by_a_signature_of_another(
    publisher: Publisher, verify: Verify, form: str
) -> None:
    image = publisher.image(platforms=("linux/amd64",), unsigned={"malware"})
    malware = image["amd64"].attestation("malware").digest
    SIGN[form][1](image, malware, KEY, **speaking_of(form, image["amd64"].attestation("secrets").digest))

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"


def test_the_fast_path_asks_for_no_signature_tag_of_an_attestation(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(platforms=("linux/amd64",))

    assert verify(image.registry()).exit_code == 0

    tags = {asked.target.rpartition("/")[2] for asked in publisher.registry().log if "sha256-" in asked.target}
    subjects = (image.index_digest, image["amd64"].digest)
    assert {tag for tag in tags if "." in tag} == {cosign_tag(d, s) for d in subjects for s in ("sig", "att")}


def test_B38_P09_one_bundle_that_is_none_among_good_ones(bare: ImageUnderTest, signed: Callable[..., Seen]) -> None:
    publishing.sign_bundle(bare, bare.index_digest, KEY, document=lambda made: json.dumps(made).encode()[:-20])
    publishing.sign_bundle(bare, bare.index_digest, KEY, document=lambda made: {**made, "extra": {"a": [1]}})

    seen = signed(bare.registry())

    assert seen.exit_code == 0
    assert [entry.status for entry in (*seen.image.signatures, *seen.image.attestations)].count("verified") == 1


@pytest.mark.parametrize("version", ["0.1", "0.3"])
def test_C10_C11_a_certificate_is_not_trusted_where_only_keys_are(
    bare: ImageUnderTest, verify: Verify, version: str
) -> None:
    certificate = publishing.self_signed(KEY)
    publishing.attest_bundle(
        bare, bare.index_digest, SLSA, PREDICATE, KEY, version=version, statement_version="v1", certificate=certificate
    )

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert seen.image.attestations[0].status == "untrusted"
    assert "certificate" in seen.image.attestations[0].reason


@pytest.mark.parametrize("media_type", ["application/jose+json", "application/cose"])
def test_B28_notary_signatures_are_named_and_not_supported(
    bare: ImageUnderTest, signed: Callable[..., Seen], media_type: str
) -> None:
    publishing.notary_signature(bare, bare.index_digest, media_type=media_type)

    seen = signed(bare.registry())

    assert seen.exit_code == 4
    (entry,) = seen.image.signatures
    assert (entry.status, entry.layout) == ("untrusted", "notary")
    assert "not supported" in entry.reason


@pytest.mark.parametrize("key", ["p384", "p521", "rsa2048", "ed25519"])
@signing
def test_B29_keys_of_every_kind_sign_in_every_layout(
    bare: ImageUnderTest, signed: Callable[..., Seen], tmp_path: Any, form: str, key: str
) -> None:
    own = getattr(keys, key)
    (tmp_path / "key.pub").write_bytes(own.public_pem)
    SIGN[form][1](bare, bare.index_digest, own)

    assert signed(bare.registry(), key_files=(str(tmp_path / "key.pub"),)).exit_code == 0


def test_P17_docker_media_types(publisher: Publisher, signed: Callable[..., Seen]) -> None:
    image = publisher.image(omit={"*"}, docker_types=True)
    publishing.sign_tag(image, image.index_digest, KEY, docker_types=True)

    seen = signed(image.registry())

    assert seen.exit_code == 0, seen.why
    assert len(seen.image.platforms) == 2


SPDX = "https://spdx.dev/Document"
BUILDKIT = {SLSA: PREDICATE, SPDX: {"spdxVersion": "SPDX-2.3", "packages": []}}
kinds_of_buildkit = pytest.mark.parametrize("kind", FORMS)


@kinds_of_buildkit
def test_G02_statements_of_buildkit_prove_nothing_alone(bare: ImageUnderTest, verify: Verify, kind: str) -> None:
    with_buildkit(bare, BUILDKIT, form=kind)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert (seen.only(SLSA).status, seen.only(SLSA).layout) == ("unsigned", "buildkit")


@kinds_of_buildkit
@signing
def test_P06_a_signed_index_covers_what_it_lists(bare: ImageUnderTest, verify: Verify, kind: str, form: str) -> None:
    with_buildkit(bare, BUILDKIT, form=kind)
    SIGN[form][1](bare, bare.index_digest, KEY)

    for reference in (bare.registry(referrers_api=False), bare.registry(), bare.layout()):
        seen = attested(verify, reference, SLSA, SPDX)
        assert seen.exit_code == 0, seen.why
        assert {(e.status, e.layout, e.signer) for e in seen.platform().attestations} == {
            ("verified", "buildkit", seen.image.signatures[0].signer)
        }


@kinds_of_buildkit
@signing
def test_A20_a_signed_attestation_manifest_covers_its_statements_as_docker_builder_does(
    bare: ImageUnderTest, verify: Verify, kind: str, form: str
) -> None:
    for attached in with_buildkit(bare, BUILDKIT, form=kind).values():
        SIGN[form][1](bare, attached.digest, KEY)

    seen = attested(verify, bare.registry(), SLSA, SPDX)

    assert seen.exit_code == 0, seen.why
    assert verify(bare.registry(), policy="signed").exit_code == 3


@kinds_of_buildkit
def test_B07_a_stranger_who_signs_the_index_covers_nothing(bare: ImageUnderTest, verify: Verify, kind: str) -> None:
    with_buildkit(bare, BUILDKIT, form=kind)
    publishing.sign_bundle(bare, bare.index_digest, STRANGER)

    assert attested(verify, bare.registry(), SLSA).exit_code == 4


@kinds_of_buildkit
def test_A05_a_signed_platform_covers_no_attestation_of_it(bare: ImageUnderTest, verify: Verify, kind: str) -> None:
    with_buildkit(bare, BUILDKIT, form=kind)
    publishing.sign_bundle(bare, bare["amd64"].digest, KEY)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.only(SLSA).status == "unsigned"


@kinds_of_buildkit
def test_A08_an_attestation_of_something_that_is_not_in_the_index_is_noted_and_not_there(
    bare: ImageUnderTest, verify: Verify, kind: str
) -> None:
    with_buildkit(bare, BUILDKIT, form=kind, listed=False, reference_digest=lambda _platform, _digest: OTHER_DIGEST)
    publishing.sign_bundle(bare, bare.index_digest, KEY)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 3
    assert len(seen.image.notes) == 2


@kinds_of_buildkit
def test_A04_an_attestation_that_is_listed_for_the_other_platform(
    bare: ImageUnderTest, verify: Verify, kind: str
) -> None:
    other = {bare["amd64"].digest: bare["arm64"].digest, bare["arm64"].digest: bare["amd64"].digest}
    with_buildkit(bare, BUILDKIT, form=kind, listed=False, reference_digest=lambda _platform, digest: other[digest])
    publishing.sign_bundle(bare, bare.index_digest, KEY)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert {entry.status for entry in seen.platform().attestations} <= {"invalid", "unread"}


@kinds_of_buildkit
def test_A07_a_runnable_entry_that_is_called_an_attestation_is_judged_as_an_image(
    bare: ImageUnderTest, verify: Verify, kind: str
) -> None:
    def runnable(_platform: str, entry: Any) -> Any:
        return {**entry, "platform": {"os": "linux", "architecture": "s390x"}}

    with_buildkit(bare, BUILDKIT, form=kind, platforms=("linux/amd64",), entry=runnable)
    publishing.sign_bundle(bare, bare["amd64"].digest, KEY)
    publishing.sign_bundle(bare, bare["arm64"].digest, KEY)

    assert verify(bare.registry(), policy="signed").exit_code != 0


def test_A25_a_statement_of_buildkit_about_a_file_is_not_about_the_image(bare: ImageUnderTest, verify: Verify) -> None:
    def about_a_file(_uri: str, _platform: str, statement: Any) -> Any:
        subject = [{"name": "usr/bin/app", "digest": {"sha256": "ab" * 32}}]
        return {**statement, "subject": subject}

    with_buildkit(bare, BUILDKIT, statement=about_a_file)
    publishing.sign_bundle(bare, bare.index_digest, KEY)

    seen = attested(verify, bare.registry(), SLSA)

    assert seen.exit_code == 4
    assert seen.only(SLSA).status == "invalid"


def test_a_dhi_image_may_carry_statements_of_buildkit_and_of_its_builder(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    with_buildkit(image, BUILDKIT)
    publishing.attest_tag(image, image["amd64"].digest, SLSA, PREDICATE, STRANGER)

    seen = verify(image.registry())

    assert seen.exit_code == 0, seen.why
    assert {entry.layout for entry in seen.platform().attestations} >= {"dhi"}


@pytest.mark.parametrize("word", ["chart", "single"])
def test_artifacts_that_are_not_multi_platform_images(publisher: Publisher, verify: Verify, word: str) -> None:
    image = publisher.image(**CHART) if word == "chart" else publisher.image(as_index=False)
    publishing.sign_bundle(image, image.index_digest, KEY)

    for reference in (image.registry(), image.layout()):
        seen = verify(reference)
        assert seen.exit_code == 0, seen.why
        (platform,) = seen.image.platforms
        assert platform.platform == ("" if word == "chart" else "linux/amd64")
        assert verify(reference, policy="signed").exit_code == 0


def test_a_chart_without_its_evidence_is_refused(publisher: Publisher, verify: Verify) -> None:
    assert verify(publisher.image(**CHART, omit={"sbom"}).layout()).exit_code == 1
    assert verify(publisher.image(**CHART, omit={"*"}).layout()).exit_code == 3


def test_A01_annotations_of_another_subject_of_the_statement_do_not_count(
    bare: ImageUnderTest, signed: Callable[..., Seen]
) -> None:
    def two(statement: Any) -> Any:
        other = {"digest": {"sha256": OTHER_DIGEST.partition(":")[2]}, "annotations": {"stage": "production"}}
        return {**statement, "subject": [*statement["subject"], other]}

    publishing.sign_bundle(bare, bare.index_digest, KEY, annotations={"stage": "dev"}, statement=two)

    assert signed(bare.registry()).exit_code == 0
    assert signed(bare.registry(), annotations=(("stage", "production"),)).exit_code == 4


def test_A06_O16_a_signed_attestation_manifest_is_no_signed_image(
    publisher: Publisher, signed: Callable[..., Seen]
) -> None:
    image = publisher.image(platforms=("linux/amd64",))
    listed = image.descriptor(image["amd64"].attestation("malware").digest)
    entry = {**listed, "platform": {"os": "linux", "architecture": "amd64"}}
    root = image.put_manifest(index_of([entry]), INDEX)["digest"]
    image.tags.update(dict.fromkeys(image.tags, root))

    seen = signed(image.registry())

    assert seen.exit_code == 4
    assert seen.platform().signatures[0].status == "invalid"


def test_B20_G07_a_layer_listed_twice_under_two_names(bare: ImageUnderTest, verify: Verify) -> None:
    bom, lie = "https://cyclonedx.org/bom/v1.6", "https://cyclonedx.org/bom/v1.5"
    digest = bare["amd64"].digest
    publishing.attest_tag(bare, digest, SPDX, {"spdxVersion": "SPDX-2.3"}, STRANGER)
    publishing.attest_tag(bare, digest, bom, {"bomFormat": "CycloneDX"}, KEY)

    def twice(manifest: Any) -> Any:
        good = manifest["layers"][1]
        return {**manifest, "layers": [*manifest["layers"][:2], {**good, "annotations": {"predicateType": lie}}]}

    publishing.attest_tag(bare, digest, lie, {}, STRANGER, manifest=twice)
    demand = (("sbom", (SPDX, bom, lie)),)

    seen = verify(bare.registry(), policy="attested", predicate_types=demand, platforms=("linux/amd64",))

    assert seen.exit_code == 0, seen.why


@pytest.mark.parametrize(("suffix", "policy", "code"), [("att", "attested", 4), ("sig", "signed", 4)])
def test_I19_a_tag_that_leads_to_junk_is_evidence_that_is_no_good(
    bare: ImageUnderTest, verify: Verify, suffix: str, policy: str, code: int
) -> None:
    tag = cosign_tag(bare.index_digest, suffix)
    bare.tags[tag] = bare.put_manifest({"schemaVersion": 2, "layers": []})["digest"]
    demand = {"predicate_types": ((SLSA, (SLSA,)),)} if policy == "attested" else {}

    assert verify(bare.registry(), policy=policy, **demand).exit_code == code


def test_J01_made_up_sizes_use_up_nothing(bare: ImageUnderTest, signed: Callable[..., Seen]) -> None:
    def enormous(manifest: Any) -> Any:
        layer = {**manifest["layers"][0], "size": 60 * 2**20, "digest": OTHER_DIGEST}
        return {**manifest, "layers": [{**layer, "annotations": {"n": str(n)}} for n in range(50)]}

    for number in range(3):
        publishing.attest_referrer(bare, bare.index_digest, f"x:{number}", {}, STRANGER, manifest=enormous)
    publishing.sign_bundle(bare, bare.index_digest, KEY)

    for reference in (bare.layout(), bare.registry()):
        assert signed(reference).exit_code == 0


def test_K07_json_holds_nothing_that_a_terminal_obeys(bare: ImageUnderTest, verify: Verify) -> None:
    publishing.attest_bundle(bare, bare.index_digest, SLSA, {}, KEY, about=OTHER_DIGEST)
    publishing.sign_bundle(bare, bare.index_digest, KEY, annotations={"a": "\u202e\u009b31m"})

    rendered = format_of("json").render(verify(bare.registry(), policy="signed").report)

    assert rendered.replace("\n", "").isprintable()
    assert json.loads(rendered)["images"][0]["signatures"][0]["annotations"] == {"a": "\u202e\u009b31m"}
