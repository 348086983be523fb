"""What is known about an image that a build uses: from its name, and from its configuration once it is verified."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from verifier.dockerfile.stages import Use
from verifier.errors import ReferenceInvalid
from verifier.model import Reference, Verdict
from verifier.oci import parse_reference
from verifier.variants import Tag, parse_tag
from verifier.verification.identity import acceptable_products

_PLACEHOLDER = re.compile(
    r"<[^<>]*>?|(?i:\byour[-_]?(?:docker(?:hub)?[-_])?(?:namespace|org|organi[sz]ation|registry|username|tag|image)\b)"
)
_LABEL = "com.docker.dhi."
NONROOT = ("nonroot", "65532")


class Image(msgspec.Struct, frozen=True):
    """An image by its name. Without a `reference`, `fault` says why there is none."""

    text: str
    reference: Reference | None = None
    fault: str = ""
    placeholder: str = ""

    @property
    def hardened(self) -> bool:
        """By name alone: `dhi.io/N`, `docker.io/ORG/dhi-N`, or a mirror whose path ends in `dhi/N` or `dhi-N`."""
        return bool(self.reference and acceptable_products(self.reference))

    @property
    def tag(self) -> Tag:
        return parse_tag(self.reference.tag if self.reference else "")

    @property
    def product(self) -> str:
        """The last part of its name, without `dhi-`: `python`."""
        return self.reference.repository.rpartition("/")[2].removeprefix("dhi-") if self.reference else ""


def image_of(text: str) -> Image:
    """Reads a name as Docker does. Nothing that a Dockerfile says may name an OCI layout on this machine."""
    if found := _PLACEHOLDER.search(text):
        return Image(text, placeholder=found[0])
    try:
        return Image(text, parse_reference(f"registry://{text}"))
    except ReferenceInvalid as fault:
        return Image(text, fault=str(fault).replace("registry://", "", 1))


class Configured(msgspec.Struct, frozen=True):
    """What the configurations of an image's platforms say, where they all say the same; None where they do not.

    `users` are all that are named: an image that runs as root on one platform is one that runs as root.
    """

    users: frozenset[str]
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    environment: Mapping[str, str] = {}
    shell: str | None = None
    package_manager: str | None = None
    variants: frozenset[str] = frozenset()


class ImageEntry(msgspec.Struct, frozen=True, rename="camel"):
    """An image that was verified, as `dhiverify image` would report it in more detail."""

    reference: str
    verdict: Verdict
    exit_code: int
    enforced: bool
    digest: str
    pinned: str
    is_dhi: bool
    product: str
    platforms: tuple[str, ...]
    reasons: tuple[str, ...]
    hint: str

    @property
    def allowed(self) -> bool:
        return self.verdict in (Verdict.ALLOW, Verdict.WARN) and self.enforced


class Verified(msgspec.Struct, frozen=True):
    """An image on which the hub decided. `configured` is there where evidence of it is trusted."""

    image: ImageEntry
    configured: Configured | None = None


def configured(configs: Sequence[Mapping[str, Any]]) -> Configured | None:
    """From the configurations (OCI image-spec) of all platforms; None without any."""
    sections = [_object(config.get("config")) for config in configs]
    if not sections:
        return None
    labels = [_object(section.get("Labels")) for section in sections]
    return Configured(
        frozenset(_text(section.get("User")) for section in sections),
        _same([_words(section.get("Entrypoint")) for section in sections]),
        _same([_words(section.get("Cmd")) for section in sections]),
        _environment(sections[0].get("Env")),
        _same([_label(one, "shell") for one in labels]),
        _same([_label(one, "package-manager") for one in labels]),
        frozenset(text for one in labels if (text := _label(one, "variant"))),
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(value: Any) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def _label(labels: Mapping[str, Any], name: str) -> str | None:
    value = labels.get(_LABEL + name)
    return value if isinstance(value, str) else None


def _environment(value: Any) -> Mapping[str, str]:
    return {name: text for word in _words(value) for name, _, text in [word.partition("=")]}


def _same(values: Sequence[Any]) -> Any:
    return values[0] if all(value == values[0] for value in values) else None


class Base(msgspec.Struct, frozen=True):
    """What a stage stands on. `use` is where it is named; `verified` is None where nothing was verified."""

    use: Use
    image: Image
    verified: Verified | None = None

    @property
    def known(self) -> Configured | None:
        return self.verified.configured if self.verified else None

    @property
    def decided(self) -> ImageEntry | None:
        """What was decided on it; None where nothing was verified."""
        return self.verified.image if self.verified else None

    @property
    def shown(self) -> str:
        """Its name for messages, without a digest: half of one would pass for another one."""
        return f"{self.use.name.partition('@')[0]:.100}"

    @property
    def is_scratch(self) -> bool:
        return bool(self.use.name) and not self.use.is_image

    @property
    def runtime(self) -> bool:
        """Whether it is, by its name and by its label, a hardened image to run something in."""
        labelled = self.known.variants if self.known else frozenset[str]()
        return self.image.hardened and not self.image.tag.for_building and "dev" not in labelled

    @property
    def is_static(self) -> bool:
        """Whether it has no C library: `static`, unless its tag names one."""
        own = self.image.hardened and self.image.product == "static"
        tag = self.image.tag
        return self.is_scratch or (own and not tag.has("musl") and not tag.has("glibc"))


class Presence(msgspec.Struct, frozen=True):
    """Whether an image has something, and whether that is known or only what such images usually have."""

    there: bool
    proved: bool


def shell_in(base: Base) -> Presence:
    """By its label; else a runtime variant is taken to have none, `compat` aside."""
    return _by_label(base, base.known.shell if base.known else None)


def package_manager_in(base: Base) -> Presence:
    """As `shell_in`."""
    return _by_label(base, base.known.package_manager if base.known else None)


def _by_label(base: Base, label: str | None) -> Presence:
    if base.is_scratch or base.is_static:
        return Presence(there=False, proved=True)
    if base.image.hardened and label is not None:
        return Presence(there=bool(label), proved=True)
    return Presence(there=not base.runtime or base.image.tag.has("compat"), proved=False)


class User(msgspec.Struct, frozen=True):
    """Whom a container runs as. `name` is as written, without its group; `proved` is as in `Presence`."""

    name: str
    group: str = ""
    proved: bool = True

    @property
    def is_root(self) -> bool:
        return is_root(self.name)


def user_of(text: str, *, proved: bool = True) -> User:
    name, _, group = text.strip().partition(":")
    return User(name, group, proved)


def is_root(name: str) -> bool:
    """As Docker reads a user: "" and every spelling of zero are root."""
    return name in ("", "root") or bool(re.fullmatch("[+-]?0+", name))


def user_in(base: Base) -> User | None:
    """Whom the base runs as; None where nothing is known about it."""
    if base.known:
        users = sorted(base.known.users)
        return user_of(next((one for one in users if is_root(one.partition(":")[0])), users[0]))
    if base.is_scratch:
        return User("")
    if base.image.hardened:
        return User(NONROOT[0] if base.runtime else "root", proved=False)
    return None
