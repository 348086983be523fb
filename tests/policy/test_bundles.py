"""Rules of registries: pinned by digest wherever they are named, and never loaded from anywhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.policy.test_plan import IMAGE, OWN, document, planned
from verifier.errors import ConfigurationError
from verifier.model import BundleSource, Reference
from verifier.model.trust import Identity
from verifier.policy import Additions, bundles_for, plan_for, read_modules

DIGEST = "sha256:" + "ab" * 32
PINNED = f"ghcr.io/acme/rules@{DIGEST}"
BUNDLE = {PINNED: read_modules(PINNED, [("team.rego", OWN.encode())])}


def test_a_section_names_the_bundles_to_fetch_and_takes_their_rules(tmp_path: Path) -> None:
    loaded = document(
        tmp_path,
        rules=f"[{{bundle: 'ghcr.io/acme/rules:1.0@{DIGEST}', keyFiles: [team.pub], effects: {{team: warn}}, "
        "unknown: {team: warn}, config: {team: {most: 3}}}]",
    )

    assert bundles_for(loaded, IMAGE) == (BundleSource(PINNED, (str(tmp_path / "team.pub"),)),)
    plan = plan_for(loaded, IMAGE, bundles=BUNDLE)
    assert plan
    (module,) = plan.rules
    assert (module.id, module.path, module.effect, module.on_unknown) == ("team", f"{PINNED}/team.rego", "warn", "warn")
    assert module.config == {"most": 3}


def test_H12_a_bundle_may_have_to_be_signed_by_identities(tmp_path: Path) -> None:
    alice = "identities: [{subject: a@example.org, issuer: 'https://accounts.example.org'}]"
    loaded = document(tmp_path, rules=f"[{{bundle: '{PINNED}', {alice}}}]")

    (source,) = bundles_for(loaded, IMAGE)

    assert source.identities == (Identity("a@example.org", "", "https://accounts.example.org", ""),)


@pytest.mark.parametrize(
    "entry",
    [
        f"bundle: '{PINNED}', identities: [{{subject: a@example.org}}]",
        "pack: dhi, keyFiles: [team.pub]",
        "path: own.rego, identities: [{subject: a, issuer: b}]",
        f"pack: dhi, bundle: '{PINNED}'",
        "keyFiles: [team.pub]",
        f"bundle: '{PINNED}', keyFiles: ['']",
    ],
)
def test_H12_G16_a_signer_that_would_not_be_asked_for_is_refused(tmp_path: Path, entry: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^t\.yaml:4:\d+: "):
        document(tmp_path, rules=f"[{{{entry}}}]")


@pytest.mark.parametrize(
    "reference",
    [
        "ghcr.io/acme/rules",
        "ghcr.io/acme/rules:1.0",
        f"acme/rules@{DIGEST}",
        f"ghcr.io/Acme/rules@{DIGEST}",
        f"ghcr.io/acme/rules@{DIGEST}0",
        f"ghcr.io/acme/rules@sha256:{'AB' * 32}",
        f"ghcr.io/../rules@{DIGEST}",
        f"oci://ghcr.io/acme/rules@{DIGEST}",
        f"https://ghcr.io/acme/rules@{DIGEST}",
        f"\\\\ghcr.io\\acme@{DIGEST}",
        f"ghcr.io@{DIGEST}",
        f"user@ghcr.io/acme/rules@{DIGEST}",
    ],
)
def test_H08_H12_a_bundle_that_is_not_pinned_is_refused(tmp_path: Path, reference: str) -> None:
    with pytest.raises(ConfigurationError, match="bundle") as in_document:
        document(tmp_path, rules=f"[{{bundle: '{reference}'}}]")
    with pytest.raises(ConfigurationError, match="bundle") as in_command:
        bundles_for(document(tmp_path), IMAGE, Additions(rules=(f"oci://{reference}",)))

    assert str(in_document.value).startswith("t.yaml:4:")
    assert "dhiverify policy publish" in in_document.value.hint
    assert "dhiverify policy publish" in in_command.value.hint


def test_H12_the_command_line_names_bundles_and_who_must_have_signed_them(tmp_path: Path) -> None:
    more = Additions(rules=(f"oci://{PINNED}", str(tmp_path)), rules_keys=("a.pub", "b.pub"))

    assert bundles_for(document(tmp_path), IMAGE, more) == (BundleSource(PINNED, ("a.pub", "b.pub")),)
    plan = plan_for(document(tmp_path), IMAGE, more, BUNDLE)
    assert plan
    assert {"team", "own"} < {module.id for module in plan.rules}


def test_H12_demands_of_document_and_command_line_on_one_bundle_both_hold(tmp_path: Path) -> None:
    loaded = document(tmp_path, rules=f"[{{bundle: '{PINNED}', keyFiles: [a.pub]}}]")
    config = tmp_path / "scout.json"
    config.write_text(json.dumps({"policies": [], "bundles": [PINNED]}))

    sources = bundles_for(loaded, IMAGE, Additions(policy_config=str(config), rules_keys=("b.pub",)))

    assert [source.key_files for source in sources] == [(str(tmp_path / "a.pub"),), ("b.pub",)]


@pytest.mark.parametrize("rules", [f"[{{bundle: '{PINNED}'}}]", "[{pack: dhi}]"])
def test_H08_rules_that_were_not_fetched_are_no_rules_less(tmp_path: Path, rules: str) -> None:
    more = Additions(rules=(f"oci://{PINNED}",))

    with pytest.raises(ConfigurationError, match="were not fetched"):
        plan_for(document(tmp_path, rules=rules), IMAGE, more)


def test_nothing_is_fetched_for_an_image_that_no_section_matches(tmp_path: Path) -> None:
    loaded = document(tmp_path, rules=f"[{{bundle: '{PINNED}'}}]", match="dhi.io/python")

    assert bundles_for(loaded, Reference("dhi.io", "nginx", "1"), Additions(rules=("oci://x",))) == ()
    assert bundles_for(loaded, IMAGE)


def test_docker_scout_means_docker_hub_where_no_host_is_named(tmp_path: Path) -> None:
    config = tmp_path / "scout.json"
    config.write_text(
        json.dumps({"policies": [], "bundles": [f"dhi/policies:0.0.2@{DIGEST}", f"one@{DIGEST}", PINNED]})
    )

    sources = bundles_for(document(tmp_path), IMAGE, Additions(policy_config=str(config)))

    assert [source.reference for source in sources] == [
        f"docker.io/dhi/policies@{DIGEST}",
        f"docker.io/library/one@{DIGEST}",
        PINNED,
    ]


def test_fetched_files_become_rules_but_tests_and_other_files_do_not() -> None:
    files = [("b.rego", OWN.encode()), ("a/a.rego", OWN.encode()), ("b_test.rego", b"\xff"), ("README.md", b"\xff")]

    modules = read_modules(PINNED, files)

    assert [(module.id, module.path) for module in modules] == [
        ("a", f"{PINNED}/a/a.rego"),
        ("b", f"{PINNED}/b.rego"),
    ]


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("../a.rego", OWN.encode(), "the name"),
        ("/a.rego", OWN.encode(), "the name"),
        ("a\n.rego", OWN.encode(), "the name"),
        ("a//b.rego", OWN.encode(), "the name"),
        ("a.rego", b"\xff", "not UTF-8"),
        ("a.rego", b" " * ((1 << 20) + 1), "larger than"),
        ("a.rego", b"package other", "expected `package docker.scout`"),
        ("a.txt", OWN.encode(), "holds no rules"),
    ],
)
def test_H12_a_bundle_with_anything_else_is_refused(name: str, body: bytes, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_modules(PINNED, [(name, body)])


def test_H12_a_bundle_without_end_and_one_with_two_rules_of_one_name_are_refused() -> None:
    named = OWN.replace("package", "# METADATA\n# custom: {name: same}\npackage").encode()

    with pytest.raises(ConfigurationError, match="more than 500 rules"):
        read_modules(PINNED, [(f"r{number}.rego", OWN.encode()) for number in range(501)])
    with pytest.raises(ConfigurationError, match="the same rule id 'same'"):
        read_modules(PINNED, [("a.rego", named), ("b.rego", named)])


def test_H12_a_bundle_brings_no_rule_under_the_name_of_another(tmp_path: Path) -> None:
    twin = {PINNED: read_modules(PINNED, [("dhi-end-of-life.rego", OWN.encode())])}
    loaded = document(tmp_path, rules=f"[{{pack: dhi}}, {{bundle: '{PINNED}'}}]")

    with pytest.raises(ConfigurationError, match="have the same rule id 'dhi-end-of-life'"):
        plan_for(loaded, IMAGE, bundles=twin)
    assert planned(tmp_path)
