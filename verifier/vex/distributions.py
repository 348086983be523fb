"""The distribution that qualifiers of a package URL name, in one spelling: `debian 13`, `alpine 3.22`.

Scanners write `distro=debian-13`, `distro=debian-13.1` or `distro=trixie`; Docker Scout and Docker's VEX documents
write `os_name=debian&os_version=13&os_distro=trixie`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_NUMBERED = re.compile(r"(?:(?P<name>[a-z][a-z0-9_]*)[- ])?v?(?P<release>[0-9]+(?:\.[0-9]+)*)")

_CODENAMES = {"buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14", "duke": "15"}
_PARTS = {"debian": 1, "alpine": 2, "ubuntu": 2}
"""How many parts of its version name a release: point releases of Debian and patches of Alpine share packages."""


def distribution(family: str, qualifiers: Mapping[str, str]) -> str:
    """Name and release, "" where nothing is stated. `family` is the name where a qualifier gives a release alone.

    Qualifiers that contradict each other give a text that equals no distribution.
    """
    name = qualifiers.get("os_name", "").lower() or family
    stated = [qualifiers.get(key, "").strip().lower() for key in ("distro", "os_version", "os_distro")]
    found = sorted({_release(name, text) for text in stated if text not in ("", name)})
    return found[0] if len(found) == 1 else " or ".join(found)


def _release(name: str, text: str) -> str:
    if text in _CODENAMES:
        return f"debian {_CODENAMES[text]}"
    numbered = _NUMBERED.fullmatch(text)
    if numbered is None:
        return text
    name = numbered["name"] or name
    parts = numbered["release"].split(".")
    return f"{name} {'.'.join(parts[: _PARTS.get(name, len(parts))])}"
