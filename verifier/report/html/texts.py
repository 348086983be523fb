"""Foreign text on its way into the page. Jinja escapes markup; characters and addresses are looked at here."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from verifier.limits import DEFAULT_LIMITS
from verifier.report.escape import printable

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9/?#=&%.,_~:;+*!$()-]*)?")


def shown(value: object) -> object:
    """What every expression of a template goes through: no character of it hides or reorders others."""
    if value is None:
        return ""
    return value if isinstance(value, Markup) else printable(str(value))


def detailed(detail: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """The members of a violation's detail, each as the lines that say it."""
    return [(name, _lines(value)) for name, value in detail.items()]


def _lines(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return (_line(value),)
    lines, limit = tuple(map(_line, value)), DEFAULT_LIMITS.html_violations
    return lines if len(lines) <= limit else (*lines[:limit], f"… and {len(lines) - limit} more")


def _line(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def prose(text: str) -> Markup:
    """A text of several lines, which are kept; more than two line ends in a row are two."""
    limit = DEFAULT_LIMITS.html_text
    plain = text.replace("\r\n", "\n").expandtabs(4).strip()
    cut = plain if len(plain) <= limit else plain[:limit] + " … (cut)"
    lines = "\n".join(printable(line.rstrip(), len(line)) for line in cut.split("\n"))
    return escape(re.sub(r"\n{3,}", "\n\n", lines))


def link(address: str, text: str) -> Markup:
    """A link where the address is one of the web that hides nothing, and the text alone elsewhere."""
    plain = escape(printable(text))
    if not _is_safe(address):
        return plain
    template = Markup('<a href="{}" rel="noopener noreferrer">{}</a> <span class="host">({})</span>')
    return template.format(address, plain, urlsplit(address).hostname)


def _is_safe(address: str) -> bool:
    """`https` and a host in ASCII; no user name that looks like a host."""
    return len(address) <= DEFAULT_LIMITS.report_text and bool(_ADDRESS.fullmatch(address))


def number(value: float | None) -> str:
    """As short as it can be said: 85, 77.777778."""
    return "\N{EN DASH}" if value is None else f"{value:.8g}"
