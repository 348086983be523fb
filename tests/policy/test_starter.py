"""The document of `policy init`: short, without Rego, and loaded as it stands."""

from __future__ import annotations

from pathlib import Path

from verifier.model import Plan, Reference
from verifier.policy import load_document, plan_for
from verifier.policy.reading import parse
from verifier.policy.starter import starter


def plan(folder: Path, reference: Reference) -> Plan | None:
    (folder / "policy.yaml").write_text(starter())
    return plan_for(load_document(str(folder / "policy.yaml")), reference)


def test_hardened_images_are_judged_by_the_shipped_key_and_pack(tmp_path: Path) -> None:
    found = plan(tmp_path, Reference("dhi.io", "python", "3.13"))

    assert found
    assert found.keys == ("dhi-2",)
    assert {required.kind for required in found.required} == {"sbom", "provenance", "malware", "secrets"}
    assert found.waivers == ()


def test_own_images_are_judged_by_the_key_beside_the_document(tmp_path: Path) -> None:
    found = plan(tmp_path, Reference("registry.example.com", "team/shop/cart", "1"))

    assert found
    assert (found.keys, found.key_files) == ((), (str(tmp_path / "release.pub"),))
    assert [module.id for module in found.rules] == ["signed", "attested"]


def test_G13_everything_else_is_denied(tmp_path: Path) -> None:
    assert plan(tmp_path, Reference("docker.io", "library/python", "3.13")) is None


def test_it_is_short_and_says_what_to_do() -> None:
    lines = starter().splitlines()

    assert len(lines) < 50
    assert lines[0].startswith("# yaml-language-server: $schema=policy.schema.json")
    assert "dhiverify policy lint" in starter()
    assert "package docker.scout" not in starter()


def test_its_waiver_holds_once_it_is_no_comment() -> None:
    body = starter().replace("    # waivers:", "    waivers:").replace("    #   ", "      ")

    (waiver,) = parse(body.encode(), "policy.yaml").images[0].waivers
    assert (waiver.rule, waiver.ticket) == ("fixable-vulnerabilities", "SEC-142")
