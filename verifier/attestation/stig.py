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
from verifier.attestation.xccdf_score import RESULTS, default_score, flat_score
from verifier.limits import DEFAULT_LIMITS

_PROFILES = 32  # normally one
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
        profiles = members.objects(predicate, "the predicate")
        if not 1 <= len(profiles) <= _PROFILES:
            raise Unreadable(f"expected 1 to {_PROFILES} profiles, found {len(profiles)}")
        read = [_profile(profile) for profile in profiles]
        return Facts({"profiles": [facts for facts, _ in read]}, _earliest([end for _, end in read]))


def _profile(profile: members.JSONObject) -> tuple[members.JSONObject, Moment]:
    summary = members.inner(profile, "summary")
    xml, html = _output(profile)
    results = xccdf.read(xml) if xml is not None else None
    facts = {
        "name": members.text(profile, "name"),
        "default_score": members.number(summary, "defaultScore"),
        "max_default_score": members.number(summary, "maxDefaultScore"),
        "xccdf": _xccdf_facts(results) if results else None,
        "html": html,
        "contradictions": contradictions(summary, results),
    }
    return facts, rfc3339(results.end_time) if results else NEVER


def _output(profile: members.JSONObject) -> tuple[bytes | None, bool]:
    """The XCCDF document, if there is one, and whether there is an HTML report."""
    stated = profile.get("output")
    output = [] if stated is None else members.objects(stated, "output")
    formats = [members.text(entry, "format") for entry in output]
    if formats.count("xccdf") > 1:
        raise Unreadable(f"expected one XCCDF document in a profile, found {formats.count('xccdf')}")
    if "xccdf" not in formats:
        return None, "html" in formats
    content = members.text(output[formats.index("xccdf")], "content")
    return members.base64_bytes(content, "the XCCDF document", DEFAULT_LIMITS.xml_bytes), "html" in formats


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
        "target": results.target[: DEFAULT_LIMITS.report_text],
        "target_digests": _digests(results),
        "target_references": _references(results),
        "profile": results.profile,
        "benchmark": results.benchmark,
        "version": results.version,
        "start_time": rfc3339(results.start_time).text,
        "end_time": rfc3339(results.end_time).text,
    }


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
