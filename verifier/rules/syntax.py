"""What a Rego file refers to, read from its syntax tree as the engine gives it (`Engine.get_ast_as_json`).

The tree is JSON: every node an object with one member, named after what it is (`RefDot`, `Call`, `Var`). Loaded only
where a rule is explained or does not compile, as a tree is a hundred times as large as its file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]

_WORDS = ("String", "RawString")


class TooLarge(Exception):
    """The file is larger than what is taken apart."""


class Syntax:
    """The one file that `engine` holds. Raises `TooLarge` when `source` has more than `most` characters."""

    def __init__(self, engine: Any, source: str, most: int) -> None:
        if len(source) > most:
            raise TooLarge(f"the file has more than {most} characters, and is not taken apart")
        self._bytes = source.encode()
        self._tree = json.loads(engine.get_ast_as_json())[0]["ast"]

    def paths(self) -> list[Path]:
        """The paths below `input` and `data` that are read, as far as they are written out, in the file's order."""
        found: dict[Path, None] = {}
        for node in _nodes(self._tree["rules"]):
            for path in _read_by(node):
                if path[0] in ("input", "data"):
                    found[path] = None
        for one in self._tree["imports"]:
            path, _ = _chain(one["refr"])
            if path[:1] == ("input",) or path[:2] == ("data", "dhiverify"):
                found[path] = None
        return list(found)

    def texts(self) -> set[str]:
        """Every text that is written out in the file's rules, also inside references."""
        found, waiting = set(), [self._tree["rules"]]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                found |= {node[tag]["value"] for tag in _WORDS if tag in node}
                waiting += node.values()
            elif isinstance(node, list):
                waiting += node
        return found

    def values(self) -> list[str]:
        """The names of rules that are no functions, in the file's order."""
        names: dict[str, None] = {}
        for rule in self._tree["rules"]:
            reference = _named(rule)
            path, _ = _chain(reference) if reference else ((), [])
            if path and all(part.isidentifier() for part in path):
                names[".".join(path)] = None
        return list(names)

    def heads(self) -> Iterator[tuple[Path, bool]]:
        """What each rule is called, as far as that is written out, and whether it is plain: one name, no parameters."""
        for rule in self._tree["rules"]:
            if "Default" in rule:
                reference, parameters = rule["Default"]["refr"], bool(rule["Default"]["args"])
            else:
                ((kind, head),) = rule["Spec"]["head"].items()
                reference, parameters = head["refr"], kind == "Func"
            yield _parts(reference), "Var" in reference and not parameters

    def functions(self) -> set[str]:
        """The names of the file's own functions."""
        heads = [rule["Spec"]["head"]["Func"]["refr"] for rule in self._tree["rules"] if _is_function(rule)]
        heads += [rule["Default"]["refr"] for rule in self._tree["rules"] if rule.get("Default", {}).get("args")]
        return {".".join(_chain(head)[0]) for head in heads}

    def references(self) -> Iterator[tuple[Path, int]]:
        """Every reference, called functions included, as far as it is written out, and the byte where it begins."""
        for node in _nodes(self._tree["rules"]):
            call = node.get("Call")
            found = [call["fcn"], *(call["params"][:1] if _lookup(call) else [])] if call else [node]
            for one in found:
                if one.keys() & {"RefDot", "RefBrack", "Var"} and (path := _chain(one)[0]):
                    yield path, _start(one)["start"]

    def imports(self) -> Iterator[tuple[Path, str, int, int]]:
        """Path, name in this file, first byte and the byte after the last of every import."""
        for one in self._tree["imports"]:
            path, _ = _chain(one["refr"])
            alias = self._bytes[one["as"]["start"] : one["as"]["end"]].decode() if one.get("as") else path[-1]
            yield path, alias, one["span"]["start"], one["span"]["end"]

    def calls(self) -> Iterator[tuple[str, int, int, int]]:
        """Name, number of arguments, line and column of every call."""
        for node in _nodes(self._tree["rules"]):
            if "Call" in node:
                call = node["Call"]
                path, _ = _chain(call["fcn"])
                start = _start(call["fcn"])
                yield ".".join(path), len(call["params"]), start["line"], start["col"]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node that can be read by itself: what a reference is made of is not, its dynamic parts are."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            yield node
            waiting += reversed(_below(node))


def _below(node: dict[str, Any]) -> list[Any]:
    if "RefDot" in node or "RefBrack" in node:
        _, inside = _chain(node)
        return inside
    if "Call" in node:
        call = node["Call"]
        return list(call["params"][2:] if _lookup(call) else call["params"])
    return [value for name, value in node.items() if name != "span"]


def _read_by(node: dict[str, Any]) -> Iterator[Path]:
    if "RefDot" in node or "RefBrack" in node or "Var" in node:
        path, _ = _chain(node)
        if path:
            yield path
    elif "Call" in node and (found := _lookup(node["Call"])):
        yield found


def _lookup(call: dict[str, Any]) -> Path | None:
    """The path that `object.get(reference, "key", …)` or `object.get(reference, ["a", "b"], …)` reads."""
    params = call["params"]
    if _chain(call["fcn"])[0] != ("object", "get") or len(params) != 3:
        return None
    path, dynamic = _chain(params[0])
    items = params[1]["Array"]["items"] if "Array" in params[1] else [params[1]]
    keys = [item[tag]["value"] for item in items for tag in _WORDS if tag in item]
    return (*path, *keys) if path and not dynamic and len(keys) == len(items) else None


def _chain(node: dict[str, Any]) -> tuple[Path, list[Any]]:
    """The part of a reference that is written out, and the expressions inside the rest."""
    parts: list[str | None] = []
    inside: list[Any] = []
    while "Var" not in node:
        if "RefDot" in node:
            parts.append(node["RefDot"]["field"][1])
            node = node["RefDot"]["refr"]
        elif "RefBrack" in node:
            index = node["RefBrack"]["index"]
            texts = [index[tag]["value"] for tag in _WORDS if tag in index]
            parts.append(texts[0] if texts else None)
            inside += [] if texts else [index]
            node = node["RefBrack"]["refr"]
        else:  # a call, or a value that is written out
            return (), [node, *reversed(inside)]
    parts.append(node["Var"]["value"])
    parts.reverse()
    written = parts[: parts.index(None)] if None in parts else parts
    return tuple(part for part in written if part is not None), inside[::-1]


def _parts(node: dict[str, Any]) -> Path:
    """Every part of a rule's head that is written out, also behind one that is not."""
    parts: list[str] = []
    while "Var" not in node:
        ((kind, part),) = node.items()
        if kind == "RefDot":
            parts.append(part["field"][1])
        else:
            parts += [part["index"][tag]["value"] for tag in _WORDS if tag in part["index"]]
        node = part["refr"]
    return (node["Var"]["value"], *reversed(parts))


def _is_function(rule: dict[str, Any]) -> bool:
    return "Func" in rule.get("Spec", {}).get("head", {})


def _named(rule: dict[str, Any]) -> dict[str, Any] | None:
    """The reference that a rule gives a value to; None for a function."""
    if "Default" in rule:
        return None if rule["Default"]["args"] else rule["Default"]["refr"]
    head = rule["Spec"]["head"]
    return next((head[form]["refr"] for form in ("Compr", "Set") if form in head), None)


def _start(node: dict[str, Any]) -> dict[str, int]:
    """Where a reference begins."""
    while "Var" not in node:
        (inner,) = node.values()
        if "refr" not in inner:
            return dict(inner["span"])
        node = inner["refr"]
    return dict(node["Var"]["span"])
