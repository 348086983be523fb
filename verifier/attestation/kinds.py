"""Kinds of evidence and the predicate types that mean them. Exact strings only: no prefix, case or escape variant.

Sources: Docker's attestation table for Hardened Images, the in-toto predicate registry, cosign's `--type` words.
"""

from __future__ import annotations

from verifier.errors import UsageError

UNKNOWN = "unknown"

KINDS: dict[str, tuple[str, ...]] = {
    "sbom": (
        "https://spdx.dev/Document",
        "https://spdx.dev/Document/v2.3",
        "https://cyclonedx.org/bom/v1.6",
        "https://cyclonedx.org/bom/v1.5",
        "https://cyclonedx.org/bom/v1.7",
        "https://cyclonedx.org/bom/v1.4",
        "https://cyclonedx.org/bom",
        "https://scout.docker.com/sbom/v0.1",
    ),
    "provenance": ("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"),
    "vulnerabilities": (
        "https://scout.docker.com/vulnerabilities/v0.1",
        "https://in-toto.io/attestation/vulns/v0.1",
        "https://in-toto.io/attestation/vulns/v0.2",
    ),
    "malware": ("https://scout.docker.com/virus/v0.1",),
    "secrets": ("https://scout.docker.com/secrets/v0.1",),
    "tests": ("https://scout.docker.com/tests/v0.1",),
    "stig": ("https://docker.com/dhi/stig/v0.1",),
    "fips": ("https://docker.com/dhi/fips/v0.1",),
    "vex": ("https://openvex.dev/ns/v0.2.0", "https://openvex.dev/ns"),
    "vsa": ("https://slsa.dev/verification_summary/v1",),
    "source": ("https://docker.com/dhi/source/v0.1",),
    "scout-provenance": ("https://scout.docker.com/provenance/v0.1",),
    "health": ("https://scout.docker.com/health/v0.1",),
    "mcp-server": ("https://modelcontextprotocol.io/server.json/v1",),
}
"""The predicate types of each kind, the preferred first."""

_KIND_OF = {uri: kind for kind, uris in KINDS.items() for uri in uris}

_SPDX = tuple(uri for uri in KINDS["sbom"] if uri.startswith("https://spdx.dev/"))
_CYCLONEDX = tuple(uri for uri in KINDS["sbom"] if uri.startswith("https://cyclonedx.org/"))
_IN_TOTO_VULNS = tuple(uri for uri in KINDS["vulnerabilities"] if uri.startswith("https://in-toto.io/"))

ALIASES: dict[str, tuple[str, ...]] = {
    **KINDS,
    "virus": KINDS["malware"],
    "spdx": _SPDX,
    "spdxjson": _SPDX,
    "cyclonedx": _CYCLONEDX,
    "slsaprovenance": ("https://slsa.dev/provenance/v0.2",),
    "slsaprovenance02": ("https://slsa.dev/provenance/v0.2",),
    "slsaprovenance1": ("https://slsa.dev/provenance/v1",),
    "vuln": ("https://cosign.sigstore.dev/attestation/vuln/v1", *_IN_TOTO_VULNS),
    "openvex": KINDS["vex"],
    "link": ("https://in-toto.io/Link/v1",),
    "custom": ("https://cosign.sigstore.dev/attestation/v1",),
}
"""Words for `--predicate-type`: our kinds, and cosign's, which also reach the versioned types of the same format."""


def forms(kind: str) -> tuple[tuple[str, ...], ...]:
    """The predicate types of a kind by what they hold: types of one form differ in version alone."""
    if kind == "sbom":
        return _SPDX, _CYCLONEDX, tuple(uri for uri in KINDS[kind] if uri not in _SPDX + _CYCLONEDX)
    if kind == "vulnerabilities":
        return tuple(uri for uri in KINDS[kind] if uri not in _IN_TOTO_VULNS), _IN_TOTO_VULNS
    return (KINDS[kind],)


def kind_of(uri: str) -> str:
    """The kind that a predicate type means; `unknown` for all others, which is no error."""
    return _KIND_OF.get(uri, UNKNOWN)


def expand(word: str) -> tuple[str, ...]:
    """The predicate types that `word` asks for; a URI asks for itself. Raises `UsageError` for an unknown word."""
    if word in ALIASES:
        return ALIASES[word]
    if ":" in word:
        return (word,)
    raise UsageError(
        f"unknown predicate type {word!r:.100}; expected a URI or one of {', '.join(sorted(ALIASES))}",
        hint="Run `dhiverify attestation list REF` to see which predicate types the image has.",
    )
