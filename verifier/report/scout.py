"""The result file of `docker scout policy --result-file`, for programs that read one.

An object with a member for each policy: whether it passes, and the details of what it found. Follows "Inspect raw
evaluation results" of https://docs.docker.com/scout/policy/local/ (facts as of 2026-08). `bindings` has of a rule's
values `violation` alone (`dhiverify policy explain` shows the others), and `metrics`, which are OPA's timers, is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from verifier.errors import UsageError
from verifier.model import ImageResult, Report, Result, RuleOutcome, Violation
from verifier.report.escape import printable_json

_GATE = "dhiverify"


def result_file(report: Report) -> str:
    """The document, ending in a newline.

    Docker Scout judges one platform at a time. Here a policy passes when it passes on all platforms where it applies,
    and rules of one name pass together. What refuses an image beside its rules (no evidence, none that is trusted, a
    registry that does not answer) stands under the name `dhiverify`, so that no reader takes the rest for a pass.
    Raises `UsageError` when the report is not about exactly one image.
    """
    if len(report.images) != 1:
        raise UsageError(
            f"expected one image for a result file, found {len(report.images)}",
            hint="Judge one image per run, or use --output json, which holds any number.",
        )
    by_name = _by_name(report.images[0])
    document = {name: _policy(outcomes) for name, outcomes in by_name.items()}
    image = report.images[0]
    if image.exit_code and (image.exit_code > 1 or all(policy["pass"] for policy in document.values())):
        document[_GATE] = _entry([Violation(reason) for reason in image.reasons])
    return printable_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _by_name(image: ImageResult) -> dict[str, list[RuleOutcome]]:
    found: dict[str, list[RuleOutcome]] = {}
    for platform in image.platforms:
        for outcome in platform.rules:
            if outcome.result is not Result.SKIPPED:
                found.setdefault(outcome.id, []).append(outcome)
    return found


def _policy(outcomes: Sequence[RuleOutcome]) -> dict[str, Any]:
    failed = [outcome for outcome in outcomes if outcome.result is not Result.PASS]
    found = [violation for outcome in failed for violation in outcome.violations or (Violation(outcome.message),)]
    return _entry(found, passes=not failed)


def _entry(found: Sequence[Violation], *, passes: bool = False) -> dict[str, Any]:
    return {
        "pass": passes,
        "violations": _distinct(violation.detail or {"message": violation.message} for violation in found),
        "bindings": {"violation": _distinct({"message": one.message, "detail": one.detail} for one in found)},
        "metrics": {},
    }


def _distinct(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({json.dumps(one, sort_keys=True): one for one in objects}.values())
