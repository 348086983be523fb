"""The report as OSCAL assessment results, for systems that hold a system's controls and their state.

    assessment-results ─┬─ metadata            run: verdict, whether complete, what was relaxed
                        ├─ import-ap ────────► back matter: the policy document, by digest
                        ├─ local-definitions   each rule of the policy as an objective of CM-14
                        ├─ results ───────────  one per image: observations ◄─ findings ─► risks
                        └─ back-matter         the policy document, and every attestation with digest and signer

Valid as OSCAL 1.1.2 (NIST's JSON schema) and 1.2.1 (compliance-trestle). Everything in it is in the report; the
document's own UUID is made of its contents.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from verifier.errors import UsageError
from verifier.model import ImageResult, Report
from verifier.report import admission
from verifier.report.escape import printable_json
from verifier.report.identifiers import stable_uuid
from verifier.report.interface import Per
from verifier.report.oscal.findings import ADMISSION_CONTROL, by_control, by_rule, findings, objective_id
from verifier.report.oscal.observations import observations
from verifier.report.oscal.risks import risk_of, risks
from verifier.report.oscal.scope import Observed
from verifier.report.oscal.subjects import Assessed, assets, attestations_of, inventory, resources
from verifier.report.oscal.values import JSONObject, line, moment, props, prose, some

VERSION = "1.1.2"


class OscalFormat:
    name = "oscal"
    description = "OSCAL assessment results: findings by control, observations with their signed evidence, risks"
    suffix = "oscal.json"
    details = ("stig", "fips", "tests")
    per: Per = "run"

    def render(self, report: Report) -> str:
        document = assessment_results(report)
        return printable_json(msgspec.json.format(msgspec.json.encode(document), indent=2).decode()) + "\n"


def assessment_results(report: Report) -> JSONObject:
    """The document. Raises `UsageError` where nothing was judged, or at a time that OSCAL cannot write."""
    if not report.images:
        raise UsageError("there is no image in this report, and OSCAL has no results without one")
    if not moment(report.effective_time):
        raise UsageError(f"OSCAL cannot write the time {report.effective_time}")
    attestations = (entry for image in report.images for entry in attestations_of(image))
    inside = {
        "metadata": _metadata(report),
        "import-ap": {"href": f"#{_policy_uuid(report)}"},
        **_objectives(report),
        "results": [_result(assessed) for assessed in _assessed(report)],
        "back-matter": {"resources": [_policy(report), *resources(attestations)]},
    }
    return {"assessment-results": {"uuid": stable_uuid("document", json.dumps(inside)), **inside}}


def _metadata(report: Report) -> JSONObject:
    told = {
        "tool": report.tool,
        "verdict": report.verdict,
        "exit-code": str(report.exit_code),
        "complete": "true" if report.complete else "false",
        "relaxation": report.relaxations,
        "error": tuple(fault.message for fault in report.errors),
    }
    when = moment(report.effective_time)
    return {
        "title": "Assessment of container images from their signed evidence",
        "last-modified": when,
        "version": when,
        "oscal-version": VERSION,
        **props(told),
        **({} if report.complete else {"remarks": "The run was not complete: not every image could be judged."}),
    }


def _policy_uuid(report: Report) -> str:
    return stable_uuid("policy", report.policy.digest if report.policy else "")


def _policy(report: Report) -> JSONObject:
    policy = report.policy
    named = {"policy": policy.name, "policy-path": policy.path, "policy-digest": policy.digest} if policy else {}
    text = f"dhiverify policy {policy.name}, {policy.digest}" if policy else "no policy: nothing was judged"
    return {
        "uuid": _policy_uuid(report),
        "title": "Policy document",
        "description": "What was assessed: it names who is trusted, which evidence an image needs, and which rules.",
        **props(named),
        "citation": {"text": line(text)},
    }


def _objectives(report: Report) -> JSONObject:
    """Each rule of the policy as an objective of the control for which the decision is evidence."""
    platforms = (platform for image in report.images for platform in image.platforms)
    titles = {rule.id: rule.title for platform in platforms for rule in platform.rules}
    parts = [
        {
            "id": objective_id(rule),
            "name": "assessment-objective",
            "title": line(title),
            **props({"rule-id": rule}),
        }
        for rule, title in titles.items()
    ]
    if not parts:
        return {}
    return {"local-definitions": {"objectives-and-methods": [{"control-id": ADMISSION_CONTROL, "parts": parts}]}}


def _assessed(report: Report) -> Iterator[Assessed]:
    before: Counter[tuple[str, str]] = Counter()
    for image in report.images:
        same = (image.reference, image.digest)
        yield Assessed(report, image, before[same])
        before[same] += 1


def _result(assessed: Assessed) -> JSONObject:
    report, image, observed = assessed.report, assessed.image, observations(assessed)
    found = risks(assessed, observed)
    when = moment(report.effective_time)
    return {
        "uuid": assessed.once("result"),
        "title": line(image.reference),
        "description": prose("\n".join((f"{image.pinned or image.reference}: {image.verdict}", *image.reasons))),
        "start": when,
        "end": when,
        **_about(image),
        "local-definitions": {"inventory-items": inventory(assessed), "assessment-assets": assets(assessed)},
        "reviewed-controls": _reviewed(observed),
        **some("observations", (one.document for one in observed)),
        **some("risks", found),
        "findings": findings(assessed, observed, risk_of(found)),
        **({"remarks": prose("\n".join(image.notes))} if image.notes else {}),
    }


def _about(image: ImageResult) -> JSONObject:
    health = image.health
    told = {
        "verdict": image.verdict,
        "exit-code": str(image.exit_code),
        "enforced": "true" if image.enforced else "false",
        "reference": image.reference,
        "image-digest": image.digest,
        "pinned": image.pinned,
        "product": image.product,
        "signed-by-dhi-key": "true" if image.is_dhi else "false",
        "health-score": f"{health.score} {health.grade}" if health else "",
    }
    return props(told)


def _reviewed(observed: Sequence[Observed]) -> JSONObject:
    controls = list(by_control(observed))
    selections = [_selection(f"{admission.REQUIREMENT}: {admission.TITLE}", [ADMISSION_CONTROL])]
    if controls:
        selections.append(_selection("Controls for which rules of the STIG scans stand.", controls))
    rules = [{"objective-id": objective_id(rule)} for rule in by_rule(observed)]
    objectives = [{"description": "Each rule of the policy.", "include-objectives": rules}] if rules else []
    return {"control-selections": selections, **some("control-objective-selections", objectives)}


def _selection(description: str, controls: Sequence[str]) -> JSONObject:
    return {"description": line(description), "include-controls": [{"control-id": control} for control in controls]}
