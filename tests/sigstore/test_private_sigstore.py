"""The private Sigstore before an independent judge: sigstore-python takes what is right, and refuses damage."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from rfc3161_client import VerificationError as TimestampRefused
from rfc3161_client import VerifierBuilder, decode_timestamp_response
from sigstore.errors import Error
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy

from tests.publisher import ImageSpec, attest_tag, documents, envelopes, hang_bundle, publish, sign_tag
from tests.publisher.envelopes import pae
from tests.publisher.keys import publisher
from tests.sigstore import (
    EMAIL,
    EMAIL_ISSUER,
    ISSUED,
    ISSUER,
    REMOVED,
    SIGNED,
    START,
    USER,
    WORKFLOW,
    Checkpoint,
    Log,
    Logged,
    PrivateSigstore,
    Sct,
    Stamped,
    Trusted,
    Tsa,
    edited,
    flipped,
    key,
    merkle,
    mirrored,
    statement,
    witnesses,
)
from tests.sigstore.bodies import KINDS
from tests.sigstore.bundles import VERSIONS
from tests.sigstore.certificates import der_of
from tests.sigstore.checkpoints import note_key_id
from tests.sigstore.claims import GITHUB

FILE = b"the file"
BEFORE = ISSUED - timedelta(days=1)
JSON = Any

sigstore = PrivateSigstore()
foreign = PrivateSigstore("foreign")
IDENTITY = policy.Identity(identity=WORKFLOW, issuer=ISSUER)
V2: dict[str, Any] = {"logs": ("v2",), "timestamps": 1}


class Judge:
    """sigstore-python with a trusted root of ours."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "trusted_root.json"

    def verifier(self, root: JSON = None) -> Verifier:
        self._path.write_text(json.dumps(root or sigstore.trusted_root()))
        return Verifier(trusted_root=TrustedRoot.from_file(str(self._path)))

    def file(self, bundle: JSON, root: JSON = None, rule: policy.VerificationPolicy = IDENTITY) -> None:
        self.verifier(root).verify_artifact(FILE, Bundle.from_json(json.dumps(bundle)), rule)

    def statement(self, bundle: JSON) -> JSON:
        kind, payload = self.verifier().verify_dsse(Bundle.from_json(json.dumps(bundle)), IDENTITY)
        assert kind == "application/vnd.in-toto+json"
        return json.loads(payload)


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(tmp_path)


GOOD: dict[str, dict[str, Any]] = {
    "v1": {},
    "v1 and timestamp": {"timestamps": 1},
    "v2": V2,
    "v2 with an ECDSA key": {"logs": ("v2-ecdsa",), "timestamps": 1},
    "timestamp without intermediate": {"logs": ("v2",), "timestamps": ("tsa-direct",)},
    "two timestamps": {"logs": ("v2",), "timestamps": 2},
    "token without certificates": {"logs": ("v2",), "timestamps": (Stamped(embed=False),)},
    "token with nonce, SHA-384": {"logs": ("v2",), "timestamps": (Stamped(nonce=2**63, hash="sha384"),)},
    "token with fractions, SHA-512": {
        "logs": ("v2",),
        "timestamps": (Stamped(at=SIGNED + timedelta(milliseconds=120), hash="sha512", accuracy=None),),
    },
    "witnesses": {"logs": (Logged(log="v2", checkpoint=Checkpoint(after=witnesses(3))),), "timestamps": 1},
    "origin not first": {"logs": (Logged(log="v2", checkpoint=Checkpoint(before=witnesses(1))),), "timestamps": 1},
    "two signatures from the origin": {
        "logs": (
            Logged(log="v2", checkpoint=Checkpoint(before=(sigstore.log_line("v2", key=key("old", "ed25519")),))),
        ),
        "timestamps": 1,
    },
    "extension line in the checkpoint": {"logs": (Logged(checkpoint=Checkpoint(extensions=("Timestamp: 1",))),)},
    "tree of one": {"logs": (Logged(size=1),)},
    "tree of a thousand": {"logs": (Logged(size=1000, position=977),)},
    "last of an odd tree": {"logs": (Logged(size=5, position=4),)},
    "SCT with extensions": {"signer": sigstore.leaf(sct_extensions=b"\x00\x00\x05\x00\x01\x02\x03\x04")},
    "P-256 authority": {"signer": sigstore.leaf(ca=sigstore.authority(curve="p256"))},
    "0.1": {"version": "0.1"},
    "0.2": {"version": "0.2"},
    "0.3 in the old spelling": {"version": "0.3-old"},
}


@pytest.mark.parametrize("options", GOOD.values(), ids=GOOD)
def test_right_bundles_of_a_file_are_taken(judge: Judge, options: dict[str, Any]) -> None:
    root = sigstore.trusted_root(authorities=(sigstore.ca, sigstore.authority(curve="p256")))

    judge.file(sigstore.bundle(file=FILE, **options), root)


@pytest.mark.parametrize("options", [{}, V2, {"logs": ("v2-ecdsa",), "timestamps": 1}], ids=["v1", "v2", "v2-ecdsa"])
def test_right_bundles_of_a_statement_are_taken(judge: Judge, options: dict[str, Any]) -> None:
    said = statement(FILE)

    assert judge.statement(sigstore.bundle(statement=said, **options)) == said


def _leaf(**options: Any) -> JSON:
    return sigstore.bundle(file=FILE, signer=sigstore.leaf(**options))


def _logged(log: str | Log = "v1", **options: Any) -> JSON:
    return sigstore.bundle(file=FILE, logs=(Logged(log=log, **options),), timestamps=1)


def _stamped(**options: Any) -> JSON:
    return sigstore.bundle(file=FILE, logs=("v2",), timestamps=(Stamped(**options),))


OTHER = sigstore.sign(file=b"another file")
ENTRY = "verificationMaterial.tlogEntries.0"
BAD: dict[str, tuple[Callable[[], JSON], str]] = {
    "no SCT": (lambda: _leaf(scts=()), "does not contain a signed certificate timestamp"),
    "SCT of a foreign log": (lambda: _leaf(scts=(foreign.ctlog,)), "SCT verify failed"),
    "SCT over another certificate": (
        lambda: _leaf(scts=(Sct(log=sigstore.ctlog, precertificate=b"other"),)),
        "SCT verify failed",
    ),
    "two SCTs": (lambda: _leaf(scts=(sigstore.ctlog, foreign.ctlog)), "Expected one certificate timestamp"),
    "foreign root": (lambda: _leaf(ca=foreign.ca), "failed to build"),
    "leaf is an authority": (lambda: _leaf(is_ca=True, usages=("key_cert_sign",)), "failed to build"),
    "no code signing": (lambda: _leaf(eku=(x509.OID_SERVER_AUTH,)), "code signing"),
    "wrong key usage": (lambda: _leaf(usages=("key_agreement",)), "digital signature"),
    "another identity": (lambda: _leaf(identity="https://github.com/example/other"), "do not match"),
    "another issuer": (lambda: _leaf(issuer="https://issuer.example"), "OIDC"),
    "unknown critical extension": (
        lambda: _leaf(extensions=((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True),)),
        "failed to build",
    ),
    "signed before the certificate": (lambda: _leaf(at=SIGNED + timedelta(minutes=1)), "failed to build"),
    "signed after the certificate": (lambda: _leaf(at=BEFORE), "failed to build"),
    "foreign promise": (lambda: _logged(promise_key=foreign.logs["v1"].key), "SET"),
    "promise of another time": (lambda: _logged(promise_of={"integratedTime": 1}), "SET"),
    "foreign log": (lambda: _logged(foreign.logs["v1"]), "invalid log entry"),
    "corrupted proof": (
        lambda: _logged(edits={"inclusionProof.hashes.0": flipped}),
        "invalid log entry",
    ),
    "checkpoint of another tree": (lambda: _logged(checkpoint=Checkpoint(root=b"\x01" * 32)), "root hash"),
    "checkpoint without the log's line": (
        lambda: _logged(checkpoint=Checkpoint(unsigned=True, after=witnesses(1))),
        "Signature not found",
    ),
    "checkpoint with a wrong hint": (lambda: _logged(checkpoint=Checkpoint(hint=b"hint")), "Signature not found"),
    "checkpoint by a foreign key": (lambda: _logged(checkpoint=Checkpoint(key=key("foreign"))), "checkpoint"),
    "checkpoint changed afterwards": (
        lambda: _logged(checkpoint=Checkpoint(note=lambda note: note.replace("rekor", "recor", 1))),
        "checkpoint",
    ),
    "entry about something else": (lambda: _logged(about=OTHER), "inconsistent"),
    "entry with another signature that holds": (
        lambda: _logged(about=sigstore.sign(file=FILE, signature=mirrored(sigstore.sign(file=FILE).signature))),
        "inconsistent",
    ),
    "entry with another certificate of the key": (
        lambda: _logged(about=sigstore.sign(file=FILE, signer=sigstore.leaf(at=ISSUED - timedelta(minutes=2)))),
        "inconsistent",
    ),
    "v2 entry about something else": (lambda: _logged("v2", about=OTHER), "inconsistent"),
    "no proof": (lambda: _logged(proof=False), "inclusionProof"),
    "v2 without time": (
        lambda: sigstore.bundle(file=FILE, logs=("v2",)),
        "inclusion promise or signed timestamp",
    ),
    "foreign timestamp": (lambda: _stamped(tsa=foreign.tsas["tsa"]), "not enough"),
    "foreign timestamp without certificates": (lambda: _stamped(tsa=foreign.tsas["tsa"], embed=False), "not enough"),
    "timestamp over something else": (lambda: _stamped(message=b"other"), "not enough"),
    "timestamp by another key": (lambda: _stamped(key=key("other")), "not enough"),
    "timestamp changed afterwards": (lambda: _stamped(info_after=lambda info: info[:-1] + b"\x02"), "not enough"),
    "timestamp of another content": (lambda: _stamped(digest=b"\x00" * 32), "not enough"),
    "timestamp refused": (lambda: _stamped(status=2), "not enough"),
    "timestamp too late": (lambda: _stamped(at=SIGNED + timedelta(days=1)), "failed to build"),
    "SHA-1": (lambda: _stamped(hash="sha1"), "not enough"),
    "two signers": (lambda: _stamped(signers=2), "not enough"),
    "no signer": (lambda: _stamped(signers=0), "not enough"),
    "another file's digest": (
        lambda: sigstore.bundle(file=FILE, edits={"messageSignature.messageDigest.digest": flipped}),
        "digest mismatch",
    ),
    "another file's signature": (
        lambda: sigstore.bundle(file=FILE, signature=OTHER.signature),
        "Signature is invalid",
    ),
    "unknown version": (lambda: sigstore.bundle(file=FILE, version="0.4"), "mediaType"),
    "no entry": (lambda: sigstore.bundle(file=FILE, logs=()), "tlogEntries"),
    "no index": (lambda: sigstore.bundle(file=FILE, edits={f"{ENTRY}.logIndex": REMOVED}), "logIndex"),
}


@pytest.mark.parametrize(("damaged", "reason"), BAD.values(), ids=BAD)
def test_damaged_bundles_are_refused_for_their_damage(judge: Judge, damaged: Callable[[], JSON], reason: str) -> None:
    bundle = damaged()

    with pytest.raises((Error, ValueError), match=reason):
        judge.file(bundle)


def test_an_expired_intermediate_is_refused(judge: Judge) -> None:
    expired = sigstore.authority(windows={"intermediate": (START, BEFORE)})
    bundle = sigstore.bundle(file=FILE, signer=sigstore.leaf(ca=expired))

    with pytest.raises(Error, match="failed to build"):
        judge.file(bundle, sigstore.trusted_root(authorities=(expired,)))


TSAS: dict[str, tuple[Callable[[], Tsa], bool]] = {
    "chain that ended after the time": (
        lambda: sigstore.tsa(
            windows=dict.fromkeys(("root", "intermediate", "leaf"), (START, SIGNED + timedelta(seconds=1)))
        ),
        True,
    ),
    "leaf ended before": (lambda: sigstore.tsa(windows={"leaf": (START, BEFORE)}), False),
    "intermediate ended before": (lambda: sigstore.tsa(windows={"intermediate": (START, BEFORE)}), False),
    "usage not critical": (lambda: sigstore.tsa(eku_critical=False), False),
    "no usage": (lambda: sigstore.tsa(eku=None), False),
    "usage for code": (lambda: sigstore.tsa(eku=(x509.OID_CODE_SIGNING,)), False),
}


@pytest.mark.parametrize(("made", "taken"), TSAS.values(), ids=TSAS)
def test_timestamp_authorities_are_as_their_certificates_say(
    judge: Judge, made: Callable[[], Tsa], taken: bool
) -> None:
    authority = made()
    bundle = sigstore.bundle(file=FILE, logs=("v2",), timestamps=(Stamped(tsa=authority),))
    root = sigstore.trusted_root(timestamp_authorities=(authority,))

    if taken:
        judge.file(bundle, root)
    else:
        with pytest.raises(Error, match="not enough sources of verified time"):
            judge.file(bundle, root)


def test_the_window_of_a_timestamp_authority_counts(judge: Judge) -> None:
    bundle = sigstore.bundle(file=FILE, **V2)
    authorities = (Trusted(whom=sigstore.tsas["tsa"], end=BEFORE),)

    with pytest.raises(Error, match="not enough"):
        judge.file(bundle, sigstore.trusted_root(timestamp_authorities=authorities))


def test_all_github_claims_are_read_as_written(judge: Judge) -> None:
    rules = {
        2: policy.GitHubWorkflowTrigger,
        3: policy.GitHubWorkflowSHA,
        4: policy.GitHubWorkflowName,
        5: policy.GitHubWorkflowRepository,
        6: policy.GitHubWorkflowRef,
        9: policy.OIDCBuildSignerURI,
        10: policy.OIDCBuildSignerDigest,
        11: policy.OIDCRunnerEnvironment,
        12: policy.OIDCSourceRepositoryURI,
        13: policy.OIDCSourceRepositoryDigest,
        14: policy.OIDCSourceRepositoryRef,
        15: policy.OIDCSourceRepositoryIdentifier,
        16: policy.OIDCSourceRepositoryOwnerURI,
        17: policy.OIDCSourceRepositoryOwnerIdentifier,
        18: policy.OIDCBuildConfigURI,
        19: policy.OIDCBuildConfigDigest,
        20: policy.OIDCBuildTrigger,
        21: policy.OIDCRunInvocationURI,
        22: policy.OIDCSourceRepositoryVisibility,
    }
    certificate = sigstore.signer.certificate

    for number, rule in rules.items():
        rule(str(GITHUB[number])).verify(certificate)
    policy.OIDCIssuer(ISSUER).verify(certificate)
    policy.OIDCIssuerV2(ISSUER).verify(certificate)
    assert [number for number in GITHUB if number not in rules] == [23, 24]


def test_claims_can_be_changed_left_out_and_contradict() -> None:
    certificate = sigstore.leaf(claims={1: "https://other.example", 12: "https://github.com/x/y", 20: None}).certificate

    policy.OIDCIssuer("https://other.example").verify(certificate)
    policy.OIDCIssuerV2(ISSUER).verify(certificate)
    policy.OIDCSourceRepositoryURI("https://github.com/x/y").verify(certificate)
    with pytest.raises(Error, match=r"57264\.1\.20"):
        policy.OIDCBuildTrigger("push").verify(certificate)


def test_people_have_addresses_or_user_names(judge: Judge) -> None:
    bundle = sigstore.bundle(file=FILE, signer=sigstore.leaf(identity=EMAIL, issuer=EMAIL_ISSUER))
    user = sigstore.leaf(identity=USER, issuer=EMAIL_ISSUER).certificate

    judge.file(bundle, rule=policy.Identity(identity=EMAIL, issuer=EMAIL_ISSUER))
    names = user.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), b"\x0c\x11" + USER.encode())]


def test_several_names_or_none_can_be_said() -> None:
    both = sigstore.leaf(names=(WORKFLOW, EMAIL)).certificate
    nobody = sigstore.leaf(names=()).certificate

    assert len(both.extensions.get_extension_for_class(x509.SubjectAlternativeName).value) == 2
    with pytest.raises(x509.ExtensionNotFound):
        nobody.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_a_mirrored_signature_holds_too(judge: Judge) -> None:
    signature = sigstore.sign(file=FILE).signature

    assert mirrored(signature) != signature
    judge.file(sigstore.bundle(file=FILE, signature=mirrored(signature)))


def test_bundles_and_layers_hang_on_a_published_image() -> None:
    image = publish(ImageSpec())
    digest = image.index_digest
    payload = documents.encode(envelopes.simple_signing("registry.example/app", digest))
    signature = sigstore.cosign_layer(file=payload)
    attestation = sigstore.cosign_layer(statement=statement(FILE))

    sign_tag(image, digest, publisher, payload=lambda _: signature.blob, layer=signature.described)
    attest_tag(image, digest, "", {}, publisher, envelope=lambda _: attestation.blob, layer=attestation.described)
    hung = hang_bundle(image, digest, sigstore.bundle(statement=statement(FILE)))

    for suffix, made in (("sig", signature), ("att", attestation)):
        (layer,) = image.document(image.tags[documents.cosign_tag(digest, suffix)])["layers"]
        assert (image.blobs[layer["digest"]], layer["annotations"]) == (made.blob, made.annotations)
    assert image.document(hung.digest)["subject"]["digest"] == digest


def test_everything_is_the_same_in_every_run() -> None:
    options: dict[str, Any] = {"statement": statement(FILE), "logs": ("v1", "v2", "v2-ecdsa"), "timestamps": 2}

    assert PrivateSigstore().bundle(**options) == sigstore.bundle(**options)
    assert PrivateSigstore().trusted_root() == sigstore.trusted_root()
    assert foreign.trusted_root() != sigstore.trusted_root()


def test_trees_agree_with_known_hashes() -> None:
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    node = merkle.node_hash(b"N123", b"N456").hex()
    assert node == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def test_signed_bytes_of_an_envelope_agree_with_the_known_ones() -> None:
    digest = hashlib.sha256(pae("http://example.com/HelloWorld", b"hello world")).hexdigest()

    assert digest == "217751fac2c4f14edb2c9297fbc34abcb016ba88e74757e875ec4ac16fb6b6a1"


def test_a_log_is_named_as_the_public_one_is() -> None:
    der = base64.b64decode("MCowBQYDK2VwAyEAt8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=")

    found = note_key_id("log2025-1.rekor.sigstore.dev", load_der_public_key(der))  # type: ignore[arg-type]  # it is Ed25519

    assert base64.b64encode(found).decode() == "zxGZFVvd0FEmjR8WrFwMdcAJ9vtaY/QXf44Y1wUeP6A="


def test_witnesses_sign_the_checkpoint_with_their_time() -> None:
    note = sigstore.bundle(file=FILE, logs=(Logged(checkpoint=Checkpoint(after=witnesses(1))),))
    envelope = note["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"]
    text, _, lines = envelope.partition("\n\n")

    blob = base64.b64decode(lines.splitlines()[-1].split(" ")[2])

    seconds = int.from_bytes(blob[4:12], "big")
    assert (len(blob), seconds) == (76, int(SIGNED.timestamp()))
    public = witnesses(1)[0].key.private.public_key()
    assert isinstance(public, Ed25519PublicKey)
    public.verify(blob[12:], f"cosignature/v1\ntime {seconds}\n{text}\n".encode())


@pytest.mark.parametrize("shape", ["cosign", "docker"])
def test_both_shapes_of_the_rekor_annotation_carry_the_same_promise(shape: str) -> None:
    layer = sigstore.cosign_layer(file=FILE, signer=publisher, shape=shape)
    found = json.loads(layer.annotations["dev.sigstore.cosign/bundle"])

    if shape == "cosign":
        members, promise = found["Payload"], found["SignedEntryTimestamp"]
    else:
        entry = found["content"]["verificationMaterial"]["tlogEntries"][0]
        members = {"body": entry["canonicalizedBody"], "logID": entry["logId"]["keyId"]}
        members |= {name: entry[name] for name in ("integratedTime", "logIndex")}
        promise = entry["inclusionPromise"]["signedEntryTimestamp"]

    public = sigstore.logs["v1"].key.private.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(base64.b64decode(promise), rfc8785.dumps(members), ec.ECDSA(hashes.SHA256()))


def test_cosign_layers_are_stamped_over_signature_or_envelope() -> None:
    for content in ({"file": FILE}, {"statement": statement(FILE)}):
        layer = sigstore.cosign_layer(timestamp="tsa", **content)
        held = json.loads(layer.annotations["dev.sigstore.cosign/rfc3161timestamp"])
        signature = base64.b64decode(layer.annotations["dev.cosignproject.cosign/signature"])

        _timestamp_verifier("tsa").verify_message(
            decode_timestamp_response(base64.b64decode(held["SignedRFC3161Timestamp"])), signature or layer.blob
        )


def test_keyless_layers_bring_their_certificates() -> None:
    annotations = sigstore.cosign_layer(statement=statement(FILE)).annotations

    leaf = x509.load_pem_x509_certificate(annotations["dev.sigstore.cosign/certificate"].encode())
    chain = x509.load_pem_x509_certificates(annotations["dev.sigstore.cosign/chain"].encode())
    leaf.verify_directly_issued_by(chain[0])
    assert annotations["predicateType"] == statement(FILE)["predicateType"]


def test_github_bundles_have_a_timestamp_and_no_entry() -> None:
    bundle = sigstore.github_bundle(file=FILE)

    material = bundle["verificationMaterial"]
    token = base64.b64decode(material["timestampVerificationData"]["rfc3161Timestamps"][0]["signedTimestamp"])
    signature = base64.b64decode(bundle["messageSignature"]["signature"])
    assert set(material) == {"certificate", "timestampVerificationData"}
    assert _timestamp_verifier("github").verify_message(decode_timestamp_response(token), signature)
    with pytest.raises(TimestampRefused):
        _timestamp_verifier("github-old").verify_message(decode_timestamp_response(token), signature)
    root = sigstore.github_root()
    assert (root["tlogs"], root["ctlogs"], len(root["certificateAuthorities"])) == ([], [], 2)


def test_bare_keys_are_named_by_their_hash() -> None:
    bundle = sigstore.bundle(statement=statement(FILE), signer=publisher, keyid="")

    hint = base64.b64decode(bundle["verificationMaterial"]["publicKey"]["hint"])
    assert hint.hex() == publisher.fingerprint
    assert bundle["dsseEnvelope"]["signatures"][0]["keyid"] == ""
    body = json.loads(base64.b64decode(bundle["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"]))
    assert base64.b64decode(body["spec"]["signatures"][0]["verifier"]) == publisher.public_pem


def test_every_kind_of_entry_can_be_logged() -> None:
    logged = [Logged(log="v2" if "0.0.2" in kind else "v1", kind=kind) for kind in KINDS]

    entries = sigstore.bundle(statement=statement(FILE), logs=logged)["verificationMaterial"]["tlogEntries"]

    for entry in entries:
        body = json.loads(base64.b64decode(entry["canonicalizedBody"]))
        assert {"kind": body["kind"], "version": body["apiVersion"]} == entry["kindVersion"]
    assert len(entries) == len(KINDS)


def test_versions_and_materials_are_as_asked_for() -> None:
    spelled = {version: sigstore.bundle(file=FILE, version=version)["mediaType"] for version in VERSIONS}
    rooted = sigstore.bundle(file=FILE, material="chain-with-root")["verificationMaterial"]["x509CertificateChain"]

    assert spelled == VERSIONS
    assert base64.b64decode(rooted["certificates"][-1]["rawBytes"]) == der_of(sigstore.ca.chain[-1])


def test_roots_can_be_without_start_or_with_windows() -> None:
    v1 = sigstore.logs["v1"]
    root = sigstore.trusted_root(logs=(Trusted(whom=v1, start=None, end=SIGNED, operator="example"),))

    assert root["tlogs"][0]["publicKey"]["validFor"] == {"end": "2026-01-15T12:01:00Z"}
    assert root["tlogs"][0]["operator"] == "example"


def test_edits_change_set_and_remove() -> None:
    document = {"a": [{"b": 1, "c": "AAAA"}], "d": 2}

    changed = edited(document, {"a.0.b": 3, "a.0.c": flipped, "d": REMOVED, "e": []})

    assert changed == {"a": [{"b": 3, "c": "AAAB"}], "e": []}
    assert document["d"] == 2


def _timestamp_verifier(name: str) -> Any:
    leaf, *intermediates, root = sigstore.tsas[name].chain
    builder = VerifierBuilder(intermediates=intermediates).tsa_certificate(leaf)
    return builder.add_root_certificate(root).build()
