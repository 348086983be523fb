"""Every threat of `threats.md` has a test that carries its number, or a reason.

`python -m tests.test_threats` prints that file with its column of tests as it is now. Cases, what they are called, and
the reasons are written by hand.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import msgspec

TESTS = Path(__file__).parent
TABLE = TESTS / "threats.md"
WITHOUT = "## Without a test"

_ROW = re.compile(r"\| (?P<case>[A-Z][0-9]{2}) \| (?P<what>[^|\n]+) \|(?P<last>[^|\n]*)\|")
_CASE = re.compile(r"(?<=_)[A-Z][0-9]{2}(?=_)")
_LATER = "M"  # of these only what is tested already stands in a table


class Row(msgspec.Struct, frozen=True):
    """One case: `last` names test files, or, where `tested` is false, says why there is none."""

    case: str
    what: str
    last: str
    tested: bool


def rows(text: str) -> list[Row]:
    before, _, after = text.partition(WITHOUT)
    return [
        Row(found["case"], found["what"], found["last"].strip(), tested)
        for part, tested in ((before, True), (after, False))
        for found in map(_ROW.fullmatch, part.splitlines())
        if found
    ]


def named_in_tests() -> dict[str, list[str]]:
    """The test files by the cases that names of their tests carry."""
    files: dict[str, set[str]] = defaultdict(set)
    for path in TESTS.rglob("*.py"):
        for name in _tests_in(path):
            for case in _CASE.findall(name):
                files[case].add(path.relative_to(TESTS).as_posix())
    return {case: sorted(found) for case, found in files.items()}


def _tests_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name


def written(text: str) -> str:
    """The file with the test files of each case as they are now."""
    named = named_in_tests()

    def row(found: re.Match[str]) -> str:
        files = ", ".join(file.removesuffix(".py") for file in named.get(found["case"], []))
        return f"| {found['case']} | {found['what']} | {files} |"

    before, mark, after = text.partition(WITHOUT)
    return _ROW.sub(row, before) + mark + after


def test_the_table_names_the_tests_that_there_are() -> None:
    text = TABLE.read_text("utf-8")

    assert text == written(text), "replace the file by what `python -m tests.test_threats` prints"


def test_every_case_has_a_test_or_a_reason() -> None:
    listed, named = rows(TABLE.read_text("utf-8")), named_in_tests()

    assert [row.case for row in listed if row.tested and row.case not in named] == []
    assert [row.case for row in listed if not row.tested and (row.case in named or not row.last)] == []


def test_no_test_names_a_case_that_does_not_exist() -> None:
    assert sorted(named_in_tests().keys() - {row.case for row in rows(TABLE.read_text("utf-8"))}) == []


def test_no_case_is_left_out_or_stands_twice() -> None:
    cases = sorted(row.case for row in rows(TABLE.read_text("utf-8")))

    assert len(cases) == len(set(cases))
    for letter, of_letter in groupby(cases, key=lambda case: case[0]):
        numbers = [int(case[1:]) for case in of_letter]
        assert letter in _LATER or numbers == list(range(1, len(numbers) + 1))


if __name__ == "__main__":
    print(written(TABLE.read_text("utf-8")), end="")
