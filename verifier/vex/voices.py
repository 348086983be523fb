"""Who speaks about which packages: documents of one origin, the image that they are about, and how far they are heard.

What speaks for an image speaks for all of its packages. What speaks for its base speaks for the packages of the base
alone, and of those only for what a package manager installs, once for a whole image: a library of Go or Python that the
base has may be there a second time in the layers above, in other use, and no scan tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec

from verifier.vex.packages import Package, Packages
from verifier.vex.scope import Image
from verifier.vex.statements import Document

_INSTALLED_ONCE = frozenset({"alpm", "apk", "deb", "dhi", "rpm"})
_BUILDS = 64  # of one version, in one image; a distribution has about ten architectures


class Installed:
    """The packages of bills of materials that are there once and in a version.

    They are looked up, not gone through: a bill may list thousands. A version in more builds than there are
    architectures is none that could be installed once.
    """

    def __init__(self, purls: Iterable[str]) -> None:
        packages = Packages()
        found = dict.fromkeys(packages.package(purl) for purl in purls)
        builds: dict[tuple[str, str], list[Package]] = {}
        for one in found:
            if one and one.version and one.name.partition("/")[0] in _INSTALLED_ONCE:
                builds.setdefault((one.name, one.version), []).append(one)
        known = {spelling: same for spelling, same in builds.items() if len(same) <= _BUILDS}
        self._all = tuple(chain.from_iterable(known.values()))
        for one in self._all:
            known.setdefault((one.name, ""), []).append(one)
        self._known = known

    def has(self, found: Package) -> bool:
        """Whether a package of a finding is one of them. In the same version only."""
        same = self._known.get((found.name, found.version), ()) if found.version else ()
        return any(one.meets(found) for one in same)

    def called(self, named: Package | None) -> Sequence[Package]:
        """Those that have the name and, where it states one, the version of `named`; all of them without one."""
        return self._known.get((named.name, named.version), ()) if named else self._all


class Voice(msgspec.Struct, frozen=True):
    """Documents about `image`. `base` is its name where it is the base of the one that was scanned.

    `packages` are those about which the documents are heard; None for all.
    """

    documents: tuple[Document, ...]
    image: Image
    base: str = ""
    packages: Installed | None = None

    def is_about(self, found: Package | None) -> bool:
        """Whether a package of a finding is one for which these documents may speak."""
        return self.packages is None or (found is not None and self.packages.has(found))
