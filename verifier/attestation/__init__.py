"""in-toto statements: what they speak about, which kind of evidence they are, and the facts in them.

`read_statement` reads the header, `covers` binds it to an image by digest, `facts` hands the predicate to the reader
of its kind. A kind without a reader has a type and no more. Adding a reader is one module and one line of `READERS`.
"""

from __future__ import annotations

from typing import Any

from verifier.attestation.binding import SubjectName, covers, is_subject, names, noted, products, tags
from verifier.attestation.fips import FipsReader
from verifier.attestation.interface import Facts, Reader, Unreadable
from verifier.attestation.kinds import ALIASES, KINDS, expand, forms, kind_of
from verifier.attestation.malware_scan import MalwareReader
from verifier.attestation.provenance import ProvenanceReader
from verifier.attestation.sbom import SbomReader
from verifier.attestation.secret_scan import SecretsReader, redacted
from verifier.attestation.source import SourceReader
from verifier.attestation.statement import PredicateMissing, check_predicate, predicate, read_statement
from verifier.attestation.stig import StigReader
from verifier.attestation.testreport import TestsReader
from verifier.attestation.verification_summary import SummaryReader
from verifier.attestation.vex import VexReader
from verifier.attestation.vulnerability_scan import VulnerabilitiesReader
from verifier.model import Statement

__all__ = [
    "ALIASES",
    "KINDS",
    "READERS",
    "Facts",
    "PredicateMissing",
    "Reader",
    "SubjectName",
    "Unreadable",
    "check_predicate",
    "covers",
    "expand",
    "facts",
    "forms",
    "is_subject",
    "kind_of",
    "names",
    "noted",
    "predicate",
    "products",
    "read_statement",
    "redacted",
    "tags",
]

READERS: dict[str, Reader] = {
    reader.kind: reader
    for reader in (
        FipsReader(),
        MalwareReader(),
        ProvenanceReader(),
        SbomReader(),
        SecretsReader(),
        SourceReader(),
        StigReader(),
        SummaryReader(),
        TestsReader(),
        VexReader(),
        VulnerabilitiesReader(),
    )
}
"""The reader of each kind; other kinds are listed and not read."""


def facts(statement: Statement, digest: str) -> dict[str, Any]:
    """What the statement says, as plain JSON data: `digest` (as given), `type`, and the facts of its reader.

    `time` is RFC 3339 in UTC or "", `time_ns` the same as nanoseconds since 1970 or None, `time_problem` says why a
    stated time could not be read. A predicate that its reader cannot read gives `unreadable` with the reason and no
    facts. The whole document is parsed strictly: raises `StatementInvalid` where it has more than one reading.
    """
    about = {"digest": digest, "type": statement.predicate_type}
    reader = READERS.get(kind_of(statement.predicate_type))
    if reader is None:
        check_predicate(statement)
        return {**about, "time": "", "time_ns": None}
    try:
        found = reader.read(statement.predicate_type, predicate(statement, reader.members))
    except (Unreadable, PredicateMissing) as fault:
        return {**about, "unreadable": str(fault)}
    when = {"time": found.time.text, "time_ns": found.time.ns}
    problem = {"time_problem": found.time.problem} if found.time.problem else {}
    return {**found.data, **about, **when, **problem}
