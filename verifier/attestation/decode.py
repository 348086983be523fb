"""What a verified statement says in detail, kind by kind, for reports and exports. Rules never see any of it.

Each function takes a statement whose signature was verified and the report's line about it, and raises
`EvidenceInvalid` when the predicate cannot be decoded, and nothing else.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from verifier.attestation import members, stig
from verifier.attestation.fips import fips_modules
from verifier.attestation.moment import rfc3339
from verifier.attestation.sbom import packages
from verifier.attestation.statement import predicate
from verifier.attestation.stig_contradictions import DEFAULT_SYSTEM, FLAT_SYSTEM, contradictions
from verifier.attestation.stig_rules import stig_rules
from verifier.attestation.testreport import reported_tests
from verifier.attestation.xccdf import Results
from verifier.attestation.xccdf_score import RESULTS, default_score, flat_score
from verifier.attestation.xccdf_texts import Texts, one_line, read_texts
from verifier.model import AttestationEntry, Score, Statement, StigScan

__all__ = ["StigDocument", "fips_modules", "packages", "reported_tests", "stig_documents", "stig_scans"]


class StigDocument(msgspec.Struct, frozen=True):
    """One output of a STIG attestation: the very bytes that were signed. `profile` is the id that XCCDF states."""

    name: str
    profile: str
    body: bytes


def stig_scans(statement: Statement, entry: AttestationEntry, image_digest: str) -> tuple[StigScan, ...]:
    """Every profile of a STIG attestation, in its order."""
    return tuple(_scan(profile, entry, image_digest) for profile in stig.profiles(predicate(statement)))


def stig_documents(statement: Statement, form: str) -> tuple[StigDocument, ...]:
    """The outputs in the format `xccdf` or `html`, of every profile that has one."""
    found = []
    for profile in stig.profiles(predicate(statement)):
        body = stig.document(profile, form)
        if body is not None:
            found.append(StigDocument(members.text(profile, "name"), stig.profile_id(profile), body))
    return tuple(found)


def _scan(profile: members.JSONObject, entry: AttestationEntry, image_digest: str) -> StigScan:
    document, summary = stig.document(profile, "xccdf"), members.inner(profile, "summary")
    bare = StigScan(
        entry,
        image_digest,
        name=one_line(members.text(profile, "name")),
        counts=dict.fromkeys(RESULTS, 0),
        default_score=_default(summary, None),
        flat_score=_flat(summary, None),
        html=stig.has_html(profile),
    )
    if document is None:
        return bare
    return _with_results(msgspec.structs.replace(bare, document=document), summary, read_texts(document))


def _with_results(bare: StigScan, summary: members.JSONObject, texts: Texts) -> StigScan:
    results, rules = texts.results, stig_rules(texts)
    counted = Counter(rule.result for rule in rules)
    return msgspec.structs.replace(
        bare,
        profile=one_line(results.profile),
        profile_title=texts.profile_titles.get(results.profile, ""),
        benchmark=one_line(results.benchmark),
        benchmark_title=texts.benchmark_title,
        benchmark_version=one_line(results.version),
        scanner=texts.scanner,
        target=one_line(results.target),
        started=rfc3339(results.start_time).text,
        finished=rfc3339(results.end_time).text,
        counts={word: counted[word] for word in RESULTS},
        default_score=_default(summary, results),
        flat_score=_flat(summary, results),
        rules=rules,
        contradictions=tuple(contradictions(summary, results)),
    )


def _default(summary: members.JSONObject, results: Results | None) -> Score | None:
    computed = default_score(results) if results else None
    named = ("defaultScore", "maxDefaultScore")
    return _score(DEFAULT_SYSTEM, computed, None if computed is None else 100.0, results, summary, named)


def _flat(summary: members.JSONObject, results: Results | None) -> Score | None:
    computed, maximum = flat_score(results) if results else (None, None)
    return _score(FLAT_SYSTEM, computed, maximum, results, summary, ("flatScore", "maxFlatScore"))


def _score(
    system: str,
    computed: float | None,
    maximum: float | None,
    results: Results | None,
    summary: members.JSONObject,
    named: tuple[str, str],
) -> Score | None:
    """None where nobody states it and nothing can be computed."""
    stated = next((score for score in results.scores if score.system == system), None) if results else None
    score = Score(
        system,
        computed=computed,
        maximum=maximum,
        stated=stated.value if stated else None,
        stated_maximum=stated.maximum if stated else None,
        summary=members.number_if_any(summary, named[0]),
        summary_maximum=members.number_if_any(summary, named[1]),
    )
    return None if score == Score(system) else score
