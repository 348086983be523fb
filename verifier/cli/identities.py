"""The options that say who may sign with a certificate, in cosign's spelling, and the identities that they make.

cosign lets a pattern silently take the place of an exact text beside it, and searches with it. Here the two together
are refused, and a pattern must match the whole text.
"""

from __future__ import annotations

from typing import Any

import click

from verifier.errors import UsageError
from verifier.model.trust import Identity

# Extensions under 1.3.6.1.4.1.57264.1 that only certificates of GitHub workflows have.
_GITHUB_CLAIMS = {"trigger": 2, "sha": 3, "name": 4, "repository": 5, "ref": 6}

_SUBJECT, _ISSUER = "certificate_identity", "certificate_oidc_issuer"
_GITHUB = "certificate_github_workflow_"
_NAME_THE_ISSUER = "Give it with --certificate-oidc-issuer, such as https://token.actions.githubusercontent.com."

_PAIR_THEM = "Give one issuer for all identities, or one for each of them in the same order."


def _github(claim: str, metavar: str, help_text: str) -> Any:
    return click.option(f"--certificate-github-workflow-{claim}", metavar=metavar, help=help_text)


IDENTITY_OPTIONS = (
    click.option(
        "--certificate-identity",
        "--cert-identity",
        multiple=True,
        metavar="NAME",
        help="Trust certificates of this subject instead of the keyring; repeatable. Needs an issuer.",
    ),
    click.option(
        "--certificate-identity-regexp",
        multiple=True,
        metavar="REGEXP",
        help="The same by a pattern. It must match the whole subject, anchored or not, where cosign searches in it.",
    ),
    click.option(
        "--certificate-oidc-issuer",
        "--cert-oidc-issuer",
        multiple=True,
        metavar="URL",
        help="Who vouches for the subject: one issuer for all, or one for each in the same order.",
    ),
    click.option(
        "--certificate-oidc-issuer-regexp",
        multiple=True,
        metavar="REGEXP",
        help="The same by a pattern. It must match the whole issuer, anchored or not, where cosign searches in it.",
    ),
    _github("repository", "OWNER/NAME", "Demand that the certificate states this GitHub repository."),
    _github("ref", "REF", "Demand that the certificate states this git ref, such as refs/tags/v1."),
    _github("sha", "COMMIT", "Demand that the certificate states this git commit."),
    _github("name", "NAME", "Demand that the certificate states this name of a GitHub workflow."),
    _github("trigger", "EVENT", "Demand that the certificate states this GitHub event, such as push."),
)


def identities_of(given: dict[str, Any]) -> tuple[Identity, ...]:
    """Each subject with its issuer, and with all that certificates must state.

    Raises `UsageError` for options that leave open who is meant.
    """
    subjects, issuers = _given(given, _SUBJECT), _given(given, _ISSUER)
    claims = _claims(given)
    if not subjects and (issuers or claims):
        what = "an issuer" if issuers else "GitHub claims"
        raise UsageError(f"{what} without an identity", hint="Name who may sign with --certificate-identity.")
    if subjects and not issuers:
        raise UsageError("an identity without an issuer: anybody may vouch for that name", hint=_NAME_THE_ISSUER)
    if len(issuers) == 1:
        issuers *= len(subjects)
    if len(issuers) != len(subjects):
        raise UsageError(f"{len(subjects)} identities and {len(issuers)} issuers do not pair up", hint=_PAIR_THEM)
    pairs = zip(subjects, issuers, strict=True)
    return tuple(Identity(**subject, **issuer, claims=claims) for subject, issuer in pairs)


def _given(given: dict[str, Any], name: str) -> list[dict[str, str]]:
    """Members of `Identity`. An exact text and a pattern together are refused: the order among both is not known."""
    member = "subject" if name == _SUBJECT else "issuer"
    texts, patterns = given[name], given[f"{name}_regexp"]
    flag = f"--{name.replace('_', '-')}"
    if texts and patterns:
        raise UsageError(
            f"{flag} and {flag}-regexp together leave open which of the two counts",
            hint="Give one of them. To trust several signers by either, name them in a policy document.",
        )
    if "" in (*texts, *patterns):
        raise UsageError(f"{flag}{'-regexp' if patterns else ''} is empty", hint="Name it, or leave the option out.")
    return [{member: text} for text in texts] + [{f"{member}_pattern": text} for text in patterns]


def _claims(given: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    stated = {claim: given[_GITHUB + claim] for claim in _GITHUB_CLAIMS}
    if "" in stated.values():
        empty = next(claim for claim, text in stated.items() if text == "")
        raise UsageError(f"--certificate-github-workflow-{empty} is empty", hint="Name it, or leave the option out.")
    return tuple((_GITHUB_CLAIMS[claim], text) for claim, text in stated.items() if text)
