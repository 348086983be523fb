"""XCCDF: the scan's results as they were signed, and among the facts of their target where they come from.

Every element, attribute and text of the signed document stays, in its order and under its own name; XCCDF 1.1 stays
1.1, and a document that is a TestResult alone stays one. Comments and processing instructions are left out: no result
is in them, and a browser obeys some. These are no longer the signed bytes, and a fact says so; `dhiverify stig extract`
writes those.

Documents followed: XCCDF 1.2 (NIST IR 7275 revision 4), 6.6.3 on facts; TestResult has them after target and address.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax import SAXException
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import parseString

from verifier.errors import UsageError
from verifier.model import Report
from verifier.report import checklist
from verifier.report.checklist import Scanned
from verifier.report.escape import printable
from verifier.report.interface import Per
from verifier.report.xml_text import DECLARATION, visible

if TYPE_CHECKING:
    Attributes = AttributesImpl[str]

NAMESPACES = ("http://checklists.nist.gov/xccdf/1.2", "http://checklists.nist.gov/xccdf/1.1")
FACT = "urn:dhiverify:fact:"
"""How the names of our facts begin."""

_TARGETS = ("target", "target-address")
_INDENT = "\n    "  # as OpenSCAP does inside TestResult


class XccdfFormat:
    name = "xccdf"
    description = "XCCDF results of each STIG scan as they were signed, with facts on where they come from"
    suffix = "xccdf.xml"
    details = ("stig",)
    per: Per = "scan"

    def render(self, report: Report) -> str:
        about = checklist.scanned(report)
        copy = _Copy(tuple(facts(about)))
        try:
            parseString(about.scan.document, copy, forbid_dtd=True)
        except (DefusedXmlException, SAXException) as fault:
            raise UsageError(f"the XCCDF results cannot be copied: {printable(str(fault))}") from None
        return f"{DECLARATION}{visible(copy.written())}\n"


def facts(about: Scanned) -> Iterator[tuple[str, str]]:
    """Names and values of what is added."""
    scan, entry = about.scan, about.scan.attestation
    known = {
        "attestation:digest": entry.digest,
        "attestation:predicate-type": entry.predicate_type,
        "attestation:signer": entry.signer,
        "attestation:time": entry.time,
        "image:digest": scan.image_digest,
        "image:reference": about.image.pinned or about.image.reference,
        "image:platform": about.platform.platform,
        "exported-by": about.report.tool,
        "note": "These facts were added to what was signed; dhiverify stig extract writes the signed bytes.",
    }
    yield from ((name, text) for name, text in known.items() if text)
    for text in checklist.contradictions(scan):
        yield "contradiction", text


class _Copy(XMLGenerator):
    """Writes what it reads, and the facts in their place. Prefixes stay, since texts and values may speak of them."""

    def __init__(self, added: tuple[tuple[str, str], ...]) -> None:
        self._document = io.StringIO()
        super().__init__(self._document, encoding="utf-8", short_empty_elements=True)
        self._added = added
        self._path: list[tuple[str, str]] = []  # namespace and local name of the open elements
        self._scopes: list[dict[str, str]] = [{}]  # the namespace of each prefix, for each of them
        self._prefix = ""  # of the TestResult
        self._after_target = False

    def written(self) -> str:
        return self._document.getvalue()

    def startDocument(self) -> None:  # noqa: N802 - as SAX names it
        """The declaration is written with the rest."""

    def processingInstruction(self, target: str, data: str) -> None:  # noqa: N802 - as SAX names it
        """Left out."""

    def startElement(self, name: str, attrs: Attributes) -> None:  # noqa: N802 - as SAX names it
        if not all(map(str.isprintable, (name, *attrs.getNames()))):  # U+06DD; a name cannot hold its escape
            raise SAXException("a name holds a character that is not printable")
        declared = {key[6:]: attrs[key] for key in attrs.getNames() if key == "xmlns" or key.startswith("xmlns:")}
        self._scopes.append(self._scopes[-1] | declared if declared else self._scopes[-1])
        element = self._resolved(name)
        if element[1] == "TestResult" and element[0] in NAMESPACES:
            self._prefix = _prefix(name)
        elif self._of_test_result(element):
            self._before(element[1])
        self._path.append(element)
        super().startElement(name, attrs)

    def endElement(self, name: str) -> None:  # noqa: N802 - as SAX names it
        element = self._path.pop()
        if self._of_test_result(element) and element[1] == "target-facts":
            self._add(_prefix(name), "  ")
        elif element[1] == "TestResult" and element[0] in NAMESPACES:
            self._add_all()
        self._scopes.pop()
        super().endElement(name)

    def _resolved(self, name: str) -> tuple[str, str]:
        return self._scopes[-1].get(_prefix(name)[:-1], ""), name.removeprefix(_prefix(name))

    def _of_test_result(self, element: tuple[str, str]) -> bool:
        """Whether it is a child of the TestResult, of XCCDF itself."""
        return element[0] in NAMESPACES and self._path[-1:] == [(element[0], "TestResult")]

    def _before(self, local: str) -> None:
        """Where the document has no facts, they come before the first child behind the targets."""
        if local in _TARGETS:
            self._after_target = True
        elif self._after_target and local != "target-facts":
            self._add_all()

    def _add_all(self) -> None:
        if self._added:
            super().startElement(f"{self._prefix}target-facts", AttributesImpl({}))
            self._add(self._prefix, f"{_INDENT}  ")
            super().endElement(f"{self._prefix}target-facts")
            self.characters(_INDENT)

    def _add(self, prefix: str, before: str) -> None:
        """Once: a document has one place for them."""
        for name, text in self._added:
            self.characters(before)
            super().startElement(f"{prefix}fact", AttributesImpl({"name": FACT + name, "type": "string"}))
            self.characters(printable(text))
            super().endElement(f"{prefix}fact")
            before = f"{_INDENT}  "
        self.characters(_INDENT if self._added else "")
        self._added = ()


def _prefix(name: str) -> str:
    """With its colon, or nothing."""
    prefix, colon, _ = name.rpartition(":")
    return prefix + colon
