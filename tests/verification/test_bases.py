"""Built on a hardened image: found from signed provenance or named, proved by layers, judged by its own evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import keys
from tests.publisher.about import JSON
from tests.publisher.builds import slsa_v1
from tests.verification.conftest import SOON_AFTER, Seen, Verify
from verifier.verification import Options
from verifier.verification.saving import save

TEAM = "stranger"
POLICY = """\
version: 1
name: ours
images:
  - match: "*"
    trust: {{keyFiles: [{team}]}}
    rules: [{{pack: attested, config: {{attested: {{types: [provenance]}}}}}}]
    base:
      images: ["127.0.0.1:*/dhi/*"]
      keyFiles: [{publisher}]
{more}
"""


class Shop:
    """A hardened base and the team's image on it, in one registry."""

    def __init__(self, publisher: Publisher, **of_base: Any) -> None:
        self.publisher = publisher
        self.base = publisher.image(**of_base)
        self.base_reference = self.base.registry("dhi/python")

    def image(self, *, named: bool = True, **fields: Any) -> ImageUnderTest:
        fields.setdefault("layers", 3)
        return self.publisher.image(
            **{
                "product": "acme/shop",
                "tags": ("1.2",),
                "keys": (keys.stranger,),
                "slsa": "v1",
                "variant": "runtime",
                "evidence": {"provenance": self._provenance} if named else {},
                "omit": frozenset({"stig", "fips"}),
                **fields,
            }
        )

    def _provenance(self, about: Any) -> JSON:
        document = slsa_v1(about)
        name, _, tag = self.base_reference.rpartition(":")
        purl = f"pkg:docker/{quote(name, safe='/')}@{tag}?platform={quote(about.platform, safe='')}"
        material = {"uri": purl, "digest": {"sha256": self.base.index_digest.partition(":")[2]}}
        document["buildDefinition"]["resolvedDependencies"].append(material)
        return document


Judge = Callable[..., Seen]


@pytest.fixture
def shop(publisher: Publisher) -> Shop:
    return Shop(publisher)


@pytest.fixture
def judge(verify: Verify, policy_file: Callable[[str], str], key_files: dict[str, str]) -> Judge:
    def run(image: ImageUnderTest, more: str = "", **additions: Any) -> Seen:
        text = POLICY.format(team=key_files[TEAM], publisher=key_files["publisher"], more=more)
        return verify(image.registry("acme/shop"), policy=policy_file(text), key_files=(), **additions)

    return run


def test_a_base_named_by_provenance_is_proved_and_judged(shop: Shop, judge: Judge) -> None:
    seen = judge(shop.image())

    assert seen.exit_code == 0, seen.why
    for platform in seen.image.platforms:
        base = platform.base
        assert base is not None
        assert (base.relation, base.source, base.layers) == ("proved", "provenance", 2)
        assert base.reference == f"{shop.base_reference.rpartition(':')[0]}@{shop.base.index_digest}"
        assert base.digest == shop.base[platform.platform].digest
        assert (base.verdict, base.variant) == ("allow", "runtime")
        assert [signer.rpartition("/")[2] for signer in base.signers] == ["publisher.pub"]
        assert base.built.startswith("2026-01-15T12:00:00")
    assert not seen.image.is_dhi


def test_a_base_that_was_saved_with_its_image_is_judged_without_its_registry(
    shop: Shop, verify: Verify, policy_file: Callable[[str], str], key_files: dict[str, str], tmp_path: Path
) -> None:
    policy = policy_file(POLICY.format(team=key_files[TEAM], publisher=key_files["publisher"], more=""))
    reference = shop.image().registry("acme/shop")
    online = verify(reference, policy=policy, key_files=())

    save(reference, str(tmp_path / "saved"), Options(policy=policy, effective_time=SOON_AFTER))
    shop.base.manifests.clear()
    shop.base.blobs.clear()
    offline = verify(f"oci:{tmp_path}/saved", policy=policy, key_files=(), requested=reference)

    assert offline.exit_code == 0, offline.why
    assert [one.base for one in offline.image.platforms] == [one.base for one in online.image.platforms]


def test_a_layout_without_the_base_gives_no_verdict(
    shop: Shop, verify: Verify, policy_file: Callable[[str], str], key_files: dict[str, str]
) -> None:
    policy = policy_file(POLICY.format(team=key_files[TEAM], publisher=key_files["publisher"], more=""))
    image = shop.image()
    layout = image.layout()
    shop.base.manifests.clear()

    seen = verify(layout, policy=policy, key_files=(), requested=image.registry("acme/shop"))

    assert seen.exit_code == 5


def test_a_base_named_on_the_command_line_needs_no_document(
    shop: Shop, verify: Verify, key_files: dict[str, str]
) -> None:
    image = shop.image(named=False).registry("acme/shop")

    seen = verify(
        image,
        policy="signed",
        key_files=(key_files[TEAM],),
        base=shop.base_reference,
        base_keys=(key_files["publisher"],),
    )

    assert seen.platform().base is not None
    assert seen.rule("base-proved").result == "pass"
    assert seen.platform().base.source == "--base"


def test_O12_an_image_that_only_carries_the_labels_of_a_base_is_not_built_on_it(shop: Shop, judge: Judge) -> None:
    def other_layers(_: str, manifest: JSON) -> JSON:
        other = {"mediaType": manifest["layers"][0]["mediaType"], "digest": "sha256:" + "e" * 64, "size": 10}
        return {**manifest, "layers": [other, *manifest["layers"][1:]]}

    seen = judge(shop.image(platform_manifest=other_layers))

    assert seen.exit_code == 1
    base = seen.platform().base
    assert base is not None
    assert base.relation == "claimed"
    assert "not built on" in seen.rule("base-proved").message


def test_equal_contents_count_only_where_policy_says_so(shop: Shop, judge: Judge) -> None:
    def compressed_anew(_: str, manifest: JSON) -> JSON:
        layers = [{**one, "digest": "sha256:" + f"{n}" * 64} for n, one in enumerate(manifest["layers"])]
        return {**manifest, "layers": layers}

    image = shop.image(platform_manifest=compressed_anew)

    assert judge(image).rule("base-proved").result == "fail"
    assert judge(image, "      layers: claimed").rule("base-proved").result == "pass"


@pytest.mark.parametrize(
    "config",
    [
        {"rootfs": {"type": "layers", "diff_ids": []}},
        {"history": [{"created_by": "one"}]},
        {"history": "none"},
        {"rootfs": {"type": "layers", "diff_ids": ["sha256:" + "a" * 64] * 3}},
    ],
    ids=["no contents", "a history of another length", "no history", "other contents"],
)
def test_layers_history_and_contents_must_agree(shop: Shop, judge: Judge, config: JSON) -> None:
    seen = judge(shop.image(image_config=lambda _, document: {**document, **config}))

    base = seen.platform().base
    assert base is not None
    assert base.relation == "refuted"
    assert seen.exit_code == 1


def test_fewer_layers_than_the_base_are_not_the_base(publisher: Publisher, judge: Judge) -> None:
    shop = Shop(publisher, layers=4)

    seen = judge(shop.image(layers=3))

    assert "expected the 4 layers of the base first, found 3" in seen.rule("base-proved").message


def test_G_a_base_without_trusted_evidence_proves_nothing(publisher: Publisher, judge: Judge) -> None:
    shop = Shop(publisher, keys=(keys.stranger,))

    seen = judge(shop.image())

    assert seen.exit_code == 1
    assert seen.rule("base-proved").result == "fail"
    assert "is trusted" in seen.rule("base-proved").message


def test_a_base_that_its_own_policy_refuses_is_refused(publisher: Publisher, judge: Judge) -> None:
    shop = Shop(publisher, omit=frozenset({"malware"}))

    seen = judge(shop.image())

    assert seen.rule("base-proved").result == "pass"
    assert seen.rule("base-accepted").result == "fail"
    assert "malware" in seen.rule("base-accepted").message


def test_O14_a_base_beyond_its_end_of_life_is_refused(publisher: Publisher, judge: Judge) -> None:
    shop = Shop(publisher, end_of_life="2026-01-19")

    assert "end of life" in judge(shop.image()).rule("base-current").message
    assert judge(shop.image(), "      supported: false").rule("base-current").result == "pass"


def test_age_and_variant_of_the_base(publisher: Publisher, judge: Judge) -> None:
    shop = Shop(publisher, variant="dev")
    image = shop.image()

    assert judge(image, "      maxAgeDays: 5").rule("base-current").result == "pass"
    assert "more than 4 days ago" in judge(image, "      maxAgeDays: 4").rule("base-current").message
    assert "variant dev" in judge(image, "      variants: [runtime]").rule("base-current").message
    assert judge(image, "      variants: [runtime, dev]").rule("base-current").result == "pass"


def test_I_provenance_does_not_choose_which_hosts_are_contacted(shop: Shop, publisher: Publisher, judge: Judge) -> None:
    shop.base_reference = shop.base.registry("elsewhere/python", referrers_api=False)

    seen = judge(shop.image())

    assert "neither signed provenance nor a label names" in seen.rule("base-proved").message
    assert not publisher.registry(referrers_api=False).log


def test_nothing_names_a_base(shop: Shop, judge: Judge) -> None:
    plain = shop.image(named=False, labels={"name": None, "version": None})

    seen = judge(plain)

    assert seen.exit_code == 1
    assert "neither signed provenance nor a label names an approved image" in seen.rule("base-proved").message
    assert seen.rule("base-current").result == "skipped"


def test_a_base_that_cannot_be_read_is_an_error_and_no_refusal(shop: Shop, judge: Judge) -> None:
    image = shop.image()
    shop.base.manifests.clear()

    seen = judge(image)

    assert seen.exit_code == 5
    assert seen.image.verdict == "error"
