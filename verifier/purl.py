"""Package URLs, read strictly (https://github.com/package-url/purl-spec): `pkg:type/namespace/name@version?k=v#path`.

Small, as the worker of rules loads it for every run, and strict, as what is not a package URL must not match anything.
"""

from __future__ import annotations

import re
from typing import Any

MAX_LENGTH = 4_096  # characters; the longest real one seen has about 300

_TYPE = re.compile(r"[A-Za-z.+-][A-Za-z0-9.+-]*")
_KEY = re.compile(r"[A-Za-z.-][A-Za-z0-9._-]*")


def parse_purl(text: str) -> dict[str, Any]:
    """The parts, decoded: type, namespace, name, version, qualifiers (object), subpath. Raises `ValueError`."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a package URL of {len(text)} characters")
    rest, _, subpath = text.partition("#")
    rest, _, qualifiers = rest.partition("?")
    scheme, _, rest = rest.partition(":")
    kind, _, path = rest.strip("/").partition("/")
    if scheme.lower() != "pkg" or not _TYPE.fullmatch(kind) or not path:
        raise ValueError(f"expected pkg:TYPE/NAME, found {text[:80]!r}")
    namespace, _, last = path.rpartition("/")
    name, _, version = last.rpartition("@") if "@" in last[1:] else (last, "", "")
    if not name:
        raise ValueError(f"a package URL without a name: {text[:80]!r}")
    return {
        "type": kind.lower(),
        "namespace": "/".join(_decoded(part) for part in namespace.split("/") if part),
        "name": _decoded(name),
        "version": _decoded(version),
        "qualifiers": _qualifiers(qualifiers),
        "subpath": "/".join(_decoded(part) for part in subpath.split("/") if part not in ("", ".", "..")),
    }


def _qualifiers(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in text.split("&") if text else []:
        key, _, value = pair.partition("=")
        if not _KEY.fullmatch(key) or key.lower() in found:
            raise ValueError(f"a package URL with the qualifier {pair[:80]!r}")
        if value:
            found[key.lower()] = _decoded(value)
    return found


def _decoded(text: str) -> str:
    from urllib.parse import unquote_to_bytes  # 5 ms that a run without package URLs does not spend

    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"a package URL that is not UTF-8: {text[:80]!r}") from None
