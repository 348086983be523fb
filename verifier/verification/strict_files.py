"""Cases and fixtures as their authors write them: YAML or JSON, every member known, every fault with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from verifier import strictjson
from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.policy import yamltext
from verifier.policy.places import Places, Where, suggestion

T = TypeVar("T", bound=msgspec.Struct)


def read_strict(path: Path, form: type[T]) -> tuple[T, Places]:
    """The value in a YAML or `.json` file, and where its members stand; of JSON, line and column are not known.

    Raises `ConfigurationError`.
    """
    tree = _json(path) if path.suffix == ".json" else _yaml(path)
    places = Places(str(path), tree)
    try:
        data = tree if path.suffix == ".json" else yamltext.plain(tree)
        return msgspec.convert(data, form), places
    except yamltext.YAMLRefused as fault:
        raise _refused(path, fault) from None
    except msgspec.ValidationError as fault:
        raise _described(places, str(fault), form) from None


def _json(path: Path) -> Any:
    """A fixture may hold an SBOM, which the YAML parser would read for minutes."""
    body = read_regular(path, f"file {path}", DEFAULT_LIMITS.attestation_bytes)
    try:
        return strictjson.loads(body)
    except strictjson.JSONRefused as fault:
        raise ConfigurationError(f"{path}: {fault}") from None


def _yaml(path: Path) -> Any:
    hint = "Put large statements into JSON files of their own, and name these."
    body = read_regular(path, f"file {path}", DEFAULT_LIMITS.policy_bytes, hint=hint)
    try:
        return yamltext.parse(body.decode("utf-8"))
    except UnicodeDecodeError as fault:
        raise ConfigurationError(f"{path}: not UTF-8 at byte {fault.start}") from None
    except yamltext.YAMLRefused as fault:
        raise _refused(path, fault) from None


def _refused(path: Path, fault: yamltext.YAMLRefused) -> ConfigurationError:
    return ConfigurationError(f"{path}:{fault.line + 1}:{fault.column + 1}: {fault}")


def _described(places: Places, fault: str, form: type[msgspec.Struct]) -> ConfigurationError:
    """The parser's words, with the place; its text may quote the file, so only its end names one."""
    found = re.fullmatch(r"(.*) - at `(\$[^`]*)`", fault, re.DOTALL)
    text, path = found.groups() if found else (fault, "$")
    where: Where = tuple(name or int(number) for name, number in re.findall(r"\.([A-Za-z]+)|\[(\d+)\]", path))
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text, re.DOTALL)
    if not unknown:
        return places.fault(where, text)
    return places.fault((*where, unknown[1]), text, suggestion(unknown[1], _members(form, where)))


def _members(form: type[msgspec.Struct], where: Where) -> tuple[str, ...]:
    """The members that may stand at `where`: those of `form`, or of the value inside it."""
    for name in where:
        inner = [field.type for field in msgspec.structs.fields(form) if field.encode_name == name]
        form = next((kind for kind in inner if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), form)
    return tuple(field.encode_name for field in msgspec.structs.fields(form))
