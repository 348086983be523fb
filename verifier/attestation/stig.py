"""DHI's STIG evidence: per profile a summary, the XCCDF results and an HTML report.

    [{name, summary: {defaultScore, maxDefaultScore, …}, output: [{format: xccdf | html, content: base64}]}]

The XML is judged. The HTML is never looked into. Where the summary and the XML, or the XML and itself, disagree, the
disagreement is a fact of its own (`contradictions`), since a summary is only a claim about the results.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from verifier.attestation import members, xccdf
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import NEVER, Moment, rfc3339
from verifier.attestation.stig_contradictions import DEFAULT_SYSTEM, contradictions
from verifier.attestation.stig_ids import disa_ids
from verifier.attestation.xccdf_score import RESULTS, counts_as_failed, default_score, flat_score, rules_of
from verifier.limits import DEFAULT_LIMITS

_PROFILES = 32  # normally one
_FORMATS = {"xccdf": "XCCDF document", "html": "HTML report"}
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}(?![0-9a-fA-F])")
_REFERENCE = re.compile(
    r"(?:[a-z][a-z+-]{0,30}://)?"
    r"((?:[a-zA-Z0-9.-]{1,255}(?::[0-9]{1,5})?/)?[a-z0-9]+(?:[._/-]{1,2}[a-z0-9]+){0,32}"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?)"
)


class StigReader:
    kind = "stig"
    types = KINDS["stig"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        read = [_profile(profile) for profile in profiles(predicate)]
        return Facts({"profiles": [facts for facts, _ in read]}, _earliest([end for _, end in read]))


def profiles(predicate: Any) -> list[members.JSONObject]:
    """The profiles of a predicate. Raises `Unreadable` where there is none, or more than anybody scans with."""
    found = members.objects(predicate, "the predicate")
    if not 1 <= len(found) <= _PROFILES:
        raise Unreadable(f"expected 1 to {_PROFILES} profiles, found {len(found)}")
    return found


def document(profile: members.JSONObject, form: str) -> bytes | None:
    """The output of a profile in the format `xccdf` or `html`, as it was signed; None where there is none.

    Raises `Unreadable` for several of one format, and for what is not base64 or too large.
    """
    stated = profile.get("output")
    output = [] if stated is None else members.objects(stated, "output")
    found = [entry for entry in output if members.text(entry, "format") == form]
    if not found:
        return None
    if len(found) > 1:
        raise Unreadable(f"expected one {_FORMATS[form]} in a profile, found {len(found)}")
    return members.base64_bytes(members.text(found[0], "content"), f"the {_FORMATS[form]}", DEFAULT_LIMITS.xml_bytes)


def profile_id(profile: members.JSONObject) -> str:
    """The id that the XCCDF results state, "" where there are none or they cannot be read."""
    try:
        xml = document(profile, "xccdf")
        return xccdf.read(xml).profile if xml is not None else ""
    except Unreadable:
        return ""


def has_html(profile: members.JSONObject) -> bool:
    """Whether a profile has an HTML report. Nobody looks into it."""
    output = members.objects(profile.get("output") or [], "output")
    return any(members.text(entry, "format") == "html" for entry in output)


def _profile(profile: members.JSONObject) -> tuple[members.JSONObject, Moment]:
    summary = members.inner(profile, "summary")
    xml = document(profile, "xccdf")
    results = xccdf.read(xml) if xml is not None else None
    facts = {
        "name": members.text(profile, "name"),
        "default_score": members.number(summary, "defaultScore"),
        "max_default_score": members.number(summary, "maxDefaultScore"),
        "xccdf": _xccdf_facts(results) if results else None,
        "html": has_html(profile),
        "contradictions": contradictions(summary, results),
    }
    return facts, rfc3339(results.end_time) if results else NEVER


def _xccdf_facts(results: xccdf.Results) -> members.JSONObject:
    stated = next((score for score in results.scores if score.system == DEFAULT_SYSTEM), None)
    found = Counter(entry.result for entry in results.rule_results)
    flat, flat_maximum = flat_score(results)
    return {
        "score": stated.value if stated else None,
        "maximum": stated.maximum if stated else None,
        "computed_score": default_score(results),
        "computed_flat_score": flat,
        "computed_flat_maximum": flat_maximum,
        "counts": {word: found[word] for word in RESULTS},
        "rules": len(results.rule_results),
        "failing": sum(map(counts_as_failed, results.rule_results)),
        "failed": _failed(results),
        "target": results.target[: DEFAULT_LIMITS.report_text],
        "target_digests": _digests(results),
        "target_references": _references(results),
        "profile": results.profile,
        "benchmark": results.benchmark,
        "version": results.version,
        "start_time": rfc3339(results.start_time).text,
        "end_time": rfc3339(results.end_time).text,
    }


def _failed(results: xccdf.Results) -> list[members.JSONObject]:
    """The rules that lower the score, with title (or else id) and result; as many as a message can name."""
    titles = {rule.id: rule.title for rule in rules_of(results.tree)}
    failed = list(filter(counts_as_failed, results.rule_results))[: DEFAULT_LIMITS.failed_rules]
    return [
        {
            "rule": disa_ids(entry.rule)[0] or entry.rule[: DEFAULT_LIMITS.report_text],
            "title": titles.get(entry.rule) or entry.rule[: DEFAULT_LIMITS.report_text],
            "result": (entry.result or "")[: DEFAULT_LIMITS.report_text],
        }
        for entry in failed
    ]


def _digests(results: xccdf.Results) -> list[str]:
    return sorted({digest for text in results.target_texts for digest in _SHA256.findall(text)})


def _references(results: xccdf.Results) -> list[str]:
    """Image references among target and facts, without scheme: with a digest, or a path with a tag."""
    texts = (text for text in results.target_texts if len(text) <= DEFAULT_LIMITS.report_text)
    found = map(_REFERENCE.fullmatch, texts)
    return sorted({match[1] for match in found if match and _names_image(match[1])})


def _names_image(reference: str) -> bool:
    return "@" in reference or ("/" in reference and ":" in reference.rpartition("/")[2])


def _earliest(ends: list[Moment]) -> Moment:
    """The oldest scan counts for the age of all of them; one without a readable time leaves the age unknown."""
    problem = next((end for end in ends if end.ns is None), None)
    return problem or min(ends, key=lambda end: end.ns or 0)
