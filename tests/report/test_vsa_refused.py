"""What must not come out of a run: a summary that says more than was judged, and secrets that a scan found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.conftest import Publisher
from tests.verification.conftest import key_files
from verifier.attestation import redacted
from verifier.attestation.statement import read_statement
from verifier.errors import UsageError
from verifier.oci import Settings
from verifier.policy import Additions
from verifier.report import format_of
from verifier.verification import Options
from verifier.verification import verify as verify_images

__all__ = ["key_files"]


@pytest.mark.parametrize("relaxation", ["effective time", "policy configuration", "no transparency", "plain HTTP"])
def test_K17_N13_a_program_gets_no_summary_of_a_relaxed_run_either(
    publisher: Publisher, key_files: dict[str, str], tmp_path: Path, relaxation: str
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"policies": [{"name": "dhi-no-embedded-malware", "enabled": False}]}))
    additions = Additions(key_files=(key_files["publisher"],))
    plain = Options(additions=additions, settings=Settings(jobs=2, timeout=20))
    relaxed = {
        "effective time": replace(plain, effective_time=datetime(2026, 1, 20, tzinfo=UTC)),
        "policy configuration": replace(plain, additions=replace(additions, policy_config=str(config))),
        "no transparency": replace(plain, additions=replace(additions, ignore_transparency=True)),
        "plain HTTP": replace(plain, settings=replace(plain.settings, allow_http=True)),
    }
    reference = publisher.image(platforms=("linux/amd64",)).registry("dhi/python")

    report = verify_images([reference], relaxed[relaxation])

    assert report.images[0].digest
    with pytest.raises(UsageError, match="the run was relaxed"):
        format_of("vsa").render(report)


SECRET = "AKIAIOSFODNN7EXAMPLE"
NUMBER = 4929123456789012
UNKNOWN_FORMS: dict[str, Any] = {
    "findings that are texts": [{"findings": [SECRET]}],
    "findings that are a text": [{"findings": SECRET}],
    "the name of a member": [{"findings": [{SECRET: {"rule_id": "aws"}}]}],
    "a name further down": [{"findings": [{"match": {SECRET: 1}}]}],
    "a number": [{"findings": [{"match": NUMBER}]}],
    "a list in place of a text": [{"findings": [{"severity": [SECRET]}]}],
    "a source that is a text": [{"source": SECRET}],
}


def scan(predicate: Any, **more: Any) -> bytes:
    subject = [{"name": "image", "digest": {"sha256": "a" * 64}}]
    head = {"_type": "https://in-toto.io/Statement/v1", "subject": subject}
    return json.dumps(
        {**head, "predicateType": "https://scout.docker.com/secrets/v0.1", "predicate": predicate, **more}
    ).encode()


@pytest.mark.parametrize("predicate", UNKNOWN_FORMS.values(), ids=UNKNOWN_FORMS.keys())
def test_K12_rules_see_no_secret_in_whatever_form_a_scanner_writes_it(predicate: Any) -> None:
    shown = redacted(read_statement(scan(predicate))).decode()

    assert SECRET not in shown
    assert str(NUMBER) not in shown


@pytest.mark.parametrize("predicate", [[], [{"findings": [{"rule_id": "aws", "match": SECRET}]}]])
def test_K12_what_stands_beside_the_predicate_of_a_secret_scan_is_left_out(predicate: Any) -> None:
    shown = json.loads(redacted(read_statement(scan(predicate, details=[SECRET]))))

    assert shown.keys() == {"_type", "subject", "predicateType", "predicate"}
    assert len(shown["predicate"]) == len(predicate)
