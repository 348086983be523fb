"""Finds what `policy test` runs: tests in Rego beside their rule, case files, and the rules that these are about."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS

_TEST = "_test"
_CASE = "_case"
_YAML = (".yaml", ".yml")
_FIXTURES = (".json", *_YAML)


class TestFiles(msgspec.Struct, frozen=True):
    """What lies under the given paths. `rules` are Rego files, `tests` those of tests, `cases` case files."""

    rules: tuple[Path, ...]
    tests: tuple[Path, ...]
    cases: tuple[Path, ...]
    roots: tuple[Path, ...]

    def rules_near(self, case: Path) -> Sequence[Path]:
        """The rules that a case is about where it names none: of its directory or the nearest above, else all.

        Never above a directory that was given; of a case that was given by itself, one level above at most.
        """
        below = [folder for folder in case.parents if self._inside(folder)]
        folders = below or [case.parent, case.parent.parent]
        return next((rules for folder in folders if (rules := rules_in(folder))), self.rules)

    def _inside(self, folder: Path) -> bool:
        return any(root == folder or root in folder.parents for root in self.roots if root.is_dir())


def is_test(path: Path) -> bool:
    """A Rego file of tests."""
    return path.suffix == ".rego" and path.stem.endswith(_TEST)


def is_case(path: Path) -> bool:
    """`NAME_case.yaml`, or any YAML file in a directory `cases`."""
    return path.suffix in _YAML and (path.stem.endswith(_CASE) or path.parent.name == "cases")


def is_fixture(path: Path) -> bool:
    """What tests in Rego start from."""
    return path.suffix in _FIXTURES and path.stem.endswith(_TEST)


def rule_of(test: Path) -> Path:
    """The rule file that `X_test.rego` tests: `X.rego` beside it."""
    return test.with_name(f"{test.stem.removesuffix(_TEST)}.rego")


def fixture_of(test: Path) -> Path | None:
    """`X_test.json` or `X_test.yaml` beside `X_test.rego`. Raises `ConfigurationError` for two of them."""
    found = [path for suffix in _FIXTURES if (path := test.with_suffix(suffix)).is_file()]
    if len(found) > 1:
        raise ConfigurationError(f"{found[0]} and {found[1]} are fixtures of one test", hint="Keep one of them.")
    return found[0] if found else None


def rules_in(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.glob("*.rego") if not is_test(path)))


def find(paths: Sequence[str]) -> TestFiles:
    """Everything below directories, and the files that are named; a rule file brings its tests along.

    Links to directories, and what begins with a dot, are left out. Raises `ConfigurationError` for a path that is not
    there or is none of these.
    """
    roots = tuple(map(Path, dict.fromkeys(paths)))
    files = dict.fromkeys(path for root in roots for path in _below(root) if path.suffix in (".rego", *_YAML))
    for path in files:
        require_text(path)
    rego = [path for path in files if path.suffix == ".rego"]
    return TestFiles(
        rules=tuple(path for path in rego if not is_test(path)),
        tests=tuple(filter(is_test, rego)),
        cases=tuple(path for path in files if path.suffix in _YAML and (path in roots or is_case(path))),
        roots=roots,
    )


def require_text(path: Path) -> None:
    """Raises `ConfigurationError` for a name that no report could hold."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ConfigurationError(f"the name of the file {str(path)!r} is not UTF-8", hint="Rename it.") from None


def _below(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from _walked(root)
    elif not root.is_file():
        raise ConfigurationError(f"{root} is neither a file nor a directory")
    elif root.suffix == ".rego":
        rule = rule_of(root) if is_test(root) else root
        test = root if is_test(root) else root.with_name(f"{root.stem}{_TEST}.rego")
        yield from (path for path in (rule, test) if path.is_file())
    elif root.suffix in _YAML:
        yield root
    else:
        raise ConfigurationError(
            f"{root} is no test", hint="Tests are NAME_test.rego and NAME_case.yaml, or a directory that holds them."
        )


def _walked(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, names in os.walk(root, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(names)
        deep = len(Path(folder).relative_to(root).parts) > DEFAULT_LIMITS.test_depth
        if deep or seen > DEFAULT_LIMITS.test_files:
            most = f"{DEFAULT_LIMITS.test_files} files, or directories more than {DEFAULT_LIMITS.test_depth} deep"
            raise ConfigurationError(f"{root} holds more than {most}", hint="Name the directories of the rules.")
        yield from (Path(folder) / name for name in sorted(names) if not name.startswith("."))


def _raise(fault: OSError) -> None:
    raise ConfigurationError(f"{fault.filename} cannot be read: {fault.strerror}")
