"""The way back: commands that hand out the signed bytes from which a line of a report was read."""

from __future__ import annotations

import shlex

from verifier.model import AttestationEntry, ImageResult, StigScan


def get_command(image: ImageResult, platform: str, entry: AttestationEntry) -> str:
    """What hands out the signed predicate of an attestation."""
    return _command(image, platform, "attestation get", "--predicate-type", entry.predicate_type)


def extract_command(image: ImageResult, platform: str, scan: StigScan) -> str:
    """What hands out the signed XCCDF results of a scan."""
    profile = scan.profile or scan.name
    return _command(image, platform, "stig extract", *(("--profile", profile) if profile else ()))


def _command(image: ImageResult, platform: str, command: str, *arguments: str) -> str:
    chosen = ("--platform", platform) if platform else ()
    given = (image.pinned or image.reference, *arguments, *chosen)
    return f"dhiverify {command} {' '.join(map(shlex.quote, given))}"


def place(location: str, digest: str, layout: str) -> str:
    """Where something was found, without the digest that stands beside it, and how it is kept there."""
    return " · ".join(part for part in (location.removesuffix(f"@{digest}"), layout) if part)
