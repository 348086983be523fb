"""Report formats: one module each, found through `FORMATS`."""

from verifier.report.interface import Format
from verifier.report.json_format import JsonFormat, as_json
from verifier.report.pinned_format import PinnedFormat
from verifier.report.text_format import Line, TextFormat, lines

__all__ = ["FORMATS", "Format", "Line", "as_json", "lines"]

FORMATS: dict[str, Format] = {form.name: form for form in (TextFormat(), JsonFormat(), PinnedFormat())}
