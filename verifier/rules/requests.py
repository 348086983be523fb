"""What the worker is told, as frames: the rules that it shall keep, and the evidence of one platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from verifier.errors import RuleFailure
from verifier.limits import Limits
from verifier.model import RuleModule


class RuleInput(msgspec.Struct, frozen=True):
    """What the rules of one platform may know. Everything in it is verified; nothing else reaches them.

    `input` is the Rego document of that name. `statements` holds, by predicate type, pairs of an image reference
    (`PLACE@DIGEST` of the attestation manifest) and the statement's JSON, newest first. `facts` holds what readers
    derived, by kind, each with `digest`; of its own kind are `evidence`, `image` and `platforms`, which are no
    evidence. `verified` names the trusted keys that signed a manifest, by the same references. `types` holds the
    predicate types of each kind. `indexes` are the OCI indexes through which the platform was resolved, by digest;
    annotations stand in them only where a trusted key signed the index.
    """

    input: dict[str, Any]
    statements: dict[str, tuple[tuple[str, bytes], ...]]
    facts: dict[str, list[dict[str, Any]]]
    verified: dict[str, tuple[str, ...]]
    types: dict[str, tuple[str, ...]]
    indexes: dict[str, dict[str, Any]] = {}


class TestFile(msgspec.Struct, frozen=True):
    """A Rego file of tests. `path` is for messages."""

    path: str
    source: str


class Loading(msgspec.Struct, frozen=True):
    """The rules that a worker keeps, the clock that they see (nanoseconds since 1970), and how they are watched."""

    modules: tuple[RuleModule, ...]
    now: int
    limits: Limits
    coverage: bool = False
    tests: tuple[TestFile, ...] = ()

    def frames(self, modules: Sequence[RuleModule] | None = None) -> list[bytes]:
        """The request to load all rules, or only `modules`."""
        limits = self.limits
        request = {
            "do": "load",
            "now": self.now,
            "modules": [{"path": m.path, "source": m.source, "config": m.config} for m in (modules or self.modules)],
            "tests": self.tests,
            "coverage": self.coverage,
            "limits": {
                "seconds": limits.rule_seconds,
                "loading": limits.load_seconds,
                "violations": limits.rule_violations,
                "prints": limits.rule_prints,
                "output": limits.rule_output_bytes,
                "text": limits.report_text,
                "lines": limits.rego_lines,
                "columns": limits.rego_columns,
                "bytes": limits.rego_bytes,
                "explained": limits.explained_bytes,
                "values": limits.explained_values,
                "items": limits.explained_items,
                "letters": limits.explained_text,
                "all_members": limits.explained_members,
                "all_letters": limits.explained_letters,
            },
        }
        return [msgspec.json.encode(request)]


def platform_frames(given: RuleInput) -> list[bytes]:
    """Two frames: what the built-in functions answer from, and `data`, into which each statement goes as it stands."""
    try:
        references = {kind: [reference for reference, _ in found] for kind, found in given.statements.items()}
        about = {
            "do": "platform",
            "input": given.input,
            "facts": given.facts,
            "verified": given.verified,
            "types": given.types,
            "images": references,
            "indexes": given.indexes,
        }
        return [msgspec.json.encode(about), b"".join(_document(given, references))]
    except (TypeError, ValueError, RecursionError) as fault:
        raise RuleFailure(f"the facts cannot be given to rules: {fault}") from None


def _document(given: RuleInput, references: dict[str, list[str]]) -> Iterator[bytes]:
    """`data.dhiverify` in pieces, so that statements of many megabytes are copied once."""
    image = (given.facts.get("image") or [{}])[0]
    yield b'{"dhiverify":{"image":%b,' % msgspec.json.encode(image)
    yield b'"stig":%b,' % msgspec.json.encode(given.facts.get("stig", []))
    yield b'"references":%b,' % msgspec.json.encode(references)
    yield b'"suppressions":%b,' % msgspec.json.encode(given.facts.get("suppression", []))
    yield b'"statements":{'
    for number, (kind, found) in enumerate(given.statements.items()):
        yield b"%b%b:[" % (b"," if number else b"", msgspec.json.encode(kind))
        for place, (reference, body) in enumerate(found):
            yield b"," if place else b""
            yield _one_value(reference, body)
        yield b"]"
    yield b"}}}"


def _one_value(image: str, body: bytes) -> bytes:
    """`body`, after making sure that it is one JSON value: it must not close the document that it is put into."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except msgspec.DecodeError as fault:
        raise RuleFailure(f"the statement of {image} is not JSON: {fault}") from None
    return body
