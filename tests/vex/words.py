"""OpenVEX documents and findings as tests write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from verifier import strictjson
from verifier.attestation.vex import read_document
from verifier.vex.conflicts import Outcome
from verifier.vex.matching import Matched, matched
from verifier.vex.scope import Image
from verifier.vex.statements import Document, Finding, folded
from verifier.vex.voices import Voice

DATA = Path(__file__).parent / "data"
DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
NGINX = Image(
    frozenset({"dhi/nginx", "dhi.io/nginx"}), frozenset({DIGEST}), frozenset({"1.29"}), platform="linux/amd64"
)
OPENSSL = "pkg:deb/debian/openssl@3.5.4-1?os_distro=trixie&os_name=debian&os_version=13"
CVE = "CVE-2026-0001"
REASON = "vulnerable_code_not_in_execute_path"


def real(name: str) -> Document:
    """One of Docker's documents."""
    return read_document(strictjson.loads((DATA / name).read_bytes()), f"sha256:{'d' * 64}")


def found(purl: str = OPENSSL, name: str = CVE, *aliases: str) -> Finding:
    return Finding(purl, name, folded((name, *aliases)))


def said(*products: Any, status: str = "not_affected", name: Any = CVE, **more: Any) -> dict[str, Any]:
    """A statement; products are texts or objects. A member set to `...` is left out."""
    named = [{"@id": product} if isinstance(product, str) else product for product in products or (OPENSSL,)]
    reason = {"justification": REASON} if status == "not_affected" else {}
    members = {
        "vulnerability": {"name": name} if isinstance(name, str) else name,
        "products": named,
        "status": status,
        "timestamp": "2026-02-01T00:00:00Z",
        **reason,
        **more,
    }
    return {key: value for key, value in members.items() if value is not ...}


def inside(product: str, *parts: str) -> dict[str, Any]:
    return {"@id": product, "subcomponents": [{"@id": part} for part in parts]}


def document(*statements: Any, digest: str = DIGEST, **more: Any) -> Document:
    whole = {"author": "a", "timestamp": "2026-01-01T00:00:00Z", "statements": list(statements), **more}
    return read_document(whole, digest)


def match(documents: Document | list[Document], *findings: Finding, image: Image = NGINX) -> Matched:
    listed = documents if isinstance(documents, list) else [documents]
    return matched([Voice(tuple(listed), image)], findings or (found(),))


def suppressed(documents: Document | list[Document], *findings: Finding, image: Image = NGINX) -> list[tuple[str, str]]:
    """The findings that are excused, by package URL and vulnerability."""
    outcomes: tuple[Outcome, ...] = match(documents, *findings, image=image).suppressed
    return [(one.finding.purl, one.finding.vulnerability) for one in outcomes]


def excuses(*statements: Any, finding: Finding | None = None, image: Image = NGINX) -> bool:
    """Whether one document with these statements excuses the finding."""
    return bool(suppressed(document(*statements), finding or found(), image=image))
