"""BuildKit's own parser, and the only module that knows it.

PyPI `dockerfile` is that parser compiled from Go. What it needs around it:

1. and 2. lone surrogates abort the process and null bytes end the text: `verifier.dockerfile.source` refuses both;
3. the flags and heredocs of what follows `ONBUILD` are dropped: that text is parsed once more, here;
4. keywords keep the case in which they were written: upper case here;
5. unknown instructions and flags, and files without FROM, are taken: `verifier.dockerfile.grammar` judges them;
6. lines over 65,535 bytes are refused, and its time is quadratic in continued ones: `source` bounds both;
7. variables are not expanded: `verifier.dockerfile.words`;
8. parser directives are not returned, and `check` is not known: `verifier.dockerfile.dialects`, which also refuses what
   newer versions would read differently;
9. it brings a Go runtime with threads of its own: imported when a Dockerfile is read, and by nothing else.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from verifier.dockerfile.dialects import directives_of, refuse_doubtful, text_for_parser
from verifier.dockerfile.instructions import Dockerfile, Flag, Instruction
from verifier.dockerfile.source import Source
from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS

_ONBUILD = re.compile(r"\s*ONBUILD(?=\s|$|[\\`])", re.IGNORECASE)
_HINT = "`docker build --check` reads files with the same parser."


def parse(source: Source) -> Dockerfile:
    """Raises `ConfigurationError` for what BuildKit could not read either, and for more than the bounds allow."""
    directives = directives_of(source)
    escape = directives.escape
    commands = _commands(text_for_parser(source, directives), source.name)
    if len(commands) > DEFAULT_LIMITS.dockerfile_instructions:
        raise ConfigurationError(
            f"{source.name}: more than {DEFAULT_LIMITS.dockerfile_instructions} instructions", hint=_HINT
        )
    instructions = tuple(_instruction(source, command, escape) for command in commands)
    if not any(instruction.keyword == "FROM" for instruction in instructions):
        raise ConfigurationError(f"{source.name}: there is no FROM, so there is no image to judge", hint=_HINT)
    return Dockerfile(source, instructions, escape, directives.syntax, directives.syntax_line)


def _commands(text: str, name: str) -> list[Any]:
    import dockerfile

    try:
        commands = list(dockerfile.parse_string(text))
    except dockerfile.GoParseError as fault:
        raise ConfigurationError(f"{name}: BuildKit's parser refuses it: {fault}", hint=_HINT) from None
    if not all(command.cmd for command in commands):  # a lone escape character
        raise ConfigurationError(f"{name}: there is a line without an instruction", hint=_HINT)
    return commands


def _instruction(source: Source, command: Any, escape: str) -> Instruction:
    read = _read(source, command, command.start_line, command.end_line)
    refuse_doubtful(source, read, escape)
    return replace(read, inner=_triggered(source, read, escape)) if read.keyword == "ONBUILD" else read


def _read(source: Source, command: Any, line: int, end_line: int) -> Instruction:
    return Instruction(
        source,
        command.cmd.upper(),
        tuple(_flag(text) for text in command.flags),
        tuple(command.value),
        command.json,
        command.original,
        tuple(heredoc.content for heredoc in command.heredocs),
        line,
        end_line,
    )


def _flag(text: str) -> Flag:
    name, _, value = text.removeprefix("--").partition("=")
    return Flag(name, value)


def _triggered(source: Source, outer: Instruction, escape: str) -> Instruction | None:
    """What follows `ONBUILD`, read again without that word; one level, for a trigger cannot hold another."""
    first, *rest = source.lines[outer.line - 1 : outer.end_line]
    body, found = "\n".join((_ONBUILD.sub("", first, count=1), *rest)), _ONBUILD.match(first)
    if not found:  # the word itself is continued on the next line
        body = outer.text.strip()[len("ONBUILD") :]
    try:
        commands = _commands(f"# escape={escape}\n{body}", source.name)
    except ConfigurationError:
        return None
    return _read(source, commands[0], outer.line, outer.end_line) if len(commands) == 1 else None
