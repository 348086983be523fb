"""One rule of the shipped packs, judged by the real worker over an image that a test describes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.policies.dhi_images import NOW, Image, Judge
from verifier.limits import Limits
from verifier.model import RuleModule, RuleOutcome
from verifier.policy.modules import load_rules
from verifier.policy.shipped import pack_directory
from verifier.rules import Rules


@pytest.fixture(scope="session")
def pack() -> dict[str, RuleModule]:
    packs = ("dhi", "base", "signed", "attested")
    return {module.id: module for name in packs for module in load_rules(pack_directory(name))}


@pytest.fixture(scope="session")
def judge(pack: dict[str, RuleModule]) -> Iterator[Judge]:
    """`judge(rule, image, key=value…)`: what the rule comes to, with these configured. Workers are kept."""
    workers: dict[str, Rules] = {}

    def one(rule: str, image: Image | None = None, **config: Any) -> RuleOutcome:
        key = f"{rule} {json.dumps(config, sort_keys=True)}"
        if key not in workers:
            module = msgspec.structs.replace(pack[rule], config=config)
            workers[key] = Rules([module], NOW, Limits(rules_seconds=600))
        (outcome,) = workers[key].evaluate((image or Image()).given())
        return outcome

    yield one
    for rules in workers.values():
        rules.close()
