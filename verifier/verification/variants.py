"""Which variant an image is, by requested tag, signed tags, labels and evidence, and where they disagree.

Labels are covered by the platform's digest and inherited by everything built on top; a requested tag says what was
meant; signed tags and evidence are the publisher's word. Rules get all of it, with the disagreements as sentences.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from verifier.limits import DEFAULT_LIMITS
from verifier.variants import Tag, parse_tag

_LABELS = ("version", "variant", "flavor", "distro", "entitlement", "compliance")
_TELLING = ("dev", "sdk", "fips", "compat", "sfw", "ent")
"""Tokens that change what is in an image; others name versions of what is packed, or its flavour."""

_EVIDENCE = {"fips": "fips", "stig": "stig"}
"""Compliance tokens, and the kind of evidence without which they are only claimed."""


def variant_fact(
    requested: str, signed: Collection[str], labels: dict[str, Any], kinds: Collection[str]
) -> dict[str, Any]:
    """What rules get to see. `requested` is the tag that was asked for, "" without one; `kinds` are those verified."""
    stated = {name: _text(labels.get(f"com.docker.dhi.{name}")) for name in _LABELS}
    compliance = [token for part in stated["compliance"].split(",") if (token := part.strip().lower())]
    tags = {"requested": [requested] if requested else [], "signed": sorted(signed), "label": [stated["version"]]}
    read = {source: [parse_tag(text) for text in texts if text] for source, texts in tags.items()}
    return {
        "labels": {**stated, "compliance": compliance},
        **{source: [_fields(tag) for tag in found] for source, found in read.items()},
        "disagreements": list(
            dict.fromkeys(
                (
                    *_between(read["requested"], read["signed"], "the requested tag", "the signed tags"),
                    *_between(read["label"], read["signed"], "the version label", "the signed tags"),
                    *_inside(read["label"], stated, compliance),
                    *_unproved(compliance, kinds),
                )
            )
        ),
    }


def _text(value: object) -> str:
    return value[: DEFAULT_LIMITS.report_text] if isinstance(value, str) else ""


def _fields(tag: Tag) -> dict[str, Any]:
    return {
        "text": tag.text,
        "version": tag.version,
        "distribution": tag.distribution,
        "distribution_version": tag.distribution_version,
        "tokens": list(tag.tokens),
        "customisation": tag.customisation,
        "variant": tag.variant,
        "for_building": tag.for_building,
    }


def _between(ours: list[Tag], theirs: list[Tag], us: str, them: str) -> Iterator[str]:
    """Signed tags are aliases of one image: some of them say less than others."""
    for tag in ours:
        same_tokens = [other for other in theirs if all(tag.has(token) is other.has(token) for token in _TELLING)]
        distributions = [other for other in theirs if other.distribution]
        elsewhere = tag.distribution and distributions and not any(_same_system(tag, one) for one in distributions)
        if theirs and (elsewhere or not same_tokens):
            yield f"{us} {tag.text} and {them} {', '.join(other.text for other in theirs)} speak of different variants"


def _same_system(one: Tag, other: Tag) -> bool:
    """A version that only one of them states is no disagreement."""
    first, second = one.distribution_version, other.distribution_version
    return one.distribution == other.distribution and (not (first and second) or first == second)


def _inside(version: list[Tag], stated: dict[str, str], compliance: list[str]) -> Iterator[str]:
    for tag in version:
        if stated["variant"] in ("dev", "runtime") and stated["variant"] != tag.variant:
            yield f"the variant label says {stated['variant']}, the version label {tag.text}"
        distribution = "-".join(part for part in (tag.distribution, tag.distribution_version) if part)
        if stated["distro"] and distribution and not stated["distro"].startswith(distribution):
            yield f"the distro label says {stated['distro']}, the version label {tag.text}"
        if tag.has("fips") and "fips" not in compliance:
            yield f"the version label {tag.text} is of a FIPS variant, and the compliance label does not say fips"


def _unproved(compliance: list[str], kinds: Collection[str]) -> Iterator[str]:
    """A customised image keeps the labels of what it was made from, and may lack the evidence."""
    for token, kind in _EVIDENCE.items():
        if token in compliance and kind not in kinds:
            yield f"the compliance label says {token}, and no verified evidence of kind {kind} is there"
