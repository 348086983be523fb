"""What is not supported: other signature containers, thresholds, open waivers. It is refused, or has no way in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Publisher
from tests.publisher import keys, only
from tests.publisher.documents import IN_TOTO, SIGNATURE, descriptor, empty_descriptor, encode
from tests.publisher.kinds import VIRUS
from tests.publisher.published import AttestationImage, PublishedImage
from tests.verification.conftest import Verify
from verifier.errors import ConfigurationError, UsageError
from verifier.verification import Options
from verifier.verification import verify as verify_images

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
DSSE = "application/vnd.dsse.envelope.v1+json"


def envelope(statement: bytes, payload_type: str = IN_TOTO, *, pae: Callable[[str, bytes], bytes]) -> dict[str, Any]:
    signature = keys.publisher.sign(pae(payload_type, statement))
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(statement).decode(),
        "signatures": [{"keyid": "", "sig": base64.b64encode(signature).decode()}],
    }


def right_pae(payload_type: str, body: bytes) -> bytes:
    return b"DSSEv1 %d %b %d %b" % (len(payload_type), payload_type.encode(), len(body), body)


def pae_without_lengths(payload_type: str, body: bytes) -> bytes:
    return b"DSSEv1 %b %b" % (payload_type.encode(), body)


def pae_over_text(_: str, body: bytes) -> bytes:
    return body


@pytest.mark.parametrize("pae", [right_pae, pae_without_lengths, pae_over_text])
@pytest.mark.parametrize("payload_type", [IN_TOTO, "application/vnd.in-toto+json;v=1", "text/plain", ""])
def test_B03_B04_an_envelope_in_the_place_of_a_statement_is_no_statement(
    publisher: Publisher, verify: Verify, payload_type: str, pae: Callable[[str, bytes], bytes]
) -> None:
    image = publisher.image(
        platforms=("linux/amd64",),
        statement=only("malware", lambda statement: envelope(encode(statement), payload_type, pae=pae)),
    )

    seen = verify(image.layout())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "invalid"
    assert "_type" in seen.only("malware").reason


def bundle(statement: bytes, **members: Any) -> dict[str, Any]:
    return {
        "mediaType": BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": ""}, "tlogEntries": []},
        "dsseEnvelope": envelope(statement, pae=right_pae),
        **members,
    }


MESSAGE = {"messageDigest": {"algorithm": "SHA2_256", "digest": "AAAA"}, "signature": "AAAA"}
JWS = {"payload": "e30", "protected": "eyJhbGciOiJub25lIiwiY3JpdCI6WyJ4Il19", "signature": ""}
CONTAINERS: dict[str, tuple[str, Callable[[bytes], Any]]] = {
    "right bundle": (BUNDLE, bundle),
    "unknown version": (f"{BUNDLE[:-8]}9.9+json", lambda s: bundle(s, mediaType=f"{BUNDLE[:-8]}9.9+json")),
    "two spellings": (BUNDLE, lambda s: bundle(s, dsse_envelope={}, media_type=BUNDLE)),
    "two contents": (BUNDLE, lambda s: bundle(s, messageSignature=MESSAGE)),
    "digest of something else": (BUNDLE, lambda s: bundle(s, dsseEnvelope=None, messageSignature=MESSAGE)),
    "envelope alone": (DSSE, lambda s: envelope(s, pae=right_pae)),
    "notation, JWS": ("application/jose+json", lambda _: JWS),
    "notation, COSE": ("application/cose", lambda _: b"\xd2\x84\x43\xa1\x02\x81\x18\x63\xa0\x40\x40"),
}


def put_beside(image: PublishedImage, attestation: AttestationImage, subject: str, what: str) -> None:
    """Hangs the container on the attestation manifest and on the image itself, both as its own artifact type."""
    media_type, make = CONTAINERS[what]
    body = encode(make(attestation.statement))
    image.put_blob(body)
    artifact = "application/vnd.cncf.notary.signature" if "notation" in what else media_type
    for target in (attestation.digest, subject):
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": artifact,
            "config": empty_descriptor(),
            "layers": [descriptor(media_type, body)],
            "annotations": {"in-toto.io/predicate-type": VIRUS},
        }
        image.attach(target, manifest)


GOOD = ("right bundle", "envelope alone")


@pytest.mark.parametrize("what", [what for what in CONTAINERS if what not in GOOD])
def test_B28_B34_B35_B36_B37_G08_no_other_container_of_a_signature_counts(
    publisher: Publisher, verify: Verify, what: str
) -> None:
    image = publisher.image(platforms=("linux/amd64",), unsigned={"malware"})
    put_beside(image, image["amd64"].attestation("malware"), image["amd64"].digest, what)

    seen = verify(image.registry())

    assert seen.exit_code == 1
    assert {entry.status for entry in seen.all("malware")} <= {"unsigned", "invalid", "untrusted"}


@pytest.mark.parametrize("what", CONTAINERS)
def test_P02_other_containers_beside_a_right_signature_disturb_nothing(
    publisher: Publisher, verify: Verify, what: str
) -> None:
    image = publisher.image(platforms=("linux/amd64",))
    put_beside(image, image["amd64"].attestation("malware"), image["amd64"].digest, what)

    seen = verify(image.registry())

    assert seen.exit_code == 0, seen.why
    assert "verified" in {entry.status for entry in seen.all("malware")}


def change_layer(**members: Any) -> Callable[[Any], Any]:
    def change(manifest: Any) -> Any:
        (layer,) = manifest["layers"]
        merged = {n: {**layer.get(n, {}), **v} if isinstance(v, dict) else v for n, v in members.items()}
        return {**manifest, "layers": [{**layer, **merged}]}

    return change


def test_B32_a_payload_beside_the_blob_is_not_read(publisher: Publisher, verify: Verify) -> None:
    payload = publisher.image()["amd64"].attestation("malware").signatures[0].payload
    text = base64.b64encode(payload).decode()
    embedded = change_layer(data=text, annotations={"dev.cosignproject.cosign/payload": text})
    image = publisher.image(signature_manifest=only("malware", embedded))
    assert verify(image.layout()).only("malware").status == "verified"

    image.corrupt(image["amd64"].attestation("malware").signatures[0].payload_digest)

    assert verify(image.layout()).only("malware").status == "invalid"


def test_B33_a_signature_in_the_annotation_of_a_statement_means_nothing(publisher: Publisher, verify: Verify) -> None:
    good = publisher.image()["amd64"].attestation("malware").signatures[0].signature
    for text in (base64.b64encode(good).decode(), "AAAA", ""):
        annotate = only("malware", change_layer(annotations={SIGNATURE: text}))

        unsigned = verify(publisher.image(attestation_manifest=annotate, unsigned={"malware"}).layout())
        signed = verify(publisher.image(attestation_manifest=annotate).layout())

        assert unsigned.only("malware").status == "unsigned"
        assert signed.only("malware").status == "verified"


def test_B08_B09_a_key_id_beside_the_signature_decides_nothing(publisher: Publisher, verify: Verify) -> None:
    def naming(key: keys.SigningKey) -> Any:
        return only("malware", change_layer(annotations={"keyid": key.fingerprint, "dev.cosignproject/key": key.name}))

    right = publisher.image(signature_manifest=naming(keys.stranger))
    wrong = publisher.image(signature_manifest=naming(keys.publisher), signed_by={"malware": keys.stranger})

    assert verify(right.layout()).only("malware").status == "verified"
    assert verify(wrong.layout()).only("malware").status == "untrusted"


DOCUMENT = """\
version: 1
name: team
images:
  - match: "*"
    trust: {trust}
    rules:
      - pack: dhi
{more}"""


@pytest.mark.parametrize(
    "member",
    [
        {"certificateIdentity": "https://github.com/org/repo/"},
        {"certificateIdentityRegexp": "github.com/org"},
        {"certificateOidcIssuer": "https://token.actions.githubusercontent.com"},
        {"subjectRegExp": "(a+)+$", "issuerRegExp": ".*"},
        {"rekorUrl": "https://rekor.example"},
        {"roots": "-----BEGIN CERTIFICATE-----"},
        {"threshold": 0},
        {"threshold": 2},
    ],
)
def test_C06_G24_B11_a_policy_cannot_name_what_is_not_checked(
    publisher: Publisher, policy_file: Any, member: dict[str, Any]
) -> None:
    trust = json.dumps({"keys": ["dhi-2"], **member})

    with pytest.raises(ConfigurationError, match=next(iter(member))):
        verify_images([publisher.image().layout()], Options(policy=policy_file(DOCUMENT.format(trust=trust, more=""))))


@pytest.mark.parametrize(
    "more",
    [
        '    waivers: [{rule: "*"}]\n',
        "    waivers:\n      - {id: W1, rule: dhi-no-embedded-malware, reason: later, expires: 9999-01-01}\n",
        "    exceptions: [dhi-no-embedded-malware]\n",
        "    skip: true\n",
    ],
)
def test_G18_a_waiver_that_leaves_something_open_is_refused(publisher: Publisher, policy_file: Any, more: str) -> None:
    text = DOCUMENT.format(trust="{keys: [dhi-2]}", more=more)

    with pytest.raises(ConfigurationError, match=r"waivers|unknown"):
        verify_images([publisher.image().layout()], Options(policy=policy_file(text)))


ELSEWHERE = ("http://{host}/x", "https://{host}/x", "oci://{host}/x@sha256:00", "//{host}/x", "\\\\{host}\\x")


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("option", ["rules", "policy_config", "key_files"])
def test_C21_H08_H12_nothing_that_decides_is_loaded_from_elsewhere(
    publisher: Publisher, verify: Verify, option: str, place: str
) -> None:
    host = publisher.registry().host
    where = place.format(host=host)

    additions = {"policy_config": where} if option == "policy_config" else {option: (where,)}

    with pytest.raises(UsageError):
        verify(publisher.image().layout(), **additions)

    assert publisher.registry().log == []


@pytest.mark.parametrize("place", ELSEWHERE)
def test_H08_H12_no_policy_is_loaded_from_elsewhere(publisher: Publisher, place: str) -> None:
    layout = publisher.image().layout()

    with pytest.raises(ConfigurationError):
        verify_images([layout], Options(policy=place.format(host=publisher.registry().host)))

    assert publisher.registry().log == []
