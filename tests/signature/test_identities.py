"""Who signed, against who may."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509

from tests.sigstore import EMAIL, EMAIL_ISSUER, ISSUER, USER, WORKFLOW, PrivateSigstore
from tests.sigstore.claims import general_name
from verifier.errors import ConfigurationError
from verifier.model.trust import Identity
from verifier.signature.certificates import Leaf, read_leaf
from verifier.signature.identities import matches

SIGSTORE = PrivateSigstore()
PATTERN = r"https://github\.com/example/app/\.github/workflows/[a-z]+\.yml@refs/tags/v[0-9.]+"


def leaf(**options: Any) -> Leaf:
    return read_leaf(SIGSTORE.leaf(scts=(), **options).der)


def identity(subject: str = WORKFLOW, issuer: str = ISSUER, claims: dict[int, str] | None = None) -> Identity:
    return Identity(subject=subject, issuer=issuer, claims=tuple((claims or {}).items()))


WORKFLOW_LEAF = leaf()


def test_exact_subject_and_issuer() -> None:
    assert matches(identity(), WORKFLOW_LEAF) == ""
    assert "expected 'https://other'" in matches(identity(subject="https://other"), WORKFLOW_LEAF)


def test_C04_another_issuer_is_another_identity() -> None:
    assert "issuer" in matches(identity(issuer=EMAIL_ISSUER), WORKFLOW_LEAF)
    assert "issuer" in matches(identity(subject=EMAIL), leaf(identity=EMAIL, issuer=EMAIL_ISSUER))
    assert matches(identity(EMAIL, EMAIL_ISSUER), leaf(identity=EMAIL, issuer=EMAIL_ISSUER)) == ""


def test_C04_a_certificate_without_issuer_is_nobody() -> None:
    nobody = leaf(claims={1: None, 8: None})

    assert "does not say who vouched" in matches(identity(), nobody)
    assert "does not say" in matches(Identity(subject=WORKFLOW, issuer_pattern=".*"), nobody)


@pytest.mark.parametrize(
    "open_identity",
    [
        Identity(),
        Identity(subject=WORKFLOW),
        Identity(issuer=ISSUER),
        Identity(subject_pattern=".*"),
        Identity(claims=((12, "https://github.com/example/app"),)),
    ],
)
def test_C04_an_identity_that_leaves_subject_or_issuer_open_is_refused(open_identity: Identity) -> None:
    with pytest.raises(ConfigurationError, match="exactly one way"):
        matches(open_identity, WORKFLOW_LEAF)


@pytest.mark.parametrize(
    "double",
    [
        Identity(subject=WORKFLOW, subject_pattern="x", issuer=ISSUER),
        Identity(subject=WORKFLOW, issuer=ISSUER, issuer_pattern="x"),
    ],
)
def test_C07_exact_text_and_pattern_together_are_refused(double: Identity) -> None:
    with pytest.raises(ConfigurationError, match="exactly one way"):
        matches(double, WORKFLOW_LEAF)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("subject", "x"),
        ("subject_pattern", "x"),
        ("issuer", "x"),
        ("issuer_pattern", "x"),
        ("claims", ((12, "x"),)),
    ],
)
def test_C06_each_part_of_an_identity_has_an_effect(option: str, value: Any) -> None:
    good: dict[str, Any] = {"subject_pattern": ".*", "issuer_pattern": ".*"}
    assert matches(Identity(**good), WORKFLOW_LEAF) == ""

    changed = {name: text for name, text in good.items() if not name.startswith(option.partition("_")[0])}
    assert matches(Identity(**{**changed, option: value}), WORKFLOW_LEAF) != ""


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example/?https://github.com/example/app/.github/workflows/release.yml@refs/tags/v1",
        "https://github.com/example/app/.github/workflows/release.yml@refs/tags/v1?x",
        "https://github.com/example/app/.github/workflows/release.yml@refs/tags/v1\nx",
        "https://github.com/example/app/.github/workflows/release.yml@refs/heads/main",
        "https://github.com/example/app/.github/workflows/release-yml@refs/tags/v1",
        "https://githubxcom/example/app/.github/workflows/release.yml@refs/tags/v1",
        "https://github.com/example/app-evil/.github/workflows/release.yml@refs/tags/v1",
    ],
)
def test_C01_C02_C30_a_pattern_means_the_whole_name(name: str) -> None:
    pattern = Identity(subject_pattern=PATTERN, issuer=ISSUER)

    assert matches(pattern, WORKFLOW_LEAF) == ""
    assert "expected" in matches(pattern, leaf(names=(general_name(name),)))


@pytest.mark.parametrize(
    "subject",
    [
        WORKFLOW + "/",
        WORKFLOW.upper(),
        WORKFLOW.replace("example", "Example"),
        WORKFLOW.replace("example", "%65xample"),
        WORKFLOW.replace("example/", "example//"),
        WORKFLOW.replace("example/", "example/../example/"),
        WORKFLOW.replace("e", "\u0435"),  # the Cyrillic letter
        WORKFLOW + "#",
        WORKFLOW + "?",
        WORKFLOW + "\0",
        " " + WORKFLOW,
    ],
)
def test_C29_C30_names_are_compared_as_they_stand(subject: str) -> None:
    assert "expected" in matches(identity(subject=subject), WORKFLOW_LEAF)


@pytest.mark.parametrize("composed", ["caf\u00e9", "cafe\u0301"])
def test_C29_no_unicode_form_stands_for_another(composed: str) -> None:
    named = leaf(claims={4: composed})

    assert matches(identity(claims={4: composed}), named) == ""
    assert "expected" in matches(identity(claims={4: {"caf\u00e9": "cafe\u0301"}.get(composed, "caf\u00e9")}), named)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (EMAIL, "https://x.example/dev@example.com"),
        (WORKFLOW, EMAIL),
        (USER, "https://x.example/alice!example.com"),
    ],
)
def test_C09_names_of_another_type_do_not_match(subject: str, said: str) -> None:
    assert "expected" in matches(identity(subject=subject), leaf(identity=said, issuer=ISSUER))


def test_C09_an_address_that_reads_like_a_uri_is_refused() -> None:
    disguised = leaf(names=(x509.RFC822Name(WORKFLOW),))

    assert "of type email; expected uri" in matches(identity(), disguised)
    assert "of type email; expected uri" in matches(Identity(subject_pattern=".*", issuer=ISSUER), disguised)


def test_C09_user_names_and_addresses_match_their_own() -> None:
    assert matches(identity(USER, EMAIL_ISSUER), leaf(identity=USER, issuer=EMAIL_ISSUER)) == ""
    assert matches(Identity(subject_pattern=r"[a-z]+@example\.com", issuer=EMAIL_ISSUER), email_leaf()) == ""


def email_leaf() -> Leaf:
    return leaf(identity=EMAIL, issuer=EMAIL_ISSUER)


def test_C25_a_reusable_workflow_called_from_elsewhere_is_told_by_the_source_repository() -> None:
    wanted = identity(claims={12: "https://github.com/example/app", 16: "https://github.com/example"})
    called = leaf(claims={12: "https://github.com/evil/app", 16: "https://github.com/evil"})

    assert matches(wanted, WORKFLOW_LEAF) == ""
    assert "source repository (12) is 'https://github.com/evil/app'" in matches(wanted, called)


@pytest.mark.parametrize(
    ("number", "good", "bad", "called"),
    [
        (2, "push", "pull_request", "GitHub workflow trigger"),
        (3, "0123456789abcdef0123456789abcdef01234567", "0" * 40, "GitHub workflow commit"),
        (4, "release", "build", "GitHub workflow name"),
        (5, "example/app", "example/App", "GitHub workflow repository"),
        (6, "refs/tags/v1.2.3", "refs/heads/main", "GitHub workflow ref"),
        (9, WORKFLOW, WORKFLOW + "x", "build signer"),
        (11, "github-hosted", "self-hosted", "runner environment"),
        (12, "https://github.com/example/app", "https://github.com/example/app/", "source repository"),
        (14, "refs/tags/v1.2.3", "refs/heads/v1.2.3", "source repository ref"),
        (15, "1001", "01001", "source repository number"),
        (17, "2002", "2003", "source repository owner number"),
        (18, WORKFLOW, WORKFLOW.lower() + " ", "workflow"),
        (20, "push", "PUSH", "build trigger"),
    ],
)
def test_C26_C27_C28_claims_are_compared_by_number(number: int, good: str, bad: str, called: str) -> None:
    assert matches(identity(claims={number: good}), WORKFLOW_LEAF) == ""
    assert f"{called} ({number})" in matches(identity(claims={number: bad}), WORKFLOW_LEAF)
    assert "not stated" in matches(identity(claims={number: good}), leaf(claims={number: None}))


def test_a_claim_that_no_certificate_can_state_never_matches() -> None:
    assert "claim (99) is not stated" in matches(identity(claims={99: ""}), WORKFLOW_LEAF)
