"""What a rule complains of, from the objects in its set `violation`: in any shape, within bounds, never unheard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from verifier.limits import Limits
from verifier.model import RuleModule, Violation


def violations_of(found: Sequence[Any], uncounted: int, module: RuleModule, limits: Limits) -> tuple[Violation, ...]:
    """The violations in the order of the set. A last one, about nothing in particular, stands for those left out."""
    kept = tuple(_violation(one, module, limits) for one in found)
    return (*kept, _rest(uncounted, module)) if uncounted else kept


def _rest(uncounted: int, module: RuleModule) -> Violation:
    """Has no detail, so that no waiver of a package or vulnerability covers what nobody has seen."""
    return Violation(f"and {uncounted} more violations, which are not kept", {}, module.remediation)


def _violation(found: Any, module: RuleModule, limits: Limits) -> Violation:
    """A violation as Scout writes it; one that is not keeps its text, for a rule that complains must be heard."""
    if not isinstance(found, dict):
        text = found if isinstance(found, str) else msgspec.json.encode(found).decode()
        return Violation(cut(text, limits), {}, module.remediation)
    message, detail, remediation = (found.get(member) for member in ("message", "detail", "remediation"))
    if not isinstance(message, str) or not message:
        message = _told(detail, module) or msgspec.json.encode(found).decode()
    if not isinstance(remediation, str) or not remediation:
        remediation = module.remediation
    kept = _Room(limits).cut(detail) if isinstance(detail, dict) else {}
    return Violation(cut(message, limits), kept, cut(remediation, limits))


def _told(detail: Any, module: RuleModule) -> str:
    """`key: value, key: value`: the module says in which order, the rest follows."""
    if not isinstance(detail, dict):
        return ""
    names = [name for name in module.details_order if name in detail]
    names += [name for name in detail if name not in module.details_order]
    return ", ".join(f"{name}: {_plain(detail[name])}" for name in names)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def cut(text: str, limits: Limits) -> str:
    """`text`, or as much of it as a report has room for."""
    return text if len(text) <= limits.report_text else text[: limits.report_text - 1] + "…"


class _Room:
    """What a report has room for of one violation's detail: no long texts, no deep nesting, no endless lists."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.violation_items

    def cut(self, value: Any, depth: int = 0) -> Any:
        if isinstance(value, str):
            return cut(value, self._limits)
        if not isinstance(value, list | dict):
            return value
        if depth > self._limits.json_depth // 2:  # a report is a document that others parse
            return "…"
        kept = min(len(value), max(self._left, 0))
        self._left -= kept
        if isinstance(value, list):
            shown = [self.cut(item, depth + 1) for item in value[:kept]]
            return shown if kept == len(value) else [*shown, f"… and {len(value) - kept} more"]
        return {cut(name, self._limits): self.cut(item, depth + 1) for name, item in list(value.items())[:kept]} | (
            {} if kept == len(value) else {"…": f"and {len(value) - kept} more"}
        )
