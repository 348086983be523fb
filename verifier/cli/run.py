"""From parsed options to the hub's, and the frame around a run: logging and progress."""

from __future__ import annotations

import logging
import math
import os
import sys
from pathlib import Path
from typing import Any

from verifier.cli.identities import identities_of
from verifier.cli.options import relaxations
from verifier.errors import ConfigurationError
from verifier.oci import Settings
from verifier.policy import Additions, locate
from verifier.verification import Options


def options_of(given: dict[str, Any], details: tuple[str, ...] = ()) -> Options:
    """What the command line says, as the hub takes it. `details` are kinds of evidence to decode into the report."""
    additions = Additions(
        key_files=given["keys"],
        identities=identities_of(given),
        trusted_root=trusted_root_of(given),
        attestation_repos=given["attestation_repos"],
        rules=given.get("rules", ()),
        policy_config=given.get("policy_config") or "",
        platforms=given["platforms"],
        ignore_transparency=given["ignore_tlog"],
        annotations=given.get("annotations", ()),
        predicate_types=_demanded(given.get("predicate_types", ())),
        rules_keys=given.get("rules_keys", ()),
        compat=given.get("compat") or "",
        base=given.get("base") or "",
        base_keys=given.get("base_keys", ()),
        vex=given.get("vex", ()),
        vex_bundles=given.get("vex_bundles", ()),
    )
    return Options(
        policy=locate(given["policy"], os.environ),
        additions=additions,
        requested=given["requested"] or "",
        effective_time=given.get("effective_time"),
        settings=settings_of(given),
        environ=os.environ,
        relaxations=relaxations(given),
        details=details,
    )


def settings_of(given: dict[str, Any]) -> Settings:
    """How registries may be reached. Raises `ConfigurationError`."""
    if given["registry_cacert"]:
        _require_file("--registry-cacert", given["registry_cacert"])
    if math.isnan(given["timeout"]):
        raise ConfigurationError("--timeout is not a number")
    return Settings(
        allow_http=given["allow_http_registry"],
        cacert=given["registry_cacert"],
        jobs=given["jobs"],
        timeout=given["timeout"],
    )


def _require_file(flag: str, path: str) -> None:
    if not Path(path).is_file():
        raise ConfigurationError(f"{flag} {path} is not a regular file")


def _demanded(words: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each word, once, with the predicate types that it asks for. Raises `UsageError` for an unknown one."""
    if not words:
        return ()
    from verifier.attestation import expand

    return tuple((word, expand(word)) for word in dict.fromkeys(words))


def trusted_root_of(given: dict[str, Any]) -> str:
    """The path of `--trusted-root`, "" without one. Raises `ConfigurationError` for what is no file."""
    path: str | None = given["trusted_root"]
    if path is not None:  # an empty path is a script's variable that was not set
        _require_file("--trusted-root", path)
    return path or ""


class JsonLog(logging.Formatter):
    """One JSON object a line, so that foreign text cannot forge another line."""

    def format(self, record: logging.LogRecord) -> str:
        import json

        from verifier.report.escape import printable_json

        entry = {"level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return printable_json(json.dumps(entry, ensure_ascii=True))


class TextLog(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        from verifier.report.escape import printable

        lines = [f"{record.levelname.lower()}: {printable(record.getMessage())}"]
        if record.exc_info:
            lines += ["    " + printable(line) for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(lines)


def start_logging(given: dict[str, Any]) -> None:
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(given["verbose"], 2)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLog() if given["log_format"] == "json" else TextLog())
    logger = logging.getLogger("verifier")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if given.get("debug") else logging.ERROR if given["quiet"] else level)
