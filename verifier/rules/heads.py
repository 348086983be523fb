"""Refuses a file whose rules would not be heard: the names of the contract have one plain form, and ours are not free.

The engine gives `violation["a"] := …` no value under the name `violation`, so such a rule could complain and be passed
over; of two defaults it takes the first; and a file that defines `oci.referrer` would answer itself.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import regorus

from verifier.rules.calls import NO_CODE

_CONTRACT = ("pass", "violation", "applicable", "note")
_OURS = ("oci", "dhi", "cosign", "scout", "gpg")

_OTHER_FORM = re.compile(rf"\b(?:{'|'.join(_CONTRACT)})\s*[.\[(]")
_DEFAULT = re.compile(rf"\bdefault\s+({'|'.join(_CONTRACT)})\b")
_OUR_NAME = re.compile(
    rf"^(?:default[ \t]+)?(?:{'|'.join(_OURS)})\.|\b(?:{'|'.join(_OURS)})\.\w+\([^()\n]*\)\s*(?::=|if\b)", re.MULTILINE
)


def fault(module: dict[str, Any], engine: regorus.Engine, most: int) -> str:
    """What is wrong with a file that `engine` holds; "" when nothing is. The tree is asked where the text hints."""
    text = NO_CODE.sub(" ", module["source"])
    repeated = [name for name, times in Counter(_DEFAULT.findall(text)).items() if times > 1]
    if repeated:
        return f"{module['path']}: `{repeated[0]}` has more than one default"
    if not _OTHER_FORM.search(text) and not _OUR_NAME.search(text):
        return ""
    if len(module["source"]) > most:
        return f"{module['path']}: the file has more than {most} characters, and what its rules define cannot be told"
    return next((f"{module['path']}:{line}: {problem}" for line, problem in _problems(engine)), "")


def _problems(engine: regorus.Engine) -> Iterator[tuple[int, str]]:
    for rule in json.loads(engine.get_ast_as_json())[0]["ast"]["rules"]:
        reference, parameters = _defined(rule)
        name, line = _root(reference)
        if name in _CONTRACT and ("Var" not in reference or parameters):
            yield line, f"expected a plain rule `{name}`, found a member or a function of that name"
        if name in _OURS and "Var" not in reference:
            yield line, f"`{name}.…` are functions of dhiverify, and a file cannot define them"


def _defined(rule: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """What a rule gives a value to, and whether it takes parameters."""
    if "Default" in rule:
        return rule["Default"]["refr"], bool(rule["Default"]["args"])
    ((kind, head),) = rule["Spec"]["head"].items()
    return head["refr"], kind == "Func"


def _root(reference: dict[str, Any]) -> tuple[str, int]:
    while "Var" not in reference:
        ((_, reference),) = ((name, part["refr"]) for name, part in reference.items())
    return reference["Var"]["value"], reference["Var"]["span"]["line"]
