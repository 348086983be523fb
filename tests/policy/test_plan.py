"""The plan of one image: what a section states has effect, or the document is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verifier.errors import ConfigurationError
from verifier.model import Plan, Reference
from verifier.policy import Additions, LoadedDocument, plan_for
from verifier.policy.places import Places
from verifier.policy.reading import document_of, tree_of

OWN = "package docker.scout\nimport rego.v1\npass := true\n"
IMAGE = Reference("dhi.io", "python", "3.13")


def document(folder: Path, members: str = "", rules: str = "[{pack: dhi}]", match: str = "'*'") -> LoadedDocument:
    (folder / "own.rego").write_text(OWN)
    text = f"version: 1\nname: t\nimages:\n- {{match: {match}, trust: {{keys: [dhi-2]}}, rules: {rules}{members}}}\n"
    places = Places("t.yaml", tree_of(text.encode(), "t.yaml"))
    return LoadedDocument(document_of(places), "t.yaml", "sha256:00", str(folder), places)


def planned(folder: Path, members: str = "", rules: str = "[{pack: dhi}]", more: Additions | None = None) -> Plan:
    plan = plan_for(document(folder, members, rules), IMAGE, more)
    assert plan
    return plan


@pytest.mark.parametrize(
    ("members", "rule"),
    [(", require: [{kind: stig}]", "dhi-required-evidence"), (", maxAgeDays: 7", "dhi-fresh-evidence")],
)
def test_C06_what_no_rule_carries_out_is_refused(tmp_path: Path, members: str, rule: str) -> None:
    with pytest.raises(ConfigurationError, match=f"is carried out by the rule {rule} of the pack dhi"):
        planned(tmp_path, members, rules="[{path: own.rego}]")
    assert rule in {module.id for module in planned(tmp_path, members).rules}


def test_C06_a_rule_of_the_command_line_carries_out_nothing_of_the_section(tmp_path: Path) -> None:
    (tmp_path / "dhi-required-evidence.rego").write_text(OWN)
    more = Additions(rules=(str(tmp_path / "dhi-required-evidence.rego"),))

    with pytest.raises(ConfigurationError, match="`require` is carried out"):
        planned(tmp_path, ", require: [{kind: stig}]", "[{path: own.rego}]", more)


def test_an_age_that_is_not_stated_is_thirty_days(tmp_path: Path) -> None:
    def age(plan: Plan) -> object:
        return next(module.config["max_age_days"] for module in plan.rules if module.id == "dhi-fresh-evidence")

    assert (planned(tmp_path).max_age_days, age(planned(tmp_path))) == (30, 30)
    assert (planned(tmp_path, ", maxAgeDays: 7").max_age_days, age(planned(tmp_path, ", maxAgeDays: 7"))) == (7, 7)
    assert planned(tmp_path, rules="[{path: own.rego}]").max_age_days == 30


def test_N06_an_empty_path_is_not_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.rego").write_text(OWN)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError, match="--rules is empty"):
        planned(tmp_path, more=Additions(rules=("",)))


def test_N14_G15_a_policy_configuration_is_a_regular_file_of_bounded_size(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large").write_bytes(b" " * (1 << 20) + b"{}")

    for name, problem in {"fifo": "regular", ".": "regular", "large": "larger than", "missing": "read"}.items():
        with pytest.raises(ConfigurationError, match=problem):
            planned(tmp_path, more=Additions(policy_config=str(tmp_path / name)))
