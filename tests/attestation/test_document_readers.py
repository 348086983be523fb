import json
import socket

import pytest

from tests.attestation.attestation_documents import MANIFEST, OTHER, facts_of

DHI_VEX = {  # cut down from the OpenVEX document of dhi/nginx
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://openvex.dev/docs/public/vex-e5512696834fb1c6271cd0c02f859d1dafa0c6e282aaf6ca2498ffcac71f5651",
    "author": "Docker Hardened Images <dhi@docker.com>",
    "role": "Document Creator",
    "timestamp": "2025-10-25T14:37:19.272Z",
    "version": 1,
    "statements": [
        {
            "@id": "f976057a-6373-4a4e-9243-57c7a2d0b2a2",
            "vulnerability": {"name": "CVE-2025-62813"},
            "timestamp": "2025-10-25T14:37:19.272Z",
            "products": [{"@id": "pkg:deb/debian/liblz4-1"}, {"@id": "pkg:docker/dhi/nginx"}],
            "status": "not_affected",
            "status_notes": "The developer disputes this as a vulnerability.",
            "justification": "vulnerable_code_cannot_be_controlled_by_adversary",
        }
    ],
}
MODULES = [
    {
        "name": "OpenSSL FIPS Provider",
        "package": "pkg:dhi/openssl-provider-fips@3.1.2",
        "standard": "FIPS 140-3",
        "status": "active",
        "version": "3.1.2",
        "certification": "CMVP #4985",
        "certificationUrl": "https://csrc.nist.gov/projects/cryptographic-module-validation-program/certificate/4985",
        "sunsetDate": "2030-03-10",
    },
    {
        "name": "Go Cryptographic Module",
        "package": "pkg:golang/golang.org/x/crypto@1.0.0#crypto/internal/fips140",
        "standard": "FIPS 140-3",
        "status": "in process",
        "version": "v1.0.0",
    },
]
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "name": "python",
    "packages": [{"name": "bash"}],
    "creationInfo": {"created": "2026-01-02T03:04:05Z"},
}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [{"name": "bash"}],
    "metadata": {"component": {"name": "python"}},
}
CYCLONEDX_URI = "https://cyclonedx.org/bom/v1.6"
SCOUT_SBOM_URI = "https://scout.docker.com/sbom/v0.1"
V02 = "https://slsa.dev/provenance/v0.2"


# OpenVEX


def test_vex_document_of_a_hardened_image():
    found = facts_of("vex", DHI_VEX)

    assert found["author"] == "Docker Hardened Images <dhi@docker.com>"
    assert found["statements"] == 1
    assert found["statuses"] == {"not_affected": 1}
    assert found["time"] == found["timestamp"] == "2025-10-25T14:37:19.272Z"


@pytest.mark.parametrize("empty", [{"statements": []}, {"statements": None}, {}])
def test_vex_document_without_statements_is_readable_and_says_nothing(empty):
    assert facts_of("vex", {"author": "a", **empty})["statements"] == 0


def test_J13_not_affected_without_a_reason_is_counted_apart():
    bare = {"vulnerability": {"name": "CVE-2026-1"}, "status": "not_affected"}
    stated = [
        bare,
        bare | {"impact_statement": "not built in"},
        bare | {"status": "affected"},
        bare | {"status": "fine"},
    ]

    found = facts_of("vex", {"statements": stated})

    assert found["unjustified"] == 1
    assert found["statuses"] == {"not_affected": 2, "affected": 1, "unknown": 1}


@pytest.mark.parametrize("predicate", [[], "", 0, {"statements": {}}, {"statements": [1]}, {"author": []}])
def test_vex_in_another_shape_is_unreadable(predicate):
    assert "unreadable" in facts_of("vex", predicate)


# FIPS


def test_fips_modules_with_and_without_a_certificate():
    active, in_process = facts_of("fips", MODULES)["modules"]

    assert (active["certification"], active["sunset_date"]) == ("CMVP #4985", "2030-03-10")
    assert active["sunset_ns"] == 1899417600 * 10**9  # the end of that day
    assert (in_process["status"], in_process["certification"], in_process["sunset_ns"]) == ("in process", "", None)


def test_empty_list_of_modules_is_readable_and_shows_none():
    assert facts_of("fips", [])["modules"] == []


@pytest.mark.parametrize(
    "changed", [{"sunsetDate": "soon"}, {"sunsetDate": "2030-02-30"}, {"status": ""}, {"name": None}, {"status": 1}]
)
def test_fips_module_that_cannot_be_judged_is_unreadable(changed):
    assert "unreadable" in facts_of("fips", [MODULES[0] | changed])


# verification summary


def test_verification_summary():
    found = facts_of(
        "vsa",
        {
            "verifier": {"id": "https://docker.com"},
            "timeVerified": "2026-01-02T03:04:05Z",
            "resourceUri": "pkg:docker/dhi/python",
            "policy": {"uri": "https://docker.com/official/policy/v0.1"},
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
        },
    )

    assert (found["result"], found["verifier"], found["levels"]) == (
        "PASSED",
        "https://docker.com",
        ["SLSA_BUILD_LEVEL_3"],
    )
    assert found["resource_uri"] == "pkg:docker/dhi/python"
    assert found["time_verified"] == found["time"] == "2026-01-02T03:04:05Z"


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        {"verificationResult": ""},
        {"verificationResult": True},
        [],
        {"verificationResult": "PASSED", "resourceUri": "a", "resourceURI": "b"},
    ],
)
def test_verification_summary_without_one_meaning_is_unreadable(predicate):
    assert "unreadable" in facts_of("vsa", predicate)


# provenance


def test_provenance_v02():
    found = facts_of(
        "provenance",
        {
            "builder": {"id": "https://builder"},
            "buildType": "https://mobyproject.org/buildkit@v1",
            "invocation": {"configSource": {"uri": "https://github.com/x/y"}},
            "materials": [{"uri": "a", "digest": {"sha256": ""}}, {"uri": "b"}],
            "metadata": {"buildStartedOn": "2026-01-02T03:04:05Z", "buildFinishedOn": "2026-01-02T03:05:05Z"},
        },
        uri=V02,
    )

    assert (found["builder"], found["materials"], found["config_source"]) == (
        "https://builder",
        2,
        "https://github.com/x/y",
    )
    assert found["finished"] == found["time"] == "2026-01-02T03:05:05Z"
    assert found["finished_ns"] == found["time_ns"]


def test_provenance_v1_that_has_only_a_start():
    found = facts_of(
        "provenance",
        {
            "buildDefinition": {
                "buildType": "t",
                "externalParameters": {"configSource": {"uri": "u"}},
                "resolvedDependencies": [{}],
            },
            "runDetails": {"builder": {"id": "b"}, "metadata": {"startedOn": "2026-01-02T03:04:05Z"}},
        },
    )

    assert (found["builder"], found["build_type"], found["materials"], found["config_source"]) == ("b", "t", 1, "u")
    assert (found["started"], found["finished"], found["finished_ns"]) == ("2026-01-02T03:04:05Z", "", None)
    assert found["time"] == "2026-01-02T03:04:05Z"


def test_J19_unreadable_end_of_a_build_is_not_replaced_by_its_start():
    metadata = {"buildStartedOn": "2026-01-02T03:04:05Z", "buildFinishedOn": "0001-01-01T00:00:00Z"}

    found = facts_of("provenance", {"builder": {"id": "b"}, "metadata": metadata}, uri=V02)

    assert found["time"] == ""
    assert "1970" in found["time_problem"]


def test_build_that_ends_before_it_starts_is_unreadable():
    metadata = {"buildStartedOn": "2026-01-02T03:04:05Z", "buildFinishedOn": "2026-01-01T00:00:00Z"}

    assert "before it started" in facts_of("provenance", {"builder": {}, "metadata": metadata}, uri=V02)["unreadable"]


@pytest.mark.parametrize("uri", [V02, "https://slsa.dev/provenance/v1"])
@pytest.mark.parametrize("predicate", [{}, [], "", {"builder": 1, "buildDefinition": {}, "runDetails": 1}])
def test_provenance_in_another_shape_is_unreadable(uri, predicate):
    assert "unreadable" in facts_of("provenance", predicate, uri=uri)


# bills of materials


@pytest.mark.parametrize(
    ("uri", "predicate", "form"),
    [
        ("https://spdx.dev/Document", SPDX, "spdx"),
        (CYCLONEDX_URI, CYCLONEDX, "cyclonedx"),
        (
            SCOUT_SBOM_URI,
            {"source": {"image": {"name": "python"}}, "artifacts": [{"purl": "pkg:deb/debian/bash"}]},
            "scout",
        ),
    ],
)
def test_bill_of_materials_in_each_form(uri, predicate, form):
    found = facts_of("sbom", predicate, uri=uri)

    assert (found["form"], found["packages"], found["name"]) == (form, 1, "python")


def test_B24_legacy_document_inside_a_json_string_is_opened_once():
    assert facts_of("sbom", json.dumps(SPDX))["packages"] == 1
    assert "unreadable" in facts_of("sbom", json.dumps(json.dumps(SPDX)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SPDXVersion: SPDX-2.3",
        '{"spdxVersion": "SPDX-2.3", "spdxVersion": "SPDX-2.3"}',
        "[" * 100_000,
        '{"a": NaN}',
        '{"a": "\\ud800"}',
    ],
)
def test_B24_string_under_the_same_strict_rules(text):
    assert "unreadable" in facts_of("sbom", text)


@pytest.mark.parametrize(
    "predicate", ['<?xml version="1.0"?><bom/>', "CgMxLjY=", {}, [], SPDX, CYCLONEDX | {"bomFormat": "cyclonedx"}]
)
def test_J11_cyclonedx_that_is_not_its_json_form(predicate):
    assert "unreadable" in facts_of("sbom", predicate, uri=CYCLONEDX_URI)


@pytest.mark.parametrize("predicate", [{}, [], 1, CYCLONEDX, SPDX | {"packages": {}}, SPDX | {"packages": [1]}])
def test_J11_spdx_that_is_none(predicate):
    assert "unreadable" in facts_of("sbom", predicate)


def test_J09_J10_references_are_neither_walked_nor_fetched(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a reference was followed")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    component = {"bom-ref": "a", "name": "a", "externalReferences": [{"type": "bom", "url": "http://127.0.0.1:1/bom"}]}
    cycle = [{"ref": "a", "dependsOn": ["a", "b"]}, {"ref": "b", "dependsOn": ["a"]}]

    found = facts_of("sbom", CYCLONEDX | {"components": [component] * 20_000, "dependencies": cycle}, uri=CYCLONEDX_URI)

    assert found["packages"] == 20_000


# source, and kinds without a reader


def test_source_image():
    found = facts_of("source", {"source": {"name": "dhi/python", "digest": str(OTHER)}})

    assert (found["name"], found["source_digest"], found["digest"]) == ("dhi/python", str(OTHER), MANIFEST)


@pytest.mark.parametrize(
    "predicate", [{}, [], {"source": {}}, {"source": {"digest": "sha256:AB"}}, {"source": {"digest": 1}}]
)
def test_source_without_a_digest_is_unreadable(predicate):
    assert "unreadable" in facts_of("source", predicate)


@pytest.mark.parametrize("kind", ["health", "mcp-server", "scout-provenance"])
def test_kind_without_a_reader_is_listed_and_not_read(kind):
    found = facts_of(kind, {"anything": 1})

    assert set(found) == {"digest", "type", "time", "time_ns"}


def test_unknown_kind_is_no_error():
    assert facts_of("sbom", {"a": 1}, uri="https://example.com/x")["type"] == "https://example.com/x"
