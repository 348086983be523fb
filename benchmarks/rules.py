"""What ten rules cost over an SBOM of 2,000 packages: CPU of this process and of the worker, apart from its start."""

from __future__ import annotations

import os
import resource
import statistics
import time
from datetime import UTC, datetime

from benchmarks.memory import MemorySource, inline
from tests.publisher import ImageSpec, publish
from verifier.evidence import Wanted
from verifier.model import Plan, Reference, RuleModule
from verifier.model.progress import Progress
from verifier.policy.modules import load_rules
from verifier.policy.shipped import pack_directory
from verifier.rules import RuleInput, Rules
from verifier.trust import trust_of
from verifier.verification import examine as examining
from verifier.verification.decide import inputs_of
from verifier.verification.examine import Task, examine

# Docker's nine topics and one more.
TEN = (
    "dhi-default-non-root-user",
    "fixable-vulnerabilities",
    "high-profile-vulnerabilities",
    "dhi-no-embedded-malware",
    "dhi-no-embedded-secrets",
    "dhi-no-failing-tests",
    "dhi-signed-supply-chain-attestations",
    "dhi-unintentional-shell-or-package-manager",
    "dhi-stig-scan-score",
    "dhi-verification-summary",
)
NOW = datetime(2026, 1, 20, tzinfo=UTC)
PACKAGES = 2_000


def evidence(key_file: str) -> tuple[RuleInput, int]:
    """What the rules of one platform are given, and the bytes of the statements in it."""
    examining.run = lambda walks, *_: [inline(walk) for walk in walks]
    image = publish(ImageSpec(platforms=("linux/amd64",), packages=PACKAGES))
    trust = trust_of(Plan("benchmark", "", "", key_files=(key_file,)), os.environ)
    reference, source = Reference("memory", "dhi/python", digest=None, tag="3.13"), MemorySource(image)
    task = Task(reference, reference, source, (source,), Wanted(everything=True), (), 1)
    (given,) = inputs_of(examine(task, trust, Progress()))
    return given, sum(len(body) for found in given.statements.values() for _, body in found)


def modules() -> list[RuleModule]:
    pack = {module.id: module for module in load_rules(pack_directory("dhi"))}
    return [pack[name] for name in TEN]


def spent(given: RuleInput | None, rules: list[RuleModule]) -> float:
    """Seconds of CPU, the worker's included, of starting it and compiling; with `given`, of evaluating, too."""
    begun = time.process_time() + _of_children()
    with Rules(rules, NOW) as worker:
        worker.ready()
        if given is not None:
            outcomes = worker.evaluate(given)
            doubtful = {outcome.id: outcome.message for outcome in outcomes if outcome.result == "unknown"}
            assert not doubtful, doubtful
    return time.process_time() + _of_children() - begun


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(key_file: str, runs: int = 9) -> tuple[float, float, int]:
    """Median seconds of start-up with compilation, and of ten rules beyond that; bytes of the statements."""
    (given, size), rules = evidence(key_file), modules()
    started = statistics.median(spent(None, rules) for _ in range(runs))
    whole = statistics.median(spent(given, rules) for _ in range(runs))
    return started, whole - started, size
