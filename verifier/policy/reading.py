"""From the bytes of a file to a document, with line and column of every fault."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.policy import yamltext
from verifier.policy.checks import problems
from verifier.policy.document import Document, LoadedDocument
from verifier.policy.faults import described
from verifier.policy.places import Places
from verifier.policy.shipped import builtin_names, shipped_policies


def load_document(name: str) -> LoadedDocument:
    """A built-in document by name, or a file by path. Raises `ConfigurationError` with line and column."""
    builtin = name in builtin_names()
    path = shipped_policies() / f"{name}.yaml" if builtin else Path(name)
    hint = f"Give a file, or one of the built-in names: {', '.join(builtin_names())}."
    body = read_regular(path, f"policy {name}", DEFAULT_LIMITS.policy_bytes, hint=hint)
    places = Places(f"built-in:{name}" if builtin else str(path), tree_of(body, str(path)))
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    stated = places.path if builtin else str(path.resolve())
    return LoadedDocument(document_of(places), stated, digest, str(path.parent), places)


def parse(body: bytes, path: str) -> Document:
    """Raises `ConfigurationError` that says where in `path` the fault stands."""
    return document_of(Places(path, tree_of(body, path)))


def tree_of(body: bytes, path: str) -> Any:
    """The YAML, with the places of its members. Raises `ConfigurationError` with line and column."""
    try:
        return yamltext.load(body.decode("utf-8"))
    except UnicodeDecodeError as fault:
        raise ConfigurationError(f"{path}: not UTF-8 at byte {fault.start}") from None
    except yamltext.YAMLRefused as fault:
        raise refused(path, fault) from None


def document_of(places: Places) -> Document:
    """The document in the parsed text. Raises `ConfigurationError` for the first thing that is wrong with it."""
    try:
        document = _converted(places.tree)
    except yamltext.YAMLRefused as fault:
        raise refused(places.path, fault) from None
    except msgspec.ValidationError as fault:
        raise places.fault(*described(str(fault), places.tree)) from None
    for problem in problems(document):
        raise places.fault(problem.where, problem.text, problem.hint)
    return document


def refused(path: str, fault: yamltext.YAMLRefused) -> ConfigurationError:
    return ConfigurationError(f"{path}:{fault.line + 1}:{fault.column + 1}: {fault}")


def _converted(tree: Any) -> Document:
    try:
        data = yamltext.plain(tree)
    except yamltext.YAMLRefused:
        with suppress(UnicodeError):  # of a lone surrogate
            msgspec.convert(tree, Document)  # that a member is unknown says more than that its value is no JSON
        raise
    return msgspec.convert(data, Document)
