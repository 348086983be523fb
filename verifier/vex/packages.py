"""Packages as statements and scans name them, in one spelling, and whether one name covers the other.

`pkg:deb/dhi/…` is `pkg:deb/debian/…`, and `apk` likewise: Docker rebuilds packages under the names of the distribution.
Names are compared without case where their ecosystem ignores it, `_` and `.` of Python names are `-`, versions of Go
have no `v`, and an epoch stands in the version, whether it was written there or as a qualifier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from verifier.purl import parse_purl
from verifier.vex.distributions import distribution

_IMAGE_TYPES = frozenset({"docker", "oci"})

_SAME = {("deb", "dhi"): "debian", ("apk", "dhi"): "alpine"}
_CASELESS = frozenset(
    {"apk", "bitbucket", "composer", "deb", "dhi", "docker", "github", "golang", "hex", "npm", "nuget", "oci", "pypi"}
)
_PYTHON = re.compile("[-_.]+")
_EPOCH = re.compile(r"(?:(?P<epoch>[0-9]+):)?(?P<rest>.*)", re.DOTALL)
# They are read elsewhere, or say where something was found and not what it is.
_NO_VARIANT = frozenset(
    {"distro", "os_name", "os_version", "os_distro", "epoch", "vers"}
    | {"upstream", "download_url", "vcs_url", "file_name", "file_path", "package-id"}
)


class Package(msgspec.Struct, frozen=True):
    """A package, or several: `version` "" means every version, unless `range` (`vers:…`) says which.

    `name` has type, namespace and name. `variant` are qualifiers that tell builds apart, such as `arch`, sorted.
    """

    name: str
    version: str = ""
    range: str = ""
    distribution: str = ""
    variant: tuple[tuple[str, str], ...] = ()
    subpath: str = ""

    def covers(self, found: Package) -> bool:
        """Whether `found` is one of those meant, by all that this one states but its range.

        A release of a distribution that `found` does not name counts as met where the version is the same.
        """
        if self.name != found.name or (self.version and self.version != found.version):
            return False
        elsewhere = self.distribution and self.distribution != found.distribution
        if elsewhere and (found.distribution or not self.version):
            return False
        return set(self.variant) <= set(found.variant) and self.subpath in ("", found.subpath)

    def meets(self, other: Package) -> bool:
        """Whether something could be meant by both."""
        if self.name != other.name:
            return False
        stated = [(self.version, other.version), (self.distribution, other.distribution), (self.subpath, other.subpath)]
        mine, theirs = dict(self.variant), dict(other.variant)
        stated += [(mine[key], theirs[key]) for key in mine.keys() & theirs.keys()]
        return all(not one or not another or one == another for one, another in stated)


class Parts(msgspec.Struct, frozen=True):
    """A package URL taken apart strictly, all of it decoded."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: Mapping[str, str]
    subpath: str


def parts_of(text: str) -> Parts | None:
    """None for what is not a package URL, or one that is written as a pattern."""
    try:
        parts = Parts(**parse_purl(text))
    except ValueError:
        return None
    return None if "*" in f"{parts.namespace}/{parts.name}@{parts.version}" else parts


def package_of(parts: Parts) -> Package | None:
    """The package in one spelling; None where its version, range and epoch contradict each other."""
    try:
        version, within = _version(parts)
    except ValueError:
        return None
    variant = tuple(sorted((key, text) for key, text in parts.qualifiers.items() if key not in _NO_VARIANT))
    name = _name(parts)
    family = name.split("/")[1] if name.count("/") > 1 else ""
    return Package(name, version, within, distribution(family, parts.qualifiers), variant, parts.subpath)


def _name(parts: Parts) -> str:
    name = f"{parts.namespace}/{parts.name}" if parts.namespace else parts.name
    if parts.type in _CASELESS:
        name = name.lower()
    if parts.type == "pypi":
        name = _PYTHON.sub("-", name)
    same = _SAME.get((parts.type, parts.namespace.lower()))
    return f"{parts.type}/{same}/{parts.name.lower()}" if same else f"{parts.type}/{name}"


def _version(parts: Parts) -> tuple[str, str]:
    """Version and range; one of them is "". Raises `ValueError` where more is stated than can hold."""
    version, within = parts.version, parts.qualifiers.get("vers", "")
    if version.startswith("vers:"):
        version, within = "", within or version
    if within and version:
        raise ValueError("a version and a range")
    if parts.type == "golang":
        version = version.removeprefix("v")
    return _with_epoch(version, parts.qualifiers) if version else "", within


def _with_epoch(version: str, qualifiers: Mapping[str, str]) -> str:
    split = _EPOCH.fullmatch(version)
    stated, written = qualifiers.get("epoch", ""), (split["epoch"] or "") if split else ""
    if stated and written and stated != written:
        raise ValueError("two epochs")
    epoch = (written or stated).lstrip("0")
    rest = split["rest"] if split else version
    return f"{epoch}:{rest}" if epoch else rest


class Packages:
    """Reads package URLs, each text once: documents repeat the same few thousand many times."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Parts | None, Package | None]] = {}
        self._spellings: dict[str, set[str]] = {}

    def image(self, text: str) -> Parts | None:
        """The parts of what names an image; None for anything else."""
        return self._read(text)[0]

    def package(self, text: str) -> Package | None:
        """The package; None for an image, and for what names no package in a way that can be told."""
        return self._read(text)[1]

    def _read(self, text: str) -> tuple[Parts | None, Package | None]:
        known = self._known.get(text)
        if known is None:
            parts = parts_of(text)
            is_image = parts is not None and parts.type in _IMAGE_TYPES
            known = (parts, None) if is_image else (None, package_of(parts) if parts else None)
            self._known[text] = known
            if parts and known[1]:
                written = "/".join(filter(None, (parts.type, parts.namespace, parts.name)))
                self._spellings.setdefault(known[1].name, set()).add(written)
        return known

    def spellings(self, name: str) -> frozenset[str]:
        """How the name of a package was written: type, namespace and name, decoded."""
        return frozenset(self._spellings.get(name, ()))
