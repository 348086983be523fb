"""Which statements speak about which findings: looked up by vulnerability, package name and version, never one by one.

Of a document only statements about a vulnerability that was found are read any further.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from verifier.vex.conflicts import Outcome, Word, outcome
from verifier.vex.packages import Package, Packages
from verifier.vex.ranges import within
from verifier.vex.scope import Scope, scope_of
from verifier.vex.statements import Document, Finding, Statement, is_same
from verifier.vex.voices import Voice


class Unmatched(msgspec.Struct, frozen=True):
    """A statement that changed nothing, and why."""

    document: Document
    statement: Statement
    reason: str


class Matched(msgspec.Struct, frozen=True):
    """What documents come to for the findings of one image. `outcomes` are of findings about which somebody speaks."""

    outcomes: tuple[Outcome, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()

    @property
    def suppressed(self) -> tuple[Outcome, ...]:
        return tuple(one for one in self.outcomes if one.suppressed)

    @property
    def disputed(self) -> tuple[Outcome, ...]:
        return tuple(one for one in self.outcomes if one.disputed)


_Key = tuple[str, str, str]  # names of vulnerability and package, and a version: "" for any
_RANGE = "vers:"  # in place of a version


class Claim(msgspec.Struct, frozen=True):
    """A statement with one package that it names; without one it is about the whole image."""

    word: Word
    package: Package | None = None

    def speaks_of(self, finding: Finding, package: Package | None) -> bool:
        """Whether it is about this finding. In doubt a statement accuses, and does not excuse."""
        return is_same(self.word.statement.names, finding.names) and self.means(package)

    def means(self, package: Package | None) -> bool:
        """Whether it is about this package."""
        if self.package is None:
            return True
        if package is None or not self.package.covers(package):
            return False
        if not self.package.range:
            return True
        inside = within(package.version, self.package.range, package.name.partition("/")[0])
        return not self.word.statement.suppresses if inside is None else inside


def matched(voices: Sequence[Voice], findings: Sequence[Finding]) -> Matched:
    """What documents say about the findings of one image. All of them may speak; who may is the caller's to decide."""
    packages = Packages()
    found = [(finding, packages.package(finding.purl)) for finding in findings]
    indexes = [_Index(voice, packages, found) for voice in voices]

    def words(finding: Finding, package: Package | None) -> Iterator[Word]:
        for index in indexes:
            yield from index.words(finding, package)

    spoken = (outcome(finding, words(finding, package)) for finding, package in found)
    outcomes = tuple(one for one in spoken if one)
    return Matched(outcomes, tuple(_unmatched(indexes, outcomes)))


class _Index:
    """Statements of one voice about what was found, by vulnerability and package, and what each is about."""

    def __init__(self, voice: Voice, packages: Packages, found: Iterable[tuple[Finding, Package | None]]) -> None:
        self.voice = voice
        self.scopes: dict[tuple[str, int], Scope] = {}
        self._heard: set[tuple[str, int]] = set()
        self._overtaken: dict[tuple[str, int], set[tuple[str, int]]] = {}
        self._packages = packages
        self._wanted = frozenset(name for finding, _ in found for name in finding.names)
        self._names = frozenset(package.name for _, package in found if package)
        self._claims: dict[_Key, dict[tuple[str, frozenset[str], Package | None], Claim]] = {}
        for word in self.said():
            if not word.statement.is_void and not word.statement.names.isdisjoint(self._wanted):
                self._add(word)

    def said(self) -> Iterator[Word]:
        """Every statement of the voice."""
        for document in self.voice.documents:
            for statement in document.statements:
                yield Word(document, statement, self.voice.base)

    def _add(self, word: Word) -> None:
        statement = word.statement
        scope = scope_of(statement, self.voice.image, self._packages)
        self.scopes[word.document.digest, statement.number] = scope
        for package in claimed(statement, scope):
            if package is None or package.name in self._names:
                for vulnerability in statement.names & self._wanted:
                    self._keep(Claim(word, package), (vulnerability, *_spelling(package)))

    def _keep(self, claim: Claim, key: _Key) -> None:
        """Of one document's statements about the very same thing only the newest is kept."""
        thing = (claim.word.document.digest, claim.word.statement.names, claim.package)
        here = self._claims.setdefault(key, {})
        known = here.setdefault(thing, claim)
        if known is claim:
            return
        newest = max(known, claim, key=lambda one: one.word.statement.age)
        older = claim if newest is known else known
        here[thing] = newest
        self._overtaken.setdefault(_where(older.word), set()).add(_where(newest.word))

    def words(self, finding: Finding, package: Package | None) -> Iterator[Word]:
        """The statements about a finding; `package` is what it is in, None where its package URL cannot be read."""
        if not self.voice.is_about(package):
            return
        for vulnerability in finding.names:
            keys = {(vulnerability, "", "")}
            if package:
                keys |= {(vulnerability, package.name, version) for version in (package.version, "", _RANGE)}
            for key in keys:
                for claim in self._claims.get(key, {}).values():
                    if claim.speaks_of(finding, package):
                        self._heard.add(_where(claim.word))
                        yield claim.word

    def is_overtaken(self, word: Word) -> bool:
        """Whether it is about a finding, and a newer statement of its document counts."""
        where = _where(word)
        return where in self._heard or not self._heard.isdisjoint(self._overtaken.get(where, ()))


def _spelling(package: Package | None) -> tuple[str, str]:
    if package is None:
        return "", ""
    return package.name, package.version or (_RANGE if package.range else "")


def claimed(statement: Statement, scope: Scope) -> Iterator[Package | None]:
    """What a statement claims, None for the whole image, which it excuses only by digest: many builds share a name."""
    if statement.suppresses:
        yield from scope.excused
        if scope.whole and scope.pinned:
            yield None
        return
    yield from scope.accused
    if scope.whole or scope.vague:
        yield None


def _where(word: Word) -> tuple[str, int]:
    return word.document.digest, word.statement.number


def _unmatched(indexes: Iterable[_Index], outcomes: Iterable[Outcome]) -> Iterable[Unmatched]:
    """A document that speaks for the image and for its base is listed once, with the narrower reason."""
    counting = {_where(word) for one in outcomes for word in one.words}
    silent: dict[tuple[str, int], Unmatched] = {}
    for index in indexes:
        for word in index.said():
            if _where(word) not in counting:
                silent[_where(word)] = Unmatched(word.document, word.statement, _reason(word, index))
    return silent.values()


def _reason(word: Word, index: _Index) -> str:
    statement, scope = word.statement, index.scopes.get(_where(word))
    if statement.is_void:
        return "it says not_affected without one of the justifications of OpenVEX"
    if scope is None:
        return "no scan of the image names this vulnerability"
    if index.is_overtaken(word):
        return "a newer statement of the same document counts"
    if scope.elsewhere:
        return "it speaks about other images"
    if scope.whole and statement.suppresses and not scope.excused:
        return "it names neither a package nor the digest of the image"
    if scope.vague:
        return "a package URL in it cannot be read, and no other one fits a finding"
    if index.voice.base:
        return "the vulnerability was found in what is not proved to be a package of the base"
    return "the vulnerability was found in other packages or versions"
