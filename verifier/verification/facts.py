"""What the rules of one platform get to see: verified evidence, the configuration, and what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from verifier import attestation, strictjson
from verifier.attestation.moment import day, rfc3339
from verifier.model import BaseEntry, Digest, Reference
from verifier.rules import RuleInput
from verifier.verification.binding import ImageSignature, Judged
from verifier.verification.identity import acceptable_products, enforces_tag, requested_tag
from verifier.verification.image import Image, PlatformImage
from verifier.verification.variants import variant_fact
from verifier.vex.heard import Heard

_DAY = 86_400 * 1_000_000_000
_DEFINITION = "com.docker.dhi.definition"
# What an unsigned index says that has a meaning of its own: annotations and the like are for whoever believes them.
_OF_INDEX = frozenset({"schemaVersion", "mediaType", "manifests"})
_OF_ENTRY = frozenset({"mediaType", "digest", "size", "platform"})


class PlatformEvidence(msgspec.Struct, frozen=True):
    """One platform with everything that was found about it.

    `signatures` are of its own manifest, `index_signatures` of `indexes`, through which it was resolved.
    """

    image: PlatformImage
    judged: tuple[Judged, ...]
    signatures: tuple[ImageSignature, ...] = ()
    index_signatures: tuple[ImageSignature, ...] = ()
    indexes: tuple[Digest, ...] = ()
    base: BaseEntry | None = None  # where one was looked for
    beneath: PlatformEvidence | None = None  # what is known of the base, where it is proved and trusted
    vex: Heard | None = None  # where OpenVEX documents and findings are there

    @property
    def verified(self) -> tuple[Judged, ...]:
        return newest_first(self.judged)

    @property
    def proved(self) -> bool:
        """Something trusted speaks about it: a signature of it, or of an index that leads to it, is as good."""
        signatures = (*self.signatures, *self.index_signatures)
        return bool(self.verified) or any(signed.verified for signed in signatures)

    @property
    def tags(self) -> tuple[str, ...]:
        """Tag names that verified statements give to this very digest."""
        return _sorted(tag for j in self.verified if j.statement for tag in attestation.tags(j.statement, self.digest))

    @property
    def products(self) -> tuple[str, ...]:
        signed = [j.checked.product for j in self.verified if j.checked.product]
        named = (p for j in self.verified if j.statement for p in attestation.products(j.statement, self.digest))
        return _sorted((*signed, *named))

    @property
    def digest(self) -> Digest:
        return self.image.digest


def newest_first(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """What is verified, by the time that the statement itself states, then by digest; each statement once."""
    distinct = {one.candidate.digest: one for one in judged if one.verified}
    return tuple(sorted(distinct.values(), key=_age, reverse=True))


def _age(judged: Judged) -> tuple[int, str]:
    return judged.facts.get("time_ns") or 0, judged.candidate.digest


def _sorted(texts: Any) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))


def rule_input(
    image: Image, platform: PlatformEvidence, platforms: list[dict[str, Any]], index: Sequence[Judged]
) -> RuleInput:
    """Plain data for the rule worker: what is verified about this platform and nothing else.

    `platforms` are the `platform_fact`s of all of them.
    """
    statements: dict[str, tuple[tuple[str, bytes], ...]] = {}
    facts: dict[str, list[dict[str, Any]]] = {}
    for judged in platform.verified:
        if judged.statement is None:
            continue
        given = statements.get(judged.predicate_type, ())
        statements[judged.predicate_type] = (*given, (judged.reference, attestation.redacted(judged.statement)))
        facts.setdefault(judged.kind, []).append(judged.facts)
    facts["evidence"] = [_evidence_fact(judged) for judged in platform.verified]
    above = [judged for judged in index if not set(platform.indexes).isdisjoint(judged.covers)]
    facts["index_evidence"] = [_evidence_fact(judged) for judged in newest_first(above)]
    facts["signature"] = [_signature_fact(signed, "platform") for signed in platform.signatures if signed.verified]
    facts["signature"] += [_signature_fact(signed, "index") for signed in platform.index_signatures if signed.verified]
    facts["image"] = [_image_fact(image, platform)]
    facts["platforms"] = platforms
    facts["base"] = [_base_fact(platform.base)] if platform.base else []
    facts["suppression"] = platform.vex.facts() if platform.vex else []
    return RuleInput(
        input={"source": {"image": _scout_image(image.requested, platform)}, "artifacts": []},
        statements=statements,
        facts=facts,
        verified={j.reference: (j.checked.signer.name,) for j in platform.verified if j.checked.signer},
        types={**attestation.KINDS, "signature": ()},
        indexes=_indexes(image, platform),
    )


def _indexes(image: Image, platform: PlatformEvidence) -> dict[str, dict[str, Any]]:
    """The index that the name was resolved to, by its digest; without a trusted signature only what it lists."""
    if not image.root.is_index or not image.root.body:  # a test case assumes an image that nobody fetched
        return {}
    document = strictjson.loads(image.root.body)
    if not _index_signed(image, platform):
        entries = [_only(entry, _OF_ENTRY) for entry in document["manifests"]]
        document = _only(document, _OF_INDEX) | {"manifests": entries}
    return {str(image.digest): document}


def _only(document: dict[str, Any], members: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name in members}


def _index_signed(image: Image, platform: PlatformEvidence) -> bool:
    return any(signed.verified for signed in platform.index_signatures if signed.found.covers == image.digest)


def _scout_image(requested: Reference, platform: PlatformEvidence) -> dict[str, Any]:
    """`input.source.image` of the published contract for policies."""
    configured = platform.image.configured
    return {
        "name": platform.products[0] if len(platform.products) == 1 else requested.repository,
        "digest": str(platform.digest),
        "platform": {
            "os": configured.os,
            "architecture": configured.architecture,
            "variant": configured.variant,
        },
        "config": platform.image.config,
    }


def _evidence_fact(judged: Judged) -> dict[str, Any]:
    return {
        "kind": judged.kind,
        "type": judged.predicate_type,
        "digest": str(judged.candidate.digest),
        "time": judged.facts.get("time", ""),
        "time_ns": judged.facts.get("time_ns"),
        "signer": judged.checked.signer.name if judged.checked.signer else "",
        "readable": "unreadable" not in judged.facts and bool(judged.statement and judged.statement.predicate),
    }


def _signature_fact(signed: ImageSignature, level: str) -> dict[str, Any]:
    found, checked = signed.found, signed.checked
    return {
        "digest": str(found.manifest),
        "signer": checked.signer.name if checked.signer else "",
        "subject": str(found.covers),
        "level": level,
        "annotations": checked.annotations,
        "layout": found.origin.layout if found.origin else "",
    }


def _image_fact(image: Image, platform: PlatformEvidence) -> dict[str, Any]:
    requested = image.requested
    index_signed = _index_signed(image, platform)
    return {
        "requested": {
            "registry": requested.registry,
            "repository": requested.repository,
            "tag": requested_tag(requested),
            "digest": str(requested.digest or ""),
        },
        "is_layout": requested.is_layout,
        "products": list(acceptable_products(requested)),
        "tag_enforced": enforces_tag(requested),
        "index": {
            "digest": str(image.digest),
            "signed": index_signed,
            "annotations": dict(image.root.annotations) if index_signed else {},
        },
        "signed": {"products": list(platform.products), "tags": list(platform.tags)},
        "variant": variant_fact(
            requested_tag(requested), platform.tags, platform.image.labels, {j.kind for j in platform.verified}
        ),
        "config_digest": str(platform.image.manifest.config.digest) if platform.image.manifest.config else "",
        "descriptor_platform": str(platform.image.announced) if platform.image.announced else "",
        "config_platform": str(platform.image.configured),
        "manifest_annotations": dict(platform.image.manifest.annotations),
        "is_single": not image.root.is_index,
        "artifact": _artifact(platform),
    }


def _artifact(platform: PlatformEvidence) -> str:
    """What sort of thing was published: rules about running images do not hold for a chart or a package."""
    if platform.image.is_chart:
        return "chart"
    names = platform.products
    packages = [name for name in names if name.startswith("dhi/pkg-") or "/dhi-pkg-" in name]
    return "package" if names and len(packages) == len(names) else "image"


def platform_fact(platform: PlatformEvidence) -> dict[str, Any]:
    """What the rules of the other platforms get to see of this one."""
    definition = platform.image.labels.get(_DEFINITION, "")
    return {
        "platform": platform.image.name,
        "digest": str(platform.digest),
        "tags": list(platform.tags),
        "products": list(platform.products),
        "definition": definition if isinstance(definition, str) else "",
    }


def _base_fact(entry: BaseEntry) -> dict[str, Any]:
    """What rules get to see of a base: the entry with its times as numbers."""
    stated = {name: getattr(entry, name) for name in entry.__struct_fields__}
    times = {"built_ns": rfc3339(entry.built).ns, "end_of_life_ns": _first_second(entry.end_of_life)}
    plain: dict[str, Any] = msgspec.to_builtins(stated | times, enc_hook=str)
    return plain


def _first_second(date: str) -> int | None:
    """Of a day, in UTC and nanoseconds; None where there is no date."""
    end = day(date).ns
    return None if end is None else end - _DAY
