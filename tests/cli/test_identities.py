"""The options that say who may sign with a certificate: what they add up to, and what they refuse."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import KEY, THEN, Run
from tests.cli.test_demands import additions
from verifier.cli.options import known_variables
from verifier.errors import UsageError
from verifier.model.trust import Identity

ALICE, BOB = "alice@example.com", "bob@example.com"
GOOGLE, GITHUB = "https://accounts.google.com", "https://token.actions.githubusercontent.com"
NAMED = ("--certificate-identity", ALICE)
ISSUED = ("--certificate-oidc-issuer", GOOGLE)
COMMANDS = (("image",), ("attestation", "list"), ("attestation", "get", "--predicate-type", "sbom"), ("doctor",))


def identities(*arguments: str) -> tuple[Identity, ...]:
    return additions(*arguments).identities


def test_without_options_there_are_none() -> None:
    assert identities() == ()
    assert additions().trusted_root == ""


def test_exact_texts_and_patterns() -> None:
    assert identities(*NAMED, *ISSUED) == (Identity(subject=ALICE, issuer=GOOGLE),)
    assert identities("--certificate-identity-regexp", ".*@example", *ISSUED) == (
        Identity(subject_pattern=".*@example", issuer=GOOGLE),
    )
    assert identities(*NAMED, "--certificate-oidc-issuer-regexp", "https://.*") == (
        Identity(subject=ALICE, issuer_pattern="https://.*"),
    )


def test_short_spellings_mean_the_same() -> None:
    assert identities("--cert-identity", ALICE, "--cert-oidc-issuer", GOOGLE) == identities(*NAMED, *ISSUED)


def test_one_issuer_holds_for_all_identities() -> None:
    found = identities(*NAMED, "--cert-identity", BOB, *ISSUED)

    assert found == (Identity(subject=ALICE, issuer=GOOGLE), Identity(subject=BOB, issuer=GOOGLE))


def test_C04_as_many_issuers_as_identities_pair_up_in_their_order() -> None:
    found = identities(*ISSUED, *NAMED, "--certificate-oidc-issuer", GITHUB, "--certificate-identity", BOB)

    assert found == (Identity(subject=ALICE, issuer=GOOGLE), Identity(subject=BOB, issuer=GITHUB))


@pytest.mark.parametrize(("names", "issuers"), [(1, 2), (2, 3), (3, 2)])
def test_C04_other_numbers_do_not_pair_up(names: int, issuers: int) -> None:
    with pytest.raises(UsageError, match=f"{names} identities and {issuers} issuers do not pair up") as caught:
        identities(*NAMED * names, *ISSUED * issuers)

    assert "one issuer for all identities" in caught.value.hint


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (NAMED, "an identity without an issuer"),
        (("--certificate-identity-regexp", ".*"), "an identity without an issuer"),
        (ISSUED, "an issuer without an identity"),
        (("--certificate-oidc-issuer-regexp", ".*"), "an issuer without an identity"),
        ((*ISSUED, "--certificate-github-workflow-ref", "refs/heads/main"), "an issuer without an identity"),
        (("--certificate-github-workflow-ref", "refs/heads/main"), "GitHub claims without an identity"),
        ((*NAMED, "--certificate-github-workflow-ref", "refs/heads/main"), "an identity without an issuer"),
    ],
)
def test_C04_half_an_identity_is_a_usage_error(arguments: tuple[str, ...], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        identities(*arguments)


@pytest.mark.parametrize("flag", ["--certificate-identity", "--certificate-oidc-issuer"])
def test_C07_exact_text_and_pattern_together_are_a_usage_error(flag: str) -> None:
    with pytest.raises(UsageError, match=f"{flag} and {flag}-regexp together"):
        identities(*NAMED, *ISSUED, f"{flag}-regexp", ".*")


@pytest.mark.parametrize(
    "flag",
    [
        "--certificate-identity",
        "--certificate-identity-regexp",
        "--certificate-oidc-issuer",
        "--certificate-oidc-issuer-regexp",
        "--certificate-github-workflow-repository",
        "--certificate-github-workflow-trigger",
    ],
)
def test_G16_an_empty_value_is_a_usage_error(flag: str) -> None:
    others = [pair for pair in (NAMED, ISSUED) if not flag.startswith(pair[0])]

    with pytest.raises(UsageError, match=f"{flag} is empty"):
        identities(*(word for pair in others for word in pair), flag, "")


@pytest.mark.parametrize(("claim", "number"), [("trigger", 2), ("sha", 3), ("name", 4), ("repository", 5), ("ref", 6)])
def test_C25_C27_claims_of_github_hold_for_every_identity(claim: str, number: int) -> None:
    found = identities(*NAMED, "--cert-identity", BOB, *ISSUED, f"--certificate-github-workflow-{claim}", "a b")

    assert [one.claims for one in found] == [((number, "a b"),)] * 2


def test_several_claims_must_all_be_stated() -> None:
    claims = {"repository": "acme/app", "ref": "refs/tags/v1", "name": "release"}
    flags = [word for claim, text in claims.items() for word in (f"--certificate-github-workflow-{claim}", text)]

    (found,) = identities(*NAMED, *ISSUED, *flags)

    assert sorted(found.claims) == [(4, "release"), (5, "acme/app"), (6, "refs/tags/v1")]


def test_every_option_is_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "IDENTITY": f"{ALICE} {BOB}",
        "OIDC_ISSUER": GOOGLE,
        "GITHUB_WORKFLOW_NAME": "build and release",
    }.items():
        monkeypatch.setenv(f"DHIVERIFY_CERTIFICATE_{name}", value)

    assert identities() == (
        Identity(subject=ALICE, issuer=GOOGLE, claims=((4, "build and release"),)),
        Identity(subject=BOB, issuer=GOOGLE, claims=((4, "build and release"),)),
    )
    assert {"DHIVERIFY_CERTIFICATE_IDENTITY_REGEXP", "DHIVERIFY_TRUSTED_ROOT"} <= known_variables().keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_N04_wrong_calls_exit_2_in_every_command(run: Run, command: tuple[str, ...]) -> None:
    for wrong in (NAMED, ISSUED, (*NAMED, *ISSUED * 2), ("--trusted-root", ""), ("--trusted-root", "testdata")):
        ran = run(*command, *wrong, "oci:testdata/allowed")

        assert (ran.code, ran.out) == (2, "")
        assert "Traceback" not in ran.err


def test_C03_a_pattern_that_is_refused_ends_the_run(run: Run) -> None:
    ran = run("image", "--certificate-identity-regexp", "(a", *ISSUED, "oci:testdata/allowed")

    assert ran.code == 2
    assert "the identity pattern '(a' is refused: a group is not closed" in ran.err


def test_identities_take_the_place_of_the_keyring_and_keys_stand_beside_them(run: Run) -> None:
    def verdict(*signers: str) -> tuple[int, str]:
        ran = run("image", *signers, *THEN, "--output", "json", "oci:testdata/allowed")
        return ran.code, json.loads(ran.out)["verdict"]

    assert verdict(*NAMED, *ISSUED) == (4, "deny")
    assert verdict(*NAMED, *ISSUED, *KEY) == (0, "allow")


def test_F08_a_root_that_no_signature_needs_is_not_read(run: Run) -> None:
    ran = run("image", *KEY, *THEN, "--trusted-root", "README.md", "oci:testdata/allowed")

    assert (ran.code, ran.err) == (0, "")


def test_the_diagnosis_says_who_is_trusted_and_what_is_asked_of_logs(run: Run) -> None:
    said = run("doctor", *NAMED, *ISSUED, "oci:testdata/allowed").out

    assert f"trusted: {ALICE} ({GOOGLE})" in said
    assert "transparency log: if-present for keys, require for certificates" in said


def test_help_says_where_patterns_differ_from_cosigns(run: Run) -> None:
    said = " ".join(run("image", "--help").out.split())

    assert said.count("anchored or not, where cosign searches") == 2
    assert "--certificate-identity release@acme.example \\" in said
