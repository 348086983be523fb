"""The document for scanners: what goes in, in which spelling, and that others can read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lib4vex.parser import VEXParser
from packageurl import PackageURL

from tests.vex.words import CVE, DIGEST, NGINX, OPENSSL, OTHER, document, inside, real, said
from verifier.vex.export import compiled, spoken
from verifier.vex.scope import Image
from verifier.vex.statements import JUSTIFICATIONS, Document
from verifier.vex.voices import Voice

INDEX = f"sha256:{'e' * 64}"


def exported(*documents: Document, image: Image = NGINX) -> dict[str, Any]:
    found = compiled([(DIGEST, spoken([Voice(documents, image)]))], (), ["nginx"], "dhiverify 1")
    assert found is not None
    return found


def parts(*documents: Document, name: str = CVE) -> set[str]:
    """The subcomponents of the statements about a vulnerability."""
    whole = compiled([(DIGEST, spoken([Voice(documents, NGINX)]))], (), ["nginx"], "dhiverify 1") or {"statements": []}
    chosen = [one for one in whole["statements"] if one["vulnerability"]["name"] == name]
    return {part["@id"] for one in chosen for product in one["products"] for part in product["subcomponents"]}


def covered(stated: str, scanned: str) -> bool:
    """OpenVEX's own rule, by which Trivy and Grype compare: what is stated must be there, letter by letter."""
    one, other = PackageURL.from_string(stated), PackageURL.from_string(scanned)
    same = (one.type, one.namespace, one.name) == (other.type, other.namespace, other.name)
    wanted, there = dict(one.qualifiers or {}), dict(other.qualifiers or {})
    return same and one.version in (None, other.version) and wanted.items() <= there.items()


@pytest.mark.parametrize(
    ("scanned", "name"),
    [
        ("pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13.1", "CVE-2010-4756"),  # Trivy
        ("pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc", "CVE-2010-4756"),  # Grype
        ("pkg:deb/debian/tar@1.35%2Bdfsg-3.1?arch=amd64&distro=debian-13", "CVE-2005-2541"),
        ("pkg:deb/debian/shadow@1%3A4.13%2Bdfsg1-1%2Bdeb12u1?arch=amd64&distro=debian-12", "CVE-2007-5686"),
        ("pkg:deb/debian/shadow@4.13%2Bdfsg1-1%2Bdeb12u1?arch=amd64&distro=debian-12.9&epoch=1", "CVE-2007-5686"),
    ],
)
def test_docker_s_statements_cover_what_scanners_write(scanned: str, name: str) -> None:
    assert any(covered(part, scanned) for part in parts(real("dhi-nginx.vex.json"), name=name))


def test_what_is_investigated_again_is_left_out() -> None:
    assert parts(real("dhi-nginx.vex.json"), name="CVE-2025-9232") == {"pkg:deb/debian/openssl@3.5.4"}
    assert not parts(real("dhi-nginx.vex.json"), name="CVE-2025-52099")


def test_names_that_are_spelt_otherwise_stand_in_both_spellings() -> None:
    renamed = document(said("pkg:deb/dhi/openssl@1", "pkg:golang/github.com/Masterminds/semver@1.2"))

    assert parts(renamed) == {
        "pkg:deb/debian/openssl@1",
        "pkg:deb/dhi/openssl@1",
        *(f"pkg:golang/github.com/{m}asterminds/semver@{v}1.2" for m in "Mm" for v in ("", "v")),
    }


def test_products_are_the_image_by_digest() -> None:
    (statement,) = exported(document(said(inside("pkg:docker/dhi/nginx", OPENSSL))))["statements"]

    assert statement["products"] == [
        {"@id": f"pkg:oci/nginx@{DIGEST}", "subcomponents": [{"@id": "pkg:deb/debian/openssl@3.5.4-1"}]}
    ]


def test_J13_disputed_overtaken_and_unjustified_words_are_left_out() -> None:
    excuse = document(said())
    accusations = [
        document(said(status="affected", timestamp="2020-01-01T00:00:00Z"), digest=OTHER),
        document(said("pkg:deb/debian/openssl", status="under_investigation"), digest=OTHER),
        document(said("pkg:docker/dhi/nginx", status="affected"), digest=OTHER),
    ]

    assert parts(excuse)
    for accusation in accusations:
        assert not parts(excuse, accusation)
        assert spoken([Voice((excuse, accusation), NGINX)]).contradicted == 1
    assert not parts(document(said(), said(status="affected", timestamp="2026-03-01T00:00:00Z")))
    assert not parts(document(said(justification=...)))


def test_accusation_of_another_version_takes_nothing_away() -> None:
    other = document(said("pkg:deb/debian/openssl@3.0.0", status="affected"), digest=OTHER)

    assert parts(document(said()), other) == {"pkg:deb/debian/openssl@3.5.4-1"}


def test_statement_about_another_image_and_range_are_left_out_and_ranges_counted() -> None:
    elsewhere = document(said(inside("pkg:docker/dhi/python", OPENSSL), OPENSSL))
    ranged = document(said("pkg:deb/debian/openssl?vers=vers:deb/%3C4"))

    assert not spoken([Voice((elsewhere,), NGINX)]).lines
    assert spoken([Voice((ranged,), NGINX)]).unspeakable == 1


def test_what_holds_for_every_platform_names_the_index_too() -> None:
    both, one = said(), said("pkg:deb/debian/zlib1g", name="CVE-2026-0002")
    amd, arm = spoken([Voice((document(both, one),), NGINX)]), spoken([Voice((document(both, digest=OTHER),), NGINX)])

    whole = compiled([(DIGEST, amd), (OTHER, arm)], (INDEX,), ["nginx"], "dhiverify 1")

    assert whole is not None
    named = {s["vulnerability"]["name"]: {p["@id"][-71:] for p in s["products"]} for s in whole["statements"]}
    assert named == {CVE: {DIGEST, OTHER, INDEX}, "CVE-2026-0002": {DIGEST}}


def test_whole_image_by_digest_has_no_subcomponents() -> None:
    (statement,) = exported(document(said(f"pkg:oci/nginx@{DIGEST}")))["statements"]

    assert statement["products"] == [{"@id": f"pkg:oci/nginx@{DIGEST}"}]


def test_K16_same_input_same_bytes() -> None:
    first, second = (json.dumps(exported(real("dhi-nginx.vex.json"))) for _ in range(2))

    assert first == second
    assert '"timestamp": "2025-10-25T14:37:19.272Z"' in first


def test_without_an_excuse_there_is_no_document() -> None:
    assert (
        compiled([(DIGEST, spoken([Voice((document(said(status="affected")),), NGINX)]))], (), ["nginx"], "t") is None
    )


def faults(whole: dict[str, Any]) -> Iterator[str]:
    """What OpenVEX 0.2.0 demands of the members that we write."""
    members = {"@context", "@id", "author", "role", "timestamp", "version", "tooling", "statements"}
    if whole.keys() != members or whole["@context"] != "https://openvex.dev/ns/v0.2.0" or whole["version"] != 1:
        yield "the document"
    if not re.fullmatch(r"https://openvex\.dev/docs/public/vex-[0-9a-f]{64}", whole["@id"]):
        yield "its id"
    statements = whole["statements"]
    if not statements or len({json.dumps(one) for one in statements}) != len(statements):
        yield "statements are at least one, and differ"
    for one in (whole, *statements):
        if datetime.fromisoformat(one["timestamp"]).tzinfo is None:
            yield "a time"
    for one in statements:
        if one["status"] == "not_affected" and (
            one["justification"] not in JUSTIFICATIONS or "impact_statement" in one
        ):
            yield "a reason"
        for product in one["products"]:
            for part in (product, *product.get("subcomponents", ())):
                PackageURL.from_string(part["@id"])
                if not part.keys() <= {"@id", "subcomponents"}:
                    yield "a component"


@pytest.mark.parametrize("name", ["dhi-nginx.vex.json", "dhi-kserve-localmodelnode-agent.vex.json"])
def test_document_is_openvex(name: str) -> None:
    image = Image(frozenset({"dhi/nginx", "dhi/kserve-localmodelnode-agent"}), frozenset({DIGEST}))

    assert list(faults(exported(real(name), image=image))) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves the file open
def test_lib4vex_reads_it(tmp_path: Path) -> None:
    parser = VEXParser(vex_type="openvex")
    path = tmp_path / "nginx.vex.json"
    path.write_text(json.dumps(exported(real("dhi-nginx.vex.json"))))

    parser.parse(str(path))

    read = {(one["id"], one["status"], one["justification"]) for one in parser.get_vulnerabilities()}
    excused = [one for one in real("dhi-nginx.vex.json").statements if one.suppresses]
    assert read == {(one.vulnerability, one.status, one.justification) for one in excused}
