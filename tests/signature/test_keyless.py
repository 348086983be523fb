"""Signatures by certificate, through the whole pipeline: who is believed, and why nobody else is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.publisher import keys
from tests.signature.keyless_signatures import (
    ANYBODY,
    BUNDLES,
    FORMS,
    ROOT,
    SIGSTORE,
    STATEMENT,
    bundle,
    bundle_found,
    judged,
    key_of,
    layer,
    root,
    said,
    trusting,
)
from tests.signature.signed_documents import ARTIFACT
from tests.sigstore import (
    EMAIL,
    EMAIL_ISSUER,
    ISSUER,
    REMOVED,
    SIGNED,
    START,
    USER,
    WORKFLOW,
    Checkpoint,
    Logged,
    Stamped,
    Trusted,
    edited,
    key,
    mirrored,
    witnesses,
)
from verifier.model import Status, Transparency
from verifier.model.trust import Identity, TrustedRoot
from verifier.signature import check_one

SECOND = timedelta(seconds=1)
TIME = "2026-01-15T12:01:00Z"

forms = pytest.mark.parametrize("form", FORMS)


@forms
def test_a_signature_by_certificate_names_its_identity(form: str) -> None:
    checked = judged(FORMS[form]())

    assert checked.status is Status.VERIFIED, checked.reason
    assert checked.signer is not None
    assert checked.signer.name == f"{WORKFLOW} ({ISSUER})"
    assert checked.signer.fingerprint == SIGSTORE.leaf_key.fingerprint
    assert (checked.transparency, checked.time) == (Transparency.PROVED, TIME)
    assert (checked.statement is not None) == ("envelope" in form)


@forms
@pytest.mark.parametrize("stamp", ["tsa", "tsa-direct"])
def test_a_log_and_a_timestamp_prove_both(form: str, stamp: str) -> None:
    checked = judged(FORMS[form](stamp=Stamped(tsa=stamp, at=SIGNED - SECOND)))

    assert (checked.status, checked.transparency) == (Status.VERIFIED, Transparency.PROVED), checked.reason
    assert checked.time == "2026-01-15T12:00:59Z"


@pytest.mark.parametrize("form", BUNDLES)
@pytest.mark.parametrize("log", ["v2", "v2-ecdsa"])
def test_C18_an_entry_of_rekor_v2_has_no_time_and_needs_a_timestamp(form: str, log: str) -> None:
    stamped = judged(FORMS[form](log=log, stamp="tsa"))

    assert (stamped.status, stamped.transparency, stamped.time) == (Status.VERIFIED, Transparency.PROVED, TIME)
    assert "invalid: signed with a certificate, and no trusted time" in said(judged(FORMS[form](log=log)))


@pytest.mark.parametrize("form", BUNDLES)
@pytest.mark.parametrize("version", ["0.1", "0.2", "0.3-old", "0.3", "0.3.1"])
def test_every_version_of_bundles(form: str, version: str) -> None:
    checked = judged(FORMS[form](version=version))

    assert (checked.status, checked.transparency) == (Status.VERIFIED, Transparency.PROVED), checked.reason


@pytest.mark.parametrize("kind", ["intoto 0.0.2", "dsse 0.0.1", "hashedrekord 0.0.1"])
def test_an_envelope_may_be_logged_as_any_of_these(kind: str) -> None:
    assert judged(layer(statement=STATEMENT, log=Logged(kind=kind))).transparency is Transparency.PROVED
    assert judged(bundle(statement=STATEMENT, log=Logged(kind=kind))).transparency is Transparency.PROVED


@pytest.mark.parametrize("curve", ["p256", "p384", "p521"])
@forms
def test_certificates_for_keys_of_several_kinds(form: str, curve: str) -> None:
    checked = judged(FORMS[form](signer=SIGSTORE.leaf(key=key("signer", curve))))

    assert checked.status is Status.VERIFIED, checked.reason


@pytest.mark.parametrize("signing", [keys.rsa2048, keys.ed25519], ids=["rsa", "ed25519"])
def test_certificates_for_rsa_and_ed25519(signing: keys.SigningKey) -> None:
    """In an envelope: a plain Ed25519 signature of a file has no digest that a log could record."""
    signer = SIGSTORE.leaf(key=signing)

    assert judged(FORMS["bundled envelope"](signer=signer)).status is Status.VERIFIED


# Identities


@pytest.mark.parametrize(("name", "issuer"), [(WORKFLOW, ISSUER), (EMAIL, EMAIL_ISSUER), (USER, EMAIL_ISSUER)])
@forms
def test_names_of_every_kind(form: str, name: str, issuer: str) -> None:
    signer = SIGSTORE.leaf(identity=name, issuer=issuer)

    checked = judged(FORMS[form](signer=signer), Identity(subject=name, issuer=issuer))

    assert checked.status is Status.VERIFIED, checked.reason


@pytest.mark.parametrize(
    "identity",
    [
        Identity(subject=WORKFLOW, issuer=EMAIL_ISSUER),
        Identity(subject=EMAIL, issuer=ISSUER),
        Identity(subject=WORKFLOW.upper(), issuer=ISSUER),
        Identity(subject=WORKFLOW + "/", issuer=ISSUER),
        Identity(subject=WORKFLOW, issuer=ISSUER + "/"),
        Identity(subject_pattern="github.com/example/app", issuer=ISSUER),
        Identity(subject_pattern=r"https://github\.com/example/", issuer=ISSUER),
        Identity(subject_pattern=".*@refs/tags/v1", issuer=ISSUER),
        Identity(subject=WORKFLOW, issuer_pattern="token.actions"),
    ],
)
@forms
def test_B07_C01_C02_C04_C30_somebody_else_is_untrusted_and_named(form: str, identity: Identity) -> None:
    checked = judged(FORMS[form](), identity)

    assert checked.status is Status.UNTRUSTED
    assert WORKFLOW in checked.reason
    assert (checked.signer, checked.statement, checked.time) == (None, None, "")
    assert checked.hint


@pytest.mark.parametrize(
    "identity",
    [
        Identity(subject_pattern=r"https://github\.com/example/.*", issuer=ISSUER),
        Identity(subject_pattern=rf"^{WORKFLOW}$", issuer=ISSUER),
        Identity(subject=WORKFLOW, issuer_pattern=r"https://token\.actions\..*"),
        Identity(subject=WORKFLOW, issuer=ISSUER, claims=((12, "https://github.com/example/app"), (20, "push"))),
    ],
)
def test_C01_a_pattern_that_means_the_whole_name(identity: Identity) -> None:
    assert judged(bundle(), identity).status is Status.VERIFIED


def test_G07_any_of_several_identities_is_enough_in_any_order() -> None:
    others = tuple(Identity(subject=f"{name}@example.com", issuer=EMAIL_ISSUER) for name in ("a", "b"))

    for several in ((*ANYBODY, *others), (*others, *ANYBODY)):
        assert judged(bundle(), *several).status is Status.VERIFIED
    assert judged(bundle(), *others).status is Status.UNTRUSTED


BUILDER = "https://github.com/docker/github-builder/.github/workflows/build.yml@refs/tags/v1.0.0"
OF_EXAMPLE = ((12, "https://github.com/example/app"), (16, "https://github.com/example"))


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({12: "https://github.com/evil/app", 16: "https://github.com/evil"}, "source repository (12)"),
        ({12: "https://github.com/example/app", 16: "https://github.com/evil"}, "source repository owner (16)"),
        ({12: None}, "source repository (12) is not stated"),
    ],
)
@forms
def test_C25_a_trusted_builder_that_works_for_somebody_else(form: str, claims: Any, why: str) -> None:
    builder = Identity(subject=BUILDER, issuer=ISSUER, claims=OF_EXAMPLE)

    good = FORMS[form](signer=SIGSTORE.leaf(identity=BUILDER))
    other = judged(FORMS[form](signer=SIGSTORE.leaf(identity=BUILDER, claims=claims)), builder)

    assert judged(good, builder).status is Status.VERIFIED
    assert said(other).startswith(f"untrusted: signed by {BUILDER}")
    assert why in other.reason


@pytest.mark.parametrize(
    ("number", "found", "case"),
    [(11, "self-hosted", "C26"), (14, "refs/pull/1/merge", "C27"), (20, "pull_request", "C27"), (17, "666", "C28")],
)
def test_C26_C27_C28_claims_decide_through_the_whole_pipeline(number: int, found: str, case: str) -> None:
    wanted = {11: "github-hosted", 14: "refs/tags/v1.2.3", 17: "2002", 20: "push"}[number]
    identity = Identity(subject=WORKFLOW, issuer=ISSUER, claims=((number, wanted),))

    assert judged(bundle(), identity).status is Status.VERIFIED
    assert judged(bundle(signer=SIGSTORE.leaf(claims={number: found})), identity).status is Status.UNTRUSTED, case


@forms
def test_C20_a_denied_key_is_refused_behind_a_certificate_too(form: str) -> None:
    denied = replace(trusting(), denied=frozenset({SIGSTORE.leaf_key.fingerprint}))

    checked = check_one(FORMS[form](), denied)

    assert checked.status is Status.UNTRUSTED
    assert "a key that the policy denies" in checked.reason


@forms
def test_C10_where_only_keys_are_trusted_a_certificate_counts_for_nothing(form: str) -> None:
    """Not even when its key is one of them: what is to vouch for the signature is the certificate."""
    trust = replace(trusting(), trusted=(key_of(SIGSTORE.leaf_key),), identities=())

    assert said(check_one(FORMS[form](), trust)).startswith("untrusted: signed with a certificate, and only keys")


@forms
def test_where_only_identities_are_trusted_a_bare_key_counts_for_nothing(form: str) -> None:
    assert judged(FORMS[form](signer=keys.publisher)).status is Status.UNTRUSTED


def test_G07_keys_and_identities_count_beside_each_other() -> None:
    both = replace(trusting(), trusted=(key_of(keys.publisher),))

    assert [check_one(found, both).status for found in (bundle(), bundle(signer=keys.publisher))] == ["verified"] * 2


# The signature itself


@forms
def test_B07_a_signature_that_the_certificates_key_did_not_make(form: str) -> None:
    stolen = replace(SIGSTORE.signer, key=keys.stranger)

    assert said(judged(FORMS[form](signer=stolen))).startswith("invalid: the key of the certificate did not")


def test_B01_B07_the_signature_of_something_else() -> None:
    other = SIGSTORE.sign(file=b"something else").signature

    assert said(judged(bundle(signature=other))).startswith("invalid: the key of the certificate did not")
    assert said(judged(bundle(statement=STATEMENT, signature=other))).startswith("invalid: the key of the certificate")


@pytest.mark.parametrize("algorithm", ["SHA2_384", "SHA2_512", "HMAC", "NONE"])
def test_B27_the_stated_algorithm_chooses_nothing(algorithm: str) -> None:
    """A digest in another algorithm than that of the signature is compared, and no more."""
    stated = {"messageSignature.messageDigest.algorithm": algorithm}

    assert judged(bundle(edits=stated)).status is Status.INVALID


@pytest.mark.parametrize(
    "details", ["PKIX_RSA_PKCS1V15_2048_SHA256", "PKIX_ED25519", "PKIX_ECDSA_P384_SHA_384", "NONE", ""]
)
def test_B27_the_logged_algorithm_is_that_of_the_key(details: str) -> None:
    lying = Logged(log="v2", body={"spec.hashedRekordV002.signature.verifier.keyDetails": details})

    checked = judged(bundle(log=lying, stamp="tsa"))

    assert (checked.status, checked.transparency) == (Status.INVALID, Transparency.INVALID)


def test_B35_a_bundle_with_two_materials_or_two_contents() -> None:
    whole = SIGSTORE.bundle(file=ARTIFACT)
    material = "verificationMaterial"
    certificate = whole[material]["certificate"]
    envelope = SIGSTORE.sign(statement=STATEMENT).envelope

    for edits in (
        {f"{material}.publicKey": {"hint": SIGSTORE.leaf_key.hint}},
        {f"{material}.x509CertificateChain": {"certificates": [certificate]}},
        {f"{material}.certificate": REMOVED},
        {"dsseEnvelope": envelope},
        {"messageSignature": REMOVED},
    ):
        assert "expected exactly one" in judged(bundle_found(edited(whole, edits))).reason


# What must not fail


@pytest.mark.parametrize("log", ["v1", "v2"])
def test_P10_checkpoints_with_signatures_of_witnesses(log: str) -> None:
    noted = Checkpoint(before=witnesses(1), after=witnesses(4)[1:])

    checked = judged(bundle(log=Logged(log=log, checkpoint=noted), stamp="tsa"))

    assert (checked.status, checked.transparency) == (Status.VERIFIED, Transparency.PROVED), checked.reason


def test_P12_a_timestamp_authority_that_has_expired_since() -> None:
    soon = SIGNED + SECOND
    authority = SIGSTORE.tsa(windows={"leaf": (START, soon), "intermediate": (START, soon), "root": (START, soon)})
    under = root(timestamp_authorities=(Trusted(whom=authority, end=soon),))

    assert judged(bundle(log="v2", stamp=Stamped(tsa=authority)), under=under).status is Status.VERIFIED


@pytest.mark.parametrize("log", ["v1", "v2"])
def test_P15_the_only_entry_of_its_log(log: str) -> None:
    checked = judged(bundle(log=Logged(log=log, size=1, position=0), stamp="tsa"))

    assert (checked.status, checked.transparency) == (Status.VERIFIED, Transparency.PROVED), checked.reason


def test_B25_another_signature_that_holds_is_not_the_logged_one() -> None:
    """Both verify; the log has recorded only one of them."""
    made = SIGSTORE.sign(file=ARTIFACT)
    other = SIGSTORE.sign(file=ARTIFACT, signature=mirrored(made.signature))

    assert judged(bundle(signature=other.signature)).status is Status.VERIFIED
    assert said(judged(bundle(signature=other.signature, log=Logged(about=made)))) == (
        "invalid: the log entry records other signatures than those found here"
    )


def test_the_root_is_loaded_once_and_only_for_what_needs_it() -> None:
    loaded: list[TrustedRoot] = []

    def load() -> TrustedRoot:
        loaded.append(ROOT)
        return ROOT

    by_key = replace(trusting(), trusted=(key_of(keys.publisher),), root=load)

    assert check_one(bundle(signer=keys.publisher, log=None), by_key).status is Status.VERIFIED
    assert loaded == []
    assert check_one(bundle(), by_key).status is Status.VERIFIED
    assert loaded
