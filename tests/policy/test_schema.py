"""The published JSON Schema: the types of the loader, and documents that both take or both refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.policy.test_places import DOCUMENT
from verifier.errors import ConfigurationError
from verifier.policy import yamltext
from verifier.policy.reading import parse
from verifier.policy.schema import document_schema
from verifier.policy.shipped import builtin_names, shipped_policies
from verifier.policy.starter import starter

HOW = "write it anew: dhiverify policy schema > docs/policy.schema.json"
DIGEST = "sha256:" + "ab" * 32


def problems(text: str) -> list[str]:
    return [
        error.message
        for error in Draft202012Validator(document_schema()).iter_errors(yamltext.plain(yamltext.parse(text)))
    ]


def test_the_published_schema_is_that_of_the_loader(pytestconfig: pytest.Config) -> None:
    published = (Path(pytestconfig.rootpath) / "docs" / "policy.schema.json").read_text("utf-8")

    Draft202012Validator.check_schema(document_schema())
    assert json.loads(published) == document_schema(), HOW


def test_every_member_is_described_and_no_other_is_let_in() -> None:
    for name, described in document_schema()["$defs"].items():
        assert described["additionalProperties"] is False, name
        assert described["description"], name
        assert [member for member, about in described["properties"].items() if not about.get("description")] == []


def test_the_schema_names_no_pattern_that_only_python_reads() -> None:
    assert not [part for part in (r"\\A", r"\\Z") if part in json.dumps(document_schema())]


@pytest.mark.parametrize("name", builtin_names())
def test_shipped_documents_fit(name: str) -> None:
    assert problems((shipped_policies() / f"{name}.yaml").read_text("utf-8")) == []


def test_the_starter_and_a_full_document_fit() -> None:
    assert problems(starter()) == []
    assert problems(DOCUMENT) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("name: team", "name: team\nowner: me"),
        ("match: docker.io/acme/*", "match: docker.io/Acme/*"),
        ("match: docker.io/acme/*", "match: ''"),
        ("keys: [dhi-2]", "keys: []"),
        ("keys: [dhi-2]", "keys: [dhi-2]\n      deniedKeys: [abc]"),
        ("keys: [dhi-2]", "identities: [{subject: a}]"),
        ("keys: [dhi-2]", "identities: [{subject: a, subjectPattern: a, issuer: b}]"),
        ("transparency: require", "transparency: maybe"),
        ("transparency: require", "transparency:"),
        ("kind: sbom", "kind: sbomb"),
        ("kind: sbom", "kind: sbom\n        maxAgeDays: 0"),
        ("kind: sbom", "kind: sbom\n        maxAgeDays: '7'"),
        ("pack: dhi", "pack: dhi\n        path: rules"),
        ("pack: dhi", "pack: dhl"),
        ("pack: dhi", "pack: dhi\n        keyFiles: [a.pub]"),
        ("pack: dhi", "bundle: ghcr.io/acme/rules:1.0"),
        ("life: enforce", "life: deny"),
        ("life: warn", "life: pass"),
        ("        ticket: SEC-1\n", ""),
        ("reason: not reachable", "reason: ' '"),
        ("expires: 9999-12-31", "expires: never"),
        ("expires: 9999-12-31", "expires: 9999-12-31\n        digest: ab"),
        ("expires: 9999-12-31", "expires: 9999-12-31\n        purl: openssl"),
        ("expires: 9999-12-31", "expires: 9999-12-31\n        vulnerability: CVE 1"),
        ("images: docker.io/acme/app", "images: '*'"),
        ("images: docker.io/acme/app", "images: '**/*'"),
    ],
)
def test_G15_G16_G18_what_the_loader_refuses_editors_mark(old: str, new: str) -> None:
    text = DOCUMENT.replace(old, new, 1)
    assert text != DOCUMENT

    with pytest.raises(ConfigurationError):
        parse(text.encode(), "team.yaml")
    assert problems(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: sbom", "kind: https://example.com/review/v1\n        maxAgeDays: 7"),
        ("pack: dhi", f"bundle: ghcr.io/acme/rules:1.0@{DIGEST}\n        keyFiles: [a.pub]"),
        ("images: docker.io/acme/app", f"images: '*'\n        digest: {DIGEST}"),
        ("expires: 9999-12-31", "expires: '9999-12-31T23:59:59.5+02:00'\n        purl: pkg:deb/debian/a@1?arch=arm64"),
        ("keys: [dhi-2]", "identities: [{subjectPattern: 'a[^@]*@b', issuer: c, sourceRef: refs/heads/main}]"),
    ],
)
def test_what_the_loader_takes_editors_do_not_mark(old: str, new: str) -> None:
    text = DOCUMENT.replace(old, new, 1)
    assert text != DOCUMENT

    assert parse(text.encode(), "team.yaml").name == "team"
    assert problems(text) == []


def test_kinds_are_those_that_can_be_read() -> None:
    from verifier.attestation import KINDS

    kind: dict[str, Any] = document_schema()["$defs"]["RequiredKind"]["properties"]["kind"]
    assert kind["anyOf"][0]["enum"] == list(KINDS)
