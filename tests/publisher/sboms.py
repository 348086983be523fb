"""Bills of materials for a clean image: SPDX 2.3, CycloneDX 1.6, and Docker Scout's own form."""

from __future__ import annotations

import uuid

import msgspec

from tests.publisher.about import JSON, About

_USUAL = (
    ("base-files", "13.8", "GPL-2.0-or-later"),
    ("ca-certificates", "20250419", "MPL-2.0"),
    ("libc6", "2.41-12", "LGPL-2.1-or-later"),
    ("libexpat1", "2.7.1-2", "MIT"),
    ("libffi8", "3.4.8-2", "MIT"),
    ("liblzma5", "5.8.1-1", "0BSD"),
    ("libsqlite3-0", "3.46.1-7", "blessing"),
    ("libssl3t64", "3.5.4-1", "Apache-2.0"),
    ("netbase", "6.5", "GPL-2.0-only"),
    ("tzdata", "2025b-4", "CC-PDDC"),
    ("zlib1g", "1.3.1-1", "Zlib"),
)


class Package(msgspec.Struct, frozen=True):
    name: str
    version: str
    licence: str
    purl: str


def packages(about: About) -> list[Package]:
    """`about.packages` of them: the product itself, what it usually stands on, then made up ones."""
    product = about.product.rpartition("/")[2]
    own = Package(product, "3.13.15", "PSF-2.0", f"pkg:dhi/{product}@3.13.15-0")
    listed = [*_USUAL, *((name, "1.0-1", "GPL-3.0-or-later") for name in about.extra_packages)]
    made_up = ((f"libexample{number}", f"1.{number}-1", "MIT") for number in range(about.packages))
    wanted = max(about.packages - 1, len(about.extra_packages))
    chosen = [*listed[len(_USUAL) :], *_USUAL, *made_up][:wanted]
    return [own, *(_debian(*entry) for entry in chosen)]


def _debian(name: str, version: str, licence: str) -> Package:
    purl = f"pkg:deb/debian/{name}@{version}?os_distro=trixie&os_name=debian&os_version=13"
    return Package(name, version, licence, purl)


def spdx(about: About) -> JSON:
    found = packages(about)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{about.product}@{about.digest}",
        "documentNamespace": f"https://scout.docker.com/spdx/{about.product}/{about.hex}",
        "creationInfo": {
            "created": about.time(1),
            "creators": ["Organization: Docker, Inc", "Tool: docker-scout-1.18.2"],
        },
        "packages": [_spdx_package(number, package) for number, package in enumerate(found)],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": f"SPDXRef-{number}",
            }
            for number in range(min(len(found), 1))
        ],
    }


def _spdx_package(number: int, package: Package) -> JSON:
    return {
        "name": package.name,
        "SPDXID": f"SPDXRef-{number}",
        "versionInfo": package.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": package.licence,
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": package.purl,
            }
        ],
    }


def cyclonedx(about: About) -> JSON:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, about.digest)}",
        "version": 1,
        "metadata": {
            "timestamp": about.time(1),
            "component": {
                "type": "container",
                "bom-ref": about.purl(),
                "name": about.product,
                "version": about.version,
                "purl": about.purl(),
            },
        },
        "components": [
            {
                "type": "library",
                "bom-ref": package.purl,
                "name": package.name,
                "version": package.version,
                "purl": package.purl,
                "licenses": [{"license": {"id": package.licence}}],
            }
            for package in packages(about)
        ],
    }


def scout_sbom(about: About) -> JSON:
    return {
        "source": {
            "type": "image",
            "image": {
                "name": about.product,
                "digest": about.digest,
                "tags": list(about.tags),
                "platform": {"os": about.platform.split("/")[0], "architecture": about.architecture},
            },
        },
        "artifacts": [_scout_artifact(package) for package in packages(about)],
        "descriptor": {"name": "docker-scout", "version": "1.18.2", "sbom_version": "0.2"},
    }


def _scout_artifact(package: Package) -> JSON:
    kind = package.purl.removeprefix("pkg:").partition("/")[0]
    return {
        "type": kind,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "licenses": [package.licence],
    }
