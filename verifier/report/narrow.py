"""Leaves entries out of a report for display. The verdict stays the one of the whole."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from verifier.model import AttestationEntry, ImageResult, PlatformResult, Report


def only_types(report: Report, types: Collection[str]) -> Report:
    """The report with attestations of `types` alone; all of them when `types` is empty."""
    if not types:
        return report

    def kept(entries: tuple[AttestationEntry, ...]) -> tuple[AttestationEntry, ...]:
        return tuple(entry for entry in entries if entry.predicate_type in types)

    def platform(result: PlatformResult) -> PlatformResult:
        return replace(result, attestations=kept(result.attestations))

    def image(result: ImageResult) -> ImageResult:
        platforms = tuple(map(platform, result.platforms))
        return replace(result, attestations=kept(result.attestations), platforms=platforms)

    return replace(report, images=tuple(map(image, report.images)))
