"""Finds the policies that come with the program: `policies/` in a checkout, `verifier/_policies` once installed."""

from __future__ import annotations

from pathlib import Path

from verifier.errors import ConfigurationError

BUILT_IN = "built-in:"
"""What the paths of shipped documents and rules begin with, in reports and messages."""


def own_path(file: Path) -> str:
    """The path of a user's file as reports and rules are told it: never one that looks like a shipped file's."""
    text = str(file)
    return f"./{text}" if text.startswith(BUILT_IN) else text


def shipped_policies() -> Path:
    """The directory with the built-in documents and rule packs. Never the working directory."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_policies", package.parent / "policies"):
        if (folder / "dhi.yaml").is_file():
            return folder
    raise ConfigurationError(
        "the built-in policies are missing from this installation", hint="Install dhiverify again."
    )


def builtin_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in shipped_policies().glob("*.yaml")))


def packs() -> dict[str, Path]:
    """The shipped rule packs: directories by name."""
    found = sorted(path for path in shipped_policies().iterdir() if path.is_dir() and any(path.glob("*.rego")))
    return {path.name: path for path in found if path.name != "examples"}


def pack_directory(name: str) -> Path:
    """The directory of a shipped rule pack. Raises `ConfigurationError` naming those that exist."""
    if name not in packs():
        raise ConfigurationError(f"there is no rule pack {name!r}; shipped are: {', '.join(packs())}")
    return packs()[name]
