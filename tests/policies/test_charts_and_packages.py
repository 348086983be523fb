"""What is no image with a runtime configuration: Helm charts, and the images in which packages are shipped."""

from __future__ import annotations

import json
from typing import Any

import pytest
import regorus

from tests.policies.dhi_images import (
    CYCLONEDX,
    DIGEST,
    SCOUT_PROVENANCE,
    SCOUT_VULNERABILITIES,
    SECRETS,
    SLSA_1,
    SOURCE,
    SPDX,
    STIG,
    TESTS,
    VIRUS,
    Image,
    Judge,
    labelled,
)
from verifier.model import Reference, RuleModule
from verifier.policy import load_document, plan_for

CHART_YAML = {"name": "redis-chart", "version": "1.2.3", "apiVersion": "v2", "type": "application"}
USER, PORT, SUPPLY = "dhi-default-non-root-user", "dhi-privileged-port", "dhi-signed-supply-chain-attestations"
REQUIRED, STIG_SCORE = "dhi-required-evidence", "dhi-stig-scan-score"
ABOUT_ONE_KIND = {
    "dhi-no-embedded-malware": VIRUS,
    "dhi-no-embedded-secrets": SECRETS,
    "dhi-no-failing-tests": TESTS,
    STIG_SCORE: STIG,
    "dhi-unintentional-shell-or-package-manager": SPDX,
    "fixable-vulnerabilities": SCOUT_VULNERABILITIES,
    "high-profile-vulnerabilities": SCOUT_VULNERABILITIES,
}
NEEDED_BY_EVERY_IMAGE = ABOUT_ONE_KIND.keys() - {STIG_SCORE, "dhi-unintentional-shell-or-package-manager"}
OF_CHARTS = {"sbom", "provenance", "vulnerabilities", "malware", "secrets", "tests"}


def chart(**more: Any) -> Image:
    about = {"products": ["dhi/redis-chart"], "requested_products": ["dhi/redis-chart"], "announced": ""}
    return Image(**about | {"configured": "", "is_single": True, "artifact": "chart", "document": CHART_YAML} | more)


def package(**more: Any) -> Image:
    return Image(**{"products": ["dhi/pkg-bash"], "requested_products": ["dhi/pkg-bash"], "artifact": "package"} | more)


def required_by_dhi() -> list[dict[str, Any]]:
    plan = plan_for(load_document("dhi"), Reference("dhi.io", "redis-chart", "1.2.3"))
    assert plan
    found: list[dict[str, Any]] = next(rule.config["required"] for rule in plan.rules if rule.id == REQUIRED)
    return found


def missing(judge: Judge, image: Image) -> set[str]:
    outcome = judge(REQUIRED, image, required=required_by_dhi())
    return {violation.detail["kind"] for violation in outcome.violations}


@pytest.mark.parametrize(
    "rule",
    [
        USER,
        PORT,
        STIG_SCORE,
        "dhi-end-of-life",
        "dhi-platform-matches-config",
        "dhi-platforms-agree",
        "dhi-stig-report-consistent",
        "dhi-unintentional-shell-or-package-manager",
        "dhi-variant-agrees",
    ],
)
def test_what_speaks_of_a_runtime_configuration_does_not_apply_to_a_chart(judge: Judge, rule: str) -> None:
    assert judge(rule, chart()).result == "skipped"


def test_a_chart_is_for_no_platform_whatever_the_index_says(judge: Judge) -> None:
    listed = {"announced": "linux/amd64", "is_single": False}

    assert judge("dhi-platform-matches-config", chart(**listed)).result == "skipped"
    assert judge("dhi-platform-matches-config", Image(**listed, configured="")).result == "fail"


def test_O14_charts_of_two_tags_do_not_agree(judge: Judge) -> None:
    listed = [{"platform": "", "tags": [tag], "definition": "", "products": []} for tag in ("1.2.3", "1.2.2")]

    assert judge("dhi-platforms-agree", chart(facts={"platforms": listed})).result == "fail"
    assert judge("dhi-platforms-agree", chart(facts={"platforms": listed[:1] * 2})).result == "pass"


@pytest.mark.parametrize("rule", sorted(NEEDED_BY_EVERY_IMAGE))
def test_G01_a_chart_needs_its_scans(judge: Judge, rule: str) -> None:
    assert judge(rule, chart()).result == "unknown"


def test_G01_a_chart_needs_its_supply_chain_evidence(judge: Judge) -> None:
    assert judge(SUPPLY, chart()).result == "fail"
    assert missing(judge, chart()) == OF_CHARTS


def test_a_chart_needs_neither_stig_nor_fips_evidence_whatever_its_tag(judge: Judge) -> None:
    assert missing(judge, chart(tags=["1.2.3-fips"])) == OF_CHARTS
    assert missing(judge, Image(tags=["3.13-fips"])) == OF_CHARTS | {"stig", "fips"}


@pytest.mark.parametrize("artifact", ["", "image", "firmware"])
def test_G21_what_is_neither_chart_nor_package_is_an_image(judge: Judge, artifact: str) -> None:
    image = Image(artifact=artifact, config={})

    assert missing(judge, image) == OF_CHARTS
    assert judge(USER, image).result == "fail"
    for rule in NEEDED_BY_EVERY_IMAGE:
        assert judge(rule, image).result == "unknown"


def test_O13_the_form_of_a_configuration_alone_makes_no_chart(judge: Judge) -> None:
    assert judge(USER, Image(document=CHART_YAML)).result == "fail"
    assert judge(STIG_SCORE, Image(document=CHART_YAML, tags=[])).result == "unknown"


def scout(module: RuleModule, name: str, config: dict[str, Any]) -> Any:
    engine = regorus.Engine()
    engine.add_policy(module.path, module.source)
    engine.add_data_json('{"config": {}}')
    engine.set_input_json(json.dumps({"source": {"image": {"name": name, "digest": DIGEST, "config": config}}}))
    provenance = {"statement": {"subject": [{"digest": {"sha256": DIGEST[7:]}}], "predicate": {"a": 1}}, "image": "x@y"}
    engine.add_extension("oci.referrer", 1, lambda kind: provenance if kind == SCOUT_PROVENANCE else None)
    engine.add_extension("cosign.verify_images", 2, lambda images, options: {image: {} for image in images})
    return json.loads(engine.eval_rule_as_json("data.docker.scout.pass"))


def test_docker_scout_sees_a_chart_by_its_configuration(pack: dict[str, RuleModule]) -> None:
    assert scout(pack[USER], "dhi/redis-chart", CHART_YAML) is True
    assert scout(pack[USER], "dhi/redis", {}) is False
    for member in ("architecture", "config", "os", "rootfs"):
        assert scout(pack[USER], "dhi/redis", CHART_YAML | {member: {}}) is False


def test_docker_scout_sees_a_package_by_its_name(pack: dict[str, RuleModule]) -> None:
    assert scout(pack[SUPPLY], "dhi/pkg-bash", {"config": {}}) is True
    assert scout(pack[SUPPLY], "dhi/python", {"config": {}}) is False


@pytest.mark.parametrize("rule", sorted(ABOUT_ONE_KIND))
def test_a_rule_about_evidence_that_packages_lack_does_not_apply_to_one(judge: Judge, rule: str) -> None:
    assert judge(rule, package(tags=["5.3-fips"])).result == "skipped"


@pytest.mark.parametrize("rule", sorted(ABOUT_ONE_KIND))
def test_G11_a_package_that_has_the_evidence_is_judged_by_it(judge: Judge, rule: str) -> None:
    assert judge(rule, package(predicates={ABOUT_ONE_KIND[rule]: ["rubbish"]})).result == "fail"


@pytest.mark.parametrize("product", ["dhi/pkg-bash", "acme/dhi-pkg-bash"])
def test_a_package_may_run_as_root(judge: Judge, product: str) -> None:
    outcome = judge(USER, package(products=[product], config={}))

    assert (outcome.result, outcome.message) == ("pass", "runs as root, which is right for a package")
    assert judge(USER, Image(config={}, products=["acme/dhi-pkg-bash"])).result == "fail"


@pytest.mark.parametrize("kind", ["provenance", "source", "scout-provenance"])
def test_a_package_needs_provenance_of_one_kind_and_nothing_else(judge: Judge, kind: str) -> None:
    facts = {"evidence": [{"kind": kind, "type": kind, "digest": DIGEST, "readable": True}]}

    assert missing(judge, package()) == {"provenance"}
    assert missing(judge, package(facts=facts)) == set()
    assert ("provenance" in missing(judge, Image(facts=facts))) is (kind != "provenance")
    assert ("provenance" in missing(judge, chart(facts=facts))) is (kind != "provenance")


def test_G11_unreadable_sources_do_not_answer_for_provenance(judge: Judge) -> None:
    unreadable = {"kind": "source", "type": SOURCE, "digest": DIGEST, "readable": False}

    assert missing(judge, package(facts={"evidence": [unreadable]})) == {"provenance"}


def test_sources_do_not_answer_for_a_predicate_type(judge: Judge) -> None:
    source = {"kind": "source", "type": SOURCE, "digest": DIGEST, "readable": True}

    for wanted, result in {SLSA_1: "fail", SOURCE: "pass"}.items():
        needed = [{"kind": wanted, "compliance": [], "artifacts": ["package"]}]
        assert judge(REQUIRED, package(facts={"evidence": [source]}), required=needed).result == result
        assert judge(REQUIRED, Image(), required=needed).result == "pass"


@pytest.mark.parametrize("kind", [SLSA_1, SOURCE, SCOUT_PROVENANCE])
def test_supply_chain_of_a_package_is_its_provenance(judge: Judge, kind: str) -> None:
    found = {kind: [{"materials": []}]}

    assert judge(SUPPLY, package(predicates=found)).result == "pass"
    assert judge(SUPPLY, package()).result == "fail"
    assert judge(SUPPLY, package(predicates={kind: [{}]})).result == "fail"
    assert judge(SUPPLY, package(predicates=found, signed=False)).result == "fail"
    assert judge(SUPPLY, Image(predicates=found | {CYCLONEDX: [{"components": []}]})).result == (
        "pass" if kind == SLSA_1 else "fail"
    )


def test_G02_a_bill_of_materials_of_a_package_must_be_signed_where_there_is_one(judge: Judge) -> None:
    found = {SLSA_1: [{"materials": []}], CYCLONEDX: [{"components": []}]}

    assert judge(SUPPLY, package(predicates=found)).result == "pass"
    assert "bill of materials" in judge(SUPPLY, package(predicates=found, signed=False)).violations[0].message


def test_labels_of_a_package_are_judged_like_those_of_an_image(judge: Judge) -> None:
    old = package(config=labelled(**{"date.end_of_life": "2020-01-01"}))

    assert judge("dhi-end-of-life", old).result == "fail"
