"""Built-in functions that Docker documents: answered from verified evidence, or said not to be there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from verifier.model import RuleModule, RuleOutcome
from verifier.rules import RuleInput, Rules

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLATFORM, INDEX, OTHER = ("sha256:" + digit * 64 for digit in "123")
NEWER, OLDER, BUILD = ("sha256:" + digit * 64 for digit in "456")
SCAN = "https://scout.docker.com/vulnerabilities/v0.1"
PROVENANCE = "https://scout.docker.com/provenance/v0.1"
SBOM = "https://scout.docker.com/sbom/v0.1"
LISTED = {"schemaVersion": 2, "manifests": [{"digest": PLATFORM}]}


def statement(digest: str, predicate: Any) -> tuple[str, bytes]:
    return f"dhi.io/python@{digest}", json.dumps({"predicate": predicate}).encode()


def entry(purl: str, name: str) -> dict[str, Any]:
    return {"purl": purl, "vulnerabilities": [{"source_id": name}]}


SCANS = (
    statement(NEWER, [entry("pkg:a/x@1", "CVE-1"), entry("pkg:a/y@1", "CVE-2")]),
    statement(OLDER, [entry("pkg:a/x@1", "CVE-3")]),
)


def judged(condition: str, statements: dict[str, Any] | None = None, **changes: Any) -> RuleOutcome:
    """What a rule comes to that passes by `condition`, about an image with two scans."""
    image = {
        "requested": {"registry": "dhi.io", "repository": "python", "tag": "3.13", "digest": ""},
        "index": {"digest": INDEX, "signed": False, "annotations": {}},
    }
    members: dict[str, Any] = {
        "input": {"source": {"image": {"name": "dhi/python", "digest": PLATFORM}}},
        "statements": {SCAN: SCANS} if statements is None else statements,
        "facts": {"image": [image]},
        "verified": {},
        "types": {"vulnerabilities": (SCAN,), "scout-provenance": (PROVENANCE,), "sbom": (SBOM,)},
        "indexes": {INDEX: LISTED},
    }
    source = f"package docker.scout\nimport rego.v1\ndefault pass := false\npass if {{ {condition} }}\n"
    with Rules([RuleModule("r", "r.rego", source)], NOW) as rules:
        (outcome,) = rules.evaluate(RuleInput(**(members | changes)))
    return outcome


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("node:25", "docker.io/library/node"),
        ("node", "docker.io/library/node"),
        ("org/app:1@sha256:" + "a" * 64, "docker.io/org/app"),
        ("index.docker.io/org/app", "docker.io/org/app"),
        ("localhost/app:1", "localhost/app"),
        ("registry.example.com:5000/a/b:1.2", "registry.example.com:5000/a/b"),
        ("DHI.io/python", "dhi.io/python"),
    ],
)
def test_canonical_name_has_a_host_and_no_tag(reference: str, name: str) -> None:
    assert judged(f'oci.canonical_name("{reference}") == "{name}"').result == "pass"


@pytest.mark.parametrize("reference", ["", "Node", "a:", "a@", "a@sha256:1", "http://a/b", "a b", "a/../b", "x" * 2000])
def test_what_is_no_reference_has_no_canonical_name(reference: str) -> None:
    outcome = judged(f'oci.canonical_name("{reference}")')

    assert outcome.result == "unknown"
    assert "image reference" in outcome.message


@pytest.mark.parametrize(
    ("reference", "digest"),
    [("dhi.io/python:3.13", INDEX), ("DHI.io/python:3.13", INDEX), (f"any/image@{OTHER}", OTHER)],
)
def test_digest_is_known_of_the_image_that_was_asked_for(reference: str, digest: str) -> None:
    assert judged(f'oci.image_digest("{reference}") == "{digest}"').result == "pass"


@pytest.mark.parametrize("reference", ["dhi.io/python:3.12", "dhi.io/python", "dhi.io/node:3.13", "python:3.13"])
def test_H06_digest_of_another_image_would_have_to_be_fetched(reference: str) -> None:
    outcome = judged(f'oci.image_digest("{reference}")')

    assert outcome.result == "unknown"
    assert "rules fetch nothing, and this run resolved dhi.io/python:3.13" in outcome.message


@pytest.mark.parametrize("digest", [PLATFORM, INDEX])
def test_index_is_the_one_that_lists_the_platform(digest: str) -> None:
    assert judged(f'oci.index("dhi.io/python", "{digest}").manifests[0].digest == "{PLATFORM}"').result == "pass"
    assert judged(f'oci.index("dhi.io/python", "{digest}") == null', indexes={}).result == "pass"


def test_referrers_are_listed_and_had_by_digest() -> None:
    listed = f"""
        index := oci.referrer_index("dhi.io/python", "{PLATFORM}")
        [m.digest | some m in index.manifests] == ["{NEWER}", "{OLDER}"]
        {{m.annotations["in-toto.io/predicate-type"] | some m in index.manifests}} == {{"{SCAN}"}}
    """

    one = judged(f'oci.referrer_by_digest("x", "{OLDER}").statement.predicate[0].purl == "pkg:a/x@1"')

    assert judged(listed).result == "pass"
    assert (one.result, one.evidence) == ("pass", (OLDER,))
    assert judged(f'oci.referrer_by_digest("x", "{OTHER}") == null').result == "unknown"  # nothing verified answers


@pytest.mark.parametrize("function", ["oci.index", "oci.referrer_index"])
def test_H06_nothing_is_known_of_another_digest(function: str) -> None:
    outcome = judged(f'{function}("dhi.io/python", "{OTHER}")')

    assert outcome.result == "unknown"
    assert f"{function} of '{OTHER}' is not available here" in outcome.message


@pytest.mark.parametrize("purls", ['["pkg:a/x@1"]', '{"pkg:a/x@1", "pkg:a/z@1"}'])
def test_vulnerabilities_are_those_of_every_verified_scan(purls: str) -> None:
    outcome = judged(
        f'[e.vulnerabilities[0].source_id | some e in scout.vulnerabilities({purls})] == ["CVE-1", "CVE-3"]'
    )

    assert (outcome.result, outcome.evidence) == ("pass", (NEWER, OLDER))


def test_G01_vulnerabilities_without_a_scan_are_missing_evidence() -> None:
    outcome = judged('scout.vulnerabilities(["pkg:a/x@1"]) == []', {})

    assert outcome.result == "unknown"
    assert SCAN in outcome.message


@pytest.mark.parametrize("predicate", [None, {}, "x"])
def test_G11_scan_of_another_shape_is_no_empty_scan(predicate: Any) -> None:
    outcome = judged('scout.vulnerabilities(["a"]) == []', {SCAN: (statement(NEWER, predicate),)})

    assert outcome.result == "unknown"
    assert "expected a scan to be a list" in outcome.message


def test_base_images_are_those_of_provenance_and_of_the_sbom() -> None:
    base, listed = {"name": "dhi.io/python:3.13", "digest": OTHER}, {"name": "dhi.io/debian"}
    statements = {
        PROVENANCE: (statement(BUILD, {"base_image": base}),),
        SBOM: (statement(NEWER, {"source": {"base_images": [listed, base]}}),),
    }

    outcome = judged(f"scout.base_image() == [{json.dumps(base)}, {json.dumps(listed)}]", statements)

    assert (outcome.result, outcome.evidence) == ("pass", (BUILD, NEWER))


def test_G01_base_image_without_evidence_is_unknown() -> None:
    assert PROVENANCE in judged("scout.base_image() == []").message


@pytest.mark.parametrize(
    "call",
    [
        'cosign.verify_dsse({"payload": "e30="}, {"key_ref": "https://dhi.io/keyring/latest.pub"})',
        'scout.package_provenance("pkg:a/x@1")',
        'scout.package_recommendation("pkg:a/x@1")',
        'gpg.verify_commit("commit")',
        'gpg.verify_commit("commit", "signature", "key")',
    ],
)
def test_what_no_verified_evidence_answers_is_said_not_to_be_there(call: str) -> None:
    outcome = judged(f"not {call}")

    assert outcome.result == "unknown"
    assert f"{call.partition('(')[0]} is not available to rules: " in outcome.message


@pytest.mark.parametrize(
    "call",
    [
        "oci.canonical_name(7)",
        "oci.image_digest(null)",
        'oci.index("a", {})',
        "scout.vulnerabilities(7)",
        "scout.vulnerabilities([7])",
    ],
)
def test_questions_of_another_type_are_unknown(call: str) -> None:
    assert judged(f"not {call}").result == "unknown"
