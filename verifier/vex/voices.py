"""Who speaks about which packages: documents of one origin, the image that they are about, and how far they are heard.

What speaks for an image speaks for all of its packages. What speaks for its base speaks for the packages of the base
alone, and of those only for what a package manager installs, once for a whole image: a library of Go or Python that the
base has may be there a second time in the layers above, in other use, and no scan tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec

from verifier.vex.packages import Package, Packages
from verifier.vex.scope import Image
from verifier.vex.statements import Document

_INSTALLED_ONCE = frozenset({"alpm", "apk", "deb", "dhi", "rpm"})


class Voice(msgspec.Struct, frozen=True):
    """Documents about `image`. `base` is its name where it is the base of the one that was scanned.

    `packages`, by name, are those about which the documents are heard; None for all.
    """

    documents: tuple[Document, ...]
    image: Image
    base: str = ""
    packages: Mapping[str, tuple[Package, ...]] | None = None

    def is_about(self, found: Package | None) -> bool:
        """Whether a package of a finding is one for which these documents may speak. In the same version only."""
        if self.packages is None:
            return True
        if found is None or not found.version:
            return False
        return any(one.version == found.version and one.meets(found) for one in self.packages.get(found.name, ()))

    def called(self, named: Package | None) -> Iterable[Package]:
        """The packages that have the name of `named`; all of them without one. Where all count, none is listed."""
        listed = self.packages or {}
        return listed.get(named.name, ()) if named else chain.from_iterable(listed.values())


def installed(purls: Iterable[str]) -> dict[str, tuple[Package, ...]]:
    """The packages of a bill of materials that are there once and in a version, by name."""
    packages, found = Packages(), dict[str, tuple[Package, ...]]()
    for purl in purls:
        package = packages.package(purl)
        if package and package.version and package.name.partition("/")[0] in _INSTALLED_ONCE:
            found[package.name] = (*found.get(package.name, ()), package)
    return found
