"""Attestations that the real cosign made, as bundles and under its `.att` tag: demanded, listed and handed out."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cosign import ATTEST, BUNDLE, SIGN, TAG, Cosign, Hosted
from tests.e2e.judging import dhiverify, judge, look, reported
from tests.publisher import About, predicates

pytestmark = pytest.mark.e2e

Host = Callable[..., Hosted]

VULN = {
    "invocation": {"parameters": [], "uri": "", "event_id": "", "builder.id": ""},
    "scanner": {"uri": "https://scanner.example", "version": "1", "db": {"uri": "", "version": ""}, "result": {}},
    "metadata": {"scanStartedOn": "2026-01-15T12:00:00Z", "scanFinishedOn": "2026-01-15T12:01:00Z"},
}
ABOUT = About()
TYPES: dict[str, tuple[str, Any]] = {
    "slsaprovenance": ("https://slsa.dev/provenance/v0.2", predicates.slsa_v02(ABOUT)),
    "slsaprovenance1": ("https://slsa.dev/provenance/v1", predicates.slsa_v1(ABOUT)),
    "spdxjson": ("https://spdx.dev/Document", predicates.spdx(ABOUT)),
    "cyclonedx": ("https://cyclonedx.org/bom", predicates.cyclonedx(ABOUT)),
    "vuln": ("https://cosign.sigstore.dev/attestation/vuln/v1", VULN),
    "openvex": ("https://openvex.dev/ns", predicates.openvex(ABOUT)),
    "custom": ("https://cosign.sigstore.dev/attestation/v1", {"checked": True}),
}
"""The words of `--type`, each with the predicate type that cosign writes for it and a predicate."""

SLSA = "slsaprovenance1"
SLSA_URI, SLSA_PREDICATE = TYPES[SLSA]

attesting = pytest.mark.parametrize("form", ATTEST)
attested = partial(judge, policy="attested")


@pytest.fixture(scope="module")
def attested_with_everything(cosign: Cosign, hosted: Host) -> Callable[[str], Hosted]:
    """An image about whose index all of `TYPES` are said, made once for each form."""
    made: dict[str, Hosted] = {}

    def image_with(form: str) -> Hosted:
        if form not in made:
            made[form] = hosted(platforms=("linux/amd64",), user=form)
            for word, (_, predicate) in TYPES.items():
                cosign.attest(made[form].reference, cosign.key("p256"), ATTEST[form], word, predicate)
        return made[form]

    return image_with


@attesting
def test_every_word_of_cosign_finds_what_cosign_wrote_for_it(
    cosign: Cosign, attested_with_everything: Callable[[str], Hosted], form: str
) -> None:
    image, key = attested_with_everything(form), cosign.key("p256")

    seen = attested(image.reference, key, demand=tuple(TYPES))

    assert seen.exit_code == 0, seen.why
    assert {(entry.predicate_type, entry.status, entry.layout) for entry in seen.image.attestations} == {
        (uri, "verified", ATTEST[form].layout) for uri, _ in TYPES.values()
    }
    assert attested(image.reference, key, demand=(*TYPES, "link")).exit_code == 1
    assert attested(image.reference, cosign.key("other"), demand=tuple(TYPES)).exit_code == 4
    assert all(cosign.accepts_attestation(image.reference, key, ATTEST[form], word) for word in TYPES)


@attesting
def test_each_is_listed_with_layout_place_and_signer(
    cosign: Cosign, attested_with_everything: Callable[[str], Hosted], form: str
) -> None:
    image, key = attested_with_everything(form), cosign.key("p256")

    code, report = reported("attestation", "list", "--key", key.public, image.reference)

    assert code == 0
    entries = report["images"][0]["attestations"]
    assert sorted(entry["predicateType"] for entry in entries) == sorted(uri for uri, _ in TYPES.values())
    assert {(entry["status"], entry["layout"]) for entry in entries} == {("verified", ATTEST[form].layout)}
    assert all(entry["location"].startswith(f"{image.repository}@sha256:") for entry in entries)
    assert all("p256" in entry["signer"] for entry in entries)
    _, narrowed = reported("attestation", "list", "--key", key.public, "--predicate-type", SLSA, image.reference)
    assert [entry["predicateType"] for entry in narrowed["images"][0]["attestations"]] == [SLSA_URI]


@attesting
@pytest.mark.parametrize("word", ["slsaprovenance1", "openvex", "custom"])
def test_a_statement_comes_out_byte_for_byte(
    cosign: Cosign, attested_with_everything: Callable[[str], Hosted], form: str, word: str
) -> None:
    image, key = attested_with_everything(form), cosign.key("p256")
    asked = ("attestation", "get", "--key", key.public, "--predicate-type", word, image.reference)

    code, out, err = dhiverify(*asked, "--statement")

    assert code == 0, err
    assert out.encode() == cosign.statement(image.reference, key, ATTEST[form], word)
    assert json.loads(out)["predicateType"] == TYPES[word][0]
    assert f"({ATTEST[form].layout}, {image.repository}@sha256:" in err
    assert "p256" in err
    assert json.loads(dhiverify(*asked)[1]) == json.loads(out)["predicate"]


@attesting
def test_B24_an_spdx_document_may_be_a_string(cosign: Cosign, hosted: Host, form: str) -> None:
    """`--type spdx` takes the document for text, whatever is in it."""
    image, key = hosted(platforms=("linux/amd64",)), cosign.key("p256")
    cosign.attest(image.reference, key, ATTEST[form], "spdx", TYPES["spdxjson"][1])

    seen = attested(image.reference, key, demand=("spdx",))

    assert seen.exit_code == 0, seen.why
    code, out, err = dhiverify("attestation", "get", "--key", key.public, "--predicate-type", "spdx", image.reference)
    assert code == 0, err
    assert json.loads(json.loads(out)) == TYPES["spdxjson"][1]


@attesting
@pytest.mark.parametrize("kind", ["p384", "rsa3072"])
def test_B29_keys_of_every_kind_attest(cosign: Cosign, hosted: Host, form: str, kind: str) -> None:
    image, key = hosted(platforms=("linux/amd64",)), cosign.key(kind)
    cosign.attest(image.reference, key, ATTEST[form], SLSA, SLSA_PREDICATE)

    seen = attested(image.reference, key, demand=(SLSA,))

    assert seen.exit_code == 0, seen.why
    assert [kind in entry.signer for entry in seen.image.attestations] == [True]
    accepted = cosign.accepts_attestation(image.reference, key, ATTEST[form], SLSA)
    assert accepted is (kind != "p384")  # it hashes with SHA-384 to sign, and with SHA-256 to verify


@attesting
def test_B27_B29_a_prehashed_ed25519_attestation_is_refused_by_name(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(platforms=("linux/amd64",)), cosign.key("ed25519")
    cosign.attest(image.reference, key, ATTEST[form], SLSA, SLSA_PREDICATE)

    seen = attested(image.reference, key, demand=(SLSA,))

    assert seen.exit_code == 4
    (entry,) = seen.image.attestations
    assert entry.status == "invalid"
    assert "Ed25519ph" in entry.reason
    assert not cosign.accepts_attestation(image.reference, key, ATTEST[form], SLSA)


@pytest.mark.parametrize(("registry", "form"), [*(("ocimem", form) for form in ATTEST), ("ggcr", "bundle")])
def test_G08_attestations_in_a_registry_with_the_referrers_api(
    cosign: Cosign, hosted: Host, registry: str, form: str
) -> None:
    image, key = hosted(registry, platforms=("linux/amd64",)), cosign.key("p256")
    cosign.attest(image.reference, key, ATTEST[form], SLSA, SLSA_PREDICATE)
    cosign.attest(image.reference, cosign.key("other"), ATTEST[form], "openvex", TYPES["openvex"][1])

    seen = attested(image.reference, key, demand=(SLSA,))

    assert seen.exit_code == 0, seen.why
    found = {entry.predicate_type: entry.status for entry in look(image.reference, key).image.attestations}
    assert found == {SLSA_URI: "verified", TYPES["openvex"][0]: "untrusted"}


@attesting
def test_A05_attestations_of_single_platforms(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.attest(image.platform("amd64"), key, ATTEST[form], SLSA, SLSA_PREDICATE)

    seen = attested(image.reference, key, demand=(SLSA,))

    assert seen.exit_code == 1
    assert seen.image.attestations == ()
    assert seen.rule("attested", "linux/amd64").result == "pass"
    assert seen.rule("attested", "linux/arm64").result != "pass"
    assert attested(image.reference, key, demand=(SLSA,), platforms=("linux/amd64",)).exit_code == 0
    cosign.attest(image.platform("arm64"), key, ATTEST[form], SLSA, SLSA_PREDICATE)
    assert attested(image.reference, key, demand=(SLSA,)).exit_code == 0


@attesting
def test_P03_two_signers_attest_the_same(cosign: Cosign, hosted: Host, form: str) -> None:
    image, ours, theirs = hosted(platforms=("linux/amd64",)), cosign.key("p256"), cosign.key("rsa3072")
    for key in (ours, theirs):
        cosign.attest(image.reference, key, ATTEST[form], SLSA, SLSA_PREDICATE)

    for key in (ours, theirs):
        seen = attested(image.reference, key, demand=(SLSA,))
        assert seen.exit_code == 0, seen.why
        assert sorted(entry.status for entry in seen.image.attestations) == ["untrusted", "verified"]


def test_P02_a_bundle_hides_no_attestation_under_the_tag(cosign: Cosign, hosted: Host) -> None:
    image, key = hosted(platforms=("linux/amd64",)), cosign.key("p256")
    cosign.attest(image.reference, key, TAG, SLSA, SLSA_PREDICATE)
    cosign.attest(image.reference, key, BUNDLE, "openvex", TYPES["openvex"][1])

    seen = attested(image.reference, key, demand=(SLSA, "openvex"))

    assert seen.exit_code == 0, seen.why
    assert {entry.layout for entry in seen.image.attestations} == {"cosign-tag", "sigstore-bundle"}


@attesting
def test_an_attestation_is_no_signature_of_the_image(cosign: Cosign, hosted: Host, form: str) -> None:
    """cosign counts any bundle as one."""
    image, key = hosted(platforms=("linux/amd64",)), cosign.key("p256")
    cosign.attest(image.reference, key, ATTEST[form], SLSA, SLSA_PREDICATE)

    seen = judge(image.reference, key)

    assert seen.exit_code == 3
    assert seen.image.signatures == ()
    assert cosign.accepts(image.reference, key, ATTEST[form]) is (form == "bundle")


@pytest.mark.parametrize("form", SIGN)
def test_a_signature_is_no_attestation(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(platforms=("linux/amd64",)), cosign.key("p256")
    cosign.sign(image.reference, key, SIGN[form])

    assert attested(image.reference, key, demand=(SLSA,)).exit_code == 3


@attesting
def test_B07_an_attestation_by_another_key(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(platforms=("linux/amd64",)), cosign.key("p256")
    cosign.attest(image.reference, cosign.key("other"), ATTEST[form], SLSA, SLSA_PREDICATE)

    seen = attested(image.reference, key, demand=(SLSA,))

    assert seen.exit_code == 4
    assert [entry.status for entry in seen.image.attestations] == ["untrusted"]
    assert not cosign.accepts_attestation(image.reference, key, ATTEST[form], SLSA)


def test_an_image_about_which_nobody_said_anything(cosign: Cosign, hosted: Host) -> None:
    assert attested(hosted().reference, cosign.key("p256"), demand=(SLSA,)).exit_code == 3


def test_P17_docker_media_types_of_an_attestation(cosign: Cosign, hosted: Host) -> None:
    image, key = hosted(docker_types=True), cosign.key("p256")
    cosign.attest(image.reference, key, TAG, SLSA, SLSA_PREDICATE, COSIGN_DOCKER_MEDIA_TYPES="1")

    seen = attested(image.reference, key, demand=(SLSA,))

    assert seen.exit_code == 0, seen.why


def test_a_layout_that_cosign_saved_with_attestations(cosign: Cosign, hosted: Host, tmp_path: Path) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.attest(image.reference, key, TAG, SLSA, SLSA_PREDICATE)
    layout = cosign.save(image.reference, tmp_path / "saved")

    seen = attested(layout, key, demand=(SLSA,))

    assert seen.exit_code == 0, seen.why
    assert [(entry.status, entry.layout) for entry in seen.image.attestations] == [("verified", "cosign-tag")]
