"""Where versions of BuildKit read one text in different ways: such a text is refused, whichever is right.

The parser in this process is that of BuildKit 0.12, and builds are made by newer ones. Whoever could make the two
disagree about where an instruction ends, or which flags it has, would have one image judged and another one built:

1. Directives. `check` is a newer one, and an unknown one ends them. Blanks other than ASCII's, and those before a
   directive, count in some places and not in others. A line `#!` is skipped where the frontend is looked for.
2. Heredocs. Newer versions take blanks between `<<` and the name, and variables with patterns beside it.
3. Lists (`["a"]`). Older versions leave aside what stands behind one; to newer ones it is none then.
4. Flags of a file whose escape character is the backtick: older versions take the backslash there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from verifier.dockerfile.instructions import Instruction
from verifier.dockerfile.source import Source
from verifier.errors import ConfigurationError

_KNOWN = ("syntax", "escape", "check")
_ESCAPES = ("\\", "`")
_DIRECTIVE = re.compile(r"#[ \t]*(?P<name>[A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(?P<value>\S(?:.*\S)?)[ \t]*")
_LIKE_ONE = re.compile(r"\s*(?:#|//)\s*(?P<name>[A-Za-z][A-Za-z0-9]*)\s*=.*")  # to some version

_HEREDOC_HOLDERS = ("ADD", "COPY", "RUN", "ONBUILD")
_DOUBTFUL_HEREDOC = re.compile(r"<<-?(?:\s|$)|<<<|\$\{[^}]*[#%/]")
_LIST = re.compile(r"\s*(?:ONBUILD\s+)?[A-Z]+(?:\s+--\S+|\s+CMD)*\s*(?P<list>\[.*)", re.IGNORECASE)

_FLAG = re.compile(r"\s+(?P<flag>--\S*)")
_ESCAPING = re.compile(r"[\\`'\"]")
_KEYWORD = re.compile(r"\s*(?:ONBUILD\s+)?\S+", re.IGNORECASE)
_DIFFERENT = "which versions of BuildKit read differently"


class Directives(msgspec.Struct, frozen=True):
    """`syntax` is "" without a directive; `lines` counts those that hold one, `#!` included."""

    escape: str = "\\"
    syntax: str = ""
    syntax_line: int = 0
    lines: int = 0


def directives_of(source: Source) -> Directives:
    """Comments `# name=value` before anything else (Dockerfile reference). Raises `ConfigurationError`."""
    shebang = source.lines[0].startswith("#!")
    found, seen = Directives(lines=int(shebang)), set[str]()
    for number, line in list(enumerate(source.lines, 1))[int(shebang) :]:
        like, exact = _LIKE_ONE.fullmatch(line), _DIRECTIVE.fullmatch(line)
        name = like["name"].lower() if like else ""
        if name not in _KNOWN:
            break
        if exact is None or name in seen or (shebang and name == "escape"):
            raise _doubtful(source, number, f"a directive {name!r} {_DIFFERENT}", "Write it once, plainly, at the top.")
        found = _with(found, name, exact["value"], number)
        seen.add(name)
    return found


def _with(found: Directives, name: str, value: str, number: int) -> Directives:
    found = msgspec.structs.replace(found, lines=number)
    if name == "escape":
        return msgspec.structs.replace(found, escape=value)
    if name == "syntax":
        return msgspec.structs.replace(found, syntax=value, syntax_line=number)
    return found


def text_for_parser(source: Source, found: Directives) -> str:
    """The text with its directives as the parser knows them, and every line where it was."""
    if found.escape not in _ESCAPES:
        return source.text  # the parser says what is wrong with it
    head = [f"# escape={found.escape}", *("#" for _ in range(1, found.lines))] if found.lines else []
    return "\n".join((*head, *source.text.split("\n")[found.lines :]))


def refuse_doubtful(source: Source, command: Instruction, escape: str) -> None:
    """Raises `ConfigurationError` for an instruction that versions would take apart differently."""
    line = command.text.partition("\n")[0]  # without heredocs
    if command.keyword in _HEREDOC_HOLDERS and "<<" in line and _DOUBTFUL_HEREDOC.search(line):
        raise _doubtful(source, command.line, f"a heredoc {_DIFFERENT}", "Write <<NAME, without blanks between.")
    if command.exec_form and not _is_list(line):
        raise _doubtful(source, command.line, f"a list {_DIFFERENT}", "Write nothing behind the closing bracket.")
    if escape == "`" and any(_ESCAPING.search(flag) for flag in _flags(line)):
        raise _doubtful(source, command.line, f"a flag {_DIFFERENT}", "Write flags without quotes and escapes.")


def _is_list(line: str) -> bool:
    found = _LIST.fullmatch(line)
    try:
        return bool(found and isinstance(json.loads(found["list"]), list))
    except ValueError:
        return False


def _flags(line: str) -> Iterator[str]:
    at = _KEYWORD.match(line)
    while at and (flag := _FLAG.match(line, at.end())):
        yield flag["flag"]
        at = flag


def _doubtful(source: Source, number: int, what: str, hint: str) -> ConfigurationError:
    return ConfigurationError(f"{source.name}:{number}: {what}", hint=hint)
