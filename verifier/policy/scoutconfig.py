"""The file that `--policy-config` names: configuration of rules, in Docker Scout's JSON form."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from verifier import strictjson
from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import RuleModule
from verifier.policy.places import suggestion

logger = logging.getLogger(__name__)


class ConfiguredPolicy(msgspec.Struct, frozen=True):
    """One entry: a rule by its name. A rule that no entry names is enabled."""

    name: str
    enabled: bool = True
    weight: Annotated[int, msgspec.Meta(ge=0)] | None = None
    config: dict[str, Any] = {}


class PolicyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `bundles` are references of rules in registries. `debug` is Docker's and changes nothing here."""

    policies: tuple[ConfiguredPolicy, ...]
    debug: bool = False
    bundles: tuple[str, ...] = ()


def read_config(path: str) -> PolicyConfig:
    """An empty configuration for no path. Raises `ConfigurationError`, also for a rule that is configured twice."""
    if not path:
        return PolicyConfig(())
    body = read_regular(Path(path), f"policy configuration {path}", DEFAULT_LIMITS.policy_bytes)
    try:
        config = msgspec.convert(strictjson.loads(body), PolicyConfig)
    except (strictjson.JSONRefused, msgspec.ValidationError) as fault:
        raise ConfigurationError(f"{path} is not a policy configuration: {fault}") from None
    names = [entry.name for entry in config.policies]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"{path} configures the rule {name!r} twice", hint="Remove one of the entries.")
    return config


def configured(modules: Sequence[RuleModule], config: PolicyConfig, path: str, compat: str) -> list[RuleModule]:
    """The rules that are left enabled, with configuration and weight.

    Raises `ConfigurationError` for a name that no rule has. Docker Scout ignores it, so under `compat` it is logged.
    """
    wanted = {entry.name: entry for entry in config.policies}
    known = tuple(dict.fromkeys(module.id for module in modules))
    for name in wanted.keys() - set(known):
        text = f"{path} configures a rule that does not exist: {name[:200]}"
        if compat != "scout":
            raise ConfigurationError(text, hint=suggestion(name, known))
        logger.warning("%s", text)
    default = ConfiguredPolicy("")
    return [_with(module, entry) for module in modules if (entry := wanted.get(module.id, default)).enabled]


def _with(module: RuleModule, entry: ConfiguredPolicy) -> RuleModule:
    weight = module.weight if entry.weight is None else entry.weight
    return replace(module, config=module.config | entry.config, weight=weight)
