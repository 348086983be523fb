"""What docs/policy.md shows is run as it stands there, and its tables are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from tests.publisher import About, predicates
from tests.reader import ROOT, Reader, blocks_of
from verifier import attestation
from verifier.attestation import KINDS, READERS
from verifier.limits import DEFAULT_LIMITS, MiB
from verifier.policy import load_document
from verifier.policy.checks import KINDS as REQUIRABLE
from verifier.policy.document import BaseSection, ImageSection, RuleSource, TrustSection
from verifier.policy.identities import CLAIM_MEMBERS
from verifier.policy.modules import Custom
from verifier.policy.waivers import StatedWaiver
from verifier.verification.assumed import Subject, assumed
from verifier.verification.cases import Case

GUIDE = (ROOT / "docs" / "policy.md").read_text()
EXAMPLES = ROOT / "policies" / "examples"


BLOCKS = blocks_of(GUIDE)
YAML = re.findall(r"^```yaml\n(.*?)```", GUIDE, re.DOTALL | re.MULTILINE)


def test_who_follows_the_guide_sees_what_it_says(tmp_path: Path) -> None:
    reader, said = Reader(tmp_path, "policies", "testdata"), ""

    for block in BLOCKS:
        if block.mark == "file":
            reader.writes(block.about, block.text)
        elif block.mark == "test":
            ran = reader.runs(block.text)
            said = ran.stdout
            assert f"exit {ran.returncode}" == block.about, block.text + ran.stdout + ran.stderr
        else:
            lines = iter(line.strip() for line in said.splitlines())
            for line in block.text.splitlines():
                shown = any(found.startswith(line.strip()) for found in lines)  # goes on from where it was
                assert shown, f"{line}\nis not in\n{said}"

    assert {"file", "test", "output"} == {block.mark for block in BLOCKS}


def test_every_path_that_the_guide_links_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", GUIDE)

    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


@pytest.mark.parametrize(
    "text", [text for text in YAML if text.startswith("version: 1")], ids=lambda text: text.split()[3]
)
def test_a_document_in_the_guide_loads_and_is_the_example_shortened(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)

    name = load_document(str(path)).document.name

    if (EXAMPLES / f"{name}.yaml").exists():
        whole = [line.partition(" #")[0].strip() for line in (EXAMPLES / f"{name}.yaml").read_text().splitlines()]
        assert [line for line in text.splitlines() if line.strip() not in whole] == []


def words(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize("kind", sorted(READERS))
def test_the_facts_of_a_kind_are_those_in_the_table(kind: str) -> None:
    """In the order of the tables, the facts of a kind come last."""
    found: set[str] = set()
    for uri, make in predicates.CLEAN.items():
        if uri in KINDS[kind]:
            statement = {"_type": "https://in-toto.io/Statement/v1", "predicateType": uri, "predicate": make(About())}
            body = msgspec.json.encode({**statement, "subject": [{"name": "a", "digest": {"sha256": "0" * 64}}]})
            found |= attestation.facts(attestation.read_statement(body), "").keys()
    table = GUIDE[GUIDE.index("`dhi.facts(KIND)` gives") :]
    line = next(line for line in table.splitlines() if line.startswith(f"| `{kind}` "))

    told = {name.removesuffix("[]") for name in words(line.split("|")[2])}
    assert found - {"digest", "type", "time", "time_ns"} <= told


@pytest.mark.parametrize("kind", ["image", "platforms"])
def test_the_facts_about_the_image_are_those_in_the_table(tmp_path: Path, kind: str) -> None:
    line = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{kind}` "))

    (fact,) = assumed(Subject(tmp_path)).facts[kind]

    inner = {name for value in fact.values() if isinstance(value, dict) for name in value}
    assert {name.removesuffix("[]") for name in words(line.split("|")[2])} - {"image", "package", "chart"} == {
        *fact,
        *inner,
    }


def test_every_kind_has_its_rows() -> None:
    kinds = GUIDE[GUIDE.index("### Kinds and ages") : GUIDE.index("### What follows")]
    facts = GUIDE[GUIDE.index("`dhi.facts(KIND)` gives") : GUIDE.index("### A whole rule")]

    for kind in REQUIRABLE:
        assert f"`{kind}`" in kinds
        assert f"`{kind}`" in facts


@pytest.mark.parametrize("members", [ImageSection, BaseSection, TrustSection, RuleSource, StatedWaiver, Custom, Case])
def test_every_member_is_explained(members: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(members):
        name = field.encode_name
        assert re.search(rf"`(trust\.|custom\.)?{name}(\[\])?[`:]|^\s*(- )?{name}: ", GUIDE, re.MULTILINE), name


def test_every_claim_of_an_identity_is_named() -> None:
    assert words(GUIDE) >= set(CLAIM_MEMBERS)


def test_the_limits_are_those_of_the_program() -> None:
    limits = DEFAULT_LIMITS
    told = GUIDE[GUIDE.index("## Limits") :]

    for what, number in (
        ("time of one rule on one platform", f"{limits.rule_seconds:g} s"),
        ("time of all rules of one image", f"{limits.rules_seconds:g} s"),
        ("memory of the worker", f"{limits.rule_memory // MiB // 1024} GiB of address space"),
        ("violations kept of one rule", f"{limits.rule_violations:,}; more are counted"),
        ("lines printed", f"{limits.rule_prints:,}"),
        ("one answer of a rule", f"{limits.rule_output_bytes // MiB} MiB"),
        ("text in a message", f"{limits.report_text:,} characters"),
        ("one Rego file; files in one directory", f"{limits.rego_bytes // MiB} MiB; {limits.rego_files}"),
        ("one policy document; its sections", f"{limits.policy_bytes // MiB} MiB; {limits.policy_sections:,}"),
        ("waivers of one section", f"{limits.waivers:,}, each member up to {limits.waiver_text:,} characters"),
        (
            "one file of a bundle; all of them",
            f"{limits.bundle_file_bytes // MiB} MiB; {limits.bundle_bytes // MiB} MiB in {limits.bundle_files} files",
        ),
        (
            "one statement; all evidence of one image",
            f"{limits.attestation_bytes // MiB} MiB; {limits.evidence_bytes // MiB} MiB",
        ),
    ):
        assert f"| {what} | {number} |" in told
