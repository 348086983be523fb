"""The documents in policies/examples: each judges images that it is for, and others."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests import publisher as publishing
from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import EPOCH, FIPS, keys, kinds, predicates
from tests.publisher.about import JSON
from tests.publisher.envelopes import COSIGN_SIGN
from tests.publisher.envelopes import statement as statement_about
from tests.sigstore import PrivateSigstore
from tests.verification.conftest import SOON_AFTER, Seen
from verifier.policy import Additions, load_document
from verifier.policy.linting import lint
from verifier.policy.schema import document_schema
from verifier.policy.shipped import builtin_names, packs, shipped_policies
from verifier.verification import Options
from verifier.verification import verify as verify_images
from verifier.verification.cases import read_case, run_case
from verifier.verification.testing import Settings, run

EXAMPLES = Path(__file__).resolve().parents[2] / "policies" / "examples"
NAMES = ("only-hardened-images", "our-images-on-hardened-bases", "regulated-cluster")
OURS = "registry.example.com/acme/shop:1.2"
GITHUB = "https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1.2.3"
BASE = "pkg:docker/dhi.io/python@3.13?platform=linux%2Famd64"
HEX = "ab" * 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples as a reader copies them, with the team's key beside them."""
    path = tmp_path_factory.mktemp("examples") / "examples"
    shutil.copytree(EXAMPLES, path)
    (path / "team.pub").write_bytes(keys.publisher.public_pem)
    return path


Judge = Callable[..., Seen]


@pytest.fixture
def judge(folder: Path, tmp_path: Path) -> Judge:
    """`judge(example, image, requested)` with the virtual publisher in the place of the shipped key.

    `changes` are made to the document before, `own_trust` leaves whom it trusts as it is written.
    """
    (tmp_path / "publisher.pub").write_bytes(keys.publisher.public_pem)

    def run(
        name: str,
        image: ImageUnderTest,
        requested: str,
        *,
        changes: Mapping[str, str] = {},
        own_trust: bool = False,
        reference: str = "",
        **more: Any,
    ) -> Seen:
        document = folder / f"{name}.yaml"
        if changes:
            text = document.read_text()
            for stated, other in changes.items():
                assert stated in text
                text = text.replace(stated, other)
            document = folder / f"{name}-changed.yaml"
            document.write_text(text)
        trust = {} if own_trust else {"key_files": (str(tmp_path / "publisher.pub"),)}
        options = Options(
            policy=str(document),
            additions=Additions(**trust, **more),
            requested=requested,
            effective_time=SOON_AFTER,
        )
        return Seen(verify_images([reference or image.layout()], options))

    return run


@pytest.fixture
def build(publisher: Publisher) -> Callable[..., ImageUnderTest]:
    """An image of our own, as BuildKit publishes it, whose index the team signed."""

    def make(
        *materials: JSON, v1: bool = False, without: str = "", signed: bool = True, **fields: Any
    ) -> ImageUnderTest:
        image = publisher.image(product="acme/shop", omit={"*"}, platforms=("linux/amd64",), **fields)
        used = [material(BASE)] if not materials else list(materials)
        provenance = (
            {kinds.SLSA_V1: {"buildDefinition": {"resolvedDependencies": used}, "runDetails": {"builder": {"id": ""}}}}
            if v1
            else {kinds.SLSA_V02: {"builder": {"id": ""}, "materials": used}}
        )
        about = publishing.About(digest=image["amd64"].digest)
        statements = {kinds.SPDX: predicates.spdx(about)} | provenance
        publishing.with_buildkit(
            image,
            {
                uri: predicate
                for uri, predicate in statements.items()
                if uri not in (kinds.uris(without) if without else ())
            },
        )
        if signed:
            publishing.sign_tag(image, image.index_digest, keys.publisher)
        return image

    return make


Build = Callable[..., ImageUnderTest]


def material(uri: str, digest: str = HEX) -> JSON:
    return {"uri": uri, "digest": {"sha256": digest} if digest else {}}


# What holds for all of them.


def test_the_examples_are_these_and_no_built_in_policy_or_pack() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == set(NAMES)
    assert not set(NAMES) & set(builtin_names())
    assert "examples" not in packs()
    assert (shipped_policies() / "examples").samefile(EXAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_loads_and_says_its_own_name(name: str) -> None:
    text = (EXAMPLES / f"{name}.yaml").read_text()

    assert load_document(str(EXAMPLES / f"{name}.yaml")).document.name == name
    assert text.startswith("# ")
    assert "Demanded of each platform" in text


@pytest.mark.parametrize("name", NAMES)
def test_an_editor_finds_nothing_wrong_with_an_example(name: str) -> None:
    document = YAML(typ="safe", pure=True).load((EXAMPLES / f"{name}.yaml").read_text())

    jsonschema.Draft202012Validator(document_schema()).validate(json.loads(json.dumps(document, default=str)))


@pytest.mark.parametrize("name", NAMES)
def test_lint_finds_no_error_in_an_example(folder: Path, name: str) -> None:
    report = lint(folder / f"{name}.yaml")

    assert [finding.message for finding in report.findings if finding.severity == "error"] == []


@pytest.mark.parametrize("name", NAMES)
def test_G13_an_example_denies_what_it_does_not_name(publisher: Publisher, judge: Judge, name: str) -> None:
    image = publisher.image(**FIPS)

    for requested in (
        "docker.io/library/python:3.13",
        "dhi.io/a/python:3.13-fips",
        "registry.example.com/python:1",
        "",
    ):
        seen = judge(name, image, requested)
        assert (seen.exit_code, seen.image.verdict) == (1, "deny")
        assert "no section" in seen.why


# Only hardened images in production.

HARDENED = "only-hardened-images"


@pytest.mark.parametrize("fields", [{}, dict(FIPS)], ids=["runtime", "fips"])
def test_a_hardened_image_may_run(publisher: Publisher, judge: Judge, fields: dict[str, Any]) -> None:
    seen = judge(HARDENED, publisher.image(**fields), "dhi.io/python:3.13" + ("-fips" if fields else ""))

    assert (seen.exit_code, seen.image.verdict) == (0, "allow"), seen.why


def test_a_mirror_may_run_with_the_evidence_on_the_host_of_its_own(publisher: Publisher, judge: Judge) -> None:
    image, bare = publisher.image(), publisher.image(omit={"*"})
    host = image.registry("acme/dhi-python").partition("/")[0]

    mirror = bare.registry("mirror/dhi-python")

    changes = {"registry.scout.docker.com": host}
    seen = judge(HARDENED, bare, "docker.io/acme/dhi-python:3.13", changes=changes, reference=mirror)

    assert (seen.exit_code, seen.image.verdict) == (0, "allow"), seen.why
    assert seen.only("malware").location.startswith(host)


@pytest.mark.parametrize(
    ("fields", "code", "rule", "reason"),
    [
        ({"omit": {"secrets"}}, 1, "dhi-required-evidence", "evidence of kind secrets, found none"),
        ({"signed_by": {"sbom": keys.stranger}}, 1, "dhi-required-evidence", "evidence of kind sbom, found none"),
        ({"evidence": {"malware": partial(predicates.malware, infected=1)}}, 1, "dhi-no-embedded-malware", "infected"),
        ({"omit": {"fips"}, **FIPS}, 1, "dhi-required-evidence", "evidence of kind fips, found none"),
        ({"user": "root"}, 1, "dhi-default-non-root-user", "root"),
        ({"at": EPOCH - timedelta(days=120)}, 1, "dhi-required-evidence", "at most 90 days old"),
        ({"unsigned": {"*"}}, 4, "", ""),
        ({"omit": {"*"}}, 3, "", ""),
    ],
    ids=["no secret scan", "another's sbom", "malware", "no fips evidence", "root", "old", "unsigned", "bare"],
)
def test_a_hardened_image_with_a_fault_is_refused_for_that(
    publisher: Publisher, judge: Judge, fields: dict[str, Any], code: int, rule: str, reason: str
) -> None:
    tag = "3.13-fips" if "compliance" in fields else "3.13"

    seen = judge(HARDENED, publisher.image(**fields), f"dhi.io/python:{tag}")

    assert seen.exit_code == code, seen.why
    if rule:
        assert seen.rule(rule).result == "fail"
        assert any(reason in violation.message for violation in seen.rule(rule).violations)


def test_one_image_for_another_is_refused(publisher: Publisher, judge: Judge) -> None:
    image = publisher.image()

    assert judge(HARDENED, image, "dhi.io/node:3.13").rule("dhi-requested-product").result == "fail"
    assert judge(HARDENED, image, "dhi.io/python:3.12").rule("dhi-requested-tag").result == "fail"


@pytest.mark.parametrize(
    ("expires", "purl", "code"),
    [
        ("9999-12-31", "pkg:deb/debian/zlib1g", 0),
        ("2026-01-02", "pkg:deb/debian/zlib1g", 1),
        ("9999-12-31", "pkg:deb/debian/curl", 1),
    ],
    ids=["while it holds", "after its end", "for another package"],
)
def test_the_waiver_of_the_example_holds_for_its_vulnerability_until_its_end(
    publisher: Publisher, judge: Judge, expires: str, purl: str, code: int
) -> None:
    """The shipped date passes some day, so the document is judged with other ones."""
    found = predicates.vulnerability(
        "CVE-2025-99999", severity="CRITICAL", score=9.8, fixed_by="1.3.2", published_at="2025-01-01T00:00:00Z"
    )
    image = publisher.image(
        evidence={"scout-vulnerabilities": partial(predicates.scout_vulnerabilities, found=[found])}
    )
    changes = {
        "expires: 2027-04-30": f"expires: {expires}",
        "starts: 2026-11-01": "starts: 2026-01-01",
        "purl: pkg:deb/debian/zlib1g": f"purl: {purl}",
    }

    seen = judge(HARDENED, image, "dhi.io/python:3.13", changes=changes)

    assert seen.exit_code == code, seen.why
    assert (seen.rule("fixable-vulnerabilities").waiver is None) is (code == 1)


# Our images on hardened bases.

ON_BASES = "our-images-on-hardened-bases"


@pytest.mark.parametrize("v1", [False, True], ids=["SLSA v0.2", "SLSA v1"])
@pytest.mark.parametrize(
    "materials",
    [
        [material(BASE)],
        [material(f"pkg:docker/dhi.io/python@3.13?digest=sha256:{HEX}&platform=linux%2Famd64")],
        [material(f"pkg:docker/dhi.io/python?digest=sha256%3A{HEX}", "")],
        [
            material("pkg:docker/acme/dhi-python@3.13"),
            material("https://github.com/acme/shop.git#refs/tags/v1.2.3", ""),
        ],
        [material(BASE), material("pkg:docker/dhi.io/golang@1-dev"), material("pkg:docker/docker/dockerfile@1")],
    ],
    ids=["tag", "pinned", "pinned in the URL alone", "mirror", "several stages"],
)
def test_an_image_of_ours_on_a_hardened_base_may_run(
    judge: Judge, build: Build, materials: list[JSON], v1: bool
) -> None:
    seen = judge(ON_BASES, build(*materials, v1=v1), OURS, own_trust=True)

    assert (seen.exit_code, seen.image.verdict) == (0, "allow"), seen.why
    assert f"-python@sha256:{HEX}" in seen.rule("base-is-hardened").message.replace("dhi.io/", "-")


@pytest.mark.parametrize(
    ("materials", "reason"),
    [
        ([material("pkg:docker/alpine@3.22")], "docker.io/library/alpine, which is neither"),
        ([material(BASE), material("pkg:docker/debian@13")], "docker.io/library/debian, which is neither"),
        ([material("pkg:docker/docker/dockerfile@1")], "one of the approved bases"),
        (
            [material("https://github.com/acme/shop.git")],
            "one of the approved bases among the images of the build, found none",
        ),
        ([material(BASE, "")], "dhi.io/python by one digest, found none"),
        ([material(f"{BASE}&digest=sha256:{'cd' * 32}")], "dhi.io/python by one digest, found sha256:"),
        ([material("pkg:docker/evil/dhi.io/python@3.13")], "docker.io/evil/dhi.io/python, which is neither"),
        ([material("pkg:docker/dhi.io/evil/python@3.13")], "dhi.io/evil/python, which is neither"),
        ([material("pkg:docker/dhi.io.evil.example/python@3.13")], "dhi.io.evil.example/python, which is neither"),
        ([material("pkg:docker/python@3.13?repository_url=evil.example")], "evil.example/python, which is neither"),
        ([material(BASE), material("pkg:oci/dhi.io/python@3.13")], "pkg:oci/dhi.io/python, which is neither"),
        ([material("PKG:docker/alpine@3.22"), material(BASE)], "docker.io/library/alpine, which is neither"),
    ],
    ids=[
        *("another base", "one stage on another base", "tools alone", "no image at all", "no digest", "two digests"),
        *("host in the path", "deeper path", "host that begins alike", "other registry", "local layout", "upper case"),
    ],
)
def test_an_image_of_ours_on_another_base_is_refused(
    judge: Judge, build: Build, materials: list[JSON], reason: str
) -> None:
    seen = judge(ON_BASES, build(*materials), OURS, own_trust=True)

    outcome = seen.rule("base-is-hardened")
    assert (seen.exit_code, outcome.result) == (1, "fail")
    assert any(reason in violation.message for violation in outcome.violations), outcome.violations


@pytest.mark.parametrize("uri", ["pkg:docker/", "pkg:docker/dhi.io/python@3.13?digest=a&digest=b"])
def test_a_package_url_that_is_none_leaves_the_base_unknown(judge: Judge, build: Build, uri: str) -> None:
    seen = judge(ON_BASES, build(material(BASE), material(uri)), OURS, own_trust=True)

    assert (seen.exit_code, seen.rule("base-is-hardened").result) == (1, "unknown")


def test_every_provenance_counts(judge: Judge, build: Build) -> None:
    image = build()
    other = {"buildDefinition": {"resolvedDependencies": [material("pkg:docker/alpine@3.22")]}, "runDetails": {}}
    publishing.attest_tag(image, image["amd64"].digest, kinds.SLSA_V1, other, keys.publisher)

    seen = judge(ON_BASES, image, OURS, own_trust=True)

    assert (seen.exit_code, seen.rule("base-is-hardened").result) == (1, "fail")


def test_provenance_of_a_stranger_is_no_provenance(judge: Judge, build: Build) -> None:
    image = build(without="provenance")
    other = {"buildDefinition": {"resolvedDependencies": [material(BASE)]}, "runDetails": {}}
    publishing.attest_tag(image, image["amd64"].digest, kinds.SLSA_V1, other, keys.stranger)

    seen = judge(ON_BASES, image, OURS, own_trust=True)

    assert (seen.exit_code, seen.rule("base-is-hardened").result) == (1, "unknown")
    assert seen.rule("attested").result == "fail"


@pytest.mark.parametrize(
    ("fields", "code"), [({"signed": False}, 4), ({"without": "sbom"}, 1), ({"without": "provenance"}, 1)]
)
def test_an_image_of_ours_without_its_evidence_is_refused(
    judge: Judge, build: Build, fields: dict[str, Any], code: int
) -> None:
    assert judge(ON_BASES, build(**fields), OURS, own_trust=True).exit_code == code


@pytest.mark.parametrize(
    ("identity", "source", "code"),
    [
        (GITHUB, "https://github.com/acme/shop", 0),
        (GITHUB.replace("v1.2.3", "v1.2.3-rc1"), "https://github.com/acme/shop", 4),
        (GITHUB.replace("tags/v1.2.3", "heads/main"), "https://github.com/acme/shop", 4),
        (GITHUB, "https://github.com/evil/shop", 4),
        (GITHUB.replace("github.com/acme", "github.com/evil"), "https://github.com/acme/shop", 4),
    ],
    ids=["release", "pre-release", "branch", "source of somebody else", "workflow of somebody else"],
)
def test_C25_the_release_workflow_may_sign_instead_of_the_key(
    judge: Judge, build: Build, tmp_path: Path, identity: str, source: str, code: int
) -> None:
    sigstore = PrivateSigstore()
    root = tmp_path / "root.json"
    root.write_text(json.dumps(sigstore.trusted_root()))
    image = build(signed=False)
    signer = sigstore.leaf(identity=identity, issuer="https://token.actions.githubusercontent.com", claims={12: source})
    signed = statement_about(image.index_digest, COSIGN_SIGN, {}, version="v1")
    bundle = sigstore.bundle(statement=signed, signer=signer)
    publishing.hang_bundle(image, image.index_digest, bundle, "0.3", COSIGN_SIGN)

    seen = judge(ON_BASES, image, OURS, own_trust=True, trusted_root=str(root))

    assert seen.exit_code == code, seen.why


# FIPS and STIG for the regulated cluster.

REGULATED = "regulated-cluster"
CMVP_IN_PROCESS = partial(predicates.fips, modules=[predicates.module("Go crypto", status="in process", sunset=None)])
ENDED = partial(predicates.fips, modules=[predicates.module(sunset="2026-01-01")])


def test_a_fips_image_may_run_in_the_regulated_cluster(publisher: Publisher, judge: Judge) -> None:
    seen = judge(REGULATED, publisher.image(**FIPS), "dhi.io/python:3.13-fips")

    assert (seen.exit_code, seen.image.verdict) == (0, "allow"), seen.why


@pytest.mark.parametrize(
    ("fields", "tag", "rule", "reason"),
    [
        ({}, "3.13", "dhi-required-evidence", "evidence of kind fips, found none"),
        ({"compliance": ("stig",)}, "3.13", "dhi-required-evidence", "evidence of kind fips, found none"),
        ({**FIPS, "omit": {"fips"}}, "3.13-fips", "dhi-required-evidence", "evidence of kind fips, found none"),
        ({**FIPS, "omit": {"stig"}}, "3.13-fips", "dhi-required-evidence", "evidence of kind stig, found none"),
        ({**FIPS, "evidence": {"fips": CMVP_IN_PROCESS}}, "3.13-fips", "dhi-fips-module-validated", "in process"),
        ({**FIPS, "evidence": {"fips": ENDED}}, "3.13-fips", "dhi-fips-module-sunset", "ended on 2026-01-01"),
        (
            {**FIPS, "evidence": {"stig": partial(predicates.stig, failed=1)}},
            "3.13-fips",
            "dhi-stig-scan-score",
            "score",
        ),
        (
            {**FIPS, "evidence": {"stig": partial(predicates.stig, failed=1, summary={"defaultScore": 100})}},
            *("3.13-fips", "dhi-stig-report-consistent", "the summary says"),
        ),
        ({**FIPS, "at": EPOCH - timedelta(days=15)}, "3.13-fips", "dhi-required-evidence", "at most 14 days old"),
        ({**FIPS, "end_of_life": "2026-01-01"}, "3.13-fips", "dhi-end-of-life", "2026-01-01"),
    ],
    ids=[
        *(
            "no fips variant",
            "stig alone",
            "label without evidence",
            "no stig scan",
            "module in process",
            "module ended",
        ),
        *("failed finding", "summary that lies", "old", "end of life"),
    ],
)
def test_what_the_regulated_cluster_refuses(
    publisher: Publisher, judge: Judge, fields: dict[str, Any], tag: str, rule: str, reason: str
) -> None:
    seen = judge(REGULATED, publisher.image(**fields), f"dhi.io/python:{tag}")

    assert seen.exit_code == 1
    assert (seen.rule(rule).result, seen.rule(rule).effect) == ("fail", "enforce")
    assert any(reason in violation.message for violation in seen.rule(rule).violations), seen.rule(rule)


# The case files that travel with them.

CASES = sorted((EXAMPLES / "cases").glob("*_case.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_of_the_examples_comes_out_as_it_says(path: Path) -> None:
    assert run_case(read_case(path), ()).failures == ()


def test_the_tests_in_rego_pass_and_reach_nearly_all_of_the_rule() -> None:
    report = run([str(EXAMPLES / "rules")], Settings(threshold=95))

    assert [(tested.name, tested.messages) for tested in report.tests if tested.outcome != "passed"] == []
    assert report.exit_code == 0, report.coverage


def test_every_example_has_cases_that_are_allowed_or_refused() -> None:
    cases = [read_case(path).case for path in CASES]

    assert {Path(case.policy).stem for case in cases} == set(NAMES)
    assert {case.expect.exit_code for case in cases} == {0, 1, 3, 4}
