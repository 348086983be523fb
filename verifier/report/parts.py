"""Takes a report apart for formats whose documents are about one image or scan, and names the files of the parts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from verifier.errors import EvidenceMissing
from verifier.model import Details, ImageResult, PlatformResult, Report, StigScan
from verifier.report.interface import Per

_NONE = "there is no verified STIG scan to export"
_WITHOUT = "Leave the format out for this image, or narrow the choice with --platform."
_LOST = "Ask the publisher for evidence that can be read; `dhiverify attestation get` has the document as it is."
_STEM = 40  # characters of a name that a person reads; the hash after it tells apart


class Part(msgspec.Struct, frozen=True):
    """What one document is about. `stem` is a file's name without suffix: safe on every file system, and unique."""

    stem: str
    report: Report


def parts(report: Report, per: Per) -> tuple[Part, ...]:
    """The report as one part, or a part for each image, or for each STIG scan; none where there is no such thing."""
    if per == "run":
        return (Part("dhiverify", report),)
    split = _by_image if per == "image" else _by_scan
    return tuple(split(report))


def unexported(report: Report) -> Iterator[EvidenceMissing]:
    """What is in no part by scan: verified attestations that could not be decoded, and platforms without any."""
    for image in report.images:
        if not image.platforms:
            yield EvidenceMissing(f"{image.reference}: {_NONE}", hint=_WITHOUT)
        for platform in image.platforms:
            about = f"{image.reference} {platform.platform}".rstrip()
            said = tuple(_undecoded(image, platform))
            yield from (EvidenceMissing(f"{about}: {text}", hint=_LOST) for text in said)
            if not said and not (platform.details and platform.details.stig):
                yield EvidenceMissing(f"{about}: {_NONE}", hint=_WITHOUT)


def _undecoded(image: ImageResult, platform: PlatformResult) -> Iterator[str]:
    digests = [entry.digest for entry in (*image.attestations, *platform.attestations) if entry.kind == "stig"]
    said = platform.details.unreadable if platform.details else ()
    return (text for text in said if any(digest in text for digest in digests))


def _by_image(report: Report) -> Iterator[Part]:
    for image in report.images:
        yield Part(file_stem(image.reference, "", image.digest), replace(report, images=(image,)))


def _by_scan(report: Report) -> Iterator[Part]:
    for image in report.images:
        for platform in image.platforms:
            scans = platform.details.stig if platform.details else ()
            for number, scan in enumerate(scans):
                told_apart = (platform.digest, scan.attestation.digest, str(number))
                stem = file_stem(image.reference, platform.platform, *told_apart)
                yield Part(stem, _about(report, image, platform, scan))


def _about(report: Report, image: ImageResult, platform: PlatformResult, scan: StigScan) -> Report:
    alone = replace(platform, details=Details(stig=(scan,)))
    return replace(report, images=(replace(image, platforms=(alone,)),))


def file_stem(reference: str, platform: str, *told_apart: str) -> str:
    """Of all names only letters and digits are kept, so no path, device or hidden file can come of it."""
    name = reference.partition("@")[0].rstrip("/").rpartition("/")[2]
    readable = re.sub("[^a-z0-9]+", "-", f"{name}-{platform}".lower())[:_STEM].strip("-")
    every = "\0".join((reference, platform, *told_apart)).encode("utf-8", "backslashreplace")
    return f"dhiverify-{readable or 'image'}-{hashlib.sha256(every).hexdigest()[:12]}"
