"""As much of a shell's grammar as it takes to see which programs a RUN starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile

from verifier.dockerfile.instructions import Instruction

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_SEPARATORS = re.compile(r"[;&|(){}\n`]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_BEFORE_A_COMMAND = frozenset({"then", "do", "else", "if", "while", "until", "!", "exec", "sudo", "env", "time"})


def commands(text: str) -> Iterator[tuple[str, ...]]:
    """Each simple command: the name of its program without directories, then its words. Quoted text is left out."""
    for piece in _SEPARATORS.split(_QUOTED.sub(" '' ", text)):
        words = tuple(dropwhile(_stands_before, piece.split()))
        if words:
            yield (words[0].rpartition("/")[2], *words[1:])


def _stands_before(word: str) -> bool:
    return word in _BEFORE_A_COMMAND or bool(_ASSIGNMENT.match(word))


def started_by(instruction: Instruction) -> Iterator[tuple[str, ...]]:
    """What a RUN starts, in shell form with its heredocs, or as one command in exec form."""
    if not instruction.exec_form:
        yield from commands("\n".join((*instruction.args, *instruction.heredocs)))
    elif instruction.args:
        yield (instruction.args[0].rpartition("/")[2], *instruction.args[1:])
