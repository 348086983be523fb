"""A bundle of rules as it lies in a registry: one manifest, one layer per file.

    artifactType   application/vnd.dhiverify.rules.v1
    config         the empty one
    layers         a file each; its title annotation is its path in the bundle, with `/` between directories

Rego layers have the media type that conftest uses for them. Nothing in a manifest but the titles counts when it is
read: any single manifest with layers that carry `.rego` titles is a bundle, whatever types it states. That is as
tolerant as reading gets, so that bundles of other tools have a chance; what `docker scout policy publish` writes is
not documented anywhere, and was not tried. Who may be believed is decided by digest and signature alone.

Every title and size passes `CHECKS` before a layer is fetched: a title becomes a file name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from verifier.errors import ConfigurationError
from verifier.evidence import Walk, ask, run
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Descriptor, Manifest, Source
from verifier.oci.artifacts import Artifact, Content

BUNDLE_TYPE = "application/vnd.dhiverify.rules.v1"
TITLE = "org.opencontainers.image.title"
MEDIA_TYPES = {
    ".rego": "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".json": "application/json",
}
"""What may travel in a bundle, by the end of its name: rules and their tests, documents, cases and their statements."""

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._+-]*[A-Za-z0-9_+-])?")
_PLAIN = "Names in a bundle have ASCII letters, digits and . _ + - only, with / between directories."
_SHRINK = "Split it into several bundles."


class BundleFile(msgspec.Struct, frozen=True):
    """One file; `path` is relative to the bundle, with `/` between directories."""

    path: str
    body: bytes

    @property
    def is_rule(self) -> bool:
        return is_rule(self.path)


class Listed(msgspec.Struct, frozen=True):
    """A file as a manifest, or a directory on disk, announces it. `size` is in bytes."""

    path: str
    size: int


class Layers(msgspec.Struct, frozen=True):
    """The layers of a bundle that are files of a known kind, by path, and the titles of all others ("" for none)."""

    files: Mapping[str, Descriptor]
    left_out: tuple[str, ...] = ()


def artifact_of(files: Sequence[BundleFile], annotations: Mapping[str, str]) -> Artifact:
    """The same files and annotations give the same digest, in whatever order they come. Raises `ConfigurationError`."""
    check([Listed(file.path, len(file.body)) for file in files])
    layers = (Content(file.body, _media_type(file.path), {TITLE: file.path}) for file in files)
    return Artifact(
        BUNDLE_TYPE, tuple(sorted(layers, key=lambda layer: layer.annotations[TITLE])), annotations=annotations
    )


def layers_of(manifest: Manifest) -> Layers:
    """What is in a bundle. Raises `ConfigurationError` when it is none, or is one that could do harm."""
    if manifest.is_index:
        raise ConfigurationError(
            f"{manifest.digest} is an index; expected one manifest with rules", hint="Name the manifest itself."
        )
    titled = [(layer.annotations.get(TITLE, ""), layer) for layer in manifest.layers]
    check([Listed(title, layer.size) for title, layer in titled if title])
    files = {title: layer for title, layer in titled if is_known(title)}
    if not any(title.endswith(".rego") for title in files):
        raise ConfigurationError(
            f"{manifest.digest} holds no rules: none of its {len(titled)} layers has a title that ends in .rego",
            hint="Is this a bundle of rules? `dhiverify policy publish` makes one.",
        )
    return Layers(files, tuple(title for title, _ in titled if title not in files))


def fetched(source: Source, files: Mapping[str, Descriptor], jobs: int) -> tuple[BundleFile, ...]:
    """The content of `files`, hashed. Raises what `Source.blob` does."""
    return tuple(run([_file(source, path, layer) for path, layer in sorted(files.items())], jobs))


def is_known(path: str) -> bool:
    return PurePosixPath(path).suffix in MEDIA_TYPES


def is_rule(path: str) -> bool:
    return path.endswith(".rego") and not path.endswith("_test.rego")


def check(files: Sequence[Listed]) -> None:
    """Raises `ConfigurationError` for what must neither be published nor written to a disk."""
    for examine in CHECKS:
        examine(files)


def _few(files: Sequence[Listed]) -> None:
    if len(files) > DEFAULT_LIMITS.bundle_files:
        raise ConfigurationError(
            f"the bundle has {len(files)} files; at most {DEFAULT_LIMITS.bundle_files} are read", hint=_SHRINK
        )


def _plain_names(files: Iterable[Listed]) -> None:
    """No way out of a directory, on any system, and no name that looks like another one."""
    for file in files:
        parts = file.path.split("/")
        if len(file.path) > DEFAULT_LIMITS.bundle_path or not all(map(_NAME.fullmatch, parts)):
            raise ConfigurationError(
                f"the bundle has a file with the name {file.path!r:.200}, which is refused", hint=_PLAIN
            )


def _distinct_names(files: Iterable[Listed]) -> None:
    """Many disks take names that differ in case only for one; and nothing is a file and a directory."""
    seen: dict[str, str] = {}
    for file in files:
        other = seen.setdefault(file.path.lower(), file.path)
        if other is not file.path:
            what = "twice" if other == file.path else f"and {other!r}, which differs in case only"
            raise ConfigurationError(f"the bundle has the file {file.path!r} {what}", hint="Rename one of them.")
    for path in seen:
        for parent in PurePosixPath(path).parents:
            if str(parent) in seen:
                raise ConfigurationError(f"{seen[str(parent)]!r} is a file and a directory in the bundle")


def _small(files: Iterable[Listed]) -> None:
    limits = DEFAULT_LIMITS
    for file in files:
        most = limits.rego_bytes if file.path.endswith(".rego") else limits.bundle_file_bytes
        if file.size > most:
            raise ConfigurationError(f"{file.path} has {file.size} bytes; at most {most} are read", hint=_SHRINK)
    if sum(file.size for file in files) > limits.bundle_bytes:
        raise ConfigurationError(f"the bundle has more than {limits.bundle_bytes} bytes", hint=_SHRINK)


CHECKS: tuple[Callable[[Sequence[Listed]], None], ...] = (_few, _plain_names, _distinct_names, _small)


def _media_type(path: str) -> str:
    return MEDIA_TYPES[PurePosixPath(path).suffix]


def _file(source: Source, path: str, layer: Descriptor) -> Walk[BundleFile]:
    body = yield from ask(lambda: source.blob(layer, layer.size))
    return BundleFile(path, body)
