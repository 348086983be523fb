"""The shipped pack as a whole: complete, documented, usable by Docker Scout, and never content with rubbish."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policies.dhi_images import NOW, SCOUT_VULNERABILITIES, SECRETS, SPDX, STIG, TESTS, VEX, VIRUS, Image
from verifier.limits import Limits
from verifier.model import Result, RuleModule
from verifier.policy.modules import load_rules
from verifier.policy.shipped import pack_directory
from verifier.rules import Rules

NINE = {
    "dhi-default-non-root-user",
    "dhi-no-embedded-malware",
    "dhi-no-embedded-secrets",
    "dhi-no-failing-tests",
    "dhi-signed-supply-chain-attestations",
    "dhi-stig-scan-score",
    "dhi-unintentional-shell-or-package-manager",
    "fixable-vulnerabilities",
    "high-profile-vulnerabilities",
}
WARNING = {
    "dhi-end-of-life",
    "dhi-fips-module-validated",
    "dhi-fresh-evidence",
    "dhi-privileged-port",
    "dhi-requested-tag-elsewhere",
    "dhi-variant-consistent",
}
needs_opa = pytest.mark.skipif(not shutil.which("opa"), reason="opa is not installed")


def test_pack_has_the_nine_topics_of_docker(pack: dict[str, RuleModule]) -> None:
    assert pack.keys() > NINE


def test_every_rule_is_documented_and_bears_the_name_of_its_file(pack: dict[str, RuleModule]) -> None:
    for name, module in pack.items():
        assert Path(module.path).stem == name
        assert module.title
        assert module.description
        assert module.remediation
        assert module.evidence is not None


def test_every_rule_has_tests_beside_it(pack: dict[str, RuleModule]) -> None:
    paths = [Path(module.path) for module in pack.values()]

    assert [path.name for path in paths if not path.with_name(f"{path.stem}_test.rego").is_file()] == []


def test_only_the_documented_rules_warn(pack: dict[str, RuleModule]) -> None:
    assert {name for name, module in pack.items() if module.effect == "warn"} == WARNING


def test_the_nine_need_nothing_that_docker_scout_lacks(pack: dict[str, RuleModule]) -> None:
    for name, module in pack.items():
        ours = "requires: dhiverify" in module.source
        assert ours is (name not in NINE)
        assert ours or "dhi." not in module.source.replace("com.docker.dhi.", "").replace("//dhi.io", "").replace(
            '"dhi.io', ""
        )


def test_G01_image_without_any_evidence_never_passes_a_rule_about_evidence() -> None:
    with Rules(load_rules(pack_directory("dhi")), NOW) as rules:
        outcomes = {o.id: o.result for o in rules.evaluate(Image().given())}

    about_evidence = NINE - {"dhi-default-non-root-user", "dhi-stig-scan-score"}
    assert {name: outcomes[name] for name in about_evidence if outcomes[name] in ("pass", "skipped")} == {}


def test_H03_missing_input_never_passes_a_rule() -> None:
    given = Image().given()
    empty = type(given)(input={}, statements={}, facts={}, verified={}, types=given.types)
    with Rules(load_rules(pack_directory("dhi")), NOW) as rules:
        passed = {outcome.id for outcome in rules.evaluate(empty) if outcome.result is Result.PASS}

    assert passed <= {"dhi-fresh-evidence"}  # it only warns, and there is no time to judge


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 101)
    | st.sampled_from(["", "root", "pkg:deb/a@1", "2026-01-01T00:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "summary", "results", "packages", "purl", "vulnerabilities", "statements", "products"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def whole_pack() -> Any:
    with Rules(load_rules(pack_directory("dhi")), NOW, Limits(rules_seconds=600)) as rules:
        yield rules


@settings(max_examples=60, deadline=None)
@given(predicate=JSON, user=JSON, label=JSON)
def test_G11_any_json_gives_an_outcome_of_every_rule(whole_pack: Rules, predicate: Any, user: Any, label: Any) -> None:
    types = (SCOUT_VULNERABILITIES, SECRETS, SPDX, STIG, TESTS, VEX, VIRUS)
    config = {
        "User": user,
        "ExposedPorts": label,
        "Labels": {"com.docker.dhi.version": label, "com.docker.dhi.shell": ""},
    }

    outcomes = whole_pack.evaluate(Image(config=config, predicates={kind: [predicate] for kind in types}).given())

    assert len(outcomes) == len(whole_pack.evaluate(Image().given()))
    results = {outcome.id: outcome.result for outcome in outcomes}
    assert results["dhi-no-embedded-malware"] is not Result.PASS
    assert results["dhi-no-failing-tests"] is not Result.PASS


@pytest.fixture
def capabilities(tmp_path: Path) -> str:
    """Path of a file that tells opa which functions there are."""
    capabilities = json.loads(
        subprocess.run(["opa", "capabilities", "--current"], check=True, capture_output=True).stdout
    )
    text, anything = {"type": "string"}, {"type": "any"}
    for name, arguments in {
        "oci.referrer": [text],
        "dhi.facts": [text],
        "cosign.verify_images": [anything, anything],
        "scout.parse_purl": [text],
    }.items():
        declared = {"args": arguments, "result": anything, "type": "function"}
        capabilities["builtins"].append({"name": name, "decl": declared})
    (tmp_path / "capabilities.json").write_text(json.dumps(capabilities))
    return str(tmp_path / "capabilities.json")


@needs_opa
def test_opa_accepts_every_rule_and_its_tests(pack: dict[str, RuleModule], capabilities: str) -> None:
    for module in pack.values():
        tests = str(Path(module.path).with_suffix("")) + "_test.rego"
        command = ["opa", "check", "--strict", "--capabilities", capabilities, module.path, tests]
        assert subprocess.run(command, check=False, capture_output=True, text=True).stderr == ""


@needs_opa
def test_opa_too_takes_no_image_without_labels_as_free_of_fips(pack: dict[str, RuleModule], capabilities: str) -> None:
    rule = pack["dhi-stig-scan-score"].path
    image = {"source": {"image": {"digest": "sha256:ab", "config": {"config": {"User": "65532"}}}}}
    command = ["opa", "eval", "--format", "raw", "--capabilities", capabilities, "--data", rule, "--stdin-input"]
    known = ['data.docker.scout.applicable with data.dhiverify as {"statements": {}}']

    ran = subprocess.run([*command, *known], input=json.dumps(image), check=True, capture_output=True, text=True)

    assert ran.stdout.strip() == "true"
