"""The predicate types that Docker publishes for Hardened Images, and words for them in tests."""

from __future__ import annotations

CYCLONEDX = "https://cyclonedx.org/bom/v1.6"
SPDX = "https://spdx.dev/Document"
SCOUT_SBOM = "https://scout.docker.com/sbom/v0.1"
SCOUT_PROVENANCE = "https://scout.docker.com/provenance/v0.1"
SLSA_V02 = "https://slsa.dev/provenance/v0.2"
SLSA_V1 = "https://slsa.dev/provenance/v1"
VSA = "https://slsa.dev/verification_summary/v1"
STIG = "https://docker.com/dhi/stig/v0.1"
FIPS = "https://docker.com/dhi/fips/v0.1"
SOURCE = "https://docker.com/dhi/source/v0.1"
OPENVEX = "https://openvex.dev/ns/v0.2.0"
IN_TOTO_VULNS = "https://in-toto.io/attestation/vulns/v0.1"
SCOUT_VULNERABILITIES = "https://scout.docker.com/vulnerabilities/v0.1"
SECRETS = "https://scout.docker.com/secrets/v0.1"
VIRUS = "https://scout.docker.com/virus/v0.1"
TESTS = "https://scout.docker.com/tests/v0.1"

WORDS: dict[str, tuple[str, ...]] = {
    "sbom": (CYCLONEDX, SPDX, SCOUT_SBOM),
    "cyclonedx": (CYCLONEDX,),
    "spdx": (SPDX,),
    "scout-sbom": (SCOUT_SBOM,),
    "provenance": (SLSA_V02, SLSA_V1),
    "slsa-v0.2": (SLSA_V02,),
    "slsa-v1": (SLSA_V1,),
    "scout-provenance": (SCOUT_PROVENANCE,),
    "vsa": (VSA,),
    "stig": (STIG,),
    "fips": (FIPS,),
    "source": (SOURCE,),
    "vex": (OPENVEX,),
    "vulnerabilities": (SCOUT_VULNERABILITIES, IN_TOTO_VULNS),
    "scout-vulnerabilities": (SCOUT_VULNERABILITIES,),
    "in-toto-vulns": (IN_TOTO_VULNS,),
    "secrets": (SECRETS,),
    "malware": (VIRUS,),
    "virus": (VIRUS,),
    "tests": (TESTS,),
}

ALL = tuple(dict.fromkeys(uri for uris in WORDS.values() for uri in uris))
NOT_ON_CHARTS = frozenset({VSA, STIG, FIPS, SOURCE, OPENVEX})
"""What Docker's documentation lists for images only."""

EVERYTHING = "*"


def uris(word: str) -> tuple[str, ...]:
    """The predicate types that `word` means: a kind, a URI, or "*" for all that are published."""
    if word == EVERYTHING:
        return ALL
    return (word,) if ":" in word else WORDS[word]


def one_uri(word: str) -> str:
    """The predicate type that `word` means. Raises ValueError for a kind of several types."""
    (uri,) = uris(word)
    return uri


def means(word: str, uri: str) -> bool:
    return word == EVERYTHING or uri in uris(word)
