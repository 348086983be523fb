"""Times as documents state them: read strictly, or reported as a problem, never guessed.

RFC 3339 with a zone. A time without a zone, a leap second that clocks cannot hold, and year 1 (how Go writes
"not set") are problems. Years are bounded to those that a signed 64-bit count of nanoseconds can hold, as Rego does.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import msgspec

_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,18}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_CLAMAV = re.compile(r"([0-9]{4})[:-]([0-9]{2})[:-]([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000_000
_LAST_YEAR = 2261


class Moment(msgspec.Struct, frozen=True):
    """A point in time as nanoseconds since 1970 in UTC; None with a `problem`, or without one when none is stated."""

    ns: int | None = None
    problem: str = ""

    @property
    def text(self) -> str:
        """RFC 3339 in UTC, or ""."""
        if self.ns is None:
            return ""
        seconds, fraction = divmod(self.ns, _SECOND)
        whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
        return whole + (f".{fraction:09d}".rstrip("0") if fraction else "") + "Z"


NEVER = Moment()


def rfc3339(value: object) -> Moment:
    """Reads a time of a document. Raises nothing."""
    if value is None or value == "":
        return NEVER
    parts = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        return _problem(value, "an RFC 3339 time with a zone")
    *fields, fraction, sign, hours, minutes = parts.groups()
    zone = UTC
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            return _problem(value, "a zone of less than a day")
        zone = timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes)))
    return _moment(value, fields, zone, int((fraction or "")[:9].ljust(9, "0")))


def clamav(value: str) -> Moment:
    """Reads ClamAV's `2026:01:02 03:04:05`, which has no zone; the scanner's container runs in UTC."""
    parts = _CLAMAV.fullmatch(value.strip())
    return _moment(value, list(parts.groups()), UTC) if parts else _problem(value, "a date as ClamAV writes it")


def day(value: object) -> Moment:
    """Reads `2030-03-10`, or an RFC 3339 time, and gives the midnight with which that day ends, in UTC."""
    moment = rfc3339(value)
    parts = _DATE.fullmatch(value) if isinstance(value, str) else None
    if parts:
        moment = _moment(value, [*parts.groups(), "0", "0", "0"], UTC)
    if moment.ns is None:
        return moment if moment == NEVER else _problem(value, "a date such as 2030-03-10")
    return Moment((moment.ns // (86_400 * _SECOND) + 1) * 86_400 * _SECOND)


def epoch_milliseconds(value: object) -> Moment:
    """Reads milliseconds since 1970, as CTRF counts them; 0 means that none was recorded."""
    if value is None or value == 0:
        return NEVER
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _problem(value, "milliseconds since 1970")
    if not 0 < value < 9_200_000_000_000:
        return _problem(value, f"milliseconds since 1970, before the year {_LAST_YEAR + 1}")
    return Moment(int(value) * 1_000_000)


def _moment(value: object, fields: list[str], zone: timezone, nanoseconds: int = 0) -> Moment:
    try:
        year, month, of_month, hour, minute, second = map(int, fields)
        passed = datetime(year, month, of_month, hour, minute, second, tzinfo=zone) - _EPOCH
    except (ValueError, OverflowError):
        return _problem(value, "a time that exists")
    if not 1970 <= year <= _LAST_YEAR or passed < timedelta():
        return _problem(value, f"a time from 1970 to {_LAST_YEAR}")
    return Moment((passed.days * 86_400 + passed.seconds) * _SECOND + nanoseconds)


def _problem(value: object, expected: str) -> Moment:
    return Moment(None, f"expected {expected}, found {value!r:.100}")
