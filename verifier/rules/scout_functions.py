"""`scout.…`: packages and what verified scans and build records say about them.

    scout.parse_purl(purl)             the parts of a package URL
    scout.vulnerabilities(purls)       the entries {purl, vulnerabilities} of verified Scout scans for these packages
    scout.base_image()                 what verified Scout provenance and Scout SBOMs call the base images, as an array
    scout.package_provenance(purl), scout.package_recommendation(purl)     not available

Docker documents names and parameters (https://docs.docker.com/scout/policy/local/), and not what is returned. Packages
are matched by the very text of their URLs. What no verified statement answers is missing evidence, as with
`oci.referrer`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.purl import parse_purl
from verifier.rules.functions import Functions, Session, refusal

_SCAN = "https://scout.docker.com/vulnerabilities/v0.1"
_PROVENANCE = "https://scout.docker.com/provenance/v0.1"
_SBOM = "https://scout.docker.com/sbom/v0.1"

_NOT_HERE = {
    "scout.package_provenance": "no published statement says where a package came from; read the image's provenance",
    "scout.package_recommendation": "it would ask a service; `fixed_by` in scout.vulnerabilities names fixed versions",
}


def functions(session: Session) -> Functions:
    """The functions by name."""
    known = _Scout(session)
    found: Functions = {
        "scout.parse_purl": (1, known.parse_purl),
        "scout.vulnerabilities": (1, known.vulnerabilities),
        "scout.base_image": (0, known.base_image),
    }
    return found | {name: (1, refusal(session, name, reason)) for name, reason in _NOT_HERE.items()}


class _Scout:
    def __init__(self, session: Session) -> None:
        self._session = session

    def parse_purl(self, text: Any) -> dict[str, Any]:
        try:
            return parse_purl(self._session.text(text, "a package URL"))
        except ValueError as fault:
            raise self._session.fail(f"scout.parse_purl: {fault}") from None

    def vulnerabilities(self, purls: Any) -> list[dict[str, Any]]:
        """Entries of all verified scans, newest first, so that a newer scan hides nothing that an older one found."""
        if not isinstance(purls, list | set):
            raise self._session.fail("scout.vulnerabilities wants an array of package URLs")
        wanted = {self._session.text(purl, "a package URL") for purl in purls}
        found: list[dict[str, Any]] = []
        for predicate in self._predicates(_SCAN):
            if not isinstance(predicate, list):
                raise self._session.fail("scout.vulnerabilities: expected a scan to be a list of packages")
            found += [one for one in predicate if isinstance(one, dict) and one.get("purl") in wanted]
        return found

    def base_image(self) -> list[Any]:
        """`base_image` of provenance and `source.base_images` of an SBOM, each once."""
        found: list[Any] = []
        for predicate in self._predicates(_PROVENANCE, _SBOM):
            found += [one for one in _bases(predicate) if one not in found]
        return found

    def _predicates(self, first: str, *others: str) -> Iterator[Any]:
        """Of verified statements, newest first. The other types are read where they are, and not missed."""
        session = self._session
        there = [name for name in (first, *others) if session.platform.images.get(name)] or [first]
        for name in there:
            for item in session.given(session.referrers(name)):
                statement = item["statement"]
                yield statement.get("predicate") if isinstance(statement, dict) else None


def _bases(predicate: Any) -> list[Any]:
    if not isinstance(predicate, dict):
        return []
    source = predicate.get("source")
    several = source.get("base_images") if isinstance(source, dict) else None
    listed = several if isinstance(several, list) else []
    return ([predicate["base_image"]] if predicate.get("base_image") else []) + listed
