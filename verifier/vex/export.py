"""One OpenVEX 0.2.0 document for scanners, from all that may speak about an image.

Trivy and Grype match with OpenVEX's own rule: what a statement states must stand in the scanner's package URL letter by
letter, qualifiers included, and each scanner spells those differently (`distro=debian-13.1`, `distro=debian-13`). So
products are the image by digest, `pkg:oci/nginx@sha256:…`, which is one distribution, and its subcomponents have name
and version and no qualifier that could differ. Versions with an epoch stand in both spellings. Ranges, which neither
reads, are left out, and so is whatever some document contradicts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from verifier.errors import LimitExceeded
from verifier.limits import DEFAULT_LIMITS
from verifier.vex.conflicts import Word
from verifier.vex.matching import Claim, claimed
from verifier.vex.packages import Package, Packages
from verifier.vex.scope import scope_of
from verifier.vex.statements import is_same
from verifier.vex.voices import Installed, Voice

CONTEXT = "https://openvex.dev/ns/v0.2.0"


class Line(msgspec.Struct, frozen=True, order=True):
    """A statement without its products: JSON `text`, and the package URLs of its subcomponents, () for the whole image.

    Lines sort by vulnerability and time, so that of each vulnerability the newest is the last, by which scanners go.
    """

    vulnerability: str
    time: str
    text: str
    parts: tuple[str, ...]


class Spoken(msgspec.Struct, frozen=True):
    """What may be exported for one platform.

    `contradicted` counts statements of which nothing is left because others do not agree, `unspeakable` those that only
    name version ranges.
    """

    lines: tuple[Line, ...] = ()
    contradicted: int = 0
    unspeakable: int = 0


def spoken(voices: Sequence[Voice]) -> Spoken:
    """What all documents together excuse in one platform, package by package.

    Raises `LimitExceeded` where statements and packages of a base are too many to be held against each other.
    """
    packages = Packages()
    reading = _Reading(packages)
    claims = [reading.claims(word, voice) for voice in voices for word in _words(voice)]
    against = _Against(one for one in claims if not one.word.statement.suppresses)
    lines, contradicted, unspeakable = [], 0, 0
    for one in claims:
        if not one.word.statement.suppresses or not one.packages:
            continue
        left = [package for package in one.packages if not against.any(one.word, package)]
        exact = [package for package in left if package and not package.range]
        parts = sorted({text for package in exact for text in _spellings(package, packages)})
        if None in left or parts:
            lines.append(_line(one.word, () if None in left else parts))
        contradicted += not left
        unspeakable += bool(left) and not parts and None not in left
    return Spoken(tuple(sorted(set(lines))), contradicted, unspeakable)


def compiled(
    platforms: Sequence[tuple[str, Spoken]], indexes: Sequence[str], names: Sequence[str], tool: str
) -> dict[str, Any] | None:
    """One document for the platforms, each with the digest of its manifest; None without a statement, as OpenVEX has
    no empty documents.

    What holds for every one of them holds for the `indexes` too, by which scanners know an image of several platforms.
    `names` are last parts of repositories (`nginx`). Same input, same bytes: its time is that of its newest statement.
    """
    holds: dict[Line, list[str]] = {}
    for digest, said in platforms:
        for line in said.lines:
            holds.setdefault(line, []).append(digest)
    if not holds:
        return None
    statements = []
    for line, digests in sorted(holds.items()):
        known = [*digests, *(indexes if len(digests) == len(platforms) else ())]
        statements.append(_with_products(line, names, sorted(set(known))))
    body = {
        "author": tool,
        "role": "Document Compiler",
        "timestamp": max(line.time for line in holds) or "1970-01-01T00:00:00Z",
        "version": 1,
        "tooling": tool,
        "statements": statements,
    }
    name = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {"@context": CONTEXT, "@id": f"https://openvex.dev/docs/public/vex-{name}", **body}


def _with_products(line: Line, names: Sequence[str], digests: Sequence[str]) -> dict[str, Any]:
    within = {"subcomponents": [{"@id": part} for part in line.parts]} if line.parts else {}
    products = [{"@id": f"pkg:oci/{_quoted(name)}@{digest}", **within} for name in names for digest in digests]
    statement: dict[str, Any] = json.loads(line.text)
    return {"vulnerability": statement.pop("vulnerability"), "products": products, **statement}


def _words(voice: Voice) -> Iterator[Word]:
    for document in voice.documents:
        for statement in document.statements:
            if not statement.is_void:
                yield Word(document, statement, voice.base)


class _Claims(msgspec.Struct, frozen=True):
    """A statement with the packages that it names, None among them for the whole image."""

    word: Word
    packages: tuple[Package | None, ...]


class _Reading:
    """Reads what statements claim, within one bound for all of them: a base may have thousands of packages, and each of
    thousands of statements may mean every one."""

    def __init__(self, packages: Packages) -> None:
        self._packages = packages
        self._compared = 0

    def claims(self, word: Word, voice: Voice) -> _Claims:
        named = claimed(word.statement, scope_of(word.statement, voice.image, self._packages))
        if voice.packages is None:
            return _Claims(word, tuple(named))
        return _Claims(word, tuple(dict.fromkeys(self._narrowed(word, voice.packages, named))))

    def _narrowed(self, word: Word, installed: Installed, named: Iterable[Package | None]) -> Iterator[Package]:
        """Of what a document about the base names, the very packages of the base: layers above may have others."""
        for package in named:
            called, claim = installed.called(package), Claim(word, package)
            self._compared += len(called)
            if self._compared > DEFAULT_LIMITS.vex_entries:
                raise LimitExceeded(f"more than {DEFAULT_LIMITS.vex_entries} packages of the base to speak about")
            yield from filter(claim.means, called)


class _Against:
    """Statements that do not excuse, by vulnerability and package."""

    def __init__(self, claims: Iterable[_Claims]) -> None:
        self._names: set[str] = set()
        self._about: dict[tuple[str, str], list[tuple[Word, Package | None]]] = {}
        for one in claims:
            self._names |= one.word.statement.names
            for package in one.packages:
                for name in one.word.statement.names:
                    self._about.setdefault((name, package.name if package else ""), []).append((one.word, package))

    def any(self, word: Word, package: Package | None) -> bool:
        """Whether one of them may be about the same: of another document or image, or no older in the same."""
        names = word.statement.names
        if package is None:
            return not self._names.isdisjoint(names)
        found = (one for name in names for of in ("", package.name) for one in self._about.get((name, of), ()))
        return any(_outweighs(other, word) and (about is None or about.meets(package)) for other, about in found)


def _outweighs(other: Word, word: Word) -> bool:
    if not is_same(other.statement.names, word.statement.names):
        return False
    return other.about != word.about or other.statement.age > word.statement.age


def _spellings(package: Package, packages: Packages) -> Iterator[str]:
    """Every way in which a scanner may write it, short of qualifiers that it may add."""
    subpath = f"#{package.subpath}" if package.subpath else ""
    variant = [f"{key}={_quoted(text)}" for key, text in package.variant]
    for written in {package.name, *packages.spellings(package.name)}:
        name = "pkg:" + "/".join(map(_quoted, written.split("/")))
        for version, more in _versions(package):
            yield _joined(f"{name}@{_quoted(version)}" if version else name, [*variant, *more], subpath)


def _versions(package: Package) -> Iterator[tuple[str, list[str]]]:
    """Version and the qualifiers that go with it."""
    version, place = package.version, package.distribution.replace(" ", "-", 1)
    if not version:
        yield "", [f"distro={_quoted(place)}"] if place else []
        return
    yield version, []
    epoch, colon, rest = version.partition(":")
    if colon and epoch.isdigit():
        yield rest, [f"epoch={epoch}"]
    if package.name.startswith("golang/"):
        yield f"v{version}", []


def _joined(name: str, qualifiers: Iterable[str], subpath: str) -> str:
    stated = "&".join(sorted(filter(None, qualifiers)))
    return f"{name}?{stated}{subpath}" if stated else f"{name}{subpath}"


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe=":")


def _line(word: Word, parts: Sequence[str]) -> Line:
    said, author = word.statement, word.document.author or word.document.signer
    named: dict[str, Any] = {"name": said.vulnerability}
    if said.aliases:
        named["aliases"] = sorted(set(said.aliases))
    written: dict[str, Any] = {"vulnerability": named, "status": said.status}
    if said.status == "not_affected":
        written["justification"] = said.justification
    written["status_notes"] = f"{said.notes} (stated by {author})" if said.notes else f"stated by {author}"
    if said.time:
        written["timestamp"] = said.time
    return Line(said.vulnerability, said.time, json.dumps(written), tuple(parts))
