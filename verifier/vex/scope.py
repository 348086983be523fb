"""What a statement is about, as far as it concerns one image: the image, packages inside it, or something else.

A product is this image with packages as its subcomponents, or a package. A statement that names other images and not
this one excuses nothing here, also where it names a package beside them: why it holds may be true of those alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from verifier.vex.packages import Package, Packages, Parts
from verifier.vex.statements import Statement


class Image(msgspec.Struct, frozen=True):
    """One platform of an image: what it is called (`dhi/nginx`, `dhi.io/nginx`), tagged, and its digests.

    `platform` is as in `linux/arm64`; `digests` are those of the platform's manifest and of the indexes above.
    """

    names: frozenset[str]
    digests: frozenset[str]
    tags: frozenset[str] = frozenset()
    platform: str = ""


class Scope(msgspec.Struct, frozen=True):
    """`excused` are packages for which the statement may speak, `accused` those that it may mean in any reading.

    `whole` says that it is about the image without naming a package, `pinned` that it does so by digest. `vague` says
    that some of it cannot be read. `elsewhere` says that it names images, and not this one.
    """

    excused: tuple[Package, ...] = ()
    accused: tuple[Package, ...] = ()
    whole: bool = False
    pinned: bool = False
    vague: bool = False
    elsewhere: bool = False


def scope_of(statement: Statement, image: Image, packages: Packages) -> Scope:
    """Raises nothing: what cannot be read makes the scope `vague`."""
    if not isinstance(statement.products, list) or not statement.products:
        return Scope(whole=True)  # whatever the document hangs on
    reading = _Reading(image, packages)
    for product in statement.products:
        reading.product(product)
    inside, bare, parts = (tuple(dict.fromkeys(found)) for found in (reading.inside, reading.bare, reading.parts))
    elsewhere = reading.images > 0 and not reading.here
    return Scope(
        excused=() if elsewhere else (*inside, *bare),
        accused=(*inside, *bare, *parts),
        whole=reading.whole,
        pinned=reading.pinned,
        vague=reading.vague,
        elsewhere=elsewhere,
    )


class _Reading:
    """Collects what the products of one statement name: `parts` are subcomponents of what is no image."""

    def __init__(self, image: Image, packages: Packages) -> None:
        self.inside: list[Package] = []
        self.bare: list[Package] = []
        self.parts: list[Package] = []
        self.images = 0
        self.here = self.whole = self.pinned = self.vague = False
        self._image, self._packages = image, packages

    def product(self, product: Any) -> None:
        texts = _texts(product)
        images = [found for text in texts if (found := self._packages.image(text))]
        within = product.get("subcomponents") if isinstance(product, dict) else None
        if not images:
            self.bare += self._named(texts)
            self.parts += self._inside(within)
            return
        self.images += 1
        here = [pinned for found in images if (pinned := _is_this(found, self._image)) is not None]
        if not here:
            return
        self.here = True
        if within:
            self.inside += self._inside(within)
        else:
            self.whole = True
            self.pinned |= any(here)

    def _inside(self, things: Any) -> Iterator[Package]:
        for thing in things if isinstance(things, list) else ():
            yield from self._named(_texts(thing))

    def _named(self, texts: tuple[str, ...]) -> Iterator[Package]:
        for text in texts:
            package = self._packages.package(text)
            if package:
                yield package
            elif text.startswith("pkg:"):
                self.vague = True


def _texts(thing: Any) -> tuple[str, ...]:
    """The texts by which a component may be known: `@id`, `identifiers.purl`, or in old documents itself."""
    if not isinstance(thing, dict):
        return (thing,) if isinstance(thing, str) else ()
    name, identifiers = thing.get("@id"), thing.get("identifiers")
    named = (name,) if isinstance(name, str) else ()
    purl = identifiers.get("purl") if isinstance(identifiers, dict) else None
    return (*named, purl) if isinstance(purl, str) else named


def _is_this(parts: Parts, image: Image) -> bool | None:
    """Whether it names this image by digest (True) or by name (False); None where it names another."""
    if not _fits(parts, image):
        return None
    if parts.version.startswith("sha256:"):
        return True if parts.version in image.digests else None
    if parts.version and parts.version not in image.tags:
        return None
    return False if name_of(parts) in image.names else None


def _fits(parts: Parts, image: Image) -> bool:
    """Whether platform and tag are this image's, as far as they are stated."""
    system, _, architecture = image.platform.partition("/")
    known = {"platform": {image.platform}, "os": {system}, "arch": {architecture, architecture.partition("/")[0]}}
    known["tag"] = set(image.tags)
    return all(parts.qualifiers[key] in allowed for key, allowed in known.items() if key in parts.qualifiers)


def name_of(parts: Parts) -> str:
    """The repository that a package URL of an image names: `dhi/nginx`, or `dhi.io/nginx` with a `repository_url`."""
    name = f"{parts.namespace}/{parts.name}" if parts.namespace else parts.name
    url = parts.qualifiers.get("repository_url", "").rstrip("/").lower()
    if not url:
        return name.lower()
    last = name.lower().rpartition("/")[2]
    return url if url.rpartition("/")[2] == last else f"{url}/{name.lower()}"
