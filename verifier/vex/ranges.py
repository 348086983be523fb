"""Version ranges such as `vers:deb/>=3.0|<3.5.4`, by the order of each ecosystem.

https://github.com/package-url/vers-spec
"""

from __future__ import annotations

from typing import Any

from verifier.limits import DEFAULT_LIMITS

_SCHEMES = {"alpine": "apk", "debian": "deb"}


def within(version: str, stated: str, kind: str) -> bool | None:
    """Whether `version` of a package of type `kind` lies in the range; None where that cannot be told.

    A range that is a pattern, of another ecosystem, or longer than the bound is none that can be read.
    """
    scheme = stated.removeprefix("vers:").partition("/")[0].lower()
    if not version or "*" in stated or len(stated) + len(version) > DEFAULT_LIMITS.vex_range:
        return None
    if not stated.startswith("vers:") or _SCHEMES.get(scheme, scheme) != kind:
        return None
    return _contains(f"vers:{kind}/{stated.partition('/')[2]}", version)


def _contains(stated: str, version: str) -> bool | None:
    from univers.version_range import VersionRange  # 100 ms, for the rare document that states a range

    read: Any = VersionRange.from_string  # it is not typed
    try:
        found = read(stated)
        return bool(found.version_class(version) in found)
    except Exception:  # noqa: BLE001 - each ecosystem has errors of its own, and all mean the same here
        return None
