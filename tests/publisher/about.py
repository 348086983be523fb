"""What a predicate is about, and the one point in time from which all others of the publisher are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import msgspec

JSON: TypeAlias = Any  # JSON of any shape; also bytes, where a test needs what is not JSON

EPOCH = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
NEVER_ENDS = "2099-12-31"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """One platform of an image, and how large to make what is said about it.

    `platform` is "" for what has none. `at` is when the build ended. `extra_packages` are names beside the usual ones:
    shells and package managers.
    """

    product: str = "dhi/python"
    version: str = "3.13.15-debian13"
    tags: tuple[str, ...] = ("3.13.15-debian13",)
    platform: str = "linux/amd64"
    digest: str = "sha256:" + "0" * 64
    at: datetime = EPOCH
    packages: int = 12
    stig_rules: int = 10
    extra_packages: tuple[str, ...] = ()

    @property
    def architecture(self) -> str:
        """A chart, which is for no platform, is packed on amd64."""
        return self.platform.split("/")[1] if self.platform else "amd64"

    @property
    def hex(self) -> str:
        return self.digest.partition(":")[2]

    def purl(self, tag: str = "") -> str:
        """The package URL under which a statement names the image."""
        platform = self.platform.replace("/", "%2F")
        return f"pkg:docker/{self.product}@{tag or self.version}" + (f"?platform={platform}" if platform else "")

    def time(self, minutes: float = 0) -> str:
        return rfc3339(self.at + timedelta(minutes=minutes))


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
