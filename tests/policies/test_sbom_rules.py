"""dhi-signed-supply-chain-attestations and dhi-unintentional-shell-or-package-manager."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.policies.dhi_images import CYCLONEDX, SCOUT_SBOM, SLSA_02, SLSA_1, SPDX, Image, Judge, labelled

SIGNED, SHELL = "dhi-signed-supply-chain-attestations", "dhi-unintentional-shell-or-package-manager"


def spdx(*names: str, kind: str = "deb/debian") -> dict[str, Any]:
    return {"packages": [_package(name, f"pkg:{kind}/{name}@1") for name in ("libc6", *names)]}


def _package(name: str, purl: str) -> dict[str, Any]:
    return {"name": name, "externalRefs": [{"referenceLocator": "cpe:2.3:a:x"}, {"referenceLocator": purl}]}


def signed(**kinds: Any) -> Image:
    return Image(predicates={SPDX: [spdx()], SLSA_1: [{"buildDefinition": {}}]} | kinds)


def cyclonedx(*names: str) -> dict[str, Any]:
    return {"components": [{"name": name, "purl": f"pkg:apk/alpine/{name}@1"} for name in ("musl", *names)]}


@pytest.mark.parametrize("sbom", [SPDX, CYCLONEDX, SCOUT_SBOM])
@pytest.mark.parametrize("provenance", [SLSA_1, SLSA_02])
def test_gap_any_sbom_and_either_provenance_will_do(judge: Judge, sbom: str, provenance: str) -> None:
    outcome = judge(SIGNED, Image(predicates={sbom: [{"name": "x"}], provenance: [{"builder": {}}]}))

    assert outcome.result == "pass"
    assert len(outcome.evidence) == 2


def test_G01_missing_attestations_fail_by_name(judge: Judge) -> None:
    outcome = judge(SIGNED)

    assert outcome.result == "fail"
    assert {v.detail["attestation"] for v in outcome.violations} == {"bill of materials", "provenance"}
    assert judge(SIGNED, Image(predicates={SPDX: [spdx()]})).result == "fail"
    assert judge(SIGNED, Image(predicates={SLSA_1: [{"builder": {}}]})).result == "fail"


def test_G02_attestations_that_nobody_trusted_signed_fail(judge: Judge) -> None:
    outcome = judge(SIGNED, Image(predicates={SPDX: [spdx()], SLSA_1: [{"builder": {}}]}, signed=False))

    assert outcome.result == "fail"
    assert "not signed by Docker" in outcome.message


def test_G03_other_types_do_not_stand_in_for_provenance(judge: Judge) -> None:
    scout = "https://scout.docker.com/provenance/v0.1"

    assert judge(SIGNED, Image(predicates={SPDX: [spdx()], scout: [{"builder": {}}]})).result == "fail"


@pytest.mark.parametrize("predicate", [..., None, {}, [], [{"name": "x"}], "", "{}", "text", 7, True])
@pytest.mark.parametrize(("kind", "name"), [(SPDX, "bill of materials"), (SLSA_1, "provenance")])
def test_G11_statement_without_content_is_no_attestation(judge: Judge, kind: str, name: str, predicate: Any) -> None:
    outcome = judge(SIGNED, signed(**{kind: [predicate]}))

    assert outcome.result == "fail"
    assert outcome.message == f"expected a signed {name} with content, found none"


def test_document_in_a_string_counts_for_spdx_alone(judge: Judge) -> None:
    text = json.dumps(spdx())

    assert judge(SIGNED, signed(**{SPDX: [text]})).result == "pass"
    assert judge(SIGNED, signed(**{SLSA_1: [text]})).result == "fail"
    assert judge(SIGNED, Image(predicates={CYCLONEDX: [text], SLSA_1: [{"builder": {}}]})).result == "fail"


def test_statement_without_content_does_not_hide_one_that_has_it(judge: Judge) -> None:
    assert judge(SIGNED, signed(**{SPDX: [{}, spdx()], CYCLONEDX: [None]})).result == "pass"


@pytest.mark.parametrize(("kind", "document"), [(SPDX, spdx()), (CYCLONEDX, cyclonedx()), (SPDX, json.dumps(spdx()))])
def test_image_without_shell_and_package_manager_passes(judge: Judge, kind: str, document: Any) -> None:
    assert judge(SHELL, Image(predicates={kind: [document]})).result == "pass"


@pytest.mark.parametrize(
    "name", ["bash", "busybox", "dash", "ksh", "mksh", "zsh", "ash", "fish", "busybox-static", "Bash"]
)
def test_gap_other_shells_are_known(judge: Judge, name: str) -> None:
    outcome = judge(SHELL, Image(predicates={SPDX: [spdx(name)]}))

    assert outcome.result == "fail"
    assert outcome.violations[0].detail["kind"] == "com.docker.dhi.shell"


@pytest.mark.parametrize("name", ["apt", "apk-tools", "dnf", "yum", "microdnf", "pacman"])
def test_gap_other_package_managers_are_known(judge: Judge, name: str) -> None:
    outcome = judge(SHELL, Image(predicates={SPDX: [spdx(name)]}))

    assert outcome.result == "fail"
    assert outcome.violations[0].detail == {"package": name, "kind": "com.docker.dhi.package-manager"}


@pytest.mark.parametrize("name", ["dpkg", "bash-completion", "libapt-pkg6.0", "rebash"])
def test_databases_and_names_that_only_contain_a_shell_pass(judge: Judge, name: str) -> None:
    assert judge(SHELL, Image(predicates={SPDX: [spdx(name)]})).result == "pass"


def test_libraries_of_languages_are_no_shells(judge: Judge) -> None:
    assert judge(SHELL, Image(predicates={SPDX: [spdx("dash", kind="pypi")]})).result == "pass"
    assert judge(SHELL, Image(predicates={SPDX: [{"packages": [{"name": "dash"}]}]})).result == "fail"
    two = {
        "name": "dash",
        "externalRefs": [{"referenceLocator": p} for p in ("pkg:pypi/dash@1", "pkg:deb/debian/dash@1")],
    }
    assert judge(SHELL, Image(predicates={SPDX: [{"packages": [two]}]})).result == "fail"


def test_packages_of_docker_count_by_their_plain_name(judge: Judge) -> None:
    assert judge(SHELL, Image(predicates={SPDX: [spdx("pkg-bash", kind="docker/dhi")]})).result == "fail"


def test_label_that_names_a_shell_allows_it(judge: Judge) -> None:
    image = Image(config=labelled(shell="bash", package_manager="apt"), predicates={SPDX: [spdx("bash", "apt")]})

    assert judge(SHELL, image).result == "pass"


def test_each_label_promises_for_itself(judge: Judge) -> None:
    image = Image(config=labelled(shell="bash", package_manager=""), predicates={SPDX: [spdx("bash", "apt")]})

    assert [v.detail["package"] for v in judge(SHELL, image).violations] == ["apt"]


def test_image_without_either_label_is_skipped(judge: Judge) -> None:
    config = labelled(shell="..", package_manager="..")

    assert judge(SHELL, Image(config=config, predicates={SPDX: [spdx("bash")]})).result == "skipped"
    assert judge(SHELL, Image(config=labelled(shell=".."), predicates={SPDX: [spdx("apt")]})).result == "fail"


def test_G01_gap_missing_sbom_is_unknown(judge: Judge) -> None:
    assert judge(SHELL).result == "unknown"


def test_gap_cyclonedx_is_read_where_spdx_is_absent(judge: Judge) -> None:
    assert judge(SHELL, Image(predicates={CYCLONEDX: [cyclonedx("bash")]})).result == "fail"
    scout = {"artifacts": [{"name": "bash", "purl": "pkg:deb/debian/bash@5"}]}
    assert judge(SHELL, Image(predicates={SCOUT_SBOM: [scout]})).result == "fail"


def test_G04_J22_every_sbom_counts(judge: Judge) -> None:
    assert judge(SHELL, Image(predicates={SPDX: [spdx(), spdx("bash")]})).result == "fail"
    assert judge(SHELL, Image(predicates={SPDX: [spdx()], CYCLONEDX: [cyclonedx("bash")]})).result == "fail"
    assert judge(SHELL, Image(predicates={SPDX: [json.dumps(spdx("bash"))], CYCLONEDX: [cyclonedx()]})).result == "fail"
    scout = {"artifacts": [{"name": "bash", "purl": "pkg:deb/debian/bash@5"}]}
    three = {SPDX: [spdx()], CYCLONEDX: [cyclonedx()], SCOUT_SBOM: [scout]}
    assert judge(SHELL, Image(predicates=three)).result == "fail"


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (SPDX, {"packages": []}),
        (CYCLONEDX, {"components": []}),
        (SCOUT_SBOM, {"artifacts": []}),
        (SPDX, '{"packages": []}'),
    ],
)
def test_G11_bill_of_materials_without_packages_fails(judge: Judge, kind: str, document: Any) -> None:
    outcome = judge(SHELL, Image(predicates={kind: [document]}))

    assert outcome.result == "fail"
    assert outcome.message.startswith("expected packages in every bill of materials, found none")
    assert (
        judge(SHELL, Image(predicates={"https://cyclonedx.org/bom": [cyclonedx()], kind: [document]})).result == "fail"
    )
    promises_nothing = labelled(shell="..", package_manager="..")
    assert judge(SHELL, Image(config=promises_nothing, predicates={kind: [document]})).result == "skipped"


@pytest.mark.parametrize(
    "document", [{}, {"packages": None}, {"packages": {}}, {"packages": [{}]}, {"packages": ["x"]}]
)
def test_G11_sbom_of_another_shape_never_passes(judge: Judge, document: Any) -> None:
    assert judge(SHELL, Image(predicates={SPDX: [document]})).result == "fail"


@pytest.mark.parametrize("document", [None, ..., [], "x"])
def test_G11_sbom_that_is_no_object_never_passes(judge: Judge, document: Any) -> None:
    assert judge(SHELL, Image(predicates={SPDX: [document]})).result in ("fail", "unknown")
