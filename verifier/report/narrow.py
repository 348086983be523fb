"""Narrows a report: to some predicate types, or to what is short."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from verifier.model import AttestationEntry, ImageResult, Packages, PlatformResult, Report, Status, StigScan


def only_types(report: Report, types: Collection[str]) -> Report:
    """The report with attestations of `types` alone, and the exit code of that; all of them when `types` is empty."""
    if not types:
        return report

    def kept(entries: tuple[AttestationEntry, ...]) -> tuple[AttestationEntry, ...]:
        return tuple(entry for entry in entries if entry.predicate_type in types)

    def platform(result: PlatformResult) -> PlatformResult:
        return replace(result, attestations=kept(result.attestations))

    def image(result: ImageResult) -> ImageResult:
        platforms = tuple(map(platform, result.platforms))
        return replace(result, attestations=kept(result.attestations), platforms=platforms)

    narrowed = replace(report, images=tuple(map(image, report.images)))
    return replace(narrowed, exit_code=max(report.exit_code, max(map(_exit_code, narrowed.images))))


def _exit_code(image: ImageResult) -> int:
    """Of a list: 0 when something in it is verified, 4 when nothing is, 3 when it is empty."""
    entries = (*image.attestations, *(entry for platform in image.platforms for entry in platform.attestations))
    if any(entry.status is Status.VERIFIED for entry in entries):
        return 0
    return 4 if entries else 3


def without_texts(report: Report) -> Report:
    """The report without what is long and can be had elsewhere: texts of STIG rules, documents, lists of packages."""

    def platform(result: PlatformResult) -> PlatformResult:
        if result.details is None:
            return result
        stig, packages = tuple(map(_short_scan, result.details.stig)), tuple(map(_short, result.details.packages))
        return replace(result, details=replace(result.details, stig=stig, packages=packages))

    def image(result: ImageResult) -> ImageResult:
        return replace(result, platforms=tuple(map(platform, result.platforms)))

    return replace(report, images=tuple(map(image, report.images)))


def _short(packages: Packages) -> Packages:
    return replace(packages, packages=())


def _short_scan(scan: StigScan) -> StigScan:
    rules = tuple(replace(rule, discussion="", rationale="", check="", fix="") for rule in scan.rules)
    return replace(scan, rules=rules, document=b"")
