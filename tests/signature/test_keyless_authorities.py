"""Who vouches for a signer, through the whole pipeline: authorities, their times, and GitHub's own instance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.signature.keyless_signatures import (
    ENTRY,
    FOREIGN,
    FORMS,
    SIGSTORE,
    STATEMENT,
    bundle,
    bundle_found,
    judged,
    layer,
    root,
    root_of,
    said,
)
from tests.signature.signed_documents import ARTIFACT
from tests.sigstore import (
    ISSUED,
    LIFETIME,
    REMOVED,
    SIGNED,
    START,
    Logged,
    PrivateSigstore,
    Stamped,
    Trusted,
    key,
)
from tests.sigstore.cosign import chain
from verifier.model import Status, Transparency
from verifier.model.trust import TrustedRoot

SECOND = timedelta(seconds=1)
END = ISSUED + LIFETIME
TIME = "2026-01-15T12:01:00Z"
GITHUB_ROOT = root_of(SIGSTORE.github_root())

forms = pytest.mark.parametrize("form", FORMS)


@forms
def test_C10_a_signature_under_an_unknown_authority_is_untrusted(form: str) -> None:
    """Good in itself, and its log and time are as unknown as its authority."""
    foreign = FOREIGN.signer

    with_our_log = judged(FORMS[form](signer=foreign))

    assert with_our_log.status is Status.UNTRUSTED, with_our_log.reason
    assert "no certificate authority of the trusted root issued" in with_our_log.reason


def test_C10_C36_a_whole_foreign_sigstore_is_untrusted() -> None:
    checked = judged(bundle_found(FOREIGN.bundle(file=ARTIFACT, timestamps=1)))

    assert checked.status is Status.UNTRUSTED, checked.reason
    assert "--trusted-root" in checked.hint


@forms
def test_C10_an_authority_that_only_bears_the_name(form: str) -> None:
    same_name = PrivateSigstore("sigstore").authority("fulcio")
    forged = replace(same_name, key=key("forger", "p384"))

    assert said(judged(FORMS[form](signer=SIGSTORE.leaf(ca=forged)))).startswith("invalid: no chain of certificates")


def test_C11_a_chain_that_brings_its_own_root() -> None:
    foreign = FOREIGN.signer

    brought = judged(bundle(material="chain-with-root", signer=foreign))
    beside = replace(layer(file=ARTIFACT), chain=chain(foreign.chain))

    assert said(brought).startswith("invalid: the bundle brings a root certificate along")
    assert judged(replace(FORMS["simple signing"](), chain=beside.chain)).status is Status.VERIFIED
    assert judged(replace(FORMS["simple signing"](signer=foreign), chain=beside.chain)).status is Status.UNTRUSTED


@forms
@pytest.mark.parametrize("moment", [ISSUED - SECOND, END + SECOND])
def test_C14_D14_logged_outside_the_certificates_time(form: str, moment: datetime) -> None:
    checked = judged(FORMS[form](log=Logged(at=moment)))

    assert said(checked).startswith("invalid: the certificate of")
    assert moment.isoformat() in checked.reason


@forms
@pytest.mark.parametrize("moment", [ISSUED - SECOND, END + SECOND])
def test_C14_E06_stamped_outside_the_certificates_time(form: str, moment: datetime) -> None:
    """Though the log says that it was in time."""
    assert said(judged(FORMS[form](stamp=Stamped(at=moment)))).startswith("invalid: the certificate of")


@forms
@pytest.mark.parametrize("moment", [ISSUED, END])
def test_P14_both_ends_of_a_certificates_time_belong_to_it(form: str, moment: datetime) -> None:
    assert judged(FORMS[form](log=Logged(at=moment))).status is Status.VERIFIED
    assert judged(FORMS[form](stamp=Stamped(at=moment))).status is Status.VERIFIED


@forms
@pytest.mark.parametrize("which", ["root", "intermediate"])
def test_C15_an_expired_issuer(form: str, which: str) -> None:
    """Valid when the certificate was issued, and no longer when it was used."""
    authority = SIGSTORE.authority(windows={which: (START, ISSUED + SECOND)})
    signer, under = SIGSTORE.leaf(ca=authority), root(authorities=(authority,))

    in_time, late = (FORMS[form](signer=signer, log=Logged(at=at)) for at in (ISSUED + SECOND, SIGNED))

    assert judged(in_time, under=under).status is Status.VERIFIED
    assert judged(late, under=under).status is Status.INVALID


def test_C16_an_authority_outside_its_time_of_trust() -> None:
    def under(end: datetime) -> TrustedRoot:
        return root(authorities=(Trusted(whom=SIGSTORE.ca, end=end),))

    assert judged(bundle(), under=under(SIGNED)).status is Status.VERIFIED
    assert said(judged(bundle(), under=under(SIGNED - SECOND))).startswith("invalid")


def test_C17_C18_a_time_that_nobody_vouches_for_is_none() -> None:
    at = str(int(SIGNED.timestamp()))
    unsigned = {"a time without a promise": {f"{ENTRY}.inclusionPromise": REMOVED, f"{ENTRY}.integratedTime": at}}
    of_v2 = {f"{ENTRY}.integratedTime": at}

    for edits, log in ((unsigned["a time without a promise"], "v1"), (of_v2, "v2")):
        assert "no trusted time shows when" in judged(bundle(log=log, edits=edits)).reason


def test_C17_an_old_certificate_with_a_backdated_entry() -> None:
    """Signed with a stolen key long after; the entry's time is moved back, under the log's genuine promise."""
    at = str(int(SIGNED.timestamp()))
    late = Logged(at=END + timedelta(days=400))

    assert said(judged(bundle(log=late, edits={f"{ENTRY}.integratedTime": at}))).startswith(
        "invalid: the signed entry timestamp"
    )


@forms
@pytest.mark.parametrize("transparency", ["", "if-present", "ignore", "require"])
def test_C18_without_any_time_no_mode_helps(form: str, transparency: str) -> None:
    checked = judged(FORMS[form](log=None), transparency=transparency)

    assert (checked.status, checked.transparency) == (Status.INVALID, Transparency.ABSENT)
    assert "no trusted time" in checked.reason


@pytest.mark.parametrize("scts", [(), (FOREIGN.ctlog,)])
@forms
def test_C34_a_certificate_that_no_log_promised_to_publish(form: str, scts: tuple[Any, ...]) -> None:
    assert said(judged(FORMS[form](signer=SIGSTORE.leaf(scts=scts)))).startswith("invalid: no certificate log")


def test_C35_P13_an_sct_with_extensions() -> None:
    signer = SIGSTORE.leaf(sct_extensions=b"\x00\x01\x02\x03\x04\x05\x06\x07")

    assert judged(bundle(signer=signer)).status is Status.VERIFIED


def github(**more: Any) -> Any:
    return bundle_found(SIGSTORE.github_bundle(statement=STATEMENT, **more))


def test_P28_P11_a_bundle_of_githubs_own_instance_under_its_root() -> None:
    checked = judged(github(), under=GITHUB_ROOT)

    assert (checked.status, checked.transparency, checked.time) == (Status.VERIFIED, Transparency.ABSENT, TIME)
    assert checked.statement is not None


@pytest.mark.parametrize("transparency", ["if-present", "ignore"])
def test_P28_githubs_own_instance_in_the_lax_modes(transparency: str) -> None:
    assert judged(github(), under=GITHUB_ROOT, transparency=transparency).status is Status.VERIFIED


def test_P28_D17_a_policy_that_requires_a_log_gets_none_from_github() -> None:
    checked = judged(github(), under=GITHUB_ROOT, transparency="require")

    assert said(checked) == "invalid: the policy requires a transparency log proof, and here it is absent"


def test_C36_githubs_own_instance_does_not_count_under_the_public_root() -> None:
    assert judged(github()).status is Status.UNTRUSTED, judged(github()).reason
    assert judged(bundle(stamp="tsa"), under=GITHUB_ROOT).status is Status.UNTRUSTED


def test_C36_a_root_of_both_asks_for_what_the_public_one_has() -> None:
    both = root(
        authorities=(SIGSTORE.ca, SIGSTORE.github_ca),
        timestamp_authorities=(SIGSTORE.tsas["tsa"], SIGSTORE.tsas["github"]),
    )

    assert judged(bundle(), under=both).status is Status.VERIFIED
    assert judged(github(), under=both).status is Status.INVALID


def test_C36_an_empty_root_trusts_nobody() -> None:
    checked = judged(bundle(), under=TrustedRoot())

    assert checked.status is Status.UNTRUSTED, checked.reason
