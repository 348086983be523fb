"""The texts of an XCCDF document, for people: what each rule asks for, why, how it is checked and how it is mended.

One reader, `xccdf.Collector`, with more paths. A gate needs none of these texts and does not pay for them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from verifier.attestation import xccdf
from verifier.attestation.cci import is_cci
from verifier.attestation.interface import Unreadable
from verifier.limits import DEFAULT_LIMITS

_SCANNER = "urn:xccdf:fact:scanner:"
_DISCUSSION = ("<VulnDiscussion>", "</VulnDiscussion>")
_BLANK_LINES = re.compile(r"\n[ \n]*\n")
_ENDS = dict.fromkeys(("p", "div", "pre", "ul", "ol", "table"), "\n\n")
_BREAKS = _ENDS | dict.fromkeys(("br", "li", "tr"), "\n")


class RuleTexts(msgspec.Struct):
    """What a benchmark says of a rule. `group` is the title of the innermost group, `group_id` its id."""

    severity: str = ""
    group: str = ""
    group_id: str = ""
    version: str = ""
    discussion: str = ""
    rationale: str = ""
    check: str = ""
    fixtext: str = ""
    fix: str = ""
    ccis: list[str] = []


class ResultTexts(msgspec.Struct):
    """What one rule-result says beside its result."""

    severity: str = ""
    time: str = ""
    check: str = ""
    ccis: list[str] = []
    messages: list[str] = []


class Texts(msgspec.Struct):
    """`rules` by id; `outcomes` beside each of `results.rule_results`; `scanner` is name and version as stated."""

    results: xccdf.Results
    rules: dict[str, RuleTexts] = {}
    outcomes: list[ResultTexts] = []
    benchmark_title: str = ""
    profile_titles: dict[str, str] = {}
    scanner: str = ""


def read_texts(document: bytes) -> Texts:
    """Reads a results document with its texts. Raises `Unreadable`, and no other exception."""
    collector = _TextCollector()
    return collector.texts_of(xccdf.read(document, collector))


class _TextCollector(xccdf.Collector):
    """Of several texts in one place, as of several languages, the first that is not empty is kept."""

    paths = xccdf.Collector.paths | {
        ("Benchmark", "title"),
        ("Profile", "title"),
        ("Group", "title"),
        ("Rule", "version"),
        ("Rule", "description"),
        ("Rule", "rationale"),
        ("Rule", "fixtext"),
        ("Rule", "fix"),
        ("Rule", "ident"),
        ("Rule", "check"),
        ("Rule", "complex-check"),
        ("complex-check", "complex-check"),
        ("complex-check", "check"),
        ("check", "check-content"),
        ("check", "check-content-ref"),
        ("rule-result", "ident"),
        ("rule-result", "message"),
        ("rule-result", "check"),
        ("rule-result", "complex-check"),
    }
    texts = xccdf.Collector.texts | {
        "description",
        "rationale",
        "fixtext",
        "fix",
        "ident",
        "message",
        "check-content",
    }

    def __init__(self) -> None:
        super().__init__()
        self._found = Texts(self._results)
        self._titles: list[tuple[str, str]] = []  # id and title of the open groups, outermost first
        self._rule = RuleTexts()
        self._checked: RuleTexts | ResultTexts = self._rule
        self._system = ""
        self._fact = ""
        self._scanner: dict[str, str] = {}
        self._test_system = ""

    def texts_of(self, results: xccdf.Results) -> Texts:
        found, scanner = self._found, self._scanner
        named = f"{scanner.get('name', '')} {scanner.get('version', '')}".strip()
        return msgspec.structs.replace(found, results=results, scanner=named or self._test_system)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        self._break(tag, _BREAKS)

    def end(self, tag: str) -> None:
        if self._path[-1] == "Group":
            self._titles.pop()
        self._break(tag, _ENDS)
        super().end(tag)

    def _break(self, tag: str, breaks: dict[str, str]) -> None:
        """Markup inside a text begins and ends lines and paragraphs."""
        if self._text is not None and not self._path[-1]:
            self._text.append(breaks.get(tag.rpartition("}")[2], ""))

    def _keep(self, local: str, text: str) -> None:
        keep = _KEEP.get((self._path[-1], local))
        if keep:
            keep(self, text)
        else:
            super()._keep(local, text)
            if local == "fact" and self._fact.startswith(_SCANNER):
                self._scanner.setdefault(self._fact.removeprefix(_SCANNER), one_line(text))

    def _keep_benchmark_title(self, text: str) -> None:
        self._found.benchmark_title = self._found.benchmark_title or one_line(text)

    def _keep_profile_title(self, text: str) -> None:
        if not self._found.profile_titles.get(self._profile):
            self._found.profile_titles[self._profile] = one_line(text)

    def _keep_group_title(self, text: str) -> None:
        identifier, title = self._titles[-1]
        self._titles[-1] = identifier, title or one_line(text)

    def _keep_version(self, text: str) -> None:
        self._rule.version = self._rule.version or one_line(text)

    def _keep_discussion(self, text: str) -> None:
        self._rule.discussion = self._rule.discussion or paragraphs(_discussion(text))

    def _keep_rationale(self, text: str) -> None:
        self._rule.rationale = self._rule.rationale or paragraphs(text)

    def _keep_fixtext(self, text: str) -> None:
        self._rule.fixtext = self._rule.fixtext or paragraphs(text)

    def _keep_fix(self, text: str) -> None:
        self._rule.fix = self._rule.fix or paragraphs(text)

    def _keep_check(self, text: str) -> None:
        self._checked.check = paragraphs(text) or self._checked.check

    def _keep_rule_ident(self, text: str) -> None:
        self._keep_ident(self._rule.ccis, text)

    def _keep_result_ident(self, text: str) -> None:
        self._keep_ident(self._found.outcomes[-1].ccis, text)

    def _keep_ident(self, ccis: list[str], text: str) -> None:
        if is_cci(self._system, text) and text not in ccis and len(ccis) < DEFAULT_LIMITS.detail_messages:
            ccis.append(text)

    def _keep_message(self, text: str) -> None:
        messages = self._found.outcomes[-1].messages
        if text and len(messages) < DEFAULT_LIMITS.detail_messages:
            messages.append(paragraphs(text))

    def _begin_group(self, attributes: dict[str, str]) -> None:
        super()._begin_group(attributes)
        self._titles.append((attributes.get("id", ""), ""))

    def _begin_rule(self, attributes: dict[str, str]) -> None:
        super()._begin_rule(attributes)
        group_id, group = self._titles[-1] if self._titles else ("", "")
        self._rule = RuleTexts(attributes.get("severity", ""), group, group_id)
        self._checked = self._rule
        self._found.rules.setdefault(attributes.get("id", ""), self._rule)

    def _begin_rule_result(self, attributes: dict[str, str]) -> None:
        super()._begin_rule_result(attributes)
        outcome = ResultTexts(attributes.get("severity", ""), attributes.get("time", ""))
        self._found.outcomes.append(outcome)
        self._checked = outcome
        if len(self._found.outcomes) > DEFAULT_LIMITS.detail_rules:
            raise Unreadable(f"more than {DEFAULT_LIMITS.detail_rules} rule results")

    def _begin_test_result(self, attributes: dict[str, str]) -> None:
        super()._begin_test_result(attributes)
        self._test_system = one_line(attributes.get("test-system", ""))

    def _begin_fact(self, attributes: dict[str, str]) -> None:
        self._fact = attributes.get("name", "")

    def _begin_system(self, attributes: dict[str, str]) -> None:
        self._system = attributes.get("system", "")

    def _begin_check_reference(self, attributes: dict[str, str]) -> None:
        """A check in another document is named; it is never fetched."""
        named = "#".join(part for part in (attributes.get("href", ""), attributes.get("name", "")) if part)
        if named and not self._checked.check:
            self._checked.check = one_line(f"{named} ({self._system})" if self._system else named)

    beginnings: ClassVar[dict[str, Callable[[Any, dict[str, str]], None]]] = {
        **xccdf.Collector.beginnings,
        "Group": _begin_group,
        "Rule": _begin_rule,
        "rule-result": _begin_rule_result,
        "TestResult": _begin_test_result,
        "fact": _begin_fact,
        "ident": _begin_system,
        "check": _begin_system,
        "check-content-ref": _begin_check_reference,
    }


_KEEP: dict[tuple[str, str], Callable[[_TextCollector, str], None]] = {
    ("Benchmark", "title"): _TextCollector._keep_benchmark_title,
    ("Profile", "title"): _TextCollector._keep_profile_title,
    ("Group", "title"): _TextCollector._keep_group_title,
    ("Rule", "version"): _TextCollector._keep_version,
    ("Rule", "description"): _TextCollector._keep_discussion,
    ("Rule", "rationale"): _TextCollector._keep_rationale,
    ("Rule", "fixtext"): _TextCollector._keep_fixtext,
    ("Rule", "fix"): _TextCollector._keep_fix,
    ("Rule", "ident"): _TextCollector._keep_rule_ident,
    ("check", "check-content"): _TextCollector._keep_check,
    ("rule-result", "ident"): _TextCollector._keep_result_ident,
    ("rule-result", "message"): _TextCollector._keep_message,
}


def one_line(text: str) -> str:
    """White space joined, and no longer than a message may be."""
    return " ".join(text[: DEFAULT_LIMITS.detail_text].split())[: DEFAULT_LIMITS.report_text]


def paragraphs(text: str) -> str:
    """The text without its document's indentation, lines and paragraphs kept; cut with a mark where it is too long."""
    bounded = text[: DEFAULT_LIMITS.detail_text].expandtabs().replace("\r\n", "\n")
    blocks = filter(None, map(_block, _BLANK_LINES.split(bounded)))
    cut = " […]" if len(text) > DEFAULT_LIMITS.detail_text else ""
    return "\n\n".join(blocks)[: DEFAULT_LIMITS.detail_text] + cut


def _block(text: str) -> str:
    """A paragraph whose first line follows an element or a heading: that line says nothing of the indentation."""
    text = text.strip("\n")
    first, _, rest = ("", "", text) if text[:1] == " " else text.partition("\n")
    lines = (first, *textwrap.dedent(rest).split("\n"))
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _discussion(text: str) -> str:
    """DISA puts elements into the text of a description, escaped; the discussion is one of them."""
    opening, closing = _DISCUSSION
    _, found, rest = text.partition(opening)
    return rest.partition(closing)[0].strip() if found else text
