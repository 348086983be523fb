"""Details that would say something better than what the rules see."""

from __future__ import annotations

import pytest

from tests.attestation.test_decoded_kinds import report_of, summary
from verifier.errors import EvidenceInvalid


def test_J20_failed_tests_of_the_list_count_whatever_the_summary_says():
    found = report_of({"summary": summary(passed=2, failed=0), "tests": [{"name": "a", "status": "failed"}]})

    assert (found.tests, found.failed) == (2, 1)


def test_J20_a_summary_that_cannot_be_right_is_refused():
    with pytest.raises(EvidenceInvalid, match="2 passed and 2 failed of 2"):
        report_of({"summary": summary(passed=2, failed=2), "tests": []})
