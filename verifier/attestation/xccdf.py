"""XCCDF 1.1 and 1.2 results (NIST IR 7275), as OpenSCAP writes them: what was tested, with which result.

    Benchmark ─┬─ Profile ── select          TestResult ─┬─ rule-result ── result
               ├─ Group ── Group, Rule                   ├─ target, target-address, target-facts ── fact
               └─ TestResult                             └─ score

An element counts only in the document's own namespace and only on the paths above, to which `xccdf_texts` adds more.
Document types, entities and external references are refused; no stylesheet, include or schema location is ever
followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

import msgspec

from verifier.attestation.interface import Unreadable
from verifier.limits import DEFAULT_LIMITS

NAMESPACES = ("http://checklists.nist.gov/xccdf/1.2", "http://checklists.nist.gov/xccdf/1.1")

_ROOT = "/"
_PATHS = {
    (_ROOT, "Benchmark"),
    (_ROOT, "TestResult"),
    ("Benchmark", "version"),
    ("Benchmark", "Profile"),
    ("Profile", "select"),
    ("Benchmark", "Group"),
    ("Group", "Group"),
    ("Benchmark", "Rule"),
    ("Group", "Rule"),
    ("Rule", "title"),
    ("Benchmark", "TestResult"),
    ("TestResult", "benchmark"),
    ("TestResult", "profile"),
    ("TestResult", "target"),
    ("TestResult", "target-address"),
    ("TestResult", "target-facts"),
    ("target-facts", "fact"),
    ("TestResult", "rule-result"),
    ("rule-result", "result"),
    ("TestResult", "score"),
}
_TEST_RESULTS = {f"{{{namespace}}}TestResult" for namespace in NAMESPACES}
_TEXTS = {"version", "title", "target", "target-address", "fact", "result", "score"}
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?")
_ATTRIBUTES = 64  # XCCDF defines about ten on its richest element
_DEFAULT_SYSTEM = "urn:xccdf:scoring:default"


class Rule(msgspec.Struct):
    """A rule of the benchmark. `title` is on one line."""

    id: str
    weight: float
    title: str = ""


class Group(msgspec.Struct):
    """A group of the benchmark, or the benchmark itself, which is the outermost one."""

    weight: float
    children: list[Group | Rule] = []


class RuleResult(msgspec.Struct):
    """The outcome of one rule: `result` as written. None stands for what is not stated here."""

    rule: str
    role: str
    weight: float | None
    result: str | None = None


class Score(msgspec.Struct, frozen=True):
    """A score as the scanner computed it. `maximum` is None when it is not stated."""

    system: str
    value: float
    maximum: float | None


class Results(msgspec.Struct):
    """One `TestResult`, and of its benchmark what is needed to check it. `tree` is None without a benchmark."""

    rule_results: list[RuleResult] = []
    scores: list[Score] = []
    target: str = ""
    target_texts: list[str] = []  # target, its addresses and facts
    profile: str = ""
    benchmark: str = ""
    version: str = ""
    start_time: str = ""
    end_time: str = ""
    tree: Group | None = None
    selected: dict[str, set[str]] = {}  # by profile: the rules that it selects by name


def read(document: bytes, collector: Collector | None = None) -> Results:
    """Reads a results document. Raises `Unreadable`, and no other exception. `collector` may keep more of it."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    if len(document) > DEFAULT_LIMITS.xml_bytes:
        raise Unreadable(f"an XCCDF document of {len(document)} bytes; at most {DEFAULT_LIMITS.xml_bytes} are read")
    collector = collector or Collector()
    parser = DefusedXMLParser(target=collector, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(document)
        parser.close()
    except DefusedXmlException as fault:
        raise Unreadable(f"the XCCDF document has a document type or entities, which are never read: {fault}") from None
    except (ParseError, ValueError, LookupError) as fault:
        raise Unreadable(f"expected XCCDF in XML, found something else: {fault!s:.200}") from None
    return collector.close()


class Collector:
    """Receives the elements of a document in order and keeps the few that matter. Memory grows with those alone.

    `paths` are the elements that count, each below its parent, and `texts` those whose text is kept: with that of any
    element inside them, as titles may hold markup.
    """

    paths: AbstractSet[tuple[str, str]] = _PATHS
    texts: AbstractSet[str] = _TEXTS

    def __init__(self) -> None:
        self._results = Results()
        self._prefix = ""
        self._path = [_ROOT]  # local names, "" for an element that does not count
        self._groups: list[Group] = []
        self._profile = ""
        self._score: dict[str, str] = {}
        self._text: list[str] | None = None
        self._elements = 0
        self._test_results = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._bound(attributes)
        if not self._prefix:
            self._prefix = _prefix_of(tag)
        local = tag[len(self._prefix) :] if tag.startswith(self._prefix) else ""
        known = (self._path[-1], local) in self.paths
        if tag in _TEST_RESULTS and not known:
            raise Unreadable("a TestResult stands where none belongs")
        self._path.append(local if known else "")
        if not known:
            return
        if local in self.texts:
            self._text = []
        begin = self.beginnings.get(local)
        if begin:
            begin(self, attributes)

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        local = self._path.pop()
        if local in self.texts and self._text is not None:
            text, self._text = "".join(self._text).strip(), None
            self._keep(local, text)
        elif local in ("Group", "Benchmark"):
            self._groups.pop()

    def close(self) -> Results:
        if self._test_results != 1:
            raise Unreadable(f"expected exactly one TestResult, found {self._test_results}")
        return self._results

    def _bound(self, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > DEFAULT_LIMITS.xml_elements:
            raise Unreadable(f"more than {DEFAULT_LIMITS.xml_elements} XML elements")
        if len(self._path) > DEFAULT_LIMITS.xml_depth:
            raise Unreadable(f"XML nested deeper than {DEFAULT_LIMITS.xml_depth} levels")
        if len(attributes) > _ATTRIBUTES:
            raise Unreadable(f"an XML element with {len(attributes)} attributes")

    def _keep(self, local: str, text: str) -> None:
        results = self._results
        if local == "result":
            self._keep_result(results.rule_results[-1], text)
        elif local == "score":
            results.scores.append(_score(self._score, text))
        elif local == "version":
            results.version = text
        elif local == "title":
            self._keep_title(text)
        else:
            results.target_texts.append(text)
            if local == "target":
                results.target = results.target or text

    def _keep_result(self, rule_result: RuleResult, text: str) -> None:
        if rule_result.result is not None:
            raise Unreadable(f"rule {rule_result.rule:.200} has several results in one rule-result")
        rule_result.result = text

    def _keep_title(self, text: str) -> None:
        """Of the rule that was opened last; the first where there are several, one per language."""
        rule = self._groups[-1].children[-1]
        if isinstance(rule, Rule) and not rule.title:
            rule.title = " ".join(text.split())[: DEFAULT_LIMITS.report_text]

    def _begin_benchmark(self, attributes: dict[str, str]) -> None:
        self._results.tree = Group(1.0)
        self._groups.append(self._results.tree)
        self._results.benchmark = attributes.get("id", "")

    def _begin_group(self, attributes: dict[str, str]) -> None:
        group = Group(_item_weight(attributes))
        self._groups[-1].children.append(group)
        self._groups.append(group)

    def _begin_rule(self, attributes: dict[str, str]) -> None:
        self._groups[-1].children.append(Rule(attributes.get("id", ""), _item_weight(attributes)))

    def _begin_profile(self, attributes: dict[str, str]) -> None:
        self._profile = attributes.get("id", "")

    def _begin_select(self, attributes: dict[str, str]) -> None:
        if attributes.get("selected", "") in ("true", "1"):
            self._results.selected.setdefault(self._profile, set()).add(attributes.get("idref", ""))

    def _begin_test_result(self, attributes: dict[str, str]) -> None:
        self._test_results += 1
        self._results.start_time = attributes.get("start-time", "")
        self._results.end_time = attributes.get("end-time", "")

    def _begin_tested_benchmark(self, attributes: dict[str, str]) -> None:
        self._results.benchmark = self._results.benchmark or attributes.get("id") or attributes.get("href", "")

    def _begin_tested_profile(self, attributes: dict[str, str]) -> None:
        self._results.profile = attributes.get("idref", "")

    def _begin_rule_result(self, attributes: dict[str, str]) -> None:
        role, weight = attributes.get("role", ""), _weight(attributes)
        self._results.rule_results.append(RuleResult(attributes.get("idref", ""), role, weight))

    def _begin_score(self, attributes: dict[str, str]) -> None:
        self._score = attributes

    beginnings: ClassVar[dict[str, Callable[[Any, dict[str, str]], None]]] = {
        "Benchmark": _begin_benchmark,
        "Group": _begin_group,
        "Rule": _begin_rule,
        "Profile": _begin_profile,
        "select": _begin_select,
        "TestResult": _begin_test_result,
        "benchmark": _begin_tested_benchmark,
        "profile": _begin_tested_profile,
        "rule-result": _begin_rule_result,
        "score": _begin_score,
    }


def _prefix_of(root: str) -> str:
    for namespace in NAMESPACES:
        prefix = "{" + namespace + "}"
        if root in (prefix + "Benchmark", prefix + "TestResult"):
            return prefix
    raise Unreadable(f"expected an XCCDF 1.1 or 1.2 Benchmark or TestResult, found {root!r:.200}")


def _score(attributes: dict[str, str], text: str) -> Score:
    system = attributes.get("system", _DEFAULT_SYSTEM)
    stated = attributes.get("maximum")
    maximum = _decimal(stated, "the maximum of a score") if stated is not None else None
    if maximum is None and system == _DEFAULT_SYSTEM:
        maximum = 100.0
    return Score(system, _decimal(text, "a score"), maximum)


def _weight(attributes: dict[str, str]) -> float | None:
    stated = attributes.get("weight")
    if stated is None:
        return None
    weight = _decimal(stated, "a weight")
    if weight < 0:
        raise Unreadable(f"expected a weight that is not negative, found {stated!r:.50}")
    return weight


def _item_weight(attributes: dict[str, str]) -> float:
    """Of a group or rule: 1.0 unless stated (XCCDF 1.2, 6.4.1)."""
    weight = _weight(attributes)
    return 1.0 if weight is None else weight


def _decimal(text: str, what: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise Unreadable(f"expected {what} to be a decimal number, found {text!r:.50}")
    return float(text)
