"""Rego files as rules: what a file's METADATA block says, with the file's text kept for the engine.

The block is the one of scope `package` in the form that OPA defines (https://www.openpolicyagent.org/docs/policy-language#annotations):
a comment line `# METADATA` and YAML in the comment lines below it, before `package`. The package is Docker Scout's.

    # METADATA
    # title: No malware was found
    # custom:
    #   name: dhi-no-embedded-malware
    #   evidence: [malware]
    package docker.scout
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import RuleModule
from verifier.policy import yamltext
from verifier.policy.shipped import BUILT_IN, own_path, pack_directory

PACKAGE = "docker.scout"

# Controls but tab and line ends; and what YAML takes for a line end that nobody sees in a comment.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<=#)[^\n]*?[\x85\u2028\u2029]")

_MARK = re.compile(r"#\s*METADATA\s*")
_FILE_NAME = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}/){0,15}[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}")
_PLAIN_NAMES = "Names of files in a bundle, and of directories, are letters, digits and . _ + -"

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Custom(msgspec.Struct, frozen=True):
    """The members of `custom` that mean something here. Docker Scout's others are left alone.

    `evidence` and `optional` are kinds (`malware`), predicate types, or `signature`. `effect` is ours, and so are
    `demand` (the rule asks that its evidence be there and trusted, and nothing else) and `waivable`.
    """

    name: _Name | None = None
    evidence: tuple[_Name, ...] | None = None
    optional: tuple[_Name, ...] = ()
    demand: bool = False
    waivable: bool = True
    effect: Literal["enforce", "warn"] = "enforce"
    weight: Annotated[int, msgspec.Meta(ge=0)] = 10
    result_type: Literal["vulnerability", "license", "boolean", "generic"] = "generic"
    remediation: str = ""
    details_order: tuple[str, ...] = ()
    not_compliant_title: str = ""


class Metadata(msgspec.Struct, frozen=True):
    """The package's annotations."""

    title: str = ""
    description: str = ""
    custom: Custom = Custom()


def load_rules(path: Path) -> tuple[RuleModule, ...]:
    """The rules of one Rego file, or of a directory's `*.rego` files but tests, in order of their names.

    Raises `ConfigurationError` when there is none, when two have one id, or when one cannot be read.
    """
    return _together(str(path), map(read_file, rule_files(path)))


def read_file(file: Path) -> RuleModule:
    """The rule in one Rego file. Raises `ConfigurationError`."""
    return read_module(own_path(file), _text(file))


def load_pack(name: str) -> tuple[RuleModule, ...]:
    """The rules of a shipped pack. Their paths name the pack, wherever this program is installed."""
    files = rule_files(pack_directory(name))
    return _together(name, (read_module(f"{BUILT_IN}{name}/{file.name}", _text(file)) for file in files))


def read_modules(label: str, files: Sequence[tuple[str, bytes]]) -> tuple[RuleModule, ...]:
    """The rules among fetched `files` (name and content), but tests; `label` says in messages whose they are.

    Raises `ConfigurationError` like `load_rules`, also for a name that is not plain.
    """
    rego = sorted((name, body) for name, body in files if _is_rule(name))
    if len(rego) > DEFAULT_LIMITS.rego_files:
        raise ConfigurationError(f"{label} holds more than {DEFAULT_LIMITS.rego_files} rules")
    return _together(label, (read_module(f"{label}/{name}", _fetched(label, name, body)) for name, body in rego))


def _fetched(label: str, name: str, body: bytes) -> str:
    if not _FILE_NAME.fullmatch(name):
        raise ConfigurationError(f"{label} holds a file with the name {name[:200]!r}", hint=_PLAIN_NAMES)
    if len(body) > DEFAULT_LIMITS.rego_bytes:
        raise ConfigurationError(f"rule {label}/{name} is larger than {DEFAULT_LIMITS.rego_bytes} bytes")
    return _decoded(f"{label}/{name}", body)


def _together(label: str, modules: Iterable[RuleModule]) -> tuple[RuleModule, ...]:
    rules = tuple(modules)
    if not rules:
        raise ConfigurationError(
            f"{label} holds no rules", hint="Rules are files that end in .rego, not in _test.rego."
        )
    require_distinct(rules)
    return rules


def require_distinct(rules: Iterable[RuleModule]) -> None:
    """Raises `ConfigurationError` when two rules have one id."""
    first: dict[str, str] = {}
    for rule in rules:
        if rule.id in first:
            raise ConfigurationError(
                f"{rule.path} and {first[rule.id]} have the same rule id {rule.id!r}",
                hint="Give each file its own `custom.name` in its METADATA, and load each file once.",
            )
        first[rule.id] = rule.path


def _is_rule(name: str) -> bool:
    file = Path(name)
    return file.suffix == ".rego" and not file.stem.endswith("_test")


def rule_files(path: Path) -> list[Path]:
    """The file itself, or the Rego files of a directory but tests, in order of their names."""
    try:
        if not path.is_dir():
            return [path]
        files = sorted(file for file in path.iterdir() if _is_rule(file.name))
    except (OSError, ValueError) as fault:
        raise ConfigurationError(f"rules {path} cannot be read: {fault}") from None
    if len(files) > DEFAULT_LIMITS.rego_files:
        raise ConfigurationError(f"{path} holds more than {DEFAULT_LIMITS.rego_files} rules")
    return files


def _text(path: Path) -> str:
    body = read_regular(path, f"rule {path}", DEFAULT_LIMITS.rego_bytes)
    return _decoded(str(path), body)


def _decoded(path: str, body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ConfigurationError(f"rule {path} is not UTF-8 at byte {fault.start}") from None


def read_module(path: str, source: str) -> RuleModule:
    """The rule in `source`; `path` is for messages and, without `custom.name`, gives the id (its stem).

    Raises `ConfigurationError` with file and line. Only the header is read: the engine judges the Rego.
    """
    _refuse_controls(path, source)
    lines = source.split("\n")
    package = _package_line(path, lines)
    metadata = _metadata(path, lines[:package])
    custom = metadata.custom
    return RuleModule(
        id=custom.name or Path(path).stem,
        path=path,
        source=source,
        title=metadata.title,
        description=metadata.description,
        remediation=custom.remediation,
        result_type=custom.result_type,
        effect=custom.effect,
        weight=custom.weight,
        evidence=custom.evidence,
        optional=custom.optional,
        demand=custom.demand,
        digest=f"sha256:{hashlib.sha256(source.encode('utf-8', 'surrogatepass')).hexdigest()}",
        waivable=custom.waivable,
        details_order=custom.details_order,
        not_compliant_title=custom.not_compliant_title,
    )


def _refuse_controls(path: str, source: str) -> None:
    """What editors do not show, engines read differently, or an end that is none."""
    if source.startswith("\ufeff"):
        raise ConfigurationError(f"{path}:1:1: begins with a byte order mark", hint="Save the file without it.")
    if found := _CONTROL.search(source):
        line = source.count("\n", 0, found.start()) + 1
        raise ConfigurationError(
            f"{path}:{line}: holds the control character U+{ord(found[0][-1]):04X}", hint="Remove it; tabs are allowed."
        )


def _package_line(path: str, lines: list[str]) -> int:
    """The index of the line that states the package: the first that is neither blank nor a comment."""
    for index, line in enumerate(lines):
        text = line.strip()
        if text and not text.startswith("#"):
            found = text.partition("#")[0].strip()
            if found == f"package {PACKAGE}":
                return index
            raise ConfigurationError(
                f"{path}:{index + 1}: expected `package {PACKAGE}`, found {found[:80]!r}",
                hint="Rules follow Docker Scout's contract: every file is of that package.",
            )
    raise ConfigurationError(f"{path}: holds no `package {PACKAGE}`")


def _metadata(path: str, header: list[str]) -> Metadata:
    start, block = _block(header)
    if start is None:
        return Metadata()
    text = "\n".join(block)
    if len(text) > DEFAULT_LIMITS.metadata_text:
        raise ConfigurationError(
            f"{path}:{start + 1}: METADATA has more than {DEFAULT_LIMITS.metadata_text} characters"
        )
    if any(map(_MARK.fullmatch, header[start + 1 :])):
        raise ConfigurationError(f"{path}: METADATA stands twice before `package`", hint="Put it into one block.")
    try:
        return msgspec.convert(yamltext.plain(yamltext.load(text)) or {}, Metadata)
    except yamltext.YAMLRefused as fault:
        raise ConfigurationError(f"{path}:{start + 2 + fault.line}: METADATA is not YAML: {fault}") from None
    except msgspec.ValidationError as fault:
        line_number = start + 2 + _line_of(str(fault), block)
        raise ConfigurationError(f"{path}:{line_number}: METADATA: {fault}") from None


def _block(header: list[str]) -> tuple[int | None, list[str]]:
    """Where the METADATA comment stands, and the YAML in it."""
    start = next((n for n, line in enumerate(header) if _MARK.fullmatch(line)), None)
    if start is None:
        return None, []
    comment = itertools.takewhile(lambda line: line.startswith("#"), header[start + 1 :])
    return start, [line[1:].removesuffix("\r") for line in comment]


def metadata_text(source: str) -> str:
    """The YAML of a rule's METADATA, "" when it has none."""
    return "\n".join(_block(source.split("\n"))[1])


def _line_of(fault: str, block: list[str]) -> int:
    """Where in `block` the member that `fault` names stands; its first line when it names none."""
    member = re.findall(r"\.(\w+)", fault.partition(" - at `")[2])
    pattern = rf"\s*{member[-1]}\s*:" if member else r"\Z."
    return next((n for n, line in enumerate(block) if re.match(pattern, line)), 0)
