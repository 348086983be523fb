"""ECDSA signatures that are none, or the same one in another dress. Numbers and encodings, not bytes at random."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.signature.signed_documents import PUBLISHER, TRUST
from tests.signature.test_simplesigning import check_all, found, payload, signed
from verifier.model import Status
from verifier.signature import check_one

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group of P-256 (SEC 2, 2.4.2)
GOOD = PUBLISHER.sign(payload(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
R, S = decode_dss_signature(GOOD)


def status(signature: bytes) -> Status:
    return check_one(found(payload(), signature), TRUST).status


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 0), (0, S), (R, 0), (ORDER, S), (R, ORDER), (R + ORDER, S), (R, S + ORDER), (1, 1), (S, R)],
)
def test_B25_numbers_out_of_range_are_no_signature(r: int, s: int) -> None:
    assert status(encode_dss_signature(R, S)) is Status.VERIFIED
    assert status(encode_dss_signature(r, s)) is Status.UNTRUSTED


@pytest.mark.parametrize(
    "signature",
    [
        GOOD + b"\0",
        GOOD[:-1],
        b"\x30\x81" + GOOD[1:],  # a length in two bytes where one would do
        b"\x30\x80" + GOOD[2:] + b"\0\0",  # indefinite length
        R.to_bytes(32, "big") + S.to_bytes(32, "big"),  # IEEE P1363
        b"\x30\x00",
        b"\0" * 70,
    ],
)
def test_B25_only_der_is_read(signature: bytes) -> None:
    assert status(signature) is Status.UNTRUSTED


def test_B25_the_mirrored_signature_is_the_same_one_and_counts_once() -> None:
    """Anybody can turn (r, s) into (r, n - s). Both verify, so bytes of signatures name nothing and nobody."""
    mirrored = found(payload(), encode_dss_signature(R, ORDER - S))

    one, both = check_all([signed(payload())]), check_all([mirrored, signed(payload())])

    assert check_one(mirrored, TRUST).status is Status.VERIFIED
    assert (one.signer, one.status) == (both.signer, both.status)
