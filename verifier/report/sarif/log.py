"""What every SARIF log of ours shares, whatever its results are about: the frame, the tool, its rules, messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from verifier.limits import DEFAULT_LIMITS
from verifier.report.escape import in_markdown, printable, printable_json

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SEMANTIC = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


def log_of(run: dict[str, Any]) -> str:
    """A whole log with one run."""
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return printable_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def driver_of(tool: str, rules: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`tool` is its name and version."""
    name, _, version = tool.partition(" ")
    driver = {"name": printable(name), "version": printable(version), "rules": list(rules)}
    return driver | ({"semanticVersion": version} if _SEMANTIC.fullmatch(version) else {})


def descriptor(name: str, title: str, origin: str, remediation: str) -> dict[str, Any]:
    """One rule, as it is described."""
    remedy = remediation or "See the message of the result."
    return {
        "id": printable(name),
        "name": "".join(word.capitalize() for word in re.findall("[A-Za-z0-9]+", name)) or "Rule",
        "shortDescription": {"text": printable(title)},
        "fullDescription": {"text": f"{printable(title)}. {printable(origin)}."},
        "help": {
            "text": f"{printable(title)}. What to do: {printable(remedy)}",
            "markdown": f"**{in_markdown(title)}**\n\nWhat to do: {in_markdown(remedy)}",
        },
    }


def message(text: str) -> str:
    """Text of a message, in which `[words](target)` would be a link."""
    return printable(text).replace("](", "] (")


def note(level: str, text: str) -> dict[str, Any]:
    """A notification of the tool."""
    return {"level": level, "message": {"text": message(text)}}


def settings_notes(relaxations: Iterable[str], left: int) -> list[dict[str, Any]]:
    """What was relaxed, and how many findings had no room."""
    notes = [note("note", f"relaxed: {relaxation}") for relaxation in relaxations]
    if left:
        notes.append(note("warning", f"{left} more findings are left out; the other report formats have them"))
    return notes


def bounded(results: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """As many results as a reader takes."""
    room = DEFAULT_LIMITS.lint_bytes
    for one in results:
        room -= len(json.dumps(one, indent=2))
        if room < 0:
            return
        yield one
