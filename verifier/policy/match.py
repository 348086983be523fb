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


def covers(pattern: str, other: str) -> bool:
    """Whether every name that fits `other` also fits `pattern`, as far as that can be seen component by component."""
    if pattern in ("*", "**"):
        return True
    if other in ("*", "**"):
        return False
    wide, narrow = pattern.split("/"), other.split("/")
    if wide[-1] == "**":
        head = wide[:-1]
        return len(narrow) > len(head) and all(map(_component, head, narrow))
    return narrow[-1] != "**" and len(wide) == len(narrow) and all(map(_component, wide, narrow))


_ALIASES_OF_DOCKER_HUB = ("index.docker.io", "registry-1.docker.io")


def never(pattern: str) -> tuple[str, str] | None:
    """Why no image can ever fit `pattern`, and what to do about it; None for a pattern that some image fits.

    Names are compared in their normal form: lower case, with a host, without tag and digest, and Docker Hub's as
    `docker.io/NAMESPACE/NAME`. A section that nothing fits would leave its images to another, maybe laxer one.
    """
    if pattern in ("*", "**"):
        return None
    host, slash, repository = pattern.partition("/")
    problem = _unwritable(pattern, repository) or _bad_host(host, slash, repository)
    return (f"the pattern {pattern[:200]!r} can never match: {problem[0]}", problem[1]) if problem else None


def _unwritable(pattern: str, repository: str) -> tuple[str, str] | None:
    if pattern != pattern.lower():
        return "names are in lower case", f"Write {pattern.lower()}."
    if "@" in pattern or ":" in repository:
        return "patterns are of names, without tag and digest", f"Write {_without_tag(pattern)}."
    if "" in pattern.split("/"):
        return "it has an empty component", "Write HOST/NAME, with one slash between components and none around them."
    return None


def _without_tag(pattern: str) -> str:
    head, slash, last = pattern.partition("@")[0].rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def _bad_host(host: str, slash: str, repository: str) -> tuple[str, str] | None:
    named = "." in host or ":" in host or host == "localhost"
    if not slash:
        hint = f"Write {host}/** for everything there." if named else f"Write docker.io/library/{host}, with the host."
        return "it has no host, or nothing behind it", hint
    if host in _ALIASES_OF_DOCKER_HUB:
        return "Docker Hub's images are named docker.io/…", f"Write docker.io/{repository}."
    if host.endswith(":443"):
        return "the port 443 is not part of a name", f"Leave it out: {host.removesuffix(':443')}/{repository}."
    if not named and host not in ("*", "**"):
        return f"{host[:100]!r} is no host", f"Write docker.io/{host}/{repository}, or the host it lies on."
    if host == "docker.io" and "/" not in repository and repository != "**":
        return "names on Docker Hub have a namespace", f"Write docker.io/library/{repository}."
    return None


def expand(place: Place, reference: Reference) -> str:
    """The repository that `place` means: `{name}` is the last part of the image's path, `{namespace}` the rest."""
    namespace, _, name = reference.repository.rpartition("/")
    return place.repository.replace("{namespace}", namespace).replace("{name}", name)
