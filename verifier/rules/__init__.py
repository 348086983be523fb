"""Rules in Rego, after Docker Scout's module contract, judged in a process of their own."""

from verifier.rules.coverage import Coverage
from verifier.rules.engine import Rules
from verifier.rules.explaining import UNDEFINED, Asked, Explanation
from verifier.rules.requests import RuleInput
from verifier.rules.testing import TestResult, TestRun, TestStatus, run_tests

__all__ = [
    "UNDEFINED",
    "Asked",
    "Coverage",
    "Explanation",
    "RuleInput",
    "Rules",
    "TestResult",
    "TestRun",
    "TestStatus",
    "run_tests",
]
