"""Rules in Rego, after Docker Scout's module contract, judged in a process of their own."""

from verifier.rules.engine import RuleInput, Rules

__all__ = ["RuleInput", "Rules"]
