"""Bills of materials: SPDX 2 JSON, CycloneDX JSON, Docker Scout's own. Counted here; rules read the document itself.

Nothing is walked: references between components, cyclic or not, are not followed, and none is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verifier import strictjson
from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import NEVER, Moment, rfc3339
from verifier.attestation.statement import predicate
from verifier.limits import DEFAULT_LIMITS
from verifier.model import AttestationEntry, Package, Packages, Statement

_DOCUMENT = ("name",)
_SPDX = ("spdxVersion", "creationInfo", "created", "packages")
_CYCLONEDX = ("bomFormat", "metadata", "component", "timestamp", "components")
_SCOUT = ("artifacts", "source", "image")


class SbomReader:
    kind = "sbom"
    types = KINDS["sbom"]
    members: frozenset[str] | None = frozenset({*_DOCUMENT, *_SPDX, *_CYCLONEDX, *_SCOUT})

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        document = members.an_object(_unwrapped(predicate), "the predicate")
        if predicate_type.startswith("https://spdx.dev/"):
            return _spdx(document)
        if predicate_type.startswith("https://cyclonedx.org/"):
            return _cyclonedx(document)
        return _scout(document)


def _unwrapped(predicate: Any) -> Any:
    """Old cosign put the document into a JSON string. One level is opened, under the same rules, and no more."""
    if not isinstance(predicate, str):
        return predicate
    try:
        return strictjson.loads(predicate.encode())
    except strictjson.JSONRefused as fault:
        raise Unreadable(f"expected a JSON document, found a string that is none: {fault}") from None


def _spdx(document: members.JSONObject) -> Facts:
    version = members.text(document, "spdxVersion")
    if not version.startswith("SPDX-2."):
        raise Unreadable(f"expected an SPDX 2 document, found spdxVersion {version!r:.50}")
    created = rfc3339(members.inner(document, "creationInfo").get("created"))
    return _facts("spdx", document.get("packages"), members.text(document, "name"), created)


def _cyclonedx(document: members.JSONObject) -> Facts:
    found = members.text(document, "bomFormat")
    if found != "CycloneDX":
        raise Unreadable(f"expected bomFormat CycloneDX, found {found!r:.50}")
    metadata = members.inner(document, "metadata")
    name = members.text(members.inner(metadata, "component"), "name")
    return _facts("cyclonedx", document.get("components"), name, rfc3339(metadata.get("timestamp")))


def _scout(document: members.JSONObject) -> Facts:
    if "artifacts" not in document:
        raise Unreadable("expected a list of artifacts, found none")
    image = members.inner(members.inner(document, "source"), "image")
    return _facts("scout", document["artifacts"], members.text(image, "name"), NEVER)


def _facts(form: str, packages: object, name: str, created: Moment) -> Facts:
    counted = [] if packages is None else members.objects(packages, "the list of packages")
    return Facts({"form": form, "packages": len(counted), "name": name}, created)


def packages(statement: Statement, entry: AttestationEntry) -> Packages:
    """What the bill lists, in its order. Raises `EvidenceInvalid` where it cannot be read, and nothing else."""
    document = members.an_object(_unwrapped(predicate(statement)), "the predicate")
    if statement.predicate_type.startswith("https://spdx.dev/"):
        _spdx(document)
        listed, read = document.get("packages"), _spdx_package
    elif statement.predicate_type.startswith("https://cyclonedx.org/"):
        _cyclonedx(document)
        listed, read = document.get("components"), _component
    else:
        _scout(document)
        listed, read = document["artifacts"], _artifact
    found = members.objects(listed or [], "the list of packages")
    return Packages(entry, len(found), tuple(map(read, found[: DEFAULT_LIMITS.detail_packages])))


def _spdx_package(stated: members.JSONObject) -> Package:
    references = members.objects(stated.get("externalRefs") or [], "externalRefs")
    purls = [members.text(one, "referenceLocator") for one in references if one.get("referenceType") == "purl"]
    licences = (members.text(stated, name) for name in ("licenseConcluded", "licenseDeclared"))
    known = [text for text in licences if text not in ("", "NOASSERTION", "NONE")]
    return _package(members.text(stated, "name"), members.text(stated, "versionInfo"), purls[:1], known[:1])


def _component(stated: members.JSONObject) -> Package:
    choices = members.objects(stated.get("licenses") or [], "licenses")
    known = [
        members.text(one, "expression")
        or members.text(members.inner(one, "license"), "id")
        or members.text(members.inner(one, "license"), "name")
        for one in choices
    ]
    name = "/".join(part for part in (members.text(stated, "group"), members.text(stated, "name")) if part)
    return _package(name, members.text(stated, "version"), [members.text(stated, "purl")], known)


def _artifact(stated: members.JSONObject) -> Package:
    known = [one for one in members.a_list(stated.get("licenses") or [], "licenses") if isinstance(one, str)]
    purl = [members.text(stated, "purl")]
    return _package(members.text(stated, "name"), members.text(stated, "version"), purl, known)


def _package(name: str, version: str, purls: Sequence[str], licences: Sequence[str]) -> Package:
    texts = (name, version, "".join(purls[:1]), ", ".join(filter(None, licences)))
    return Package(*(text[: DEFAULT_LIMITS.report_text] for text in texts))
