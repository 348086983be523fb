"""Log entries and timestamps through the whole pipeline, mostly beside keys: what they prove, and what is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.publisher import keys
from tests.signature.keyless_signatures import (
    BUNDLES,
    ENTRY,
    FOREIGN,
    FORMS,
    SIGSTORE,
    SIMPLE,
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
    REMOVED,
    SIGNED,
    Logged,
    Stamped,
    Trusted,
)
from verifier.model import Checked, Status, Transparency
from verifier.model.trust import Trust
from verifier.signature import check_one

SIGNER = keys.publisher
SECOND = timedelta(seconds=1)
TIME = "2026-01-15T12:01:00Z"
OUR_KEY = replace(trusting(), trusted=(key_of(SIGNER),), identities=())
STRICT = replace(OUR_KEY, transparency="require")
LAX = replace(OUR_KEY, transparency="ignore")
FOREIGN_LOG = Logged(log=FOREIGN.logs["v1"])

forms = pytest.mark.parametrize("form", FORMS)


def by_key(form: str, by: Trust = OUR_KEY, **how: Any) -> Checked:
    return check_one(FORMS[form](signer=SIGNER, **how), by)


def fact(checked: Checked) -> tuple[Status, Transparency, str]:
    return checked.status, checked.transparency, checked.time


PROVED = (Status.VERIFIED, Transparency.PROVED, TIME)


def refused(checked: Checked) -> str:
    """Why the entry is false, which it must be."""
    assert (checked.status, checked.transparency) == (Status.INVALID, Transparency.INVALID)
    assert (checked.signer, checked.statement, checked.time) == (None, None, "")
    return checked.reason


@forms
@pytest.mark.parametrize("by", [OUR_KEY, STRICT])
def test_a_log_entry_is_proved_and_has_a_time(form: str, by: Trust) -> None:
    assert fact(by_key(form, by)) == PROVED


@pytest.mark.parametrize("log", ["v2", "v2-ecdsa"])
@pytest.mark.parametrize("form", BUNDLES)
def test_an_entry_of_rekor_v2_is_proved_and_has_no_time(form: str, log: str) -> None:
    assert fact(by_key(form, STRICT, log=log)) == (Status.VERIFIED, Transparency.PROVED, "")
    assert fact(by_key(form, STRICT, log=log, stamp="tsa")) == PROVED


@forms
def test_a_timestamp_alone_is_a_time_and_no_log_proof(form: str) -> None:
    assert fact(by_key(form, log=None, stamp="tsa")) == (Status.VERIFIED, Transparency.ABSENT, TIME)


@pytest.mark.parametrize("shape", ["cosign", "docker"])
@pytest.mark.parametrize("content", [{"file": SIMPLE}, {"statement": STATEMENT}], ids=["payload", "envelope"])
def test_O18_both_shapes_of_the_annotation_are_proved(content: Any, shape: str) -> None:
    assert fact(check_one(layer(signer=SIGNER, shape=shape, **content), STRICT)) == PROVED


def test_O21_both_shapes_in_one_annotation_prove_nothing() -> None:
    assert "not exactly one of its two" in refused(check_one(layer(file=SIMPLE, signer=SIGNER, shape="both"), OUR_KEY))


@pytest.mark.parametrize("signing", keys.ALL, ids=lambda signing: signing.name)
def test_keys_of_every_kind_are_logged(signing: keys.SigningKey) -> None:
    by = replace(STRICT, trusted=(key_of(signing),))

    assert check_one(bundle(statement=STATEMENT, signer=signing), by).transparency is Transparency.PROVED


# The end of a key


@forms
@pytest.mark.parametrize("proof", [{}, {"log": None, "stamp": "tsa"}], ids=["log", "timestamp"])
@pytest.mark.parametrize(("end", "status"), [(SIGNED, "verified"), (SIGNED - SECOND, "untrusted")])
def test_C19_O09_P14_a_key_with_an_end_vouches_for_what_is_proved_to_be_older(
    form: str, proof: Any, end: Any, status: str
) -> None:
    ended = replace(OUR_KEY, trusted=(key_of(SIGNER, valid_until=end),))

    checked = by_key(form, ended, **proof)

    assert checked.status == status, checked.reason
    assert status == "verified" or "whose validity ended" in checked.reason


@forms
@pytest.mark.parametrize("mode", ["", "if-present", "ignore"])
def test_C18_C19_without_a_proved_time_an_ended_key_vouches_for_nothing(form: str, mode: str) -> None:
    ended = replace(OUR_KEY, trusted=(key_of(SIGNER, valid_until=SIGNED + SECOND),), transparency=mode)

    assert "without a proved signing time" in by_key(form, ended, log=None).reason
    assert by_key(form, ended, log=None).status is Status.UNTRUSTED


@forms
def test_C17_C19_times_that_nobody_vouches_for_save_no_ended_key(form: str) -> None:
    ended = replace(OUR_KEY, trusted=(key_of(SIGNER, valid_until=SIGNED + SECOND),))

    for proof in ({"log": FOREIGN_LOG}, {"log": None, "stamp": Stamped(tsa=FOREIGN.tsas["tsa"])}):
        assert by_key(form, ended, **proof).status is Status.UNTRUSTED
    ignoring = replace(ended, transparency="ignore")
    assert by_key(form, ignoring).status is Status.UNTRUSTED


@pytest.mark.parametrize("form", BUNDLES)
def test_C19_D05_an_entry_without_promise_saves_no_ended_key(form: str) -> None:
    ended = replace(OUR_KEY, trusted=(key_of(SIGNER, valid_until=SIGNED + SECOND),))

    assert by_key(form, ended, log="v2").status is Status.UNTRUSTED
    assert by_key(form, ended, edits={f"{ENTRY}.inclusionPromise": REMOVED}).status is Status.UNTRUSTED
    assert by_key(form, ended, log="v2", stamp="tsa").status is Status.VERIFIED


# What the policy asks


@forms
def test_D17_G08_a_required_proof_is_asked_of_the_policy_and_not_of_the_data(form: str) -> None:
    for how in ({"log": None}, {"log": None, "stamp": "tsa"}, {"log": FOREIGN_LOG}):
        assert said(by_key(form, STRICT, **how)).startswith("invalid: the policy requires a transparency log proof")
    assert judged(FORMS[form](log=None, stamp="tsa")).status is Status.INVALID
    assert judged(FORMS[form](log=FOREIGN_LOG, stamp="tsa")).status is Status.INVALID


@forms
def test_D18_ignoring_logs_is_labelled_and_proves_nothing(form: str) -> None:
    assert fact(by_key(form, LAX)) == (Status.VERIFIED, Transparency.UNCHECKED, "")
    assert fact(by_key(form, LAX, log=None)) == (Status.VERIFIED, Transparency.ABSENT, "")
    assert fact(by_key(form, LAX, stamp="tsa")) == (Status.VERIFIED, Transparency.UNCHECKED, TIME)


@forms
def test_D18_ignoring_logs_a_certificate_needs_a_timestamp(form: str) -> None:
    stamped = judged(FORMS[form](stamp="tsa"), transparency="ignore")

    assert fact(stamped) == (Status.VERIFIED, Transparency.UNCHECKED, TIME)
    assert "no trusted time" in judged(FORMS[form](), transparency="ignore").reason


@forms
def test_D18_where_logs_are_optional_a_certificate_needs_a_timestamp(form: str) -> None:
    without = judged(FORMS[form](log=None, stamp="tsa"), transparency="if-present")

    assert fact(without) == (Status.VERIFIED, Transparency.ABSENT, TIME)
    assert judged(FORMS[form](), transparency="if-present").transparency is Transparency.PROVED


@forms
def test_O18_an_entry_of_an_unknown_log_is_unchecked(form: str) -> None:
    assert fact(by_key(form, log=FOREIGN_LOG)) == (Status.VERIFIED, Transparency.UNCHECKED, "")


@pytest.mark.parametrize("order", [1, -1])
def test_D11_entries_of_a_known_and_an_unknown_log(order: int) -> None:
    logs = ("v1", FOREIGN_LOG)[::order]
    found = bundle_found(SIGSTORE.bundle(file=ARTIFACT, signer=SIGNER, logs=logs))

    assert fact(check_one(found, STRICT)) == PROVED


def test_D13_P14_a_log_counts_in_its_window_with_both_its_ends() -> None:
    def under(end: Any) -> Trust:
        limited = root(logs=(Trusted(whom=SIGSTORE.logs["v1"], end=end),))
        return replace(OUR_KEY, root=lambda: limited)

    assert fact(by_key("message", under(SIGNED))) == PROVED
    assert "counts from" in refused(by_key("message", under(SIGNED - SECOND)))
