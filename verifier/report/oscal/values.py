"""The small values of OSCAL documents: markup, strings, properties, times and links (OSCAL 1.1.2, datatypes).

OSCAL's texts are Markdown, so that what comes from outside is escaped: it is shown as it stands and does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from verifier.limits import DEFAULT_LIMITS
from verifier.report.escape import printable

JSONObject: TypeAlias = dict[str, Any]

NAMESPACE = "https://dhiverify.dev/ns/oscal"
"""Of every property that NIST does not define."""

_ACTIVE = re.compile(r"[\\`*_{}\[\]<>|~^&]")  # anywhere in a line, to CommonMark, its tables, or OSCAL's insertions
_LEADING = re.compile(r"\A(\s*)([0-9]{0,9})((?<=[0-9])[.)]|(?<![0-9])[#+=-])")  # at its start: heading, list, rule
_WEB = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
    r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)


def line(text: str) -> str:
    """`text` as one line of markup, never empty."""
    return _escaped(printable(text).strip()) or "-"


def prose(text: str) -> str:
    """`text` as markup, its lines kept, cut as a whole; "" stays empty."""
    limit = DEFAULT_LIMITS.exported_text
    cut = text if len(text) <= limit else text[:limit] + " … (cut)"
    return "\n".join(_escaped(printable(part).rstrip()) for part in cut.splitlines()).strip("\n")


def _escaped(text: str) -> str:
    active = _ACTIVE.sub(lambda found: f"\\{found[0]}", text)
    return _LEADING.sub(r"\1\2\\\3", active)


def props(values: Mapping[str, str | Iterable[str]]) -> JSONObject:
    """`{"props": […]}` of what is not empty, to be merged into an object; {} where everything is empty.

    Names are tokens of ours. Values are plain strings on one line; a name with several values stands several times.
    """
    flat = ((name, one) for name, value in values.items() for one in ((value,) if isinstance(value, str) else value))
    made = [
        {"name": name, "ns": NAMESPACE, "value": text} for name, value in flat if (text := printable(value).strip())
    ]
    return {"props": made} if made else {}


def moment(*texts: str) -> str:
    """The first of `texts` that is a time with its zone, in UTC; "" where none is.

    A time without a zone may be half a day off, so that none is made up. Years are those that OSCAL's pattern takes.
    """
    for text in texts:
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo and 1900 <= (utc := found.astimezone(UTC)).year < 3000:
                return utc.isoformat(timespec="seconds").replace("+00:00", "Z")
        except (ValueError, OverflowError):
            continue
    return ""


def web_links(*addresses: str) -> JSONObject:
    """`{"links": […]}` of those that are plain http or https addresses."""
    good = [{"href": address, "rel": "reference"} for address in addresses if _WEB.fullmatch(address)]
    return {"links": good} if good else {}


def some(name: str, values: Iterable[Any]) -> JSONObject:
    """`{name: […]}`, or {} for an empty list: OSCAL has no empty arrays."""
    listed = list(values)
    return {name: listed} if listed else {}
