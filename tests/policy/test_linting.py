"""What `policy lint` finds: everything that is wrong, and what was probably not meant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.test_plan import OWN
from verifier.errors import ConfigurationError
from verifier.policy.linting import Finding, LintReport, lint
from verifier.policy.match import covers, matches
from verifier.policy.shipped import builtin_names, pack_directory
from verifier.policy.starter import starter

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = "version: 1\nname: t\nimages:\n"
SECTION = "- {match: '*', trust: {keys: [dhi-2]}, rules: [{pack: dhi}]}\n"
WAIVER = {
    "rule": "fixable-vulnerabilities",
    "images": "dhi.io/python",
    "reason": "a",
    "owner": "b",
    "ticket": "c",
    "expires": "2026-12-31",
}


def looked(folder: Path, text: str) -> LintReport:
    (folder / "policy.yaml").write_text(text)
    return lint(folder / "policy.yaml", NOW)


def section(match: str = "'*'", trust: str = "{keys: [dhi-2]}", rules: str = "[{pack: dhi}]", more: str = "") -> str:
    return f"- {{match: {match}, trust: {trust}, rules: {rules}{more}}}\n"


def found(folder: Path, *sections: str, head: str = HEAD) -> list[Finding]:
    return list(looked(folder, head + "".join(sections)).findings)


def said(findings: list[Finding], severity: str) -> list[str]:
    return [finding.message for finding in findings if finding.severity == severity]


def waived(**changes: str) -> str:
    stated = ", ".join(f"{name}: {value}" for name, value in (WAIVER | changes).items())
    return section(more=f", waivers: [{{{stated}}}]")


def test_a_document_without_fault_has_no_findings(tmp_path: Path) -> None:
    report = looked(tmp_path, HEAD + SECTION)

    assert report.findings == ()
    assert not report.has_errors


@pytest.mark.parametrize("name", builtin_names())
def test_shipped_documents_have_no_errors(name: str) -> None:
    report = lint(name)

    assert report.files == (f"built-in:{name}",)
    assert not report.has_errors
    assert [finding.message[:48] for finding in report.findings] == (
        ["the rule attested is not told which attestations"] if name == "attested" else []
    )


@pytest.mark.parametrize("name", ["dhi", "signed", "attested", "scout"])
def test_shipped_rules_have_at_most_notes(name: str) -> None:
    assert {finding.severity for finding in lint(pack_directory(name)).findings} <= {"note"}


def test_of_the_starter_only_the_key_is_missing(tmp_path: Path) -> None:
    report = looked(tmp_path, starter())

    assert said(list(report.findings), "error") == []
    assert said(list(report.findings), "warning") == ["there is no file release.pub (in $.images[1].trust.keyFiles[0])"]


def test_G15_everything_that_is_wrong_is_found_at_once(tmp_path: Path) -> None:
    text = """\
version: 1
name: team
owner: me
images:
- match: docker.io/Acme/*
  trust: {keys: []}
  transparency: maybe
  maxage: 7
  rules: [{pack: dhl}]
- match: dhi.io/*
  trust: {keys: 7}
  rules: []
- match: "*"
  trust: {keys: [dhi-2]}
  require: [{kind: sbomb}]
  rules: [{pack: dhi, effects: {dhi-end-of-live: warn}}, {path: missing.rego}]
  waivers:
  - {rule: nothing, images: "*", reason: a, owner: b, ticket: c, expires: soon}
"""

    report = looked(tmp_path, text)

    errors = [(one.line, one.column) for one in report.findings if one.severity == "error"]
    assert errors == [
        *((3, 1), (5, 3), (6, 3), (7, 3), (8, 3), (9, 12), (11, 11)),
        *((15, 14), (16, 33), (16, 58), (18, 21), (18, 66)),
    ]
    assert all(one.path == str(tmp_path / "policy.yaml") for one in report.findings)
    assert report.has_errors


@pytest.mark.parametrize("text", ["", "[]", "a: [", "a: *b", "version: 1\nversion: 1", "images: 7", "? [a]\n", HEAD])
def test_G15_what_is_no_document_is_one_error_with_its_place(tmp_path: Path, text: str) -> None:
    report = looked(tmp_path, text)

    assert [finding.severity for finding in report.findings].count("error") >= 1
    assert all(finding.line >= 1 for finding in report.findings)


def test_G15_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_bytes(b"\xff")

    assert said(list(lint(tmp_path / "policy.yaml").findings), "error") == ["not UTF-8 at byte 0"]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="aimgesvrontchul:-[]{}'7* \n", max_size=60))
def test_any_text_gives_findings(text: str) -> None:
    folder = Path(__file__).parent
    report = _lint_text(folder, HEAD + text)

    assert report.has_errors


def _lint_text(folder: Path, text: str) -> LintReport:
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        return looked(Path(directory), text)


def test_G13_a_section_that_no_image_can_reach_is_a_warning(tmp_path: Path) -> None:
    findings = found(tmp_path, section("docker.io/**"), section("docker.io/acme/*"), section("dhi.io/*"))

    assert said(findings, "warning") == [
        (
            "no image ever comes to the section 'docker.io/acme/*': 'docker.io/**' above matches first "
            "(in $.images[1].match)"
        )
    ]
    assert said(findings, "note") == ["what no section matches is denied (in $.images)"]
    assert said(found(tmp_path, SECTION, SECTION), "warning")


PATTERNS = ["*", "**", "dhi.io/*", "dhi.io/**", "dhi.io/python", "dhi.io/py*", "*.io/*", "docker.io/acme/**", "*/*/*"]
NAMES = [
    "dhi.io/python",
    "dhi.io/nginx",
    "dhi.io/a/b",
    "ghcr.io/a",
    "docker.io/acme/dhi-python",
    "docker.io/b/c",
    "x.io/p/q/r",
]


@pytest.mark.parametrize("wide", PATTERNS)
@pytest.mark.parametrize("narrow", PATTERNS)
def test_H13_a_pattern_covers_another_only_if_it_fits_each_of_its_names(wide: str, narrow: str) -> None:
    from verifier.model import Reference

    references = [Reference(*name.split("/", 1), "1") for name in NAMES]
    fitting = [reference for reference in references if matches(narrow, reference)]

    assert fitting
    if covers(wide, narrow):
        assert all(matches(wide, reference) for reference in fitting)
    assert covers(wide, wide)


@pytest.mark.parametrize(
    ("changes", "severity", "words"),
    [
        ({"expires": "2020-01-01"}, "warning", "has expired"),
        ({"starts": "2026-07-01"}, "warning", "has not started"),
        ({"expires": "2027-06-03"}, "warning", "holds for more than a year"),
        ({"images": "dhi.io/**"}, "warning", "holds for every image below dhi.io/"),
        ({"rule": "dhi-requested-product"}, "error", "cannot be waived"),
        ({"rule": "fixable"}, "error", "there is no rule 'fixable'"),
    ],
)
def test_G18_doubtful_waivers_are_named(tmp_path: Path, changes: dict[str, str], severity: str, words: str) -> None:
    findings = found(tmp_path, waived(**changes))

    (message,) = said(findings, severity)
    assert words in message
    assert len(findings) == 1


def test_G18_a_waiver_within_its_time_is_no_doubt(tmp_path: Path) -> None:
    assert found(tmp_path, waived(expires="2027-06-01", starts="2026-06-01")) == []


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("'.*'", "it fits whatever stands there"),
        ("'.+'", "it fits whatever stands there"),
        ("'https://github.com/acme/app'", "a dot between letters"),
    ],
)
def test_G17_patterns_of_identities_that_let_others_in_are_a_warning(tmp_path: Path, pattern: str, words: str) -> None:
    findings = found(tmp_path, section(trust=f"{{identities: [{{subjectPattern: {pattern}, issuer: b}}]}}"))

    assert [words in message for message in said(findings, "warning")].count(True) == 1
    assert said(findings, "error") == []


def test_G17_what_enforces_nothing_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "own.rego").write_text(OWN)

    off = said(found(tmp_path, section(more=", enforce: false")), "warning")
    warns = said(found(tmp_path, section(rules="[{path: own.rego, effects: {own: warn}}]")), "warning")

    assert off == ["nothing of this section is enforced: every image that matches may run (in $.images[0].enforce)"]
    assert "every rule of this section only warns, so that nothing is enforced (in $.images[0].rules)" in warns


def test_an_age_that_nothing_can_meet_is_a_warning(tmp_path: Path) -> None:
    findings = found(tmp_path, section(more=", require: [{kind: secrets, maxAgeDays: 7}, {kind: stig, maxAgeDays: 7}]"))

    assert said(findings, "warning") == [
        "documents of kind secrets state no time, so none is ever young enough (in $.images[0].require[0].maxAgeDays)"
    ]


@pytest.mark.parametrize("match", ["docker.io/**/app", "docker.io/acme**"])
def test_H13_two_stars_that_are_one_are_a_warning(tmp_path: Path, match: str) -> None:
    assert len(said(found(tmp_path, section(match)), "warning")) == 1


def test_proofs_that_nobody_looks_at_and_files_that_are_missing_are_warnings(tmp_path: Path) -> None:
    trust = "{keyFiles: [a.pub], trustedRoot: root.json}"

    messages = said(found(tmp_path, section(trust=trust, more=", transparency: ignore")), "warning")

    assert [message.partition(" (")[0] for message in messages if "no file" in message] == [
        "there is no file a.pub",
        "there is no file root.json",
    ]
    assert len(messages) == 3


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ("[{pack: signed, config: {signed: {annotation: {}}}}]", "`config` of the rule signed"),
        ("[{pack: attested, config: {attested: {types: sbom}}}]", "`config` of the rule attested"),
        ("[{pack: dhi}, {pack: scout}]", "have the same rule id"),
        ("[{path: .}]", "the rule id"),
    ],
)
def test_G15_rules_that_could_not_be_evaluated_are_errors(tmp_path: Path, rules: str, words: str) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.rego").write_text(f"# METADATA\n# title: a\n# custom: {{name: same}}\n{OWN}")

    assert [words in message for message in said(found(tmp_path, section(rules=rules)), "error")].count(True) >= 1


def test_rules_that_were_not_fetched_are_not_guessed_at(tmp_path: Path) -> None:
    bundle = f"ghcr.io/acme/rules@sha256:{'ab' * 32}"
    stated = f"[{{bundle: '{bundle}', effects: {{anything: warn}}}}]"

    assert said(found(tmp_path, section(rules=stated)), "error") == []


def test_the_rules_of_a_document_are_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.rego").write_text(OWN)
    (tmp_path / "rules" / "bad.rego").write_text("package other\n")

    report = looked(tmp_path, HEAD + section(rules="[{path: rules}]"))

    assert [Path(name).name for name in report.files] == ["policy.yaml", "bad.rego", "own.rego"]
    assert [one.line for one in report.findings if one.path.endswith("bad.rego")] == [1]
    assert any(one.path.endswith("own.rego") for one in report.findings)


WHOLE = """\
# METADATA
# title: A rule
# custom:
#   name: a-rule
#   evidence: [malware]
package docker.scout
import rego.v1
default pass := false
pass if count(violation) == 0
"""


@pytest.mark.parametrize(
    ("old", "new", "severity", "line", "words"),
    [
        ("# title: A rule\n", "", "warning", 5, "no title"),
        ("#   evidence: [malware]\n", "", "note", 3, "what evidence it reads"),
        ("[malware]", "[malwear]", "warning", 5, "no kind of evidence 'malwear'"),
        ("evidence:", "evidenze:", "warning", 5, "`custom.evidenze` means nothing"),
        ("default pass := false\npass if", "# pass\nno if", "warning", 6, "never defines `pass`"),
        ("title: A rule", "title: [A]", "error", 2, "METADATA"),
        ("package docker.scout", "package other", "error", 6, "expected `package docker.scout`"),
    ],
)
def test_doubtful_rules_are_named(tmp_path: Path, old: str, new: str, severity: str, line: int, words: str) -> None:
    (tmp_path / "a-rule.rego").write_text(WHOLE.replace(old, new))

    report = lint(tmp_path / "a-rule.rego")

    assert WHOLE.replace(old, new) != WHOLE
    assert [one.line for one in report.findings if one.severity == severity and words in one.message] == [line]


def test_a_rule_without_doubt_has_no_findings_and_its_test_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.rego").write_text(WHOLE)
    (tmp_path / "a_test.rego").write_text("nothing")

    assert lint(tmp_path) == LintReport((str(tmp_path / "a.rego"),), ())


@pytest.mark.parametrize("name", ["missing.yaml", "missing.rego", "empty"])
def test_G15_a_path_that_holds_nothing_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    if name == "missing.rego":
        assert lint(tmp_path / name).has_errors
    else:
        with pytest.raises(ConfigurationError):
            lint(tmp_path / name)
