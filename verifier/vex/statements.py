"""OpenVEX documents and their statements as values, as they were read and before anybody asks what they are about."""

from __future__ import annotations

from typing import Any

import msgspec

SUPPRESSING = ("not_affected", "fixed")

JUSTIFICATIONS = frozenset(
    {
        "component_not_present",
        "inline_mitigations_already_exist",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_not_present",
    }
)
"""The words that OpenVEX 0.2.0 has for them."""

_CVE = "cve-"
_BEFORE_ALL, _AFTER_ALL = -1, 1 << 63


class Statement(msgspec.Struct, frozen=True):
    """One statement. `number` is its place in the document, `names` the vulnerability's, folded, aliases included.

    `time` is its own, or else the document's: RFC 3339 and nanoseconds since 1970, "" and None where neither can be
    read. `products` stand as they were written.
    """

    number: int
    vulnerability: str
    names: frozenset[str]
    status: str
    justification: str = ""
    id: str = ""
    aliases: tuple[str, ...] = ()
    notes: str = ""
    time: str = ""
    time_ns: int | None = None
    products: Any = None

    @property
    def suppresses(self) -> bool:
        """Whether it says that nothing is to be feared, and why."""
        return self.status == "fixed" or (self.status == "not_affected" and self.justification in JUSTIFICATIONS)

    @property
    def is_void(self) -> bool:
        """Whether it says `not_affected` without a reason that counts: it excuses nothing and accuses nobody."""
        return self.status == "not_affected" and not self.suppresses

    @property
    def age(self) -> tuple[int, bool]:
        """Orders statements of one document: the greatest counts.

        Without a time that can be read it is the oldest when it excuses and the newest when it does not; of two of the
        same time the one that does not excuse counts.
        """
        without = _BEFORE_ALL if self.suppresses else _AFTER_ALL
        return (without if self.time_ns is None else self.time_ns), not self.suppresses


class Document(msgspec.Struct, frozen=True):
    """One document. `digest` names it, `place` says where it was found and `signer` who vouches for it."""

    digest: str
    statements: tuple[Statement, ...]
    author: str = ""
    time: str = ""
    id: str = ""
    place: str = ""
    signer: str = ""


class Finding(msgspec.Struct, frozen=True):
    """What a scan found: a vulnerability in a package. `names` are all its names, folded."""

    purl: str
    vulnerability: str
    names: frozenset[str]


def folded(names: Any) -> frozenset[str]:
    """Names of a vulnerability as they are compared: CVE, GHSA, DSA and others are not case-sensitive."""
    return frozenset(name.strip().casefold() for name in names if isinstance(name, str) and name.strip())


def is_same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of names mean one vulnerability.

    An advisory such as a DSA covers several: where both sides name CVEs, one of these must be common.
    """
    if one.isdisjoint(other):
        return False
    mine, theirs = _cves(one), _cves(other)
    return not mine or not theirs or not mine.isdisjoint(theirs)


def _cves(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in names if name.startswith(_CVE))
