"""From Dockerfiles to a report:

    text ► instructions ► stages, once for each platform ► images ► the hub ► scene ► checks ► report

Reading and judging need no network. Whoever calls says how images are verified, or that they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from verifier.dockerfile.arguments import automatic
from verifier.dockerfile.bases import Verified
from verifier.dockerfile.check_commands import check_certificates, check_runs, check_start
from verifier.dockerfile.check_images import check_images, check_stages
from verifier.dockerfile.check_linking import check_linking
from verifier.dockerfile.check_user import check_files, check_ports, check_user
from verifier.dockerfile.findings import Finding, in_order
from verifier.dockerfile.grammar import grammar
from verifier.dockerfile.instructions import Dockerfile
from verifier.dockerfile.parser import parse
from verifier.dockerfile.report import (
    SCHEMA,
    DockerfileReport,
    FileEntry,
    exit_code,
    finding_entry,
)
from verifier.dockerfile.scene import Scene, scene
from verifier.dockerfile.source import Source, read
from verifier.dockerfile.stages import Build, build
from verifier.dockerfile.verifying import Outcome, Wanted, wanted
from verifier.model import Platform
from verifier.version import tool_name

DEFAULT_FILE = "Dockerfile"
_FINAL: tuple[Callable[[Scene], Iterator[Finding]], ...] = (
    check_runs,
    check_start,
    check_certificates,
    check_user,
    check_ports,
    check_files,
    check_linking,
)


class Request(msgspec.Struct, frozen=True):
    """How the image would be built: `--build-arg`, `--platform` and `--target`."""

    arguments: Mapping[str, str] = {}
    platforms: tuple[str, ...] = ()
    target: str = ""


Verify = Callable[[Wanted], Outcome]
"""How images are verified: `verify_images` with options, or `unverified`."""


class _File(msgspec.Struct, frozen=True):
    """One Dockerfile, and its build for each platform."""

    dockerfile: Dockerfile
    builds: tuple[Build, ...]


def judge(names: Sequence[str], request: Request, verify: Verify) -> DockerfileReport:
    """Reads and judges the files called `names`, by default `Dockerfile` here.

    Raises `ConfigurationError` for a file that cannot be read, and what `verify` raises.
    """
    return judge_sources([read(name) for name in dict.fromkeys(names or (DEFAULT_FILE,))], request, verify)


def judge_sources(sources: Sequence[Source], request: Request, verify: Verify) -> DockerfileReport:
    """As `judge`, for texts that were read already."""
    files = [_read(source, request) for source in sources]
    builds = (build for file in files for build in file.builds)
    outcome = verify(wanted(builds, request.platforms))
    return _report([(file, in_order(_findings(file, outcome.images))) for file in files], outcome)


def _read(source: Source, request: Request) -> _File:
    dockerfile = parse(source)
    platforms: list[Platform | None] = [Platform.parse(text) for text in dict.fromkeys(request.platforms)]
    values = [automatic(platform, request.target, request.arguments) for platform in platforms or [None]]
    builds = (build(dockerfile, one, request.arguments, request.target) for one in values)
    return _File(dockerfile, tuple(builds))


def _findings(file: _File, verified: Mapping[str, Verified]) -> Iterator[Finding]:
    yield from grammar(file.dockerfile)
    for one in file.builds:
        yield from one.findings
        yield from check_stages(one)
        seen = scene(one, verified)
        yield from check_images(seen, verified)
        for check in _FINAL:
            yield from check(seen)


def _report(found: Sequence[tuple[_File, tuple[Finding, ...]]], outcome: Outcome) -> DockerfileReport:
    findings = [finding for _, findings in found for finding in findings]
    images = tuple(verified.image for _, verified in sorted(outcome.images.items()))
    return DockerfileReport(
        SCHEMA,
        tool_name(),
        outcome.verified,
        outcome.complete,
        exit_code(findings, images),
        outcome.relaxations,
        tuple(_entry(file) for file, _ in found),
        tuple(finding_entry(finding, file.dockerfile.source) for file, findings in found for finding in findings),
        images,
        outcome.policy,
        outcome.effective_time,
    )


def _entry(file: _File) -> FileEntry:
    first = file.builds[0]
    final = first.stages[first.final]
    return FileEntry(file.dockerfile.source.name, len(first.stages), final.name or str(final.number))
