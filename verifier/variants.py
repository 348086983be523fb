"""The tags of Docker Hardened Images, taken apart.

    <version>[-<flavour>…][-<distribution>][-sfw[-ent]][-fips][-compat][-sdk][-dev][_<customisation>]

The order after the version is not fixed (`8-sdk-alpine3.24`, `8.4-debian13-compat-dev`), and some tags begin with a
word (`lts-alpine-dev`, `pg17`), so a tag is read as a set of tokens. A tag is what somebody calls an image: no proof of
anything, but it says what was meant.
"""

from __future__ import annotations

import re

import msgspec

DEV, SDK = "dev", "sdk"
_BUILDING = frozenset({DEV, SDK})
# `sfw`, `sfw-ent` (a firewall for package managers) and `jdk` of an unversioned Java tag exist for building alone.
_WITHOUT_TWIN = frozenset({*_BUILDING, "sfw", "ent", "jdk"})
_DISTRIBUTION = re.compile(r"(?P<name>debian|alpine)(?P<version>[0-9]+(?:\.[0-9]+)*)?")
_VERSION = re.compile(r"v?[0-9][A-Za-z0-9.+]*")


class Tag(msgspec.Struct, frozen=True):
    """`text` is the whole tag. `tokens` are all parts but version, distribution and customisation, in their order.

    `version` is "" where the tag begins with a word. `customisation` is what the owner of a customised image added.
    """

    text: str
    version: str = ""
    distribution: str = ""  # debian | alpine | ""
    distribution_version: str = ""
    tokens: tuple[str, ...] = ()
    customisation: str = ""

    def has(self, token: str) -> bool:
        return token in self.tokens

    @property
    def for_building(self) -> bool:
        """Whether it names an image with shell, package manager and root, for the stages before the last."""
        return not _BUILDING.isdisjoint(self.tokens)

    @property
    def variant(self) -> str:
        """What the label `com.docker.dhi.variant` would say: `dev` or `runtime`."""
        return DEV if self.has(DEV) else "runtime"

    @property
    def runtime_twin(self) -> str:
        """The tag of the image to run what was built in this one; "" where this one is no image for building."""
        if not self.for_building:
            return ""
        pieces = self.text.partition("_")[0].split("-")
        return "-".join(piece for piece in pieces if piece not in _WITHOUT_TWIN)


def parse_tag(text: str) -> Tag:
    """Reads any text: what does not follow the grammar has no version, and its parts as tokens."""
    base, _, customisation = text.partition("_")
    first, *rest = base.split("-")
    version = first if _VERSION.fullmatch(first) else ""
    tokens = tuple(rest if version else [first, *rest])
    distributions = [found for token in tokens if (found := _DISTRIBUTION.fullmatch(token))]
    distribution = distributions[0] if len(distributions) == 1 else None
    return Tag(
        text,
        version,
        distribution["name"] if distribution else "",
        (distribution["version"] or "") if distribution else "",
        tuple(token for token in tokens if token and not (distribution and token == distribution[0])),
        customisation,
    )
