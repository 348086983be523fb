"""Statements and XCCDF results to test with, right unless told otherwise."""

from __future__ import annotations

import base64
import json
from typing import Any

from verifier import attestation
from verifier.model import Digest, Statement

IMAGE = Digest.of(b"the image")
OTHER = Digest.of(b"another image")
MANIFEST = "sha256:" + "b" * 64
NAME = "pkg:docker/dhi/python@3.13-debian13?platform=linux%2Famd64"
V01 = "https://in-toto.io/Statement/v0.1"
V1 = "https://in-toto.io/Statement/v1"
XCCDF_12 = "http://checklists.nist.gov/xccdf/1.2"
XCCDF_11 = "http://checklists.nist.gov/xccdf/1.1"


def members(predicate: Any = None, predicate_type: str = "https://spdx.dev/Document", **changed: Any) -> dict[str, Any]:
    right = {
        "_type": V01,
        "predicateType": predicate_type,
        "subject": [{"name": NAME, "digest": {"sha256": IMAGE.hex}}],
        "predicate": {} if predicate is None else predicate,
    }
    return {**right, **changed}


def body(predicate: Any = None, predicate_type: str = "https://spdx.dev/Document", **changed: Any) -> bytes:
    return json.dumps(members(predicate, predicate_type, **changed)).encode()


def statement(predicate: Any = None, predicate_type: str = "https://spdx.dev/Document", **changed: Any) -> Statement:
    return attestation.read_statement(body(predicate, predicate_type, **changed))


def facts_of(kind: str, predicate: Any, *, uri: str | None = None) -> dict[str, Any]:
    """The facts of a predicate of this kind, under the kind's preferred type unless `uri` is given."""
    return attestation.facts(statement(predicate, uri or attestation.KINDS[kind][0]), MANIFEST)


def b64(content: bytes | str) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


GROUPS = {"crypto": {"SV-1": "pass", "SV-2": "fail"}, "users": {"SV-3": "pass"}, "na": {"SV-4": "notapplicable"}}
"""By the default model: (1/2 + 1) / 2, so 75 of 100. Flat: 2 of 3."""


def xccdf_document(
    groups: dict[str, dict[str, str]] = GROUPS,
    *,
    namespace: str = XCCDF_12,
    score: str = '<score system="urn:xccdf:scoring:default" maximum="100.000000">75.000000</score>',
    flat: str = '<score system="urn:xccdf:scoring:flat" maximum="3.000000">2.000000</score>',
    target: str = "<target>debian12-minbase</target>",
    results: str | None = None,
    benchmark: bool = True,
) -> bytes:
    """Results as OpenSCAP writes them: the benchmark with profile, groups and rules, then its one TestResult."""
    if results is None:
        results = "".join(rule_result(rule, word) for rules in groups.values() for rule, word in rules.items())
    test_result = (
        f'<TestResult xmlns="{namespace}" id="r" start-time="2026-01-02T03:04:05+00:00" '
        f'end-time="2026-01-02T03:04:09+00:00"><benchmark id="b"/><profile idref="p"/>{target}{results}{score}{flat}'
        "</TestResult>"
    )
    if not benchmark:
        return test_result.encode()
    selects = "".join(f'<select idref="{rule}" selected="true"/>' for rules in groups.values() for rule in rules)
    tree = "".join(
        f'<Group id="{group}"><title>t</title>' + "".join(f'<Rule id="{rule}"/>' for rule in rules) + "</Group>"
        for group, rules in groups.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Benchmark xmlns="{namespace}" id="b"><version>1.0</version>'
        f'<Profile id="p"><title>DHI</title>{selects}</Profile>{tree}{test_result}</Benchmark>'
    ).encode()


def rule_result(rule: str, word: str, attributes: str = 'weight="1.000000"') -> str:
    return (
        f'<rule-result idref="{rule}" {attributes}><result>{word}</result><ident system="i">CCI-1</ident></rule-result>'
    )


def stig_profile(
    document: bytes | None, summary: dict[str, Any] | None = None, html: str | None = None
) -> dict[str, Any]:
    output = [] if document is None else [{"format": "xccdf", "content": b64(document)}]
    output += [] if html is None else [{"format": "html", "content": b64(html)}]
    return {"name": "GPOS", "summary": summary or {"defaultScore": 75, "maxDefaultScore": 100}, "output": output}
