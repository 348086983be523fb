"""`--base` of the commands that do not judge: the same base is read as by `dhiverify image`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import THEN, Run
from tests.conftest import Publisher
from tests.publisher import keys
from tests.verification.test_base_vex import ABOUT_SSL, CVE, SSL, scan
from tests.verification.test_bases import Shop

ATTESTED = ("--policy", "attested", "--predicate-type", "sbom")


@pytest.fixture
def shop(publisher: Publisher) -> Shop:
    return Shop(publisher, evidence={"vex": ABOUT_SSL})


@pytest.fixture
def image(shop: Shop) -> str:
    """The team's image: it names no base, so `--base` alone does."""
    built = {"evidence": {"scout-vulnerabilities": scan(SSL)}, "omit": frozenset({"stig", "fips", "vex"})}
    return shop.image(named=False, **built).registry("acme/shop")


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "team.pub"
    path.write_bytes(keys.stranger.public_pem)
    return "--key", str(path)


@pytest.fixture
def base(shop: Shop, tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "base.pub"
    path.write_bytes(keys.publisher.public_pem)
    name = shop.base_reference.rpartition(":")[0]
    return "--base", f"{name}@{shop.base.index_digest}", "--base-key", str(path)


def test_what_was_saved_with_its_base_is_judged_without_a_registry(
    run: Run, shop: Shop, image: str, key: tuple[str, ...], base: tuple[str, ...], tmp_path: Path
) -> None:
    directory = str(tmp_path / "saved")

    saved = run("save", *key, *base, image, directory)
    shop.base.manifests.clear()
    judged = run("image", *THEN, *ATTESTED, *key, *base, "--as", image, f"oci:{directory}", "-o", "json")

    assert saved.code == 0, saved.err
    (report,) = json.loads(judged.out)["images"]
    assert judged.code == 0, [rule for one in report["platforms"] for rule in one["rules"] if rule["result"] != "pass"]
    assert {one["base"]["relation"] for one in report["platforms"]} == {"proved"}


def test_what_was_saved_without_its_base_gives_no_verdict(
    run: Run, shop: Shop, image: str, key: tuple[str, ...], base: tuple[str, ...], tmp_path: Path
) -> None:
    directory = str(tmp_path / "saved")

    saved = run("save", *key, image, directory)
    shop.base.manifests.clear()
    judged = run("image", *THEN, *ATTESTED, *key, *base, "--as", image, f"oci:{directory}")

    assert saved.code == 0, saved.err
    assert judged.code == 5


def test_what_excuses_findings_in_the_base_is_shown(
    run: Run, image: str, key: tuple[str, ...], base: tuple[str, ...]
) -> None:
    bare = run("vex", "show", *key, image)
    shown = run("vex", "show", *key, *base, image)

    assert f"SUPPRESSED  {CVE}  {SSL}" not in bare.out
    assert shown.code == 0, shown.err
    assert f"SUPPRESSED  {CVE}  {SSL}" in shown.out


def test_what_excuses_findings_in_the_base_is_exported(
    run: Run, image: str, key: tuple[str, ...], base: tuple[str, ...]
) -> None:
    exported = run("vex", "export", *key, *base, image)

    assert exported.code == 0, exported.err
    statements = json.loads(exported.out)["statements"]
    products = [product for statement in statements for product in statement["products"]]
    parts = {part["@id"] for product in products for part in product["subcomponents"]}
    assert {statement["vulnerability"]["name"] for statement in statements} == {CVE}
    assert parts == {"pkg:deb/debian/libssl3t64@3.5.4-1"}


def test_a_key_of_a_base_without_a_base_is_a_mistake(run: Run, image: str, base: tuple[str, ...]) -> None:
    ran = run("vex", "show", *base[2:], image)

    assert ran.code == 2
    assert "Name it with --base" in ran.err
