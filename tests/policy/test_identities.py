"""Whom a policy trusts by certificate: what a document may say, and what becomes of it in the plan."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.test_plan import IMAGE
from verifier.errors import ConfigurationError
from verifier.model import Plan
from verifier.model.trust import Identity
from verifier.policy import Additions, LoadedDocument, plan_for
from verifier.policy.identities import checked
from verifier.policy.reading import parse

GITHUB = "https://token.actions.githubusercontent.com"
GOOGLE = "https://accounts.google.com"
ALICE = "subject: alice@example.com, issuer: https://accounts.google.com"

DOCUMENT = """\
version: 1
name: team
images:
  - match: "*"
    trust:
      identities:
        - subjectPattern: {subject}
          issuer: https://token.actions.githubusercontent.com
          {member}
    rules:
      - pack: dhi
"""
WORKFLOW = r"https://github\.com/acme/app/\.github/workflows/release\.yml@refs/tags/v[0-9.]+"


def planned(trust: str, more: Additions | None = None, members: str = "", folder: str = "/policies") -> Plan:
    text = f"version: 1\nname: t\nimages:\n- {{match: '*', trust: {{{trust}}}, rules: [{{pack: dhi}}]{members}}}\n"
    plan = plan_for(LoadedDocument(parse(text.encode(), "t.yaml"), "t.yaml", "sha256:00", folder), IMAGE, more)
    assert plan
    return plan


def identity(members: str) -> Identity:
    (found,) = planned(f"identities: [{{{members}}}]").identities
    return found


def test_identities_alone_are_enough() -> None:
    plan = planned(f"identities: [{{{ALICE}}}, {{subjectPattern: '.*@acme', issuerPattern: '{GITHUB}/[a-z]+'}}]")

    assert (plan.keys, plan.key_files) == ((), ())
    assert plan.identities == (
        Identity(subject="alice@example.com", issuer=GOOGLE),
        Identity(subject_pattern=".*@acme", issuer_pattern=f"{GITHUB}/[a-z]+"),
    )


def test_G16_nobody_to_trust_is_a_fault() -> None:
    for trust in ("", "identities: []", "keys: [], keyFiles: [], identities: [], trustedRoot: root.json"):
        with pytest.raises(ConfigurationError, match="names neither key nor identity to trust"):
            planned(trust)


@pytest.mark.parametrize(
    ("member", "number"),
    [
        ("signer", 9),
        ("runner", 11),
        ("sourceRepository", 12),
        ("sourceDigest", 13),
        ("sourceRef", 14),
        ("sourceRepositoryId", 15),
        ("sourceRepositoryOwner", 16),
        ("sourceRepositoryOwnerId", 17),
        ("workflow", 18),
        ("trigger", 20),
    ],
)
def test_C25_C26_C27_C28_each_claim_is_an_extension(member: str, number: int) -> None:
    assert identity(f"{ALICE}, {member}: 'x y'").claims == ((number, "x y"),)
    for nothing in ("''", "null", "1001"):
        with pytest.raises(ConfigurationError, match=rf"identities\[0\]\.{member}"):
            identity(f"{ALICE}, {member}: {nothing}")


@pytest.mark.parametrize(
    "members",
    [
        "",
        "subject: alice@example.com",
        "subjectPattern: '.*@example'",
        f"issuer: {GITHUB}",
        "sourceRepository: https://github.com/acme/app",
        f"sourceRepository: https://github.com/acme/app, issuer: {GITHUB}",
    ],
)
def test_C04_an_identity_that_leaves_subject_or_issuer_open_is_a_fault(members: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^t\.yaml:4:\d+: an identity has neither `(subject|issuer)` nor"):
        identity(members)


@pytest.mark.parametrize("member", ["subject", "issuer"])
def test_C07_an_exact_text_and_a_pattern_together_are_a_fault(member: str) -> None:
    with pytest.raises(ConfigurationError, match=f"has both `{member}` and `{member}Pattern`") as caught:
        identity(f"{ALICE}, {member}Pattern: x")

    assert (
        caught.value.hint == f"Give exactly one of {member} and {member}Pattern. A pattern must match the whole text."
    )


def test_C06_an_unknown_member_is_a_fault_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"^t\.yaml:4:\d+: .*subjectRegExp") as caught:
        identity(f"{ALICE}, subjectRegExp: x")
    assert "sourceRepositoryOwnerId" in caught.value.hint

    with pytest.raises(ConfigurationError, match="identity`") as caught:
        planned(f"identity: [{{{ALICE}}}]")
    assert "trustedRoot" in caught.value.hint


@pytest.mark.parametrize("pattern", ["(", "a**", r"\b", "(?i)a", "(?=a)", "a" * 600, "(a{100}){100}"])
def test_C03_C06_a_pattern_that_is_refused_says_where_it_stands(pattern: str) -> None:
    text = DOCUMENT.format(subject=f"'{pattern}'", member="")

    with pytest.raises(ConfigurationError, match=r"^team\.yaml:7:11: the identity pattern .* is refused"):
        parse(text.encode(), "team.yaml")


def test_C03_a_pattern_may_quote_the_place_of_a_fault() -> None:
    with pytest.raises(ConfigurationError, match=r"^team\.yaml:7:11: the identity pattern .* is refused"):
        parse(DOCUMENT.format(subject='"( - at `$.images[9]`"', member="").encode(), "team.yaml")


def test_a_fault_in_one_of_many_members_has_its_line() -> None:
    with pytest.raises(ConfigurationError, match=r"^team\.yaml:9:11: "):
        parse(DOCUMENT.format(subject="x", member="trigger: 7").encode(), "team.yaml")


def test_C01_C02_C30_a_pattern_that_probably_means_more_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    loose = "https://github.com/acme-of-this-test.*"
    with caplog.at_level(logging.WARNING, "verifier"):
        for _ in range(3):
            planned(f"identities: [{{subjectPattern: '{loose}', issuer: {GITHUB}}}]")

    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "a dot between letters stands for any character" in said[0]
    assert "the open end" in said[1]
    assert all(repr(loose) in line for line in said)


def test_C01_C02_a_careful_pattern_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    for anchored in (WORKFLOW, f"^{WORKFLOW}$"):
        planned(f"identities: [{{subjectPattern: '{anchored}', issuer: {GITHUB}}}]")

    assert caplog.records == []


def test_the_command_line_takes_the_place_of_keys_and_identities() -> None:
    trust = f"keys: [dhi-2], keyFiles: [own.pub], identities: [{{{ALICE}}}], deniedKeys: [{'a' * 64}]"
    bob = Identity(subject="bob@example.com", issuer=GOOGLE)

    def signers(**more: tuple[object, ...]) -> tuple[object, ...]:
        plan = planned(trust, Additions(**more))  # type: ignore[arg-type]  # each of its own type
        assert plan.denied_keys == ("a" * 64,)
        return plan.keys, plan.key_files, [one.subject for one in plan.identities]

    assert signers() == (("dhi-2",), ("/policies/own.pub",), ["alice@example.com"])
    assert signers(key_files=("k.pub",)) == ((), ("k.pub",), [])
    assert signers(identities=(bob, bob)) == ((), (), ["bob@example.com"])
    assert signers(key_files=("k.pub",), identities=(bob,)) == ((), ("k.pub",), ["bob@example.com"])


@pytest.mark.parametrize(
    "wrong",
    [
        Identity(),
        Identity(subject="alice@example.com"),
        Identity(issuer=GOOGLE),
        Identity(subject="a", subject_pattern="a", issuer=GOOGLE),
        Identity(subject="a", issuer=GOOGLE, issuer_pattern="a"),
        Identity(subject_pattern="(", issuer=GOOGLE),
        Identity(subject="a", issuer_pattern="a**"),
    ],
)
def test_C03_C04_C07_identities_of_the_command_line_are_checked_before_anything_is_read(wrong: Identity) -> None:
    with pytest.raises(ConfigurationError):
        planned("keys: [dhi-2]", Additions(identities=(wrong,)))


def test_F08_the_trusted_root_is_found_beside_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trusted_root.json").touch()
    named = "keys: [dhi-2], trustedRoot: roots/trusted_root.json"

    assert planned("keys: [dhi-2]").trusted_root == ""
    assert planned(named).trusted_root == "/policies/roots/trusted_root.json"
    assert planned("keys: [dhi-2], trustedRoot: /etc/root.json").trusted_root == "/etc/root.json"
    assert planned(named, Additions(trusted_root="mine.json")).trusted_root == "mine.json"
    with pytest.raises(ConfigurationError, match=r"trust\.trustedRoot"):
        planned("keys: [dhi-2], trustedRoot: ''")


def test_a_transparency_that_is_not_stated_is_left_to_key_or_certificate() -> None:
    assert planned("keys: [dhi-2]").transparency == ""
    for stated in ("require", "if-present", "ignore"):
        assert planned("keys: [dhi-2]", members=f", transparency: {stated}").transparency == stated
    ignoring = Additions(ignore_transparency=True)
    assert planned("keys: [dhi-2]", ignoring).transparency == "ignore"
    assert planned("keys: [dhi-2]", ignoring, members=", transparency: require").transparency == "ignore"


@settings(max_examples=100, deadline=None)
@given(st.builds(Identity, *[st.text(alphabet="ab()[]{}|*+?.^$\\-,12:d", max_size=8)] * 4))
def test_C03_any_identity_is_taken_as_it_is_or_refused(one: Identity) -> None:
    with suppress(ConfigurationError):
        assert checked([one, one]) == (one,)
