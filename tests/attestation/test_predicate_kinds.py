import pytest

from verifier import attestation
from verifier.attestation.kinds import UNKNOWN
from verifier.errors import UsageError


def test_no_predicate_type_means_two_kinds():
    types = [uri for uris in attestation.KINDS.values() for uri in uris]

    assert len(types) == len(set(types))
    assert all(attestation.kind_of(uri) == kind for kind, uris in attestation.KINDS.items() for uri in uris)


@pytest.mark.parametrize(
    "uri",
    [
        "https://slsa.dev/provenance/v1/",
        "https://slsa.dev/provenance/v1/../",
        "https://slsa.dev/provenance/V1",
        "HTTPS://slsa.dev/provenance/v1",
        "https://slsa.dev%2fprovenance/v1",
        "https://slsa.dev/provenance/v1 ",
        "https://slsa.dev/provenance/v1?",
        "slsa.dev/provenance/v1",
        "https://scout.docker.com/virus/v0.10",
        "",
    ],
)
def test_B21_spelling_tricks_are_an_unknown_kind(uri):
    assert attestation.kind_of(uri) == UNKNOWN


def test_preferred_type_comes_first():
    assert attestation.KINDS["sbom"][0] == "https://spdx.dev/Document"
    assert attestation.KINDS["provenance"][0] == "https://slsa.dev/provenance/v1"
    assert attestation.KINDS["vulnerabilities"][0] == "https://scout.docker.com/vulnerabilities/v0.1"


@pytest.mark.parametrize(
    ("word", "uri"),
    [
        ("virus", "https://scout.docker.com/virus/v0.1"),
        ("spdx", "https://spdx.dev/Document"),
        ("spdxjson", "https://spdx.dev/Document"),
        ("cyclonedx", "https://cyclonedx.org/bom"),
        ("cyclonedx", "https://cyclonedx.org/bom/v1.6"),
        ("slsaprovenance", "https://slsa.dev/provenance/v0.2"),
        ("slsaprovenance02", "https://slsa.dev/provenance/v0.2"),
        ("slsaprovenance1", "https://slsa.dev/provenance/v1"),
        ("vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"),
        ("openvex", "https://openvex.dev/ns"),
        ("link", "https://in-toto.io/Link/v1"),
        ("custom", "https://cosign.sigstore.dev/attestation/v1"),
        ("stig", "https://docker.com/dhi/stig/v0.1"),
        ("urn:x", "urn:x"),
    ],
)
def test_words_reach_their_types(word, uri):
    assert uri in attestation.expand(word)


def test_unknown_word_names_the_words_that_are_known():
    with pytest.raises(UsageError, match="slsaprovenance1") as caught:
        attestation.expand("sbon")

    assert caught.value.exit_code == 2


def test_every_reader_is_registered_for_its_kind():
    assert all(reader.types == attestation.KINDS[kind] for kind, reader in attestation.READERS.items())
    assert set(attestation.KINDS) - set(attestation.READERS) == {"scout-provenance", "health", "mcp-server"}
