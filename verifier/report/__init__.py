"""Report formats: one module each, found through `FORMATS`. A format's module is imported when it is asked for."""

from __future__ import annotations

import importlib

from verifier.report.interface import Format
from verifier.report.json_format import as_json
from verifier.report.parts import Part, parts, unexported

__all__ = ["FORMATS", "Format", "Part", "as_json", "format_of", "parts", "unexported"]

FORMATS: dict[str, str] = {
    "text": "text_format:TextFormat",
    "json": "json_format:JsonFormat",
    "jsonl": "jsonl_format:JsonLinesFormat",
    "pinned": "pinned_format:PinnedFormat",
    "html": "html_format:HtmlFormat",
    "markdown": "markdown_format:MarkdownFormat",
    "csv": "csv_format:CsvFormat",
    "sarif": "sarif_format:SarifFormat",
    "junit": "junit_format:JUnitFormat",
    "codequality": "codequality_format:CodeQualityFormat",
    "github": "github_format:GithubFormat",
    "ckl": "ckl_format:CklFormat",
    "cklb": "cklb_format:CklbFormat",
    "xccdf": "xccdf_format:XccdfFormat",
    "hdf": "hdf_format:HdfFormat",
    "oscal": "oscal_format:OscalFormat",
    "vsa": "vsa_format:VsaFormat",
}
"""Each format by its name: the module of this package that holds it, and the class there."""


def format_of(name: str) -> Format:
    """The format called `name`, which must be one of `FORMATS`."""
    module, _, attribute = FORMATS[name].partition(":")
    form: Format = getattr(importlib.import_module(f"verifier.report.{module}"), attribute)()
    return form
