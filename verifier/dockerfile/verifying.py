"""The images of Dockerfiles through the hub: each reference once, on the platforms on which it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from verifier.dockerfile.bases import ImageEntry, Verified, configured, image_of
from verifier.dockerfile.scene import images
from verifier.dockerfile.stages import Build, Use
from verifier.errors import ConfigurationError, ReferenceInvalid, UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import ImageResult, Platform, PolicyEntry, Report, Verdict
from verifier.model.progress import Progress
from verifier.verification import Options, verify

ALL: tuple[str, ...] = ()
_DENIED = 1


class Wanted(msgspec.Struct, frozen=True):
    """The references to verify, each with its platforms; `ALL` of them is ()."""

    platforms: Mapping[str, tuple[str, ...]]


class Outcome(msgspec.Struct, frozen=True):
    """What was decided, by reference, and the run in which it was."""

    images: Mapping[str, Verified] = {}
    policy: PolicyEntry | None = None
    effective_time: str = ""
    relaxations: tuple[str, ...] = ()
    complete: bool = True
    verified: bool = True


def wanted(builds: Iterable[Build], platforms: Sequence[str]) -> Wanted:
    """Raises `ConfigurationError` for more images than one run takes."""
    found: dict[str, tuple[str, ...]] = {}
    for use in (use for build in builds for use in images(build)):
        if reference := image_of(use.name).reference:
            name, asked = str(reference), _platforms(use, platforms)
            before = found.get(name, asked)
            found[name] = tuple(dict.fromkeys((*before, *asked))) if before and asked else ALL
    if len(found) > DEFAULT_LIMITS.dockerfile_images:
        raise ConfigurationError(
            f"there are {len(found)} images, and one run takes {DEFAULT_LIMITS.dockerfile_images}",
            hint="Name fewer Dockerfiles at once.",
        )
    return Wanted(found)


def _platforms(use: Use, asked: Sequence[str]) -> tuple[str, ...]:
    """What FROM names outranks what was asked for. A machine that builds, and is not known, may be any."""
    if use.platform is None:
        return ALL
    if not use.platform:
        return tuple(map(_normal, asked))
    try:
        return (str(Platform.parse(use.platform)),)
    except ReferenceInvalid:
        return ALL  # a short form such as `amd64`, which leaves the rest to the machine that builds


def _normal(platform: str) -> str:
    """As containerd writes it, where it is the name of a platform at all."""
    try:
        return str(Platform.parse(platform))
    except ReferenceInvalid:
        return platform


def unverified(_asked: Wanted, relaxations: Sequence[str] = ()) -> Outcome:
    """Leaves every image alone, for those who want the text read only."""
    return Outcome(relaxations=tuple(relaxations), verified=False)


def verify_images(asked: Wanted, options: Options, progress: Progress | None = None) -> Outcome:
    """Raises `UsageError` and its kin for a call that cannot be carried out; everything else is in the outcome."""
    configs: dict[str, list[Mapping[str, Any]]] = {}

    def see(_session: object, _plan: object, examination: Any) -> None:
        name = str(examination.image.requested)
        configs[name] = [platform.image.config for platform in examination.platforms]

    groups: dict[tuple[str, ...], list[str]] = {}
    for name, platforms in asked.platforms.items():
        groups.setdefault(platforms, []).append(name)

    def run(names: Sequence[str], platforms: tuple[str, ...]) -> Report:
        return verify(names, replace(options, additions=replace(options.additions, platforms=platforms)), progress, see)

    runs = [one for platforms, names in groups.items() for one in _runs(run, names, platforms)]
    found = {
        image.reference: _verified(_lacking(_entry(image, report), platforms), configs)
        for report, platforms in runs
        for image in report.images
    }
    return _outcome(found, [report for report, _ in runs], options)


def _runs(
    run: Callable[[Sequence[str], tuple[str, ...]], Report], names: Sequence[str], platforms: tuple[str, ...]
) -> Iterator[tuple[Report, tuple[str, ...]]]:
    """The reports, each with the platforms that its images lack.

    To the hub a platform that an image does not have is a wrong call; here a Dockerfile may have named it. So what is
    refused is tried image by image, and then on all platforms: a call that is wrong in another way stays so.
    """
    try:
        yield run(names, platforms), ()
    except UsageError:
        if not platforms:
            raise
        if len(names) == 1:
            yield run(names, ALL), platforms
            return
        for name in names:
            yield from _runs(run, (name,), platforms)


def _lacking(image: ImageEntry, platforms: tuple[str, ...]) -> ImageEntry:
    has = set(map(_normal, image.platforms))
    missing = [platform for platform in platforms if platform not in has]
    if not missing or image.exit_code > _DENIED:
        return image
    reason = f"it has no platform {', '.join(missing)}; it has {', '.join(image.platforms) or 'none'}"
    return replace(image, verdict=Verdict.DENY, exit_code=_DENIED, reasons=(reason,), hint="Build for one that it has.")


def _outcome(found: Mapping[str, Verified], reports: Sequence[Report], options: Options) -> Outcome:
    relaxations = dict.fromkeys((*options.relaxations, *(text for one in reports for text in one.relaxations)))
    if not reports:
        return Outcome(relaxations=tuple(relaxations))
    return Outcome(
        found,
        reports[0].policy,
        reports[0].effective_time,
        tuple(relaxations),
        all(report.complete for report in reports),
    )


def _entry(image: ImageResult, report: Report) -> ImageEntry:
    return ImageEntry(
        image.reference,
        image.verdict,
        image.exit_code,
        image.enforced,
        image.digest,
        image.pinned,
        image.is_dhi,
        image.product,
        tuple(platform.platform for platform in image.platforms),
        image.reasons,
        next((fault.hint for fault in report.errors if fault.image == image.reference), ""),
    )


def _verified(image: ImageEntry, configs: Mapping[str, list[Mapping[str, Any]]]) -> Verified:
    if image.exit_code > _DENIED:
        return Verified(image)  # nobody who is trusted says what this image is
    return Verified(image, configured(configs.get(image.reference, ())))
