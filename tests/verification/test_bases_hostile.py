"""Images that are not what they say they are built on, and registries that help them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from tests.conftest import Publisher
from tests.publisher import keys
from tests.publisher.about import JSON
from tests.verification.conftest import Verify
from tests.verification.test_bases import POLICY, TEAM, Judge, Shop, judge, shop
from verifier.errors import ConfigurationError

__all__ = ["judge", "shop"]


def test_A05_evidence_of_one_platform_of_the_base_proves_nothing_about_another(shop: Shop, judge: Judge) -> None:
    shop.base.listings.pop(shop.base["arm64"].digest)

    seen = judge(shop.image())

    assert seen.rule("base-proved", "linux/amd64").result == "pass"
    assert seen.rule("base-proved", "linux/arm64").result == "fail"
    assert "no evidence of the base" in seen.rule("base-proved", "linux/arm64").message


def test_G17_a_base_of_which_nothing_is_trusted_is_not_let_through_by_its_own_policy(
    publisher: Publisher, judge: Judge, key_files: dict[str, str], tmp_path: Path
) -> None:
    lax = tmp_path / "lax.yaml"
    trust = f"trust: {{keyFiles: [{key_files['publisher']}]}}"
    lax.write_text(
        f"version: 1\nname: lax\nimages:\n  - {{match: '*', enforce: false, rules: [{{pack: dhi}}], {trust}}}\n"
    )
    shop = Shop(publisher, omit=frozenset({"*"}))

    seen = judge(shop.image(), f"      policy: {lax}")

    assert seen.exit_code == 1
    assert seen.rule("base-proved").result == "fail"
    assert seen.rule("base-accepted").result == "fail"


def test_G20_hiding_the_base_that_reaches_further_up_does_not_make_a_lower_one_count(
    publisher: Publisher, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(publisher, variant="dev")
    lower = publisher.image(product="dhi/static", tags=("1",), layers=1)
    name, _, tag = lower.registry("dhi/static").rpartition(":")
    provenance = shop._provenance

    def of_both(about: Any) -> JSON:
        document = provenance(about)
        digest = {"sha256": lower.index_digest.partition(":")[2]}
        material = {"uri": f"pkg:docker/{quote(name, safe='/')}@{tag}", "digest": digest}
        document["buildDefinition"]["resolvedDependencies"].append(material)
        return document

    monkeypatch.setattr(shop, "_provenance", of_both)
    image = shop.image()

    open_to_see = judge(image, "      variants: [runtime]")
    shop.base.manifests.pop(shop.base.index_digest)
    hidden = judge(image, "      variants: [runtime]")

    assert "variant dev" in open_to_see.rule("base-current").message
    assert (hidden.exit_code, hidden.image.verdict) == (5, "error")


def test_A24_another_release_in_place_of_the_base_that_was_named_is_seen(
    publisher: Publisher, verify: Verify, key_files: dict[str, str]
) -> None:
    shop = Shop(publisher, tags=("3.9",))
    shop.base.tags["3.13"] = shop.base.index_digest
    newer = f"{shop.base_reference.rpartition(':')[0]}:3.13"

    seen = verify(
        shop.image(named=False).registry("acme/shop"),
        policy="signed",
        key_files=(key_files[TEAM],),
        base=newer,
        base_keys=(key_files["publisher"],),
    )

    base = seen.platform().base
    assert base is not None
    assert base.verdict == "warn"
    assert "the tag 3.13 was requested; signed are: 3.9" in "".join(base.reasons)


def test_a_key_that_the_team_denies_vouches_for_no_base_either(
    shop: Shop, verify: Verify, policy_file: Callable[[str], str], key_files: dict[str, str]
) -> None:
    key = load_pem_public_key(keys.publisher.public_pem)
    spki = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    text = POLICY.format(team=key_files[TEAM], publisher=key_files["publisher"], more="")
    text = text.replace(f"[{key_files[TEAM]}]}}", f"[{key_files[TEAM]}], deniedKeys: ['sha256:{spki}']}}")

    seen = verify(shop.image().registry("acme/shop"), policy=policy_file(text), key_files=())

    assert seen.rule("base-proved").result == "fail"
    assert "which the policy denies" in seen.rule("base-proved").message


@pytest.mark.parametrize("architecture", ["", "a b", "amd64,arm64", "amd64/v9/x"])
def test_A10_an_odd_platform_is_a_fault_of_that_image_and_ends_no_run(
    publisher: Publisher, judge: Judge, architecture: str
) -> None:
    odd = {
        "platforms": ("linux/amd64",),
        "as_index": False,
        "image_config": lambda _, config: {**config, "architecture": architecture},
    }
    shop = Shop(publisher, **odd)

    seen = judge(shop.image(**odd))

    assert (seen.exit_code, seen.image.verdict) == (5, "error")
    assert "expected a platform" in seen.why


def test_G18_no_path_makes_a_rule_of_somebody_else_a_shipped_one(
    shop: Shop, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = tmp_path / "built-in:base" / "base-proved.rego"
    rule.parent.mkdir()
    rule.write_text("package docker.scout\n\nimport rego.v1\n\npass := true\n")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError, match="base-proved"):
        judge(shop.image(), rules=("built-in:base/base-proved.rego",))
