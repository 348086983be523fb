"""CSV for auditors who open it in a spreadsheet and filter: one row for each thing that the report says.

`record` says what a row is about. RFC 4180, UTF-8, one header line. No cell is a formula, whatever it is opened with.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report
from verifier.report.csv_rows import COLUMNS, Row, rows
from verifier.report.escape import printable
from verifier.report.interface import Per


class CsvFormat:
    name = "csv"
    description = "one row for each rule, violation, piece of evidence, STIG rule and FIPS module, for spreadsheets"
    suffix = "csv"
    details = ("stig", "fips", "tests")
    per: Per = "run"

    def render(self, report: Report) -> str:
        written = io.StringIO(newline="")
        writer = csv.writer(written, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(_cells(rows(report)))
        return written.getvalue()


def _cells(found: Iterator[Row]) -> Iterator[list[str]]:
    for row in found:
        yield [cell(getattr(row, column)) for column in COLUMNS]


_OPENS_FORMULA = tuple("=+-@\N{MINUS SIGN}")


def cell(text: str) -> str:
    """`text` on one line, never a formula: spreadsheets leave alone what an apostrophe leads.

    Where they separate cells by semicolons, as in half of Europe, each part of a cell is one that begins.
    """
    plain = printable(" ".join(text.split()), DEFAULT_LIMITS.csv_cell)
    return ";".join(map(_inert, plain.split(";")))


def _inert(text: str) -> str:
    """Full-width forms and the like count as what they stand for; blanks and quotes before them do not help."""
    begins = unicodedata.normalize("NFKC", text.lstrip(' "')[:1])
    return f"'{text}" if begins.startswith(_OPENS_FORMULA) else text
