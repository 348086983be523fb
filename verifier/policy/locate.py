"""Where the policy comes from. Never the working directory: a pull request must not bring its own judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from verifier.errors import ConfigurationError

DEFAULT = "dhi"


def locate(chosen: str | None, environ: Mapping[str, str]) -> str:
    """`--policy`, then DHIVERIFY_POLICY, then the user's and the system's configuration, then the built-in `dhi`.

    Raises `ConfigurationError` for a `--policy` that is empty: a script's variable that was not set chooses no judge.
    """
    if chosen == "":
        raise ConfigurationError(
            "--policy is empty", hint="Name a policy or a file, or leave the option out for the default."
        )
    if chosen or environ.get("DHIVERIFY_POLICY"):
        return chosen or environ["DHIVERIFY_POLICY"]
    home = Path(environ["HOME"]) / ".config" if environ.get("HOME") else None
    folders = (Path(environ["XDG_CONFIG_HOME"]) if environ.get("XDG_CONFIG_HOME") else home, Path("/etc"))
    for folder in folders:
        if folder and folder.is_absolute() and (folder / "dhiverify" / "policy.yaml").is_file():
            return str(folder / "dhiverify" / "policy.yaml")
    return DEFAULT
