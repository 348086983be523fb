"""Verification summaries: read by in-toto-attestation and our own reader, refused where they would say too much."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import rfc8785
from google.protobuf.json_format import Parse, ParseDict
from in_toto_attestation.predicates.vsa.v1.vsa_pb2 import VerificationSummary
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from msgspec.structs import replace
from packageurl import PackageURL

from tests.report.samples import ALLOWED, AMD64, ARM64, FAILED, FULL, HOSTILE_TEXTS, INDEX, NOTHING, hostile
from verifier.attestation.statement import read_statement
from verifier.attestation.verification_summary import SummaryReader
from verifier.errors import UsageError
from verifier.model import ImageResult, Report, Status, Verdict
from verifier.report import format_of, parts

Document = dict[str, Any]


def render(report: Report) -> str:
    return format_of("vsa").render(report)


def summary(report: Report) -> Document:
    predicate: Document = json.loads(render(report))["predicate"]
    return predicate


def changed(report: Report, **members: object) -> Report:
    """`report` with other members of its image."""
    image: ImageResult = replace(report.images[0], **members)
    return replace(report, images=(image,))


@pytest.mark.parametrize("report", [ALLOWED, FULL, NOTHING], ids=["allowed", "denied", "no evidence"])
def test_in_toto_attestation_reads_the_statement(report: Report) -> None:
    text = render(report)

    statement = Statement.copy_from_pb(Parse(text, statement_pb2.Statement()))
    statement.validate()

    assert statement.pb.predicate_type == "https://slsa.dev/verification_summary/v1"
    assert statement.pb.subject[0].digest == {"sha256": INDEX.removeprefix("sha256:")}


def test_in_toto_attestation_refuses_a_statement_without_subjects() -> None:
    document = json.loads(render(ALLOWED)) | {"subject": []}

    with pytest.raises(ValueError, match="subject"):
        Statement.copy_from_pb(ParseDict(document, statement_pb2.Statement())).validate()


def test_the_members_are_those_of_the_published_message() -> None:
    predicate = summary(ALLOWED)
    predicate.pop("verifiedLevels")  # a list in the specification, one text in the published message

    read = ParseDict(predicate, VerificationSummary(), ignore_unknown_fields=True)

    assert read.verifier.id == "https://dhiverify.dev/verifier/v1"
    assert read.time_verified.ToJsonString() == ALLOWED.effective_time
    assert read.policy.digest == {"sha256": "d" * 64}
    assert len(read.input_attestations) == 8
    assert (read.verification_result, read.slsa_version) == ("PASSED", "1.2")


@pytest.mark.parametrize(("report", "result"), [(ALLOWED, "PASSED"), (FULL, "FAILED")])
def test_our_own_reader_reads_it(report: Report, result: str) -> None:
    statement = read_statement(render(report).encode())

    facts = SummaryReader().read(statement.predicate_type, json.loads(statement.predicate))

    assert facts.data["result"] == result
    assert facts.data["verifier"] == "https://dhiverify.dev/verifier/v1"
    assert facts.data["resource_uri"].startswith("pkg:oci/python@sha256:")
    assert facts.data["time_verified"] == "2026-01-20T00:00:00Z"


def test_subjects_are_the_index_and_every_platform() -> None:
    subjects = json.loads(render(ALLOWED))["subject"]

    assert [f"sha256:{one['digest']['sha256']}" for one in subjects] == [INDEX, AMD64, ARM64]
    assert [one.get("annotations", {}).get("platform") for one in subjects] == [None, "linux/amd64", "linux/arm64"]
    assert len({one["name"] for one in subjects}) == 3


def test_an_image_without_an_index_is_one_subject() -> None:
    platform = replace(ALLOWED.images[0].platforms[0], digest=INDEX)

    (subject,) = json.loads(render(changed(ALLOWED, platforms=(platform,))))["subject"]

    assert subject["annotations"] == {"platform": "linux/amd64"}


@pytest.mark.parametrize(
    ("verdict", "result", "levels"),
    [
        (Verdict.ALLOW, "PASSED", ["SLSA_BUILD_LEVEL_UNEVALUATED", "DHIVERIFY_DHI_SIGNED"]),
        (Verdict.WARN, "PASSED", ["SLSA_BUILD_LEVEL_UNEVALUATED", "DHIVERIFY_DHI_SIGNED"]),
        (Verdict.DENY, "FAILED", ["FAILED"]),
    ],
)
def test_the_verdict_becomes_a_result_and_claims_no_slsa_level(
    verdict: Verdict, result: str, levels: list[str]
) -> None:
    predicate = summary(changed(ALLOWED, verdict=verdict))

    assert (predicate["verificationResult"], predicate["verifiedLevels"]) == (result, levels)
    assert "dependencyLevels" not in predicate


def test_keys_that_the_user_named_never_make_it_a_dhi() -> None:
    assert summary(changed(ALLOWED, is_dhi=False))["verifiedLevels"] == ["SLSA_BUILD_LEVEL_UNEVALUATED"]


def test_every_attestation_that_was_verified_is_an_input_and_no_other() -> None:
    index_level = replace(ALLOWED.images[0].platforms[0].attestations[0], digest="sha256:" + "a" * 64)
    inputs = summary(changed(FULL, attestations=(index_level, index_level)))["inputAttestations"]

    platforms = FULL.images[0].platforms
    verified = {e.digest for p in platforms for e in p.attestations if e.status is Status.VERIFIED}
    digests = [f"sha256:{one['digest']['sha256']}" for one in inputs]
    assert digests == sorted(verified | {index_level.digest})
    assert {one["annotations"]["signer"] for one in inputs} == {"dhi-2"}
    assert all(one["uri"].startswith("oci://dhi.io/python@sha256:") for one in inputs)


def test_an_attestation_in_a_layout_is_named_by_its_digest_alone() -> None:
    entry = replace(ALLOWED.images[0].platforms[0].attestations[0], location=f"oci:some/dir@{INDEX}")

    inputs = summary(changed(ALLOWED, attestations=(entry,)))["inputAttestations"]

    assert sum("uri" not in one for one in inputs) == 1


def test_the_policy_is_named_by_its_digest_and_each_rule_by_its_own() -> None:
    policy = summary(ALLOWED)["policy"]

    assert policy["uri"] == "https://dhiverify.dev/policy/built-in/dhi"
    assert policy["digest"] == {"sha256": "d" * 64}
    assert policy["annotations"]["rules"]["dhi-no-embedded-secrets"] == "sha256:" + "f" * 64


def test_a_policy_of_ones_own_does_not_pass_for_the_built_in_one() -> None:
    assert ALLOWED.policy
    own = replace(ALLOWED.policy, path="/etc/dhiverify/dhi.yaml")

    assert summary(replace(ALLOWED, policy=own))["policy"]["uri"] == "https://dhiverify.dev/policy/local/dhi"


@pytest.mark.parametrize(
    "place", ["dhi.io/python", "docker.io/acme/dhi-python", "localhost:5000/a/b.c_d", "[::1]:5000/x"]
)
def test_the_resource_is_a_package_url_in_canonical_form(place: str) -> None:
    uri = summary(changed(ALLOWED, pinned=f"{place}@{INDEX}"))["resourceUri"]

    read = PackageURL.from_string(uri)

    assert read.to_string() == uri
    assert (read.type, read.name, read.version) == ("oci", place.rpartition("/")[2], INDEX)
    assert read.qualifiers == {"repository_url": place}


REFUSED: dict[str, tuple[Report, str]] = {
    "error": (FAILED, "not complete"),
    "another image in error": (replace(ALLOWED, complete=False, errors=FAILED.errors), "not complete"),
    "errors alone": (replace(ALLOWED, errors=FAILED.errors), "not complete"),
    "not judged": (changed(ALLOWED, verdict=Verdict.ERROR), "could not be judged"),
    "no digest": (changed(ALLOWED, digest=""), "could not be judged"),
    "no platform": (changed(ALLOWED, platforms=()), "could not be judged"),
    "not enforced": (changed(FULL, verdict=Verdict.WARN, enforced=False, exit_code=0), "enforce: false"),
    "no policy": (replace(ALLOWED, policy=None), "no policy"),
    "narrowed to one": (changed(ALLOWED, pinned=f"dhi.io/python@{AMD64}"), "not all of its platforms"),
    "narrowed to some": (changed(ALLOWED, pinned=""), "no address"),
    "layout": (changed(ALLOWED, pinned=f"oci:some/dir@{INDEX}"), "no address in a registry"),
    "strange address": (changed(ALLOWED, pinned=f"dhi.io/py thon@{INDEX}"), "no address in a registry"),
    "denied platform": (changed(ALLOWED, platforms=FULL.images[0].platforms), "disagree"),
    "exit code": (changed(ALLOWED, exit_code=1), "disagree"),
    "no rule": (
        changed(ALLOWED, platforms=tuple(replace(p, rules=()) for p in ALLOWED.images[0].platforms)),
        "disagree",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_K17_no_summary_is_made_of_a_partial_or_unenforced_run(name: str) -> None:
    report, why = REFUSED[name]

    with pytest.raises(UsageError, match=why) as refused:
        render(report)

    assert refused.value.hint


@pytest.mark.parametrize("report", [ALLOWED, FULL], ids=["allowed", "denied"])
@pytest.mark.parametrize(
    "relaxation",
    [
        "only platform linux/amd64 is judged (--platform)",
        "transparency log proofs are not looked at (--insecure-ignore-tlog)",
        "registries may be read over plain HTTP (--allow-http-registry)",
        "rules are judged as of 2026-01-20T00:00:00Z (--effective-time)",
        "rules are configured or switched off by config.json (--policy-config)",
        "rules come to what Docker Scout would (--compat scout)",
    ],
)
def test_K17_N08_a_relaxed_run_makes_no_summary_that_passes_for_a_strict_one(report: Report, relaxation: str) -> None:
    with pytest.raises(UsageError, match="relaxed"):
        render(replace(report, relaxations=(relaxation,)))


def test_K16_the_same_report_gives_the_same_canonical_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    here = render(ALLOWED)

    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    there = render(ALLOWED)
    monkeypatch.undo()
    time.tzset()

    assert here == there
    assert here.encode() == rfc8785.dumps(json.loads(here)) + b"\n"


def test_each_image_of_a_run_has_its_own_statement() -> None:
    other = replace(ALLOWED.images[0], pinned=f"dhi.io/node@{INDEX}", reference="dhi.io/node:24")
    run = replace(ALLOWED, images=(*ALLOWED.images, other))

    made = [json.loads(render(part.report)) for part in parts(run, format_of("vsa").per)]

    assert [PackageURL.from_string(one["predicate"]["resourceUri"]).name for one in made] == ["python", "node"]


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_K07_hostile_text_stays_inside_its_member(name: str) -> None:
    run = replace(hostile(HOSTILE_TEXTS[name]), relaxations=(), errors=())

    text = render(run)

    Statement.copy_from_pb(Parse(text, statement_pb2.Statement())).validate()
    assert text.removesuffix("\n").isprintable()
    assert json.loads(text)["predicate"]["verificationResult"] == "FAILED"


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_K07_a_refusal_is_safe_to_print(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        render(hostile(HOSTILE_TEXTS[name]))

    assert str(refused.value).isprintable()
