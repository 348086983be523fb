"""What a document and the command line demand of the base of an image, and the rules that hold it to that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from verifier.errors import ConfigurationError
from verifier.model import BaseDemand, RuleModule
from verifier.policy.document import ImageSection
from verifier.policy.modules import load_pack
from verifier.policy.shipped import builtin_names

PACK = "base"


def base_of(section: ImageSection, folder: Path, reference: str, keys: tuple[str, ...]) -> BaseDemand | None:
    """The demand of the section and of `--base` with `--base-key`; None where neither demands anything."""
    stated = section.base
    if stated is None and not reference:
        if keys:
            raise ConfigurationError(
                "--base-key says who signed a base, and no base is demanded", hint="Name it with --base."
            )
        return None
    if stated is None:
        return BaseDemand(reference=reference, key_files=keys)
    return BaseDemand(
        images=stated.images,
        reference=reference,
        policy=stated.policy if stated.policy in builtin_names() else str(folder / stated.policy),
        key_files=keys or tuple(str(folder / name) for name in stated.key_files),
        max_age_days=stated.max_age_days,
        variants=stated.variants,
        supported=stated.supported,
        accept_claimed=stated.layers == "claimed",
    )


def with_base(modules: Sequence[RuleModule], demand: BaseDemand | None) -> tuple[RuleModule, ...]:
    """The rules with those about the base, told what is demanded. Raises `ConfigurationError`.

    Without a demand nothing looks for a base, so that its rules could not come to anything.
    """
    own = {module.id for module in load_pack(PACK)}
    if demand is None:
        if stray := next((module.id for module in modules if module.id in own and is_of_base(module)), None):
            raise ConfigurationError(
                f"the rule {stray} is told nothing about the base of an image",
                hint="Say what is demanded in the section: `base: {images: [dhi.io/*]}`, or name one with --base.",
            )
        return tuple(modules)
    taken = [module.id for module in modules if module.id in own and not is_of_base(module)]
    if taken:
        raise ConfigurationError(
            f"rules with the same id: {taken[0]}, of which one is about the base that is demanded",
            hint="Give the rule of your own another `custom.name` in its METADATA.",
        )
    there = {module.id for module in modules}
    added = [module for module in load_pack(PACK) if module.id not in there]
    return tuple(_told(module, demand) if module.id in own else module for module in (*modules, *added))


def is_of_base(module: RuleModule) -> bool:
    """Whether it is one of the shipped rules about the base."""
    return module.path.startswith(f"built-in:{PACK}/")


def _told(module: RuleModule, demand: BaseDemand) -> RuleModule:
    said: dict[str, dict[str, Any]] = {
        "base-proved": {"accept_claimed": demand.accept_claimed},
        "base-current": {
            "max_age_days": demand.max_age_days,
            "variants": list(demand.variants),
            "supported": demand.supported,
        },
    }
    return replace(module, config=said.get(module.id, {}) | module.config)
