"""Promises of certificate logs inside a certificate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.signature.test_certificates import SECOND, SIGSTORE, root_of
from tests.sigstore import ISSUED, SIGNED, CtLog, Sct, Trusted, key
from verifier.errors import EvidenceInvalid
from verifier.model.trust import TrustedRoot
from verifier.signature.certificates import issued_by, read_leaf
from verifier.signature.sct import certificate_logs

SECOND_LOG = CtLog("ctfe-2.sigstore.example", key("second ctlog"))


def logs(root: TrustedRoot | None = None, **options: Any) -> list[str]:
    under = root or root_of(SIGSTORE.trusted_root(ctlogs=(SIGSTORE.ctlog, SECOND_LOG)))
    leaf = read_leaf(SIGSTORE.leaf(**options).der)
    return [log.host for log in certificate_logs(leaf, issued_by(leaf, under, [SIGNED]), under)]


def window(start: timedelta, end: timedelta) -> TrustedRoot:
    trusted = Trusted(whom=SIGSTORE.ctlog, start=ISSUED + start, end=ISSUED + end)
    return root_of(SIGSTORE.trusted_root(ctlogs=(trusted,)))


def test_the_logs_that_promised_are_named() -> None:
    assert logs() == [SIGSTORE.ctlog.host]
    assert logs(scts=(SIGSTORE.ctlog, SECOND_LOG)) == [SIGSTORE.ctlog.host, SECOND_LOG.host]


def test_one_log_that_promised_twice_counts_once() -> None:
    later = Sct(log=SIGSTORE.ctlog, at=ISSUED + SECOND)

    assert logs(scts=(SIGSTORE.ctlog, later)) == [SIGSTORE.ctlog.host]


def test_C35_P13_an_sct_with_extensions_counts() -> None:
    assert logs(sct_extensions=bytes(range(8))) == [SIGSTORE.ctlog.host]


@pytest.mark.parametrize("milliseconds", [1, 57, 123, 999])
def test_the_time_of_an_sct_is_exact_to_the_millisecond(milliseconds: int) -> None:
    moment = ISSUED + timedelta(milliseconds=milliseconds)

    assert logs(scts=(Sct(log=SIGSTORE.ctlog, at=moment),)) == [SIGSTORE.ctlog.host]


def test_C34_C36_a_certificate_without_sct_is_refused_under_a_root_with_logs() -> None:
    with pytest.raises(EvidenceInvalid, match="no certificate log"):
        logs(scts=())


def test_C36_a_root_without_certificate_logs_asks_for_none() -> None:
    assert logs(root_of(SIGSTORE.trusted_root(ctlogs=())), scts=()) == []
    assert logs(root_of(SIGSTORE.trusted_root(ctlogs=()))) == []


def test_C34_an_unknown_log_counts_for_nothing() -> None:
    unknown = CtLog("unknown.example", key("unknown ctlog"))

    with pytest.raises(EvidenceInvalid, match="no certificate log"):
        logs(scts=(unknown,))
    assert logs(scts=(unknown, SECOND_LOG)) == [SECOND_LOG.host]


@pytest.mark.parametrize(
    "sct",
    [
        Sct(log=SIGSTORE.ctlog, key=key("wrong")),
        Sct(log=SECOND_LOG, log_id=SIGSTORE.ctlog.log_id),
        Sct(log=SIGSTORE.ctlog, precertificate=b"\x30\x00"),
        Sct(log=SIGSTORE.ctlog, algorithms=(4, 1)),
        Sct(log=SIGSTORE.ctlog, algorithms=(2, 3)),
        Sct(log=SIGSTORE.ctlog, algorithms=(0, 0)),
        Sct(log=SIGSTORE.ctlog, version=1),
    ],
)
def test_C34_a_false_promise_of_a_known_log_is_refused(sct: Sct) -> None:
    with pytest.raises(EvidenceInvalid):
        logs(scts=(sct,))
    with pytest.raises(EvidenceInvalid):
        logs(scts=(SECOND_LOG, sct))


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found[:-1],
        lambda found: found + b"\0",
        lambda found: b"\0\0",
        lambda found: b"",
        lambda found: found[:2] + b"\xff\xff" + found[4:],
        lambda found: found[:-1] + bytes([found[-1] ^ 1]),
        lambda found: found[:37] + b"\xff" * 8 + found[45:],  # a time after the year 9999
    ],
)
def test_C34_a_damaged_list_is_refused(damage: Any) -> None:
    with pytest.raises(EvidenceInvalid):
        logs(sct_list=damage)


def test_C34_the_scts_of_another_certificate_are_refused() -> None:
    other = SIGSTORE.leaf(claims={20: "pull_request"}).certificate

    with pytest.raises(EvidenceInvalid, match="did not promise"):
        logs(scts=(Sct(log=SIGSTORE.ctlog, precertificate=other.tbs_precertificate_bytes),))


@pytest.mark.parametrize(
    ("start", "end"), [(SECOND, 2 * SECOND), (-2 * SECOND, -SECOND), (timedelta(milliseconds=1), SECOND)]
)
def test_C34_an_sct_outside_the_window_of_its_log_is_refused(start: timedelta, end: timedelta) -> None:
    with pytest.raises(EvidenceInvalid, match="does not count"):
        logs(window(start, end))


@pytest.mark.parametrize(("start", "end"), [(timedelta(0), SECOND), (-SECOND, timedelta(0))])
def test_P14_both_ends_of_a_certificate_logs_window_belong_to_it(start: timedelta, end: timedelta) -> None:
    assert logs(window(start, end)) == [SIGSTORE.ctlog.host]
