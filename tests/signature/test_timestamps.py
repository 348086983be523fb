"""RFC 3161 timestamps of a private Sigstore, and the real one beside Docker's advisory."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publisher import keys
from tests.publisher.keys import SigningKey
from tests.sigstore import END, SIGNED, START, TIME_STAMPING, PrivateSigstore, Stamped, Trusted, Tsa, key, statement
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import TrustedRoot
from verifier.signature import timestamp_tokens, timestamps
from verifier.signature.timestamps import Stamp, operators, verified_times
from verifier.trust.shipped import shipped_file
from verifier.trust.trusted_root import read_trusted_root

SIGSTORE = PrivateSigstore()
FOREIGN = PrivateSigstore("foreign")
TSA = SIGSTORE.tsas["tsa"]
MESSAGE = b"the bytes of a signature"
SECOND = timedelta(seconds=1)


def root(*authorities: Tsa | Trusted) -> TrustedRoot:
    document = SIGSTORE.trusted_root(**({"timestamp_authorities": authorities} if authorities else {}))
    return read_trusted_root(json.dumps(document).encode(), "test")


ROOT = root()
PUBLIC_GOOD = read_trusted_root(shipped_file("trusted_root.json"), "public good")


def stamped(under: TrustedRoot = ROOT, message: bytes = MESSAGE, **options: Any) -> tuple[Stamp, ...]:
    return verified_times([SIGSTORE.token(MESSAGE, Stamped(**options))], message, under)


def refused(under: TrustedRoot = ROOT, **options: Any) -> str:
    with pytest.raises(EvidenceInvalid) as caught:
        stamped(under, **options)
    return str(caught.value)


def test_a_token_proves_its_time() -> None:
    (stamp,) = stamped()

    assert (stamp.moment, stamp.authority.uri) == (SIGNED, TSA.uri)


@pytest.mark.parametrize("hash_name", ["sha256", "sha384", "sha512"])
def test_imprints_of_three_hashes_are_read(hash_name: str) -> None:
    assert len(stamped(hash=hash_name)) == 1


@pytest.mark.parametrize("signer", [keys.p384, keys.p521, keys.rsa2048, keys.p384.using("sha256")])
def test_authorities_sign_with_their_kinds_of_keys(signer: SigningKey) -> None:
    authority = SIGSTORE.tsa(signer=signer)

    assert len(stamped(root(authority), tsa=authority)) == 1
    assert "not its authority's" in refused(root(authority), tsa=authority, key=other_of_its_kind(signer))


def other_of_its_kind(signer: SigningKey) -> SigningKey:
    """Another key of the same kind; for RSA, of which there is one, its key with another padding."""
    if isinstance(signer.private, ec.EllipticCurvePrivateKey):
        return key("other", {384: "p384", 521: "p521"}[signer.private.curve.key_size]).using(signer.scheme)
    return SigningKey("pss", signer.private, "pss")


def test_P11_a_token_without_certificates_is_verified_with_the_trusted_one() -> None:
    assert len(stamped(embed=False)) == 1


def test_fractions_of_a_second_and_a_nonce_are_fine() -> None:
    moment = SIGNED + timedelta(milliseconds=125)

    assert stamped(at=moment, nonce=2**63, accuracy=None)[0].moment == moment


def test_E01_a_timestamp_of_another_message_is_refused() -> None:
    assert "another signature" in refused(message=b"another")
    assert "another signature" in refused(imprint=bytes(32))
    assert "another signature" in refused(imprint=b"")


@pytest.mark.parametrize("embed", [True, False])
def test_E02_an_unknown_authority_counts_for_nothing(embed: bool) -> None:
    unknown = FOREIGN.tsas["tsa"]

    assert stamped(tsa=unknown, embed=embed) == ()
    tokens = [SIGSTORE.token(MESSAGE, Stamped(tsa=unknown)), SIGSTORE.token(MESSAGE)]
    assert [stamp.authority.uri for stamp in verified_times(tokens, MESSAGE, ROOT)] == [TSA.uri]


def test_E02_without_timestamp_authorities_nothing_is_proved() -> None:
    without = read_trusted_root(json.dumps(SIGSTORE.trusted_root(timestamp_authorities=())).encode(), "test")

    assert stamped(without) == ()


FOREIGN_LEAF = FOREIGN.tsas["tsa"].certificate


@pytest.mark.parametrize(
    "how",
    [
        {"key": FOREIGN.tsas["tsa"].key},
        {"key": FOREIGN.tsas["tsa"].key, "embedded": (FOREIGN_LEAF, *TSA.chain)},
        {"names": FOREIGN_LEAF},
        {"attested": FOREIGN_LEAF},
        {"key": FOREIGN.tsas["tsa"].key, "names": FOREIGN_LEAF, "embedded": (FOREIGN_LEAF, *TSA.chain)},
        {"key": FOREIGN.tsas["tsa"].key, "attested": FOREIGN_LEAF, "embedded": (TSA.certificate, FOREIGN_LEAF)},
    ],
)
def test_E03_one_certificate_signs_and_is_checked(how: dict[str, Any]) -> None:
    refused(**how)


def test_E03_certificates_that_came_along_change_nothing() -> None:
    assert len(stamped(embedded=(FOREIGN_LEAF,))) == 1
    assert len(stamped(embedded=(*reversed(TSA.chain), FOREIGN_LEAF))) == 1


@pytest.mark.parametrize("who", ["leaf", "intermediate", "root"])
def test_E04_E05_P12_the_chain_is_valid_at_the_stamped_time_whatever_is_today(who: str) -> None:
    ended = SIGSTORE.tsa(windows={who: (START, SIGNED)})

    assert len(stamped(root(ended), tsa=ended)) == 1
    assert "valid" in refused(root(ended), tsa=ended, at=SIGNED + SECOND)


@pytest.mark.parametrize(("start", "end"), [(START, SIGNED), (SIGNED, END), (SIGNED, SIGNED)])
def test_E04_P14_both_ends_of_an_authoritys_window_belong_to_it(start: Any, end: Any) -> None:
    assert len(stamped(root(Trusted(whom=TSA, start=start, end=end)))) == 1


@pytest.mark.parametrize(("start", "end"), [(START, SIGNED - SECOND), (SIGNED + SECOND, None)])
def test_E04_outside_its_window_an_authority_does_not_count(start: Any, end: Any) -> None:
    assert "counts" in refused(root(Trusted(whom=TSA, start=start, end=end)))


def test_one_certificate_in_two_windows_counts_in_both() -> None:
    before = Trusted(whom=TSA, end=SIGNED - SECOND)
    after = Trusted(whom=TSA, start=SIGNED)

    assert len(stamped(root(before, after))) == 1


def test_E07_sha1_and_md5_imprints_are_refused() -> None:
    assert "expected SHA-256" in refused(hash="sha1")
    assert "expected SHA-256" in refused(hash="md5")


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_E07_a_rejection_is_no_timestamp(status: int) -> None:
    assert "expected 0 or 1" in refused(status=status)


def test_E07_an_answer_with_modifications_is_granted() -> None:
    assert len(stamped(status=1)) == 1


def test_E07_an_answer_without_a_token_is_refused() -> None:
    assert "no signed timestamp" in refused(token=False)


@pytest.mark.parametrize("signers", [0, 2])
def test_E03_a_token_has_exactly_one_signer(signers: int) -> None:
    assert "signers; expected exactly one" in refused(signers=signers)


@pytest.mark.parametrize("left_out", ["content-type", "message-digest", "signing-certificate", "all"])
def test_a_token_without_a_signed_attribute_is_refused(left_out: str) -> None:
    refused(omit=frozenset({left_out}))


def test_the_first_form_of_the_signing_certificate_attribute_is_read() -> None:
    assert len(stamped(attested_v1=True)) == 1
    refused(attested_v1=True, attested=FOREIGN_LEAF)


@pytest.mark.parametrize(
    "how",
    [
        {"digest": bytes(32)},
        {"content_type": "1.2.840.113549.1.7.1"},
        {"info_after": lambda info: info[:-1] + bytes([info[-1] ^ 1])},
        {"info": lambda info: info.replace(b"\x02\x01\x01", b"\x02\x01\x02", 1)},  # version 2
        {"info": lambda info: info[:-1]},
    ],
)
def test_C17_content_that_is_not_what_was_signed_is_refused(how: dict[str, Any]) -> None:
    refused(**how)


@pytest.mark.parametrize(
    "options",
    [
        {"is_ca": True},
        {"eku": None},
        {"eku_critical": False},
        {"eku": (ExtendedKeyUsageOID.CODE_SIGNING,)},
        {"eku": (TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)},
    ],
)
def test_C12_E03_the_signers_certificate_is_for_timestamps_alone(options: dict[str, Any]) -> None:
    authority = SIGSTORE.tsa(**options)

    assert "certificate" in refused(root(authority), tsa=authority)


def test_one_operator_counts_once() -> None:
    tokens = [SIGSTORE.token(MESSAGE, how) for how in ("tsa", "tsa-direct")]
    one = root(Trusted(whom=TSA, operator="a"), Trusted(whom=SIGSTORE.tsas["tsa-direct"], operator="a"))
    two = root(Trusted(whom=TSA, operator="a"), Trusted(whom=SIGSTORE.tsas["tsa-direct"], operator="b"))

    assert len(operators(verified_times(tokens, MESSAGE, one))) == 1
    assert len(operators(verified_times(tokens, MESSAGE, two))) == 2
    assert len(operators(verified_times(tokens, MESSAGE, ROOT))) == 1


def test_P28_a_token_of_githubs_own_instance_under_its_root() -> None:
    github = read_trusted_root(json.dumps(SIGSTORE.github_root()).encode(), "test")

    assert len(stamped(github, tsa="github", embed=False)) == 1
    assert len(stamped(github, tsa="github-old", embed=False)) == 1


# How tokens are stored


def of_bundle(*tokens: object) -> tuple[bytes, ...]:
    return timestamps.of_bundle({"rfc3161Timestamps": [{"signedTimestamp": token} for token in tokens]})


def test_tokens_of_a_bundle() -> None:
    bundle = SIGSTORE.bundle(file=b"content", timestamps=2)
    material = bundle["verificationMaterial"]["timestampVerificationData"]
    signature = base64.b64decode(bundle["messageSignature"]["signature"])

    assert len(verified_times(timestamps.of_bundle(material), signature, ROOT)) == 2
    assert timestamps.of_bundle(None) == timestamps.of_bundle({}) == ()


def test_E11_the_token_of_a_signed_statement_layer_is_over_the_envelope() -> None:
    layer = SIGSTORE.cosign_layer(statement=statement(b"artifact"), timestamp="tsa")
    annotation = layer.annotations["dev.sigstore.cosign/rfc3161timestamp"]
    tokens = timestamps.of_annotation(annotation)

    assert len(verified_times(tokens, layer.blob, ROOT)) == 1
    with pytest.raises(EvidenceInvalid, match="another signature"):
        verified_times(tokens, base64.b64decode(json.loads(layer.blob)["signatures"][0]["sig"]), ROOT)


def test_no_annotation_is_no_token() -> None:
    assert timestamps.of_annotation("") == timestamps.of_annotation("null") == ()


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "{",
        '{"SignedRFC3161Timestamp": 1}',
        '{"SignedRFC3161Timestamp": ""}',
        '{"SignedRFC3161Timestamp": "?"}',
        '{"SignedRFC3161Timestamp": "AAAA", "SignedRFC3161Timestamp": "AAAB"}',
        '{"signedrfc3161timestamp": "AAAA"}',
        '{"SignedRFC3161Timestamp": "AAAA"}' + " " * 200_000,
        "\ud800",
    ],
)
def test_a_damaged_annotation_is_invalid_and_not_absent(text: str) -> None:
    with pytest.raises(EvidenceInvalid):
        timestamps.of_annotation(text)


def test_E08_too_large_and_too_many_tokens_are_refused() -> None:
    large = base64.b64encode(bytes(DEFAULT_LIMITS.timestamp_bytes + 1)).decode()

    with pytest.raises(EvidenceInvalid, match="larger"):
        of_bundle(large + "AAAA")
    with pytest.raises(EvidenceInvalid, match="larger"):
        verified_times([bytes(DEFAULT_LIMITS.timestamp_bytes + 1)], MESSAGE, ROOT)
    with pytest.raises(EvidenceInvalid, match="at most"):
        of_bundle(*["AAAA"] * (DEFAULT_LIMITS.timestamps + 1))
    with pytest.raises(EvidenceInvalid, match="at most"):
        verified_times([SIGSTORE.token(MESSAGE)] * (DEFAULT_LIMITS.timestamps + 1), MESSAGE, ROOT)


@pytest.mark.parametrize("material", [[], "x", {"rfc3161Timestamps": {}}, {"rfc3161Timestamps": [1]}])
def test_a_damaged_list_of_tokens_is_invalid_and_not_absent(material: object) -> None:
    with pytest.raises(EvidenceInvalid):
        timestamps.of_bundle(material)


@pytest.mark.parametrize("damage", [lambda der: der[:-1], lambda der: der + b"\0", lambda der: b"", lambda der: b"0\0"])
def test_E08_a_damaged_token_is_invalid_and_not_absent(damage: Callable[[bytes], bytes]) -> None:
    refused(finished=damage)


# A real one: over the signature of an advisory that Docker signs with its DHI key

REAL_SIGNATURE = "MEUCIQD5lrnhNhEHvzggs5FvpnlVjZhQLJKfKx1WApLcJU19OwIgDxRrsaGLWyfboyD/y0UHmZEE1NJ5VW29v0U8XW3zJrc="
REAL_TOKEN = (
    "MIICyTADAgEAMIICwAYJKoZIhvcNAQcCoIICsTCCAq0CAQMxDTALBglghkgBZQMEAgEwgbcGCyqGSIb3DQEJEAEEoIGnBIGkMIGh"
    "AgEBBgkrBgEEAYO/MAIwMTANBglghkgBZQMEAgEFAAQgVaZmYnumDBspf67eW6yww2yyT9gLONgM+qcWEyJEVE0CFEeCS7o7yxNI"
    "M4hmVj5vLIbZ1wbaGA8yMDI2MDUyMzA5MDkxMFowAwIBAaAypDAwLjEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MRUwEwYDVQQDEwxz"
    "aWdzdG9yZS10c2GgADGCAdswggHXAgEBMFEwOTEVMBMGA1UEChMMc2lnc3RvcmUuZGV2MSAwHgYDVQQDExdzaWdzdG9yZS10c2Et"
    "c2VsZnNpZ25lZAIUOhNULwyQYe68wUMvy4qOiyojiwwwCwYJYIZIAWUDBAIBoIH8MBoGCSqGSIb3DQEJAzENBgsqhkiG9w0BCRAB"
    "BDAcBgkqhkiG9w0BCQUxDxcNMjYwNTIzMDkwOTEwWjAvBgkqhkiG9w0BCQQxIgQgpb7vxBdq4/9TiCZYGS4+EptQ6ZGZNpCiqt5n"
    "QC1PfBMwgY4GCyqGSIb3DQEJEAIvMX8wfTB7MHkEIIX5J7wHq2LKw7RDVsEO/IGyxog/2nq55thw2dE6zQW3MFUwPaQ7MDkxFTAT"
    "BgNVBAoTDHNpZ3N0b3JlLmRldjEgMB4GA1UEAxMXc2lnc3RvcmUtdHNhLXNlbGZzaWduZWQCFDoTVC8MkGHuvMFDL8uKjosqI4sM"
    "MAoGCCqGSM49BAMCBGcwZQIxAMYGKVTbSpTIz66IbtgZLask7//A4BbQ9BN8K2yFVBGstimn+on8q90UrMOL6FVNDQIwFGpgr6bx"
    "dANpbId2OXPGk2M4Rs9HvuEBjEc9R930VDvnVDh9mwr4Aorf2rn0XBPm"
)


def test_P11_the_timestamp_of_a_dhi_advisory_is_verified_with_the_public_good_root() -> None:
    tokens = of_bundle(REAL_TOKEN)

    (stamp,) = verified_times(tokens, base64.b64decode(REAL_SIGNATURE), PUBLIC_GOOD)

    assert stamp.moment == datetime(2026, 5, 23, 9, 9, 10, tzinfo=UTC)
    assert stamp.authority.uri.startswith("https://timestamp.sigstore.dev")


def outcome(token: bytes) -> object:
    try:
        return verified_times([token], base64.b64decode(REAL_SIGNATURE), PUBLIC_GOOD)
    except EvidenceInvalid:
        return "invalid"


def test_C17_E01_no_changed_byte_of_a_token_proves_anything_else() -> None:
    """Signed, hashed and signature bytes: always refused. Labels around them: at most the same time."""
    genuine = base64.b64decode(REAL_TOKEN)
    token = timestamp_tokens.read(genuine)
    covered = set[int]()
    for value in (token.info, token.signed[2:], token.signature):
        start = genuine.index(value)
        covered |= set(range(start, start + len(value)))
    good = outcome(genuine)

    for index in range(len(genuine)):
        changed = genuine[:index] + bytes([genuine[index] ^ 1]) + genuine[index + 1 :]
        assert outcome(changed) in (["invalid"] if index in covered else ["invalid", (), good]), index


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_E08_any_bytes_give_a_result_or_our_error(data: st.DataObject) -> None:
    genuine = SIGSTORE.token(MESSAGE)
    start = data.draw(st.integers(0, len(genuine)))
    end = data.draw(st.integers(start, min(len(genuine), start + 8)))
    changed = genuine[:start] + data.draw(st.binary(max_size=8)) + genuine[end:]
    good = verified_times([genuine], MESSAGE, ROOT)

    for token in (changed, data.draw(st.binary(max_size=64))):
        try:
            assert verified_times([token], MESSAGE, ROOT) in ((), good)
        except EvidenceInvalid:
            assert token != genuine


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_annotation_gives_tokens_or_our_error(text: str) -> None:
    with suppress(EvidenceInvalid):
        assert isinstance(timestamps.of_annotation(text), tuple)
