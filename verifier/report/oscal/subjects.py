"""What an OSCAL result is about and with what it was made: platforms as inventory items, tools, attestations.

Attestations are resources of the back matter, so that every observation can point at the one that it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from verifier.model import AttestationEntry, ImageResult, PlatformResult, Report, SignatureEntry, StigScan
from verifier.report.identifiers import stable_uuid
from verifier.report.oscal.values import JSONObject, line, props, some


class Assessed(msgspec.Struct, frozen=True):
    """One image of a run. `repeats` counts images before it that are the same: each result has UUIDs of its own."""

    report: Report
    image: ImageResult
    repeats: int = 0

    def lasting(self, kind: str, *parts: str) -> str:
        """The UUID of what a later run of the same image finds again."""
        return stable_uuid(kind, self.image.reference, self.image.digest, str(self.repeats), *parts)

    def once(self, kind: str, *parts: str) -> str:
        """The UUID of what belongs to this run."""
        policy = self.report.policy.digest if self.report.policy else ""
        return self.lasting(kind, self.report.effective_time, policy, *parts)


def subject(assessed: Assessed, platform: PlatformResult | None) -> JSONObject:
    """The platform, or the image where there is none."""
    image = assessed.image
    key, name = (platform.digest, platform.platform) if platform else (_key(image), "")
    uuid = assessed.lasting("inventory-item", key)
    return {"subject-uuid": uuid, "type": "inventory-item", "title": line(f"{image.reference} {name}")}


def _key(image: ImageResult) -> str:
    return image.digest or image.reference


def inventory(assessed: Assessed) -> list[JSONObject]:
    """The image and its platforms, each digest once: a single manifest is image and platform in one."""
    image = assessed.image
    named = {"reference": image.reference, "pinned": image.pinned, "product": image.product}
    items = {_key(image): ("image index", {**named, "image-digest": image.digest})}
    for one in image.platforms:
        about = {**named, "platform": one.platform, "image-digest": one.digest}
        items[one.digest] = (f"container image for {one.platform or 'an unnamed platform'}", about)
    return [
        {
            "uuid": assessed.lasting("inventory-item", key),
            "description": line(f"{image.reference}: {what}"),
            **props(about),
        }
        for key, (what, about) in items.items()
    ]


def assets(assessed: Assessed) -> JSONObject:
    """The tools: this one, and the scanners whose results it read."""
    tool = assessed.report.tool
    components = [_tool(assessed, name) for name in dict.fromkeys((tool, *scanners(assessed.image)))]
    platform = {
        "uuid": assessed.lasting("assessment-platform", tool),
        "title": line(tool),
        "uses-components": [{"component-uuid": component["uuid"]} for component in components],
    }
    return {"components": components, "assessment-platforms": [platform]}


def scanners(image: ImageResult) -> Iterator[str]:
    for platform in image.platforms:
        for scan in platform.details.stig if platform.details else ():
            yield scanner_of(scan)


def scanner_of(scan: StigScan) -> str:
    return scan.scanner or "an unnamed scanner"


def _tool(assessed: Assessed, name: str) -> JSONObject:
    return {
        "uuid": assessed.lasting("tool", name),
        "type": "software",
        "title": line(name),
        "description": line(f"{name}, with which this was assessed"),
        "status": {"state": "operational"},
    }


def origins(assessed: Assessed, name: str = "") -> list[JSONObject]:
    """Who found it: the tool called `name`, or this one."""
    return [{"actors": [{"type": "tool", "actor-uuid": assessed.lasting("tool", name or assessed.report.tool)}]}]


def attestations_of(image: ImageResult) -> Iterator[AttestationEntry]:
    """All of an image, those that were decoded a second time."""
    yield from image.attestations
    for platform in image.platforms:
        yield from platform.attestations
        if known := platform.details:
            yield from (scan.attestation for scan in known.stig)
            yield from (fips.attestation for fips in known.fips)
            yield from (tests.attestation for tests in known.tests)


def attestation_uuid(entry: AttestationEntry) -> str:
    return stable_uuid("attestation", entry.digest, entry.predicate_type, entry.location, entry.status)


def resources(entries: Iterable[AttestationEntry]) -> list[JSONObject]:
    """A resource for each attestation, each once."""
    return list({attestation_uuid(entry): _resource(entry) for entry in entries}.values())


def _resource(entry: AttestationEntry) -> JSONObject:
    return {
        "uuid": attestation_uuid(entry),
        "title": line(f"{entry.kind} attestation"),
        "description": line(_provenance(entry)),
        **provenance(entry),
        "citation": {"text": line(f"{entry.predicate_type} {entry.digest}")},
    }


def evidence(entries: Iterable[AttestationEntry]) -> JSONObject:
    """`{"relevant-evidence": […]}` that points at those attestations, and says in itself which they are."""
    return some(
        "relevant-evidence",
        (
            {"href": f"#{attestation_uuid(entry)}", "description": line(_provenance(entry)), **_named(entry)}
            for entry in entries
        ),
    )


def _provenance(entry: AttestationEntry) -> str:
    signed = f", signed by {entry.signer}" if entry.signer else ""
    return f"{entry.kind} attestation {entry.digest} ({entry.status}{signed})"


def _named(entry: AttestationEntry) -> JSONObject:
    return props({"attestation-digest": entry.digest, "location": entry.location, "signer": entry.signer})


def provenance(entry: AttestationEntry) -> JSONObject:
    """Everything that is known of an attestation, as properties."""
    return props(
        {
            "attestation-digest": entry.digest,
            "predicate-type": entry.predicate_type,
            "attestation-kind": entry.kind,
            "attestation-status": entry.status,
            "signer": entry.signer,
            "attestation-time": entry.time,
            "location": entry.location,
            "layout": entry.layout,
            "transparency": entry.transparency,
        }
    )


def signature_properties(entry: SignatureEntry) -> JSONObject:
    return props(
        {
            "signature-status": entry.status,
            "signed-digest": entry.subject,
            "signer": entry.signer,
            "signature-time": entry.time,
            "location": entry.location,
            "layout": entry.layout,
            "transparency": entry.transparency,
        }
    )
