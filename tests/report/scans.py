"""Reports about one STIG scan, as the formats that are made of one get them."""

from __future__ import annotations

from msgspec.structs import replace

from tests.report.samples import FULL
from verifier.model import Report, StigRule, StigScan
from verifier.report import parts


def scan_of(report: Report) -> StigScan:
    details = parts(report, "scan")[0].report.images[0].platforms[0].details
    assert details
    return details.stig[0]


def about(scan: StigScan) -> Report:
    """A report about one scan, and about nothing else."""
    report = parts(FULL, "scan")[0].report
    (image,) = report.images
    (platform,) = image.platforms
    assert platform.details
    platform = replace(platform, details=replace(platform.details, stig=(scan,)))
    return replace(report, images=(replace(image, platforms=(platform,)),))


def with_rules(*rules: StigRule, **more: object) -> Report:
    return about(replace(scan_of(FULL), rules=rules, **more))
