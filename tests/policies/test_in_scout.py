"""The nine rules of Docker's topics where dhiverify is not: Docker Scout's built-ins alone, one statement per type."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import regorus

from tests.policies.dhi_images import (
    DIGEST,
    LABELS,
    NOW_NS,
    OTHER,
    SCOUT_VULNERABILITIES,
    SECRETS,
    SLSA_02,
    SPDX,
    STIG,
    TESTS,
    VIRUS,
)
from verifier.model import RuleModule

CLEAN: dict[str, Any] = {
    SCOUT_VULNERABILITIES: [],
    SECRETS: [],
    SLSA_02: {"builder": {"id": "x"}},
    SPDX: {"packages": [{"name": "libc6"}]},
    STIG: [
        {
            "name": "gpos",
            "summary": {"defaultScore": 100, "maxDefaultScore": 100},
            "output": [{"format": "xccdf", "content": "PHhtbD4="}],
        }
    ],
    TESTS: {"results": {"summary": {"tests": 1, "passed": 1, "failed": 0}}},
    VIRUS: {"scanner": {"report": "SW5mZWN0ZWQgZmlsZXM6IDAK"}},  # Infected files: 0
}
RULES = {
    "dhi-no-embedded-malware",
    "dhi-no-embedded-secrets",
    "dhi-no-failing-tests",
    "dhi-signed-supply-chain-attestations",
    "dhi-stig-scan-score",
    "dhi-unintentional-shell-or-package-manager",
    "fixable-vulnerabilities",
    "high-profile-vulnerabilities",
}


def scout(module: RuleModule, referrer: Callable[[str], Any]) -> Any:
    """What `pass` comes to, None for undefined."""
    engine = regorus.Engine()
    engine.add_policy(module.path, module.source)
    engine.add_data_json('{"config": {}}')
    labels = LABELS | {"com.docker.dhi.compliance": "fips"}
    config = {"config": {"User": "65532", "Labels": labels}}
    engine.set_input_json(json.dumps({"source": {"image": {"name": "dhi/python", "digest": DIGEST, "config": config}}}))
    engine.add_extension("oci.referrer", 1, referrer)
    engine.add_extension("cosign.verify_images", 2, lambda images, options: {image: {} for image in images})
    engine.add_extension("scout.parse_purl", 1, lambda text: {})
    engine.add_extension("time.now_ns", 0, lambda: NOW_NS)
    value = json.loads(engine.eval_rule_as_json("data.docker.scout.pass"))
    return None if value == "<undefined>" else value


def about(digest: str, predicate: Any) -> dict[str, Any]:
    return {
        "statement": {"subject": [{"digest": {"sha256": digest[7:]}}], "predicate": predicate},
        "image": f"x@{digest}",
    }


@pytest.mark.parametrize("rule", sorted(RULES))
def test_clean_image_passes(pack: dict[str, RuleModule], rule: str) -> None:
    assert scout(pack[rule], lambda kind: about(DIGEST, CLEAN[kind]) if kind in CLEAN else None) is True


@pytest.mark.parametrize("rule", sorted(RULES))
def test_A01_evidence_about_another_image_never_passes(pack: dict[str, RuleModule], rule: str) -> None:
    assert scout(pack[rule], lambda kind: about(OTHER, CLEAN[kind]) if kind in CLEAN else None) is not True


@pytest.mark.parametrize("rule", sorted(RULES))
def test_G01_missing_evidence_never_passes(pack: dict[str, RuleModule], rule: str) -> None:
    assert scout(pack[rule], lambda kind: None) is not True
