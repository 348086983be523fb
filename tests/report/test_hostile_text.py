"""What evidence, registries and users wrote, in every format: shown as it is, and never obeyed.

Each format also has tests of its own for what only it can be injected with.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from html.parser import HTMLParser
from typing import Any

import defusedxml.ElementTree
import pytest
from msgspec.structs import replace

from tests.report.samples import FULL, HOSTILE_TEXTS, hostile
from verifier.model import Report
from verifier.report import FORMATS, format_of, parts

HARMLESS = "plain"
JSON = ("json", "sarif", "codequality", "cklb", "hdf", "oscal", "vsa")
XML = ("junit", "ckl", "xccdf")
LINE_ENDS = {"csv": "\r\n", **dict.fromkeys(XML, "\n\t")}
"""What is not printable and may stand in a document: of most formats the line feed alone."""


def documents(name: str, report: Report) -> list[str]:
    """What the format makes of the report; one document for each image or scan where it is about one."""
    form = format_of(name)
    return [form.render(part.report) for part in parts(report, form.per)]


@cache
def attacked(name: str, text: str) -> list[str]:
    """What it makes of a report in which every text from outside is this one."""
    report = hostile(text)
    if name == "vsa":  # there is none of a run with errors or relaxations
        report = replace(report, errors=(), relaxations=())
    return documents(name, report)


def every_format(test: Any) -> Any:
    return pytest.mark.parametrize("name", FORMATS)(test)


def every_text(test: Any) -> Any:
    return pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)(test)


@every_text
@every_format
def test_K07_K13_no_character_hides_moves_or_reorders_anything(name: str, text: str) -> None:
    allowed = LINE_ENDS.get(name, "\n")

    for document in attacked(name, text):
        strange = {character for character in document if not character.isprintable() and character not in allowed}
        assert not strange
        assert "\r" not in document.replace("\r\n", "")


@every_text
@every_format
def test_K08_no_line_gives_an_order_to_the_runner_of_a_pipeline(name: str, text: str) -> None:
    for document in attacked(name, text):
        assert not re.search(r"##\w*\[", document)
        commands = [line for line in document.splitlines() if line.lstrip().startswith("::")]
        assert all(re.match("::(error|warning|notice) title=[^:,]*::", line) for line in commands)
        assert not commands or name == "github"


@every_text
@every_format
def test_K01_K09_K13_K18_the_document_has_the_structure_that_it_has_with_harmless_text(name: str, text: str) -> None:
    assert [structure(name, one) for one in attacked(name, text)] == [
        structure(name, one) for one in attacked(name, HARMLESS)
    ]


@pytest.mark.parametrize("shown", ["K01 html", "K02 link", "K03 script"])
@every_format
def test_K01_K02_K03_nothing_is_markup_a_script_or_a_link(name: str, shown: str) -> None:
    if name in JSON or name == "jsonl":
        return  # no markup anywhere: the structure says all

    for document in attacked(name, HOSTILE_TEXTS[shown]):
        assert name in ("text", "csv", "pinned", "github", "markdown") or not _MARKUP.search(document)
        assert not _LINK.search(document)


_MARKUP = re.compile("<script|<img|<svg onload", re.IGNORECASE)
_LINK = re.compile(r"""(href|src|action)\s*=\s*["']?\s*(javascript|data|vbscript):|\]\(javascript:""", re.IGNORECASE)


@every_format
def test_K16_the_same_report_is_the_same_document(name: str) -> None:
    assert documents(name, FULL) == documents(name, FULL)


HASHES = """
import json, sys
from tests.report.samples import FULL
from tests.report.test_hostile_text import hashes
print(json.dumps(hashes(FULL)))
"""


def hashes(report: Report) -> dict[str, str]:
    """By format; one that fails here fails in a test of its own."""
    found = {}
    for name in FORMATS:
        with suppress(Exception):
            found[name] = _hash(name, report)
    return found


def _hash(name: str, report: Report) -> str:
    return hashlib.sha256("\0".join(documents(name, report)).encode()).hexdigest()


@pytest.fixture(scope="module")
def elsewhere(pytestconfig: pytest.Config) -> list[dict[str, str]]:
    """The same in other processes: other time zone, locale and order of sets."""
    found = []
    for number, zone in enumerate(("Asia/Kathmandu", "America/St_Johns")):
        environ = {**os.environ, "TZ": zone, "LC_ALL": ("C", "C.UTF-8")[number], "PYTHONHASHSEED": str(number)}
        process = subprocess.run(
            [sys.executable, "-c", HASHES], capture_output=True, check=True, env=environ, cwd=pytestconfig.rootpath
        )
        found.append(json.loads(process.stdout))
    return found


@every_format
def test_K16_neither_time_zone_nor_locale_nor_order_of_sets_changes_it(
    name: str, elsewhere: list[dict[str, str]]
) -> None:
    here = _hash(name, FULL)

    assert [one.get(name) for one in elsewhere] == [here, here]


@every_format
def test_K07_every_document_ends_in_a_line_end_and_is_utf_8(name: str) -> None:
    for text in HOSTILE_TEXTS.values():
        for document in attacked(name, text):
            assert document.encode().decode() == document
            assert document == "" or document.endswith("\n")


# What a document is made of, without its texts


def structure(name: str, document: str) -> Any:
    """What must not depend on any text: members and kinds of values, elements and attributes, rows and columns."""
    if name in JSON:
        return _shape(json.loads(document))
    if name in XML:
        return _elements(document)
    return _OTHERS.get(name, lambda _: None)(document)


def _shape(value: Any) -> Any:
    """Annotations of a signature and what a rule says in detail have names that others chose."""
    if isinstance(value, dict):
        free = {"annotations", "detail"}
        return {name: len(inner) if name in free else _shape(inner) for name, inner in value.items()}
    return [_shape(one) for one in value] if isinstance(value, list) else type(value).__name__


def _elements(document: str) -> list[tuple[str, list[str]]]:
    root = defusedxml.ElementTree.fromstring(document.encode(), forbid_dtd=True)
    return [(element.tag, sorted(element.attrib)) for element in root.iter()]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(name for name, _ in attrs)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", []))


def _tags(document: str) -> list[tuple[str, list[str]]]:
    tags = _Tags()
    tags.feed(document)
    assert "script" not in dict(tags.found)
    return tags.found


_OTHERS: dict[str, Callable[[str], Any]] = {
    "html": _tags,
    "jsonl": lambda document: [_shape(json.loads(line)) for line in document.split("\n")[:-1]],
    "csv": lambda document: [len(row) for row in csv.reader(io.StringIO(document, newline=""), strict=True)],
    "github": lambda document: [line.split(" ")[0] for line in document.split("\n")],
    "pinned": str.splitlines,
    "text": lambda document: document.count("\n"),
}
