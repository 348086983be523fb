"""Policies written to Docker Scout's published contract, loaded as `--rules` and `--policy-config` load them.

The contract is that of https://docs.docker.com/scout/policy/local/. No policy here knows anything of dhiverify.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.policies.dhi_images import DIGEST, NOW, NOW_NS, SPDX, VEX, VIRUS, Image
from verifier.errors import ConfigurationError
from verifier.model import Health, RuleModule, RuleOutcome
from verifier.oci import parse_reference
from verifier.policy import Additions, load_document, plan_for
from verifier.rules import Rules
from verifier.verification.health import health_of

HEADER = "package docker.scout\n\nimport rego.v1\n"
STANDARD = "\ndefault pass := false\n\npass if {\n\tcount(violation) == 0\n}\n"

COMPLETE = """\
# Copyright of somebody
#
# METADATA
# scope: package
# title: No package of a forbidden origin
# description: Every package comes from a place that we know.
# organizations:
# - Example Ltd
# authors:
# - name: Jo Doe
#   email: jo@example.com
# - Somebody Else <else@example.com>
# related_resources:
# - https://example.com/policies
# custom:
#   name: known-origin
#   result_type: license
#   weight: 5
#   not_compliant_title: Packages of unknown origin
#   details_order:
#   - purl
#   - reason
#   severity: of another tool
package docker.scout

import rego.v1

default pass := false

pass if {
	count(violation) == 0
}

# METADATA
# title: about a single rule, which is not ours to read
forbidden := object.get(data.config, "forbidden", ["evil"])

violation contains v if {
	found := oci.referrer("https://spdx.dev/Document")
	some pkg in found.statement.predicate.packages
	some word in forbidden
	contains(pkg.name, word)
	v := {
		"message": sprintf("package %s is not known", [pkg.name]),
		"detail": {"purl": pkg.name, "reason": word},
		"remediation": "Ask for it to be admitted.",
	}
}
"""

Load = Callable[..., dict[str, RuleModule]]
Run = Callable[..., dict[str, RuleOutcome]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The rules that a run would have: those in `files`, and with compat those of the pack."""

    def modules(config: dict[str, Any] | None = None, compat: str = "scout", **files: str) -> dict[str, RuleModule]:
        folder = tmp_path / "rego"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.rego").write_bytes(text.encode())
        written = tmp_path / "config.json"
        written.write_text(json.dumps(config or {"policies": []}))
        additions = Additions(rules=(str(folder),), policy_config=str(written), compat=compat)
        plan = plan_for(load_document("dhi"), parse_reference("dhi.io/python:3.13"), additions)
        assert plan is not None
        return {module.id: module for module in plan.rules if module.path.startswith(str(folder))}

    return modules


@pytest.fixture
def run(load: Load) -> Run:
    def outcomes(
        image: Image | None = None, config: dict[str, Any] | None = None, compat: str = "scout", **files: str
    ) -> dict[str, RuleOutcome]:
        with Rules(list(load(config, compat, **files).values()), NOW, compat=compat) as rules:
            return {outcome.id: outcome for outcome in rules.evaluate((image or Image()).given())}

    return outcomes


def listing(*packages: str) -> Image:
    return Image(predicates={SPDX: [{"packages": [{"name": name} for name in packages]}]})


def test_every_member_of_the_metadata_is_read(load: Load) -> None:
    module = load(complete=COMPLETE)["known-origin"]

    assert module.title == "No package of a forbidden origin"
    assert module.description == "Every package comes from a place that we know."
    assert (module.result_type, module.weight) == ("license", 5)
    assert module.not_compliant_title == "Packages of unknown origin"
    assert module.details_order == ("purl", "reason")


def test_without_metadata_the_defaults_of_the_contract_hold(load: Load) -> None:
    module = load(plain=HEADER + STANDARD + 'violation contains {"message": "x"} if false\n')["plain"]

    assert (module.result_type, module.weight, module.details_order) == ("generic", 10, ())
    assert (module.effect, module.on_unknown, module.waivable) == ("enforce", "deny", True)


def test_a_policy_is_taken_byte_for_byte(load: Load) -> None:
    for text in (COMPLETE, COMPLETE.replace("\n", "\r\n"), COMPLETE.rstrip()):
        module = load(complete=text)["known-origin"]

        assert module.source.encode() == text.encode()
        assert module.digest == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_violations_are_reported_as_written(run: Run, end: str) -> None:
    outcome = run(listing("libc", "evil-twin"), complete=COMPLETE.replace("\n", end))["known-origin"]

    (violation,) = outcome.violations
    assert outcome.result == "fail"
    assert violation.message == "package evil-twin is not known"
    assert violation.detail == {"purl": "evil-twin", "reason": "evil"}
    assert violation.remediation == "Ask for it to be admitted."
    assert (outcome.weight, outcome.result_type) == (5, "license")


def test_no_violation_passes(run: Run) -> None:
    assert run(listing("libc"), complete=COMPLETE)["known-origin"].result == "pass"


@pytest.mark.parametrize(
    ("violation", "message", "detail"),
    [
        ('{"message": "m"}', "m", {}),
        ('{"message": "m", "detail": {"n": [1, {"o": null}]}}', "m", {"n": [1, {"o": None}]}),
        ('{"detail": {"n": 1}}', "n: 1", {"n": 1}),
        ('{"message": "m", "detail": {"n": 1}, "more": true}', "m", {"n": 1}),
    ],
)
def test_a_violation_may_leave_members_out(run: Run, violation: str, message: str, detail: dict[str, Any]) -> None:
    outcome = run(one=f"{HEADER}{STANDARD}\nviolation contains {violation}\n")["one"]

    assert outcome.result == "fail"
    assert [(found.message, found.detail) for found in outcome.violations] == [(message, detail)]


def test_violations_are_a_set(run: Run) -> None:
    body = 'violation contains {"message": "same", "detail": {}} if some n in [1, 2, 3]\n'

    assert len(run(one=HEADER + STANDARD + body)["one"].violations) == 1


@pytest.mark.parametrize("result_type", ["vulnerability", "license", "boolean", "generic"])
def test_each_result_type_is_known(load: Load, result_type: str) -> None:
    header = f"# METADATA\n# custom:\n#   name: typed\n#   result_type: {result_type}\n"

    assert load(typed=header + HEADER + STANDARD)["typed"].result_type == result_type


def test_config_is_an_object_also_when_nothing_is_configured(run: Run) -> None:
    body = 'pass := {data.config, object.get(data.config, "n", 7)} == {{}, 7}\n'

    assert run(one=HEADER + body)["one"].result == "pass"


def test_a_policy_gets_its_own_config_and_nobody_else_s(run: Run) -> None:
    config = {"policies": [{"name": "a", "config": {"n": [1]}}, {"name": "b", "enabled": True}], "debug": True}
    bodies = {"a": 'pass := data.config == {"n": [1]}\n', "b": "pass := data.config == {}\n"}

    found = run(config=config, **{name: HEADER + body for name, body in bodies.items()})

    assert {name: outcome.result for name, outcome in found.items()} == {"a": "pass", "b": "pass"}


def test_a_policy_is_switched_off_by_its_name(run: Run) -> None:
    config = {"policies": [{"name": "known-origin", "enabled": False}]}

    found = run(config=config, complete=COMPLETE, other=HEADER + "pass := true\n")

    assert found.keys() == {"other"}


def test_config_overrides_the_weight_and_the_score_follows(run: Run) -> None:
    files = {"good": HEADER + "pass := true\n", "bad": HEADER + "pass := false\n"}

    weighed = run(config={"policies": [{"name": "good", "weight": 30}]}, **files)
    unweighed = run(config={"policies": [{"name": "bad", "weight": 0}]}, **files)

    assert health_of(run(**files).values()) == Health(50, "D")
    assert health_of(weighed.values()) == Health(75, "B")
    assert health_of(unweighed.values()) == Health(100, "A")


def test_config_of_a_policy_that_is_not_there_is_ignored_as_scout_does(run: Run) -> None:
    config = {"policies": [{"name": "of-another-day", "enabled": False, "config": {"x": 1}}]}

    assert run(config=config, one=HEADER + "pass := true\n").keys() == {"one"}
    with pytest.raises(ConfigurationError, match="of-another-day"):
        run(config=config, compat="", one=HEADER + "pass := true\n")


def test_each_file_is_alone(run: Run) -> None:
    helper = 'word := "{0}"\n\nwords contains "{0}"\n\ntwice(n) := n * {1}\n'
    check = 'pass := [word, words, twice(2)] == ["{0}", {{"{0}"}}, {2}]\n'
    files = {name: HEADER + (helper + check).format(name, n, 2 * n) for n, name in enumerate(("one", "two"), 3)}

    found = run(**files)

    assert {name: outcome.result for name, outcome in found.items()} == {"one": "pass", "two": "pass"}


def test_a_broken_neighbour_harms_no_other(run: Run) -> None:
    found = run(broken=HEADER + 'pass := 1 / to_number("x")\n', sound=HEADER + "pass := true\n")

    assert {name: outcome.result for name, outcome in found.items()} == {"broken": "unknown", "sound": "pass"}


def test_the_input_has_the_documented_members(run: Run) -> None:
    body = f"""
image := input.source.image

pass if {{
	image.name == "dhi/python"
	image.digest == "{DIGEST}"
	image.config.config.User == "65532"
	image.config.config.Labels["com.docker.dhi.name"] == "dhi/python"
}}
"""

    assert run(one=HEADER + body)["one"].result == "pass"


def test_evidence_that_is_not_there_is_null(run: Run) -> None:
    body = f"""
violation contains {{"message": "no scan"}} if is_null(oci.referrer("{VIRUS}"))

violation contains {{"message": "no word"}} if not oci.referrer("{VEX}").statement
"""

    outcome = run(one=HEADER + STANDARD + body)["one"]

    assert [found.message for found in outcome.violations] == ["no scan", "no word"]


def test_G01_missing_evidence_passes_under_compat_and_there_alone(run: Run) -> None:
    body = f'violation contains {{"message": "x"}} if some _ in oci.referrer("{VEX}").statement.predicate.statements\n'

    assert run(one=HEADER + STANDARD + body)["one"].result == "pass"
    assert run(compat="", one=HEADER + STANDARD + body)["one"].result == "unknown"


SUPPLY = f"""
found := oci.referrer("{SPDX}")

options := {{
	"key_ref": "https://dhi.io/keyring/latest.pub",
	"ignore_sct": true,
	"ignore_tlog": true,
	"check_claims": true,
	"experimental_oci11": true,
}}

results := cosign.verify_images([found.image], options)

violation contains {{"message": "no reference"}} if not found.image

violation contains {{"message": sprintf("%v", [result.error])}} if {{
	result := results[found.image]
	result.error
}}
"""


def test_signatures_answer_for_the_reference_that_a_statement_has(run: Run) -> None:
    files = {"one": HEADER + STANDARD + SUPPLY}

    signed = run(listing(), **files)["one"]
    unsigned = run(Image(predicates=listing().predicates, signed=False), **files)["one"]

    assert signed.result == "pass", signed
    assert unsigned.result == "fail"
    assert "no signature by a key" in unsigned.message


def test_G12_another_key_than_docker_s_is_an_error_and_never_fetched(run: Run) -> None:
    elsewhere = SUPPLY.replace("dhi.io/keyring", "dhi.io.example.com/keyring")

    outcome = run(listing(), one=HEADER + STANDARD + elsewhere)["one"]

    assert outcome.result == "fail"
    assert "Docker's keyring" in outcome.message


def test_package_urls_and_time_and_texts_are_there(run: Run) -> None:
    body = f"""
purl := scout.parse_purl("pkg:deb/debian/curl@8.0?arch=amd64")

pass if {{
	[purl.type, purl.namespace, purl.name, purl.version] == ["deb", "debian", "curl", "8.0"]
	time.now_ns() == {NOW_NS}
	time.parse_rfc3339_ns("2026-06-01T12:00:00Z") == time.now_ns()
	base64.decode("SW5mZWN0ZWQ=") == "Infected"
	regex.find_n(`(?im)^infected`, "x\\nInfected", -1) == ["Infected"]
	upper(trim_space(" a ")) == "A"
	sprintf("%.1f of %d in %q or %v", [9.75, 3, "x", [1]]) == "9.8 of 3 in \\"x\\" or [1]"
}}
"""

    outcome = run(one=HEADER + body)["one"]

    assert outcome.result == "pass", outcome


def test_prints_go_to_the_debug_log_with_name_and_line(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    body = 'pass if {\n\tprint("seen", input.source.image.name, input.absent)\n}\n'

    with caplog.at_level(logging.DEBUG, "verifier.rules"):
        outcome = run(one=HEADER + body)["one"]

    (line,) = [record.getMessage() for record in caplog.records if record.name == "verifier.rules"]
    assert outcome.result == "pass"
    assert line.startswith("one: ")
    assert ":5: " in line
    assert line.endswith("seen dhi/python <undefined>")


@pytest.mark.parametrize(
    "fault",
    [
        'time.parse_rfc3339_ns("soon") > 0',
        'base64.decode("!") == ""',
        "object.get(null, 1, 1) == 1",
        "1 / 0 == 1",
        "count(7) == 0",
        'scout.parse_purl("curl").type == "deb"',
        "some n in null",
    ],
)
def test_H02_a_built_in_error_is_unknown_also_under_compat(run: Run, fault: str) -> None:
    outcome = run(one=f'{HEADER}{STANDARD}\nviolation contains {{"message": "x"}} if {{\n\t{fault}\n}}\n')["one"]

    assert outcome.result == "unknown"
    assert outcome.message.startswith("evaluation failed: ")


@pytest.mark.parametrize(
    "call", ['http.send({"url": "http://127.0.0.1"}) != 0', "opa.runtime() != 0", 'rand.intn("a", 9) > 0']
)
def test_H06_nothing_reaches_the_world_under_compat(run: Run, call: str) -> None:
    outcome = run(one=f"{HEADER}pass if {call}\n")["one"]

    assert outcome.result == "unknown"
    assert "not available to rules" in outcome.message
