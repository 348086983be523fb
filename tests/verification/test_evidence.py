"""Signatures and statements in every damaged form, judged on whole images."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import FIPS, only
from tests.publisher import keys as publishers
from tests.publisher.kinds import VIRUS
from tests.verification.conftest import Verify


def test_G01_N01_no_evidence_at_all_has_its_own_exit_code(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(omit={"*"}).layout())

    assert (seen.exit_code, seen.image.verdict) == (3, "deny")
    assert "no signed evidence" in seen.image.reasons[0]


def test_G02_unsigned_statements_are_not_evidence(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(unsigned={"*"}).layout())

    assert seen.exit_code == 4
    assert {entry.status for entry in seen.platform().attestations} == {"unsigned"}


def test_G01_one_missing_kind_denies(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(omit={"malware"}).layout())

    assert seen.exit_code == 1
    assert seen.rule("dhi-required-evidence").result == "fail"
    assert "malware" in seen.rule("dhi-required-evidence").message


def test_B07_O01_a_strangers_signatures_are_not_trusted(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(keys=(publishers.stranger,)).layout())

    assert seen.exit_code == 4
    assert {entry.status for entry in seen.platform().attestations} == {"untrusted"}
    assert seen.image.is_dhi is False


def test_O02_annotations_do_not_choose_the_rule(publisher: Publisher, verify: Verify) -> None:
    stripped = publisher.image(
        index=lambda index: (
            {k: v for k, v in index.items() if k != "annotations"}
            | {"manifests": [{k: v for k, v in e.items() if k != "annotations"} for e in index["manifests"]]}
        )
    )

    assert verify(stripped.layout()).exit_code == 0


def test_C19_O09_signatures_of_the_retired_key_are_named(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image().layout(), key_files=())

    assert seen.exit_code == 4
    assert "dhi-2" in seen.why


def test_P03_two_keys_during_a_rotation(publisher: Publisher, verify: Verify) -> None:
    both = publisher.image(keys=(publishers.stranger, publishers.publisher))

    assert verify(both.layout()).exit_code == 0


def test_O05_A02_signature_of_another_manifest_is_attached(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    secrets, malware = (image["amd64"].attestation(kind) for kind in ("secrets", "malware"))
    forged = {**image.document(secrets.signature_digest), "subject": image.descriptor(malware.digest)}
    image.listings[malware.digest] = []
    image.attach(malware.digest, forged)

    seen = verify(image.registry())

    assert seen.only("malware").status == "invalid"
    assert "not for" in seen.only("malware").reason


def test_O05_signature_manifest_of_another_subject_is_listed(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    secrets, malware = (image["amd64"].attestation(kind) for kind in ("secrets", "malware"))
    image.relist(malware.digest, [secrets.signature_digest])

    assert verify(image.registry()).only("malware").status == "invalid"


def test_G07_O07_P01_junk_referrers_do_not_block(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    junk: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.example.junk",
        "config": image.document(image["amd64"].attestation("spdx").digest)["config"],
        "layers": [],
    }
    for number in range(5):
        image.attach(image["amd64"].digest, {**junk, "annotations": {"n": str(number)}})
        image.attach(image["amd64"].attestation("malware").digest, {**junk, "annotations": {"n": str(number)}})
    image.attach(image["amd64"].digest, {**junk, "artifactType": "application/vnd.in-toto+json"})

    seen = verify(image.registry())

    assert seen.exit_code == 0, seen.why


@pytest.mark.parametrize("first", [True, False])
def test_G04_G06_J22_one_of_two_verified_scans_fails(publisher: Publisher, verify: Verify, first: bool) -> None:
    def infected(about: Any) -> Any:
        from tests.publisher.predicates import CLEAN

        clean = CLEAN[VIRUS](about)  # type: ignore[operator]
        import base64

        report = base64.b64decode(clean["scanner"]["report"]).replace(b"Infected files: 0", b"Infected files: 1")
        return {"scanner": {**clean["scanner"], "report": base64.b64encode(report).decode()}}

    image = publisher.image(extra=(("malware", infected),))
    if first:
        for platform in ("amd64", "arm64"):
            image.listings[image[platform].digest].reverse()

    seen = verify(image.layout())

    assert seen.exit_code == 1
    assert seen.rule("dhi-no-embedded-malware").result == "fail"


def test_G05_annotations_do_not_say_what_is_newest(publisher: Publisher, verify: Verify) -> None:
    def backdated(manifest: Any) -> Any:
        return {
            **manifest,
            "annotations": {**manifest["annotations"], "org.opencontainers.image.created": "2099-01-01"},
        }

    assert verify(publisher.image(attestation_manifest=only("tests", backdated)).layout()).exit_code == 0


@pytest.mark.parametrize("hop", ["statement", "payload", "attestation", "signature", "index", "platform", "config"])
def test_O03_O06_I01_B02_corrupted_bytes_at_each_hop(publisher: Publisher, verify: Verify, hop: str) -> None:
    image = publisher.image()
    malware = image["amd64"].attestation("malware")
    image.corrupt(
        {
            "statement": malware.statement_digest,
            "payload": malware.signatures[0].payload_digest,
            "attestation": malware.digest,
            "signature": malware.signature_digest,
            "index": image.index_digest,
            "platform": image["amd64"].digest,
            "config": image["amd64"].config_digest,
        }[hop]
    )

    seen = verify(f"{image.registry().rpartition(':')[0]}@{image.index_digest}")

    if hop in ("index", "platform", "config"):
        assert (seen.exit_code, seen.image.verdict) == (5, "error")
    else:
        assert seen.exit_code == 1
        assert seen.only("malware").status == "invalid"


@pytest.mark.parametrize("hop", ["statement", "payload", "attestation", "signature"])
def test_I01_missing_pieces_are_invalid_not_absent(publisher: Publisher, verify: Verify, hop: str) -> None:
    image = publisher.image()
    malware = image["amd64"].attestation("malware")
    image.drop(
        {
            "statement": malware.statement_digest,
            "payload": malware.signatures[0].payload_digest,
            "attestation": malware.digest,
            "signature": malware.signature_digest,
        }[hop]
    )

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"


def test_O08_several_statements_in_one_manifest(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(
        attestation_manifest=only("malware", lambda manifest: {**manifest, "layers": manifest["layers"] * 2})
    )

    seen = verify(image.layout())

    assert seen.only("malware").status == "invalid"
    assert "2 in-toto layers" in seen.only("malware").reason


@pytest.mark.parametrize("kind", [None, "https://in-toto.io/Statement/v2", "", 1])
def test_B22_B03_unknown_statement_type(publisher: Publisher, verify: Verify, kind: object) -> None:
    image = publisher.image(statement=only("malware", lambda statement: {**statement, "_type": kind}))

    assert verify(image.layout()).only("malware").status == "invalid"


@pytest.mark.parametrize("suffix", ["/", "/../", "?", "#", "%2f", "V"])
def test_B21_predicate_types_are_exact(publisher: Publisher, verify: Verify, suffix: str) -> None:
    def retype(document: Any) -> Any:
        return json.loads(json.dumps(document).replace(VIRUS, VIRUS + suffix))

    image = publisher.image(
        statement=only("malware", retype), attestation_manifest=only("malware", retype), payload=only("malware", retype)
    )

    seen = verify(image.layout())

    assert seen.exit_code == 1
    assert not seen.all("malware")


def test_B14_duplicate_members_at_any_depth(publisher: Publisher, verify: Verify) -> None:
    def twice(statement: Any) -> bytes:
        return json.dumps(statement).replace('"report"', '"report": "", "report"').encode()

    seen = verify(publisher.image(statement=only("malware", twice)).layout())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"
    assert "twice" in seen.only("malware").reason


def test_B15_members_that_differ_only_in_case(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(statement=only("malware", lambda statement: {**statement, "PredicateType": "x"}))

    assert verify(image.layout()).only("malware").status == "invalid"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"\x00"]
)
def test_B16_B17_B18_B38_statements_that_are_none(publisher: Publisher, verify: Verify, body: bytes) -> None:
    seen = verify(publisher.image(statement=only("malware", lambda _: body)).layout())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"
    assert seen.only("secrets").status == "verified"


@pytest.mark.parametrize("predicate", [None, "absent", [], "text", 1, {}, {"scanner": None}])
def test_B23_G11_H02_predicates_that_cannot_be_read_never_pass(
    publisher: Publisher, verify: Verify, predicate: Any
) -> None:
    def empty(statement: Any) -> Any:
        rest = {name: value for name, value in statement.items() if name != "predicate"}
        return rest if predicate == "absent" else {**rest, "predicate": predicate}

    seen = verify(publisher.image(statement=only("malware", empty)).layout())

    assert seen.exit_code == 1
    assert seen.rule("dhi-no-embedded-malware").result in ("fail", "unknown")


def test_G03_G10_another_predicate_does_not_stand_in(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(omit={"malware"}, extra=(("secrets", {}), ("secrets", []))).layout())

    assert seen.exit_code == 1


def test_G21_evidence_of_the_other_form_is_read_when_the_preferred_one_is_no_good(
    publisher: Publisher, verify: Verify
) -> None:
    seen = verify(publisher.image(unsigned={"spdx"}).layout())

    assert seen.exit_code == 0, seen.why
    assert {entry.status for entry in seen.all("https://cyclonedx.org/bom/v1.6")} == {"verified"}


def test_G22_a_failed_verification_summary_denies(publisher: Publisher, verify: Verify) -> None:
    def failed(statement: Any) -> Any:
        return {**statement, "predicate": {**statement["predicate"], "verificationResult": "FAILED"}}

    seen = verify(publisher.image(statement=only("vsa", failed)).layout())

    assert seen.exit_code == 1
    assert seen.rule("dhi-verification-summary").result == "fail"


def test_G19_nothing_in_the_image_changes_the_policy(publisher: Publisher, verify: Verify) -> None:
    labels = {"skip-verify": "true", "com.docker.dhi.verify": "skip", "dhiverify.enforce": "false"}

    assert verify(publisher.image(omit={"malware"}, labels=labels).layout()).exit_code == 1


def test_O16_a_signature_of_the_image_is_no_signature_of_its_evidence(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(unsigned={"*"}, sign_platforms=True, sign_index=True).layout())

    assert seen.exit_code == 1
    assert {entry.status for entry in seen.platform().attestations} == {"unsigned"}
    assert [entry.status for entry in seen.image.signatures] == ["verified"]


def test_O20_an_index_without_images_is_never_verifiable(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(index=lambda index: {**index, "manifests": []}).registry())

    assert (seen.exit_code, seen.image.verdict) == (5, "error")


def test_O17_health_scores_decide_nothing(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image(omit={"malware"}, evidence={"https://scout.docker.com/health/v0.1": {"grade": "A"}})

    assert verify(image.layout()).exit_code == 1


def test_O18_the_report_says_what_is_known_about_the_log(publisher: Publisher, verify: Verify) -> None:
    assert verify(publisher.image().layout()).only("malware").transparency == "absent"

    annotated = publisher.image(rekor_annotation='{"SignedEntryTimestamp": "", "Payload": {}}')
    malformed = verify(annotated.layout()).only("malware")

    assert (malformed.status, malformed.transparency) == ("invalid", "invalid")
    ignoring = verify(annotated.layout(), ignore_transparency=True).only("malware")
    assert (ignoring.status, ignoring.transparency) == ("verified", "unchecked")


def test_O21_two_log_entries_in_one_annotation(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(rekor_annotation='{"Payload": {}, "content": {}}').layout())

    assert seen.exit_code == 4


def test_a_fips_image_shows_its_stig_and_fips_evidence(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(**FIPS).layout())

    assert seen.exit_code == 0, seen.why
    assert seen.only("stig").status == seen.only("fips").status == "verified"


def test_a_label_alone_is_never_evidence_of_fips(publisher: Publisher, verify: Verify) -> None:
    seen = verify(publisher.image(**FIPS, omit={"fips"}).layout())

    assert seen.exit_code == 1
    assert "fips" in seen.rule("dhi-required-evidence").message


def test_I05_I06_more_signatures_than_are_examined(publisher: Publisher, verify: Verify) -> None:
    image = publisher.image()
    malware = image["amd64"].attestation("malware")
    signature = image.document(malware.signature_digest)
    for number in range(200):
        image.attach(malware.digest, {**signature, "annotations": {"n": str(number)}})

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"
