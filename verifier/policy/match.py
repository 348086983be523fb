"""Which images a pattern means: compared component by component, never as one string.

*                       every image, also one on disk
dhi.io/*                every repository of dhi.io with one path component
docker.io/acme/**       everything under docker.io/acme
"""

from __future__ import annotations

import re

from verifier.model import Place, Reference


def matches(pattern: str, reference: Reference) -> bool:
    """Whether the normalised name of `reference` (`host/path`) fits `pattern`."""
    if pattern in ("*", "**"):
        return True
    if reference.is_layout:
        return False
    return _components(pattern.split("/"), reference.name.split("/"))


def _components(pattern: list[str], name: list[str]) -> bool:
    if pattern[-1:] == ["**"]:
        head = pattern[:-1]
        return len(name) > len(head) and _components(head, name[: len(head)])
    return len(pattern) == len(name) and all(map(_component, pattern, name))


def _component(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def expand(place: Place, reference: Reference) -> str:
    """The repository that `place` means: `{name}` is the last part of the image's path, `{namespace}` the rest."""
    namespace, _, name = reference.repository.rpartition("/")
    return place.repository.replace("{namespace}", namespace).replace("{name}", name)
