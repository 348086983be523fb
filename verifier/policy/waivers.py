"""Waivers as a document states them: each with a reason, an owner, a ticket and an end, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Annotated

import msgspec

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Waiver
from verifier.policy.match import never

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=DEFAULT_LIMITS.waiver_text)]
_Sha256 = Annotated[str, msgspec.Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]

# Compiled when the first waiver is read: most runs have none.
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT = rf"{_DATE}[Tt][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
_CVE = r"CVE-[0-9]{4}-[0-9]{4,19}"
_GHSA = r"GHSA(-[0-9A-Z]{4}){3}"
_CHARACTER = r"(?:[A-Za-z0-9._~:+!$'(),;*-]|%[0-9A-Fa-f]{2})"
_QUALIFIER = rf"[a-z][a-z0-9._-]*=(?:{_CHARACTER}|[/@=])+"
_PURL = (  # https://github.com/package-url/purl-spec, without what nobody writes on purpose
    rf"pkg:[a-z][a-z0-9.+-]*(?:/@?{_CHARACTER}+)*/{_CHARACTER}+(?:@{_CHARACTER}+)?"
    rf"(?:\?{_QUALIFIER}(?:&{_QUALIFIER})*)?(?:#(?:{_CHARACTER}|/)+)?"
)


class StatedWaiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A known failure of one rule that is accepted for a while. See `verifier.model.Waiver`.

    `starts` and `expires` are dates, the whole of which counts in UTC, or times of RFC 3339 with a zone.
    """

    rule: _Text
    images: _Text
    reason: _Text
    owner: _Text
    ticket: _Text
    expires: _Text
    starts: _Text = ""
    digest: _Sha256 = ""
    purl: _Text = ""
    vulnerability: _Text = ""

    @property
    def waiver(self) -> Waiver:
        """Of a waiver without `problems`."""
        return Waiver(
            rule=self.rule,
            images=self.images,
            reason=self.reason,
            owner=self.owner,
            ticket=self.ticket,
            expires=moment(self.expires, end=True),
            starts=moment(self.starts) if self.starts else None,
            digest=self.digest,
            purl=self.purl,
            vulnerability=self.vulnerability,
        )


def moment(text: str, *, end: bool = False) -> datetime:
    """The time that `text` states, of a date its beginning or its `end`. Raises `ValueError`."""
    if re.fullmatch(_DATE, text):
        return datetime.combine(datetime.fromisoformat(text), time.max if end else time.min, UTC)
    if not re.fullmatch(_MOMENT, text):
        raise ValueError("expected a date such as 2026-12-31, or a time with a zone such as 2026-12-31T12:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("it lies outside the years 1 to 9999") from None


def problems(waiver: StatedWaiver) -> Iterator[tuple[str, str, str]]:
    """Member, problem and hint of everything for which `waiver` is refused."""
    for member in ("rule", "images", "reason", "owner", "ticket"):
        if not getattr(waiver, member).strip():
            yield member, f"`{member}` of a waiver is blank", "Say it in words: it stands in every report."
    yield from _bad_time(waiver)
    yield from _bad_scope(waiver)
    yield from _bad_names(waiver)


def _bad_time(waiver: StatedWaiver) -> Iterator[tuple[str, str, str]]:
    bad = False
    for member in ("starts", "expires") if waiver.starts else ("expires",):
        text: str = getattr(waiver, member)
        try:
            moment(text)
        except ValueError as fault:
            bad = True
            yield member, f"`{member}` of a waiver: found {text[:60]!r}, {fault}", "Every waiver has an end."
    if not bad and waiver.starts and moment(waiver.expires, end=True) <= moment(waiver.starts):
        yield "expires", "the waiver ends before it starts", "Correct `starts` or `expires`."


def _bad_scope(waiver: StatedWaiver) -> Iterator[tuple[str, str, str]]:
    if found := never(waiver.images):
        yield "images", *found
    elif not waiver.digest and set(waiver.images) <= {"*", "/"}:
        text = f"a waiver for the images {waiver.images!r} would hold for every image"
        yield "images", text, "Name the images, or give the `digest` of the one that is meant."


def _bad_names(waiver: StatedWaiver) -> Iterator[tuple[str, str, str]]:
    if waiver.purl and not _is_package(waiver.purl):
        text = f"expected a package URL such as pkg:deb/debian/openssl@3.0.11, found {waiver.purl[:100]!r}"
        yield "purl", text, "Copy it from the violation in the report; the version may be left out."
    if waiver.vulnerability and not _is_vulnerability(waiver.vulnerability):
        text = f"expected an id such as CVE-2026-12345 or GHSA-abcd-efgh-2345, found {waiver.vulnerability[:100]!r}"
        yield "vulnerability", text, "Copy it from the violation in the report."


def _is_package(text: str) -> bool:
    from urllib.parse import unquote_to_bytes

    if not re.fullmatch(_PURL, text):
        return False
    keys = [pair.partition("=")[0] for pair in text.partition("#")[0].partition("?")[2].split("&")]
    try:
        unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(keys) == len(set(keys))


def _is_vulnerability(text: str) -> bool:
    for prefix, pattern in (("CVE", _CVE), ("GHSA", _GHSA)):
        if text.upper().startswith(prefix):
            return re.fullmatch(pattern, text.upper()) is not None
    return text.isprintable() and not any(character.isspace() for character in text)
