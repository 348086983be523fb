"""One pipeline for all formats: which are read, and what several signatures amount to together."""

from __future__ import annotations

from functools import partial

import pytest

from tests.signature.signed_documents import MANIFEST, OTHER, STRANGER, TRUST, bundle, dsse, envelope, signature
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Checked, FoundSignature, Status
from verifier.signature import check_all, check_one, enclosed

UNTRUSTED = dsse(envelope(signatures=[signature(key=STRANGER)]))
check = partial(check_one, trust=TRUST)


@pytest.mark.parametrize("form", ["simplesigning", "dsse", "bundle", "notary", "unknown", ""])
def test_what_could_not_be_fetched_says_why(form: str) -> None:
    found = FoundSignature(form, MANIFEST, OTHER, problem="the blob is 3 bytes short")

    assert (check(found).status, check(found).reason) == (Status.INVALID, found.problem)
    with pytest.raises(EvidenceInvalid, match="3 bytes short"):
        enclosed(found)


def test_a_format_that_nobody_knows_is_invalid() -> None:
    found = FoundSignature("gpg", MANIFEST, OTHER, b"signature")

    assert check(found).status is Status.INVALID
    assert "'gpg'" in check(found).reason


def test_notary_signatures_are_named_and_not_trusted() -> None:
    found = FoundSignature("notary", MANIFEST, OTHER)

    checked = check(found)

    assert (checked.status, checked.reason) == (Status.UNTRUSTED, "Notary Project signatures are not supported")
    assert "notation" in checked.hint
    assert enclosed(found) is None


def test_B05_no_signature_is_unsigned_never_verified() -> None:
    assert check_all((), check).status is Status.UNSIGNED


@pytest.mark.parametrize("order", [1, -1])
def test_B12_B38_G06_G07_the_best_of_mixed_formats_decides_in_any_order(order: int) -> None:
    broken = [bundle(b"{"), dsse(b"\xff"), FoundSignature("gpg", MANIFEST, OTHER)]

    assert check_all([*broken, UNTRUSTED, bundle()][::order], check).status is Status.VERIFIED
    assert check_all([*broken, UNTRUSTED][::order], check).status is Status.UNTRUSTED
    assert check_all(broken[::order], check).status is Status.INVALID


def test_I06_too_many_signatures_are_refused_before_any_is_checked() -> None:
    def never(found: FoundSignature) -> Checked:
        raise AssertionError(found)

    checked = check_all([dsse()] * (DEFAULT_LIMITS.signatures + 1), never)

    assert checked.status is Status.INVALID
    assert "at most" in checked.reason
