"""Refuses a file that calls a function which does not exist: the engine itself would notice only when it is reached."""

from __future__ import annotations

import re
from typing import Any

import regorus

NO_CODE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|`[^`]*+`|#.*')  # texts, raw texts, comments
# Possessive, and from the beginning of a word only: a line of one long word must not take long.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*+(?:\.[A-Za-z_][A-Za-z0-9_]*+)*+"
_CALL = re.compile(rf"(?<![A-Za-z0-9_.])({_NAME})[ \t]*\(")
DEFINED = re.compile(rf"^(?:default[ \t]+)?({_NAME})\(", re.MULTILINE)
_OWN = "data.docker.scout."
_WORDS = {"as", "contains", "else", "every", "if", "in", "not", "some", "with"}
_UNKNOWN = "could not find function"

# Functions that are not available, and why. They take what the file gives them: Docker documents no parameters.
VARIADIC = {
    "gpg.verify_commit": "no evidence holds commits; provenance names the commit that the image was built from",
}


class Calls:
    """Knows which functions `engine` has; it is asked about each name once."""

    def __init__(self, engine: regorus.Engine) -> None:
        self._engine = engine
        self._known: dict[str, bool] = dict.fromkeys((*_WORDS, *VARIADIC), True)

    def fault(self, module: dict[str, Any], engine: regorus.Engine, most: int) -> str:
        """What is wrong with a file that `engine` holds, with its place; "" when nothing is.

        The text is only searched for suspects. The syntax tree, which costs more, has to confirm one.
        """
        text = NO_CODE.sub(" ", module["source"])
        defined = set(DEFINED.findall(text))
        called = {name.removeprefix(_OWN) for name in _CALL.findall(text)} - defined
        suspects = {name for name in called if not self._is_known(name)}
        return self._confirmed(suspects, module, engine, most) if suspects else ""

    def _is_known(self, name: str) -> bool:
        if name not in self._known:
            try:
                self._engine.eval_query_as_json(f"{name}()")
            except RuntimeError as fault:
                self._known[name] = _UNKNOWN not in str(fault)
            else:
                self._known[name] = True
        return self._known[name]

    def _confirmed(self, suspects: set[str], module: dict[str, Any], engine: regorus.Engine, most: int) -> str:
        from verifier.rules.syntax import Syntax, TooLarge

        try:
            syntax = Syntax(engine, module["source"], most)
        except TooLarge:
            return ""
        suspects -= syntax.functions()
        for name, _, line, column in syntax.calls():
            if name.removeprefix(_OWN) in suspects:
                return f"{module['path']}:{line}:{column}: there is no function `{name}` that a rule can call"
        return ""
