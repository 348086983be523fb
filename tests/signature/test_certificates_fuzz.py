"""Certificates and SCTs with bytes changed at random: our errors only, and nothing that was changed is believed."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signature.test_certificates import SIGSTORE, root
from tests.sigstore import SIGNED
from tests.sigstore.certificates import der_of
from verifier.errors import EvidenceInvalid
from verifier.signature.certificates import Issued, issued_by, read_leaf
from verifier.signature.sct import certificate_logs

GENUINE = SIGSTORE.signer.der
ROOT = root()


def accepted(der: bytes) -> bool:
    """Whether all of it holds, up to the logs."""
    try:
        leaf = read_leaf(der)
        certificate_logs(leaf, issued_by(leaf, ROOT, [SIGNED]), ROOT)
    except EvidenceInvalid:
        return False
    return True


def test_C10_C34_no_byte_of_a_leaf_can_be_changed() -> None:
    assert accepted(GENUINE)
    assert not [i for i in range(len(GENUINE)) if accepted(GENUINE[:i] + bytes([GENUINE[i] ^ 1]) + GENUINE[i + 1 :])]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_C33_any_damage_to_a_certificate_is_our_error(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GENUINE)))
    end = data.draw(st.integers(start, min(len(GENUINE), start + 8)))
    changed = GENUINE[:start] + data.draw(st.binary(max_size=8)) + GENUINE[end:]

    assert accepted(changed) == (changed == GENUINE)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=200))
def test_C33_any_bytes_and_any_text_are_our_error(der: bytes, text: str) -> None:
    for certificate in (der, text, "-----BEGIN CERTIFICATE-----\n" + text):
        with suppress(EvidenceInvalid):
            assert not read_leaf(certificate)
    for chain in ([der], text):
        with suppress(EvidenceInvalid):
            assert read_leaf(GENUINE, chain).intermediates == ()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=150), st.integers(0, 150), st.integers(0, 150))
def test_C34_any_list_of_scts_is_read_or_our_error(noise: bytes, start: int, length: int) -> None:
    made = SIGSTORE.leaf(sct_list=lambda genuine: genuine[:start] + noise + genuine[start + length :])
    genuine = der_of(made.certificate) == GENUINE

    leaf = SIGSTORE.ca
    issued = Issued(ROOT.authorities[0], leaf.chain)
    try:
        certificate_logs(read_leaf(made.der), issued, ROOT)
    except EvidenceInvalid:
        assert not genuine
    else:
        assert genuine
