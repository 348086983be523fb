import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attestation.attestation_documents import MANIFEST, b64, statement, xccdf_document
from verifier import attestation
from verifier.attestation import decode
from verifier.errors import EvidenceInvalid
from verifier.model import AttestationEntry, Status

MEMBERS = [
    "summary", "defaultScore", "output", "format", "content", "scanner", "report", "result", "results", "tests",
    "passed", "failed", "stop", "purl", "vulnerabilities", "source_id", "cvss", "severity", "metadata", "findings",
    "scanFinishedOn", "name", "status", "sunsetDate", "verificationResult", "verifier", "builder", "buildDefinition",
    "runDetails", "startedOn", "spdxVersion", "packages", "bomFormat", "components", "artifacts", "source", "digest",
    "statements", "timestamp", "author", "vulnerability", "id", "materials", "externalParameters", "configSource",
    "extra", "stdout", "suite", "message", "licenses", "externalRefs", "referenceType", "referenceLocator", "group",
    "license", "flatScore", "package", "standard",
]  # fmt: skip
WORDS = [
    "", "xccdf", "html", "SPDX-2.3", "CycloneDX", "2026-01-02T03:04:05Z", "0001-01-01T00:00:00Z", "PASSED", "9.8", "{}",
    "not_affected", "sha256:" + "a" * 64, b64("Infected files: 0"), b64(xccdf_document()),
]  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    SCALARS | st.sampled_from(WORDS) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6),
    max_leaves=20,
)
TYPES = [(kind, uri) for kind in attestation.READERS for uri in attestation.KINDS[kind]]


@pytest.mark.parametrize(("kind", "uri"), TYPES)
@settings(max_examples=100, deadline=None)
@given(predicate=JSON)
def test_any_json_gives_plain_facts_or_the_reason_why_not(kind, uri, predicate):
    found = attestation.facts(statement(predicate, uri), MANIFEST)

    assert (found["digest"], found["type"]) == (MANIFEST, uri)
    assert found.get("unreadable") or found.keys() >= {"time", "time_ns"}
    json.dumps(found, allow_nan=False)


DECODERS = {"fips": decode.fips_modules, "tests": decode.reported_tests, "sbom": decode.packages}
DECODERS["stig"] = lambda given, entry: decode.stig_scans(given, entry, MANIFEST)
DECODED = [(kind, uri) for kind in DECODERS for uri in attestation.KINDS[kind]]


@pytest.mark.parametrize(("kind", "uri"), DECODED)
@settings(max_examples=100, deadline=None)
@given(predicate=JSON)
def test_any_json_is_decoded_or_gives_the_reason_why_not(kind, uri, predicate):
    entry = AttestationEntry(uri, kind, MANIFEST, Status.VERIFIED)

    with suppress(EvidenceInvalid):
        msgspec.json.encode(DECODERS[kind](statement(predicate, uri), entry))
