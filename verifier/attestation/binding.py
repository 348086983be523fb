"""What a statement speaks about. Digests bind; names, which are package URLs on hardened images, are information.

    pkg:docker/dhi/python@3.13-debian13?platform=linux%2Famd64
    pkg:docker/dhi/postgres@15-alpine3.23&platform=linux/amd64      a malformed variant that was really published

Follows the in-toto attestation spec (digest sets) with one hardening: among the digests of a matching subject that
we can compute ourselves, none may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

import msgspec

from verifier.errors import StatementInvalid
from verifier.model import Digest, Statement, Subject

ACCEPTED = ("sha256", "sha384", "sha512")  # of what hashes images; sha1, md5, gitCommit and dirHash never bind

_DOCKER_PURL = "pkg:docker/"
_QUALIFIERS = re.compile("[?&]")
_SHOWN = 3


class SubjectName(msgspec.Struct, frozen=True):
    """The parts of a subject's package URL, "" where it has none."""

    product: str  # dhi/python
    tag: str = ""  # 3.13-debian13
    platform: str = ""  # linux/amd64


def covers(statement: Statement, digest: Digest, known: Mapping[str, str] | None = None) -> None:
    """Returns when `is_subject`, and raises `StatementInvalid` with what was found instead otherwise."""
    if not is_subject(statement, digest, known):
        raise StatementInvalid(
            f"the statement speaks about another image: expected {digest}, found {_shown(statement.subjects)}",
            hint="Fetch the attestations of this very digest; a mirror may have copied those of another build.",
        )


def is_subject(statement: Statement, digest: Digest, known: Mapping[str, str] | None = None) -> bool:
    """Whether a subject of the statement is `digest`.

    `known` are other digests of the same manifest, hex by algorithm, that the caller computed. Raises
    `StatementInvalid` for a subject that is right in one of them and wrong in another.
    """
    expected = {**(known or {}), digest.algorithm: digest.hex}
    matching = [subject for subject in statement.subjects if _matches(subject, expected)]
    for subject in matching:
        _agrees(subject, expected)
    return bool(matching)


def noted(statement: Statement, digest: Digest) -> dict[str, str]:
    """What the statement notes about `digest`, of all subjects that are this one.

    Raises `StatementInvalid` where two of them note different things under one name.
    """
    found: dict[str, str] = {}
    own = (subject for subject in statement.subjects if _matches(subject, {digest.algorithm: digest.hex}))
    for name, text in (pair for subject in own for pair in subject.annotations.items()):
        if found.setdefault(name, text) != text:
            raise StatementInvalid(f"the statement notes {name!r:.100} of its subject in two ways")
    return found


def names(statement: Statement, digest: Digest) -> tuple[SubjectName, ...]:
    """The package URLs under which the statement speaks about `digest`, each once, in order."""
    ours = (subject for subject in statement.subjects if _matches(subject, {digest.algorithm: digest.hex}))
    return tuple(dict.fromkeys(name for name in map(subject_name, ours) if name))


def tags(statement: Statement, digest: Digest) -> tuple[str, ...]:
    """The signed tags of `digest`, each once."""
    return _distinct(names(statement, digest), lambda name: name.tag)


def products(statement: Statement, digest: Digest) -> tuple[str, ...]:
    """The signed product names of `digest`, each once: normally one."""
    return _distinct(names(statement, digest), lambda name: name.product)


def subject_name(subject: Subject) -> SubjectName | None:
    """Takes the name of `subject` apart; None when it is no package URL of a container image. Raises nothing."""
    if not subject.name.startswith(_DOCKER_PURL):
        return None
    rest = subject.name.removeprefix(_DOCKER_PURL).partition("#")[0]
    path, *qualifiers = _QUALIFIERS.split(rest)
    product, _, version = path.partition("@")
    if not product.strip("/"):
        return None
    values = {name: unquote(value) for name, _, value in (text.partition("=") for text in qualifiers)}
    tag = unquote(version)
    if ":" in tag:  # a digest in the place of a tag
        tag = ""
    return SubjectName(unquote(product.strip("/")), tag, values.get("platform", ""))


def _matches(subject: Subject, expected: Mapping[str, str]) -> bool:
    return any(name in expected and subject.digests.get(name) == expected[name] for name in ACCEPTED)


def _agrees(subject: Subject, expected: Mapping[str, str]) -> None:
    for algorithm in ACCEPTED:
        stated, computed = subject.digests.get(algorithm), expected.get(algorithm)
        if stated is not None and computed is not None and stated != computed:
            raise StatementInvalid(
                f"the statement contradicts itself: its subject has the right digest, and {algorithm} {stated:.200} "
                f"where the image has {computed}"
            )


def _shown(subjects: Iterable[Subject]) -> str:
    found = list(
        dict.fromkeys(
            f"{algorithm}:{encoded:.128}" for subject in subjects for algorithm, encoded in subject.digests.items()
        )
    )
    surplus = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + surplus


def _distinct(found: Iterable[SubjectName], part: Callable[[SubjectName], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(part, found) if text))
