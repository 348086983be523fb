"""The policy document: YAML 1.2, every member known, every fault named with its line and column."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS
from verifier.policy import yamltext
from verifier.policy.files import read_regular
from verifier.policy.identities import CLAIM_MEMBERS, IdentityEntry, problems
from verifier.policy.match import never
from verifier.policy.shipped import builtin_names, shipped_policies

# As `dhiverify trust list` prints it, or without the prefix: in any other form it would silently deny nothing.
Fingerprint = Annotated[str, msgspec.Meta(pattern=r"\A(sha256:)?[0-9a-f]{64}\Z")]


class TrustSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`keys` names shipped keys, `key_files` paths of PEM files, `identities` signers with a certificate; all count.

    `trusted_root` is the path of the Sigstore trusted root, None for the user's or the shipped one. Paths are relative
    to the document.
    """

    keys: tuple[str, ...] = ()
    key_files: tuple[str, ...] = ()
    denied_keys: tuple[Fingerprint, ...] = ()
    identities: tuple[IdentityEntry, ...] = ()
    trusted_root: Annotated[str, msgspec.Meta(min_length=1)] | None = None


class EvidencePlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another repository to search, for images that `match`."""

    repository: str
    match: str = "*"


class RequiredKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of evidence; with `compliance`, required when the image claims one of those tokens.

    With `artifacts`, required only of those: images, Helm charts, package images.
    """

    kind: str
    compliance: tuple[str, ...] = ()
    artifacts: tuple[Literal["image", "chart", "package"], ...] = ()


class RuleSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shipped pack, or a Rego file or directory relative to the document."""

    pack: str = ""
    path: str = ""
    effects: dict[str, Literal["enforce", "warn"]] = {}
    config: dict[str, dict[str, Any]] = {}


class ImageSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What holds for images whose name matches. `max_age_days` is None where the document does not state it.

    A stated `transparency` holds for keys and certificates; None is if-present for keys, require for certificates.
    """

    match: str
    trust: TrustSection
    rules: tuple[RuleSource, ...]
    evidence: tuple[EvidencePlace, ...] = ()
    transparency: Literal["require", "if-present", "ignore"] | None = None
    require: tuple[RequiredKind, ...] = ()
    max_age_days: int | None = None
    enforce: bool = True


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole document. The first section of `images` that matches a name decides; none means refused."""

    version: Literal[1]
    name: str
    images: tuple[ImageSection, ...]


class LoadedDocument(msgspec.Struct, frozen=True):
    """A document with where it came from: `path` and `digest` (sha256 of its bytes) go into every report."""

    document: Document
    path: str
    digest: str
    folder: str


def load_document(name: str) -> LoadedDocument:
    """A built-in document by name, or a file by path. Raises `ConfigurationError` with line and column."""
    builtin = name in builtin_names()
    path = shipped_policies() / f"{name}.yaml" if builtin else Path(name)
    hint = f"Give a file, or one of the built-in names: {', '.join(builtin_names())}."
    body = read_regular(path, f"policy {name}", DEFAULT_LIMITS.policy_bytes, hint=hint)
    document = parse(body, f"built-in:{name}" if builtin else str(path))
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    return LoadedDocument(document, f"built-in:{name}" if builtin else str(path.resolve()), digest, str(path.parent))


def parse(body: bytes, path: str) -> Document:
    """Raises `ConfigurationError` that says where in `path` the fault stands."""
    tree = _yaml(body, path)
    try:
        document = _converted(tree)
    except yamltext.YAMLRefused as fault:
        raise _refused(path, fault) from None
    except msgspec.ValidationError as fault:
        raise _fault(path, tree, str(fault)) from None
    for number, section in enumerate(document.images):
        for problem in _empty_parts(section):
            raise _fault(path, tree, f"{problem} - at `$.images[{number}]`")
        for where, text, hint in (*_bad_patterns(section), *_bad_identities(section)):
            raise _fault(path, tree, f"{text} - at `$.images[{number}]{where}`", hint)
    if not document.images:
        raise _fault(path, tree, "`images` is empty, so no image could ever pass - at `$.images`")
    return document


def _converted(tree: Any) -> Document:
    try:
        data = yamltext.plain(tree)
    except yamltext.YAMLRefused:
        with suppress(UnicodeError):  # of a lone surrogate
            msgspec.convert(tree, Document)  # that a member is unknown says more than that its value is no JSON
        raise
    return msgspec.convert(data, Document)


def _empty_parts(section: ImageSection) -> list[str]:
    """Emptiness that would read as consent is a fault: no key, no rule, no age."""
    trust = section.trust
    checks = {
        "names neither key nor identity to trust": trust.keys or trust.key_files or trust.identities,
        "has no rules": section.rules,
        "has a rule source with neither `pack` nor `path`, or with both": all(
            bool(source.pack) != bool(source.path) for source in section.rules
        ),
        "has an empty string where a name is needed": "" not in (section.match, *trust.keys),
        "has a `maxAgeDays` below 1": section.max_age_days is None or section.max_age_days > 0,
    }
    return [f"the section {problem}" for problem, fine in checks.items() if not fine]


def _bad_patterns(section: ImageSection) -> Iterator[tuple[str, str, str]]:
    """Place, problem and hint of each pattern that no name fits."""
    evidence = ((f".evidence[{number}].match", place.match) for number, place in enumerate(section.evidence))
    for where, pattern in ((".match", section.match), *evidence):
        if found := never(pattern):
            yield where, *found


def _bad_identities(section: ImageSection) -> Iterator[tuple[str, str, str]]:
    """Place, problem and hint of what is wrong with identities."""
    for number, entry in enumerate(section.trust.identities):
        for problem in problems(entry.identity):
            yield f".trust.identities[{number}].{problem.member}", problem.text, problem.hint


def _yaml(body: bytes, path: str) -> Any:
    try:
        return yamltext.load(body.decode("utf-8"))
    except UnicodeDecodeError as fault:
        raise ConfigurationError(f"{path}: not UTF-8 at byte {fault.start}") from None
    except yamltext.YAMLRefused as fault:
        raise _refused(path, fault) from None


def _refused(path: str, fault: yamltext.YAMLRefused) -> ConfigurationError:
    return ConfigurationError(f"{path}:{fault.line + 1}:{fault.column + 1}: {fault}")


def _fault(path: str, tree: Any, message: str, hint: str = "") -> ConfigurationError:
    """`message` ends in the place of the fault, as those of msgspec do. What stands before may quote the document."""
    found = re.fullmatch(r"(.*) - at `(\$[^`]*)`", message, re.DOTALL)
    text, where = found.groups() if found else (message, "$")
    line, column = _position(tree, where, _unknown_member(text))
    return ConfigurationError(
        f"{path}:{line}:{column}: {text} (in {where})", hint=hint or f"Members: {_members(where)}."
    )


def _members(where: str) -> str:
    if ".identities[" in where:
        return f"one of subject, subjectPattern; one of issuer, issuerPattern; {', '.join(CLAIM_MEMBERS)}"
    if ".trust" in where:
        return "keys, keyFiles, deniedKeys, identities, trustedRoot"
    return "version, name, images[match, trust, evidence, transparency, require, maxAgeDays, rules, enforce]"


def _unknown_member(text: str) -> str:
    found = re.search(r"unknown field `([^`]*)`", text)
    return found[1] if found else ""


def _position(tree: Any, where: str, member: str) -> tuple[int, int]:
    """Line and column, counted from 1, of the deepest part of `where` that the document holds."""
    node, line, column = tree, 0, 0
    for name, number in re.findall(r"\.([A-Za-z]+)|\[(\d+)\]", where):
        key: Any = name or int(number)
        try:
            line, column = node.lc.key(key) if name else node.lc.item(key)
            node = node[key]
        except (LookupError, TypeError, AttributeError):  # absent, or compiled and without places
            break
    if member and hasattr(node, "lc") and member in node:
        line, column = node.lc.key(member)
    return line + 1, column + 1
