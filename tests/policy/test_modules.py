"""Rego files and their METADATA."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS
from verifier.policy.modules import load_pack, load_rules, read_module

WHOLE = """# Copyright of somebody
#
# METADATA
# title: No malware
# description: >-
#   Of exactly
#   this image.
# organizations: [Docker]
# custom:
#   name: no-malware
#   result_type: boolean
#   weight: 0
#   effect: warn
#   remediation: Build it again.
#   details_order: [found]
#   not_compliant_title: Malware
#   evidence: [malware, "https://example.com/t"]
#   optional: [vex]

package docker.scout # the contract

import rego.v1
"""
BARE = "package docker.scout\nimport rego.v1\npass := true\n"


def with_metadata(*lines: str) -> str:
    return "\n".join(["# METADATA", *(f"# {line}" for line in lines), BARE])


def test_metadata_becomes_the_rule() -> None:
    rule = read_module("dir/file.rego", WHOLE)

    assert (rule.id, rule.path, rule.source) == ("no-malware", "dir/file.rego", WHOLE)
    assert (rule.title, rule.description) == ("No malware", "Of exactly this image.")
    assert (rule.result_type, rule.weight, rule.effect) == ("boolean", 0, "warn")
    assert rule.remediation == "Build it again."
    assert rule.evidence == ("malware", "https://example.com/t")
    assert rule.optional == ("vex",)


def test_file_without_metadata_is_named_after_itself() -> None:
    rule = read_module("dir/my-rule.rego", BARE)

    assert (rule.id, rule.title, rule.effect, rule.weight) == ("my-rule", "", "enforce", 10)
    assert rule.evidence is None


def test_rule_that_reads_nothing_says_so() -> None:
    assert read_module("r.rego", with_metadata("custom:", "  evidence: []")).evidence == ()


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (("title: [a]",), 2),
        (("title: a", "custom: text"), 3),
        (("custom:", "  effect: maybe"), 3),
        (("custom:", "  name: 7"), 3),
        (("custom:", '  name: ""'), 3),
        (("custom:", "  weight: -1"), 3),
        (("custom:", "  weight: high"), 3),
        (("custom:", "  evidence: malware"), 3),
        (("custom:", "  result_type: other"), 3),
        (("custom:", "  title: x", "  optional: [7]"), 4),
    ],
)
def test_G15_members_of_a_wrong_type_are_refused_with_file_and_line(lines: tuple[str, ...], line: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"^r\.rego:{line}: METADATA: "):
        read_module("r.rego", with_metadata(*lines))


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (("title: a", "title: b"), 3),
        (("title: [",), 2),
        (("custom:", "  name: a", " x: b"), 4),
        (("a: *b",), 2),
        (("title: a", "b: &b 1"), 3),
    ],
)
def test_G15_metadata_that_is_no_yaml_is_refused_with_file_and_line(lines: tuple[str, ...], line: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"^r\.rego:{line}: METADATA is not YAML"):
        read_module("r.rego", with_metadata(*lines))


@pytest.mark.parametrize(
    "package", ["package docker", "package docker.scout.x", "package docker_scout", "pass := true"]
)
def test_H07_other_packages_are_refused(package: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^r\.rego:2: expected `package docker\.scout`"):
        read_module("r.rego", f"# comment\n{package}\n")


@pytest.mark.parametrize("source", ["", "\n\n", "# package docker.scout"])
def test_G15_file_without_a_package_is_refused(source: str) -> None:
    with pytest.raises(ConfigurationError, match="holds no `package"):
        read_module("r.rego", source)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_metadata_is_read_or_refused(text: str) -> None:
    with suppress(ConfigurationError):
        assert read_module("r.rego", with_metadata(*text.split("\n"))).id == "r"


def test_directory_gives_its_rules_in_order_without_tests(tmp_path: Path) -> None:
    for name in ("b.rego", "a.rego", "a_test.rego", "notes.txt"):
        (tmp_path / name).write_text(BARE)

    assert [rule.id for rule in load_rules(tmp_path)] == ["a", "b"]
    assert [rule.id for rule in load_rules(tmp_path / "b.rego")] == ["b"]


def test_G16_directory_without_rules_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a_test.rego").write_text(BARE)

    with pytest.raises(ConfigurationError, match="holds no rules"):
        load_rules(tmp_path)


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a.rego", "b.rego"):
        (tmp_path / name).write_text(with_metadata("custom:", "  name: same"))

    with pytest.raises(ConfigurationError, match=r"b\.rego and .*a\.rego have the same rule id 'same'"):
        load_rules(tmp_path)


def test_G15_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.rego").write_bytes(b"package docker.scout # \xe9")
    (tmp_path / "large.rego").write_bytes(b"#" * (DEFAULT_LIMITS.rego_bytes + 1))
    (tmp_path / "directory.rego").mkdir()
    (tmp_path / "directory.rego" / "x").touch()
    problems = {"latin.rego": "not UTF-8", "large.rego": "larger than", "absent.rego": "cannot be read"}

    for name, problem in problems.items():
        with pytest.raises(ConfigurationError, match=problem):
            load_rules(tmp_path / name)
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load_rules(tmp_path)


def test_a_rule_bears_the_digest_of_its_file_and_what_reports_need() -> None:
    rule = read_module("dir/file.rego", WHOLE)

    assert rule.digest == f"sha256:{hashlib.sha256(WHOLE.encode()).hexdigest()}"
    assert (rule.details_order, rule.not_compliant_title) == (("found",), "Malware")
    assert (rule.waivable, rule.on_unknown) == (True, "deny")
    assert read_module("r.rego", with_metadata("custom:", "  waivable: false")).waivable is False


def test_line_ends_belong_to_the_digest(tmp_path: Path) -> None:
    body = BARE.replace("\n", "\r\n").encode()
    (tmp_path / "a.rego").write_bytes(body)

    (rule,) = load_rules(tmp_path)

    assert rule.digest == f"sha256:{hashlib.sha256(body).hexdigest()}"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("\ufeff", "byte order mark"),
        ("# a\x00\n", "U+0000"),
        ("# a\rpackage docker.scout\n", "U+000D"),
        ("# a\u2028# METADATA\n", "U+2028"),
        ("# METADATA\n# title: a\n\n# METADATA\n# title: b\n", "twice"),
        ("# METADATA\n# title: " + "a" * DEFAULT_LIMITS.metadata_text + "\n", "more than"),
    ],
)
def test_H01_H07_what_editors_and_engines_read_differently_is_refused(before: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        read_module("r.rego", before + BARE)


@pytest.mark.parametrize("member", ["waivable: maybe", "details_order: [7]", "details_order: found", "demand: 1"])
def test_G18_G15_a_wrong_type_never_makes_a_rule_waivable(member: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^r\.rego:3: METADATA: "):
        read_module("r.rego", with_metadata("custom:", f"  {member}"))


def test_shipped_rules_are_named_without_the_machine() -> None:
    for name in ("dhi", "signed", "attested"):
        for rule in load_pack(name):
            assert rule.path == f"built-in:{name}/{rule.id}.rego"


def test_G18_rules_about_evidence_and_its_signatures_cannot_be_waived() -> None:
    shipped = [rule for name in ("dhi", "signed", "attested") for rule in load_pack(name)]

    assert {rule.id for rule in shipped if not rule.waivable} == {
        "attested",
        "dhi-platform-matches-config",
        "dhi-requested-product",
        "dhi-requested-tag",
        "dhi-required-evidence",
        "dhi-signed-supply-chain-attestations",
        "signed",
    }
