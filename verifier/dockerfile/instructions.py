"""A Dockerfile as a list of instructions: what BuildKit's parser makes of the text, uninterpreted."""

from __future__ import annotations

import msgspec

from verifier.dockerfile.source import Source


class Place(msgspec.Struct, frozen=True):
    """Where something stands. Lines and columns count from 1, columns in characters; the end column lies behind."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class Flag(msgspec.Struct, frozen=True):
    """`--name=value`; a flag without a value has "" there."""

    name: str
    value: str


class Instruction(msgspec.Struct, frozen=True):
    """`text` has continued lines joined, and the bodies of heredocs behind them; `keyword` is in upper case.

    `inner` is what `ONBUILD` holds, or None where that cannot be read.
    """

    source: Source
    keyword: str
    flags: tuple[Flag, ...]
    args: tuple[str, ...]
    exec_form: bool
    text: str
    heredocs: tuple[str, ...]
    line: int
    end_line: int
    inner: Instruction | None = None

    def flag(self, name: str) -> str:
        """The value of the last flag of this name, "" without one."""
        return next((flag.value for flag in reversed(self.flags) if flag.name == name), "")

    def place(self, word: str = "") -> Place:
        """Where `word` stands in it, or where the instruction does when the word is not found as written."""
        for number in range(self.line, self.end_line + 1) if word else ():
            text = self.source.line(number)
            start = 0 if number > self.line else len(text) - len(text.lstrip()) + len(self.keyword)
            comment = number > self.line and text.lstrip().startswith("#")
            column = -1 if comment else _find(text, word, start)
            if column >= 0:
                return Place(self.source.name, number, column + 1, number, column + 1 + len(word))
        first, last = self.source.line(self.line), self.source.line(self.end_line)
        column = len(first) - len(first.lstrip()) + 1
        return Place(self.source.name, self.line, column, self.end_line, max(len(last.rstrip()), 1) + 1)


def _find(text: str, word: str, start: int) -> int:
    """Where `word` stands for itself, or else where it first occurs; -1 for nowhere."""
    column = first = text.find(word, start)
    while column >= 0:
        around = text[column - 1 : column] + text[column + len(word) : column + len(word) + 1]
        if all(character in _AROUND or character.isspace() for character in around):
            return column
        column = text.find(word, column + 1)
    return first


_AROUND = "\"'=,[]"


class Dockerfile(msgspec.Struct, frozen=True):
    """`escape` is the character that continues lines; `syntax` names the frontend that is to read the file, if any."""

    source: Source
    instructions: tuple[Instruction, ...]
    escape: str = "\\"
    syntax: str = ""
    syntax_line: int = 0
