"""Base64 with one reading: whatever is decoded has exactly the four known spellings."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import EvidenceInvalid
from verifier.signature.base64text import decode


def spellings(content: bytes) -> set[str]:
    padded = {base64.b64encode(content).decode(), base64.urlsafe_b64encode(content).decode()}
    return padded | {text.rstrip("=") for text in padded}


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=40))
def test_P07_every_spelling_is_read(content: bytes) -> None:
    for text in spellings(content):
        assert decode(text, "text") == content
        assert decode(text.encode(), "text") == content


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ABQgw19+/-_= \n", max_size=9) | st.text(max_size=9) | st.just("\udcff"))
def test_B13_nothing_else_is(text: str) -> None:
    try:
        content = decode(text, "text")
    except EvidenceInvalid:
        return
    assert text in spellings(content)


@pytest.mark.parametrize("text", ["", "=", "====", "A===", "AAAA=", "AAAA====", "AA=A", "AB==", "AAB=", "AA=="[:3]])
def test_B13_refused(text: str) -> None:
    with pytest.raises(EvidenceInvalid):
        decode(text, "text")
