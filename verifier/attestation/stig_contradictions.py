"""Where a STIG summary and its XCCDF results, or the results and themselves, say different things.

Each check gives sentences for a person; none at all means that everything agrees that can be compared. Of the
summary only members whose meaning is known are compared: its full set of names is not published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from verifier.attestation import members
from verifier.attestation.xccdf import Results
from verifier.attestation.xccdf_score import RESULTS, default_score, flat_score, rules_of

DEFAULT_SYSTEM = "urn:xccdf:scoring:default"
FLAT_SYSTEM = "urn:xccdf:scoring:flat"

STATED_TOLERANCE = 0.01  # one number copied from the other, perhaps rounded for display
COMPUTED_TOLERANCE = 0.1  # OpenSCAP computes in single precision

_COUNT_NAMES = {**{word: word for word in RESULTS}, "passed": "pass", "failed": "fail"}
_SHOWN = 3


def contradictions(summary: members.JSONObject, results: Results | None) -> list[str]:
    """All contradictions of one profile, as sentences. Raises `Unreadable` when a score is not a number."""
    if results is None:
        return []
    return [
        *_summary_score(summary, results),
        *_summary_maximum(summary, results),
        *_summary_flat_score(summary, results),
        *_summary_counts(summary, results),
        *_several_scores(results),
        *_stated_score(results),
        *_stated_maximum(results),
        *_stated_flat_score(results),
        *_unknown_words(results),
        *_missing_rules(results),
        *_strange_rules(results),
    ]


def _summary_score(summary: members.JSONObject, results: Results) -> Iterator[str]:
    claimed = members.number(summary, "defaultScore")
    found, tolerance = _stated(results), STATED_TOLERANCE
    if found is None:
        found, tolerance = default_score(results), COMPUTED_TOLERANCE
    if claimed is not None and found is not None and abs(claimed - found) > tolerance:
        yield f"the summary says a default score of {claimed:g}, the XCCDF results {found:g}"


def _summary_maximum(summary: members.JSONObject, results: Results) -> Iterator[str]:
    claimed = members.number(summary, "maxDefaultScore")
    stated = next((score.maximum for score in results.scores if score.system == DEFAULT_SYSTEM), None)
    found = 100.0 if stated is None else stated
    if claimed is not None and abs(claimed - found) > STATED_TOLERANCE:
        yield f"the summary says a maximum of {claimed:g}, the XCCDF results {found:g}"


def _summary_flat_score(summary: members.JSONObject, results: Results) -> Iterator[str]:
    for name, found in zip(("flatScore", "maxFlatScore"), flat_score(results), strict=True):
        claimed = members.number_if_any(summary, name)
        if claimed is not None and abs(claimed - found) > COMPUTED_TOLERANCE:
            yield f"the summary says a {name} of {claimed:g}, the rules of the XCCDF results come to {found:g}"


def _summary_counts(summary: members.JSONObject, results: Results) -> Iterator[str]:
    found = Counter(entry.result for entry in results.rule_results)
    for name, claimed in summary.items():
        word = _COUNT_NAMES.get(name.lower().replace("_", "").replace("-", ""))
        if word is None or isinstance(claimed, bool) or not isinstance(claimed, int | float):
            continue
        if claimed != found[word]:
            yield f"the summary says {claimed:g} rules are {word}, the XCCDF results {found[word]}"


def _several_scores(results: Results) -> Iterator[str]:
    counted = Counter(score.system for score in results.scores)
    for system, times in counted.items():
        if times > 1:
            yield f"the XCCDF results have {times} scores of the system {system:.100}"


def _stated_score(results: Results) -> Iterator[str]:
    stated, computed = _stated(results), default_score(results)
    if stated is not None and computed is not None and abs(stated - computed) > COMPUTED_TOLERANCE:
        yield f"the XCCDF results say a default score of {stated:g}, their rules come to {computed:g}"


def _stated_maximum(results: Results) -> Iterator[str]:
    """A score is full at any value when its maximum is that value; by the default model it is 100."""
    stated = [score.maximum for score in results.scores if score.system == DEFAULT_SYSTEM and score.maximum is not None]
    for maximum in stated:
        if abs(maximum - 100) > STATED_TOLERANCE:
            yield f"the XCCDF results say a maximum of {maximum:g}, the default model has 100"


def _stated_flat_score(results: Results) -> Iterator[str]:
    stated = next((score for score in results.scores if score.system == FLAT_SYSTEM), None)
    computed, maximum = flat_score(results)
    if stated is None:
        return
    if abs(stated.value - computed) > COMPUTED_TOLERANCE:
        yield f"the XCCDF results say a flat score of {stated.value:g}, their rules come to {computed:g}"
    if stated.maximum is not None and abs(stated.maximum - maximum) > COMPUTED_TOLERANCE:
        yield f"the XCCDF results say a flat maximum of {stated.maximum:g}, their rules come to {maximum:g}"


def _unknown_words(results: Results) -> Iterator[str]:
    found = Counter(entry.result or "" for entry in results.rule_results)
    for word in sorted(set(found) - set(RESULTS)):
        yield f"{found[word]} rules have the result {word!r:.50}, which XCCDF does not know"


def _missing_rules(results: Results) -> Iterator[str]:
    """A failed rule that was left out would raise the score; the profile says which rules there must be."""
    selected = results.selected.get(results.profile, set())
    missing = sorted(selected - {entry.rule for entry in results.rule_results})
    if missing:
        yield f"{len(missing)} rules of the profile have no result: {_some(missing)}"


def _strange_rules(results: Results) -> Iterator[str]:
    """A result for a rule that the benchmark lacks counts in one score and not in the other."""
    if results.tree is None or not results.tree.children:
        return
    known = {rule.id for rule in rules_of(results.tree)}
    strange = sorted({entry.rule for entry in results.rule_results} - known)
    if strange:
        yield f"{len(strange)} results are for rules that the benchmark does not have: {_some(strange)}"


def _stated(results: Results) -> float | None:
    return next((score.value for score in results.scores if score.system == DEFAULT_SYSTEM), None)


def _some(names: list[str]) -> str:
    return ", ".join(f"{name:.100}" for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
