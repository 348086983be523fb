"""OpenVEX over whole images: which documents may speak, what they come to, and what the report says of the others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import keys
from tests.sigstore import PrivateSigstore
from tests.verification.conftest import SOON_AFTER, Seen, Verify
from verifier.errors import ConfigurationError, EvidenceMissing, EvidenceUntrusted, UsageError
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification.openvex import VexReport, export_vex, show_vex

ONE = ("linux/amd64",)
RULE = "fixable-vulnerabilities"
CVE, OTHER_CVE = "CVE-2025-11111", "CVE-2025-22222"
PURL = "pkg:deb/debian/openssl@3.5.4-1?os_distro=trixie&os_name=debian&os_version=13"
LATER = "2026-01-14T00:00:00Z"
SIGSTORE = PrivateSigstore()


def scan(*names: str) -> Any:
    cvss = {"severity": "HIGH", "score": 7.5}
    found = [
        {"source_id": n, "fixed_by": "9", "published_at": "2025-01-01T00:00:00Z", "cvss": cvss} for n in names or (CVE,)
    ]
    return [{"purl": PURL, "vulnerabilities": found}]


def vex(*statements: Any) -> Any:
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://openvex.dev/docs/public/vex-1",
        "author": "Docker Hardened Images <dhi@docker.com>",
        "timestamp": "2026-01-13T00:00:00Z",
        "version": 1,
        "statements": list(statements or (said(),)),
    }


def said(status: str = "not_affected", *, image: str = "dhi/python", name: str = CVE, **more: Any) -> Any:
    reason = {"justification": "vulnerable_code_not_present"} if status == "not_affected" else {}
    product = {"@id": f"pkg:docker/{image}", "subcomponents": [{"@id": "pkg:deb/debian/openssl"}]}
    return {"vulnerability": {"name": name}, "products": [product], "status": status, **reason, **more}


def with_vex(publisher: Publisher, *documents: Any, **fields: Any) -> ImageUnderTest:
    """An image with one overdue finding and these documents."""
    more = {"omit": frozenset({"vex"})} if not documents else {}
    evidence = {"scout-vulnerabilities": scan()} | ({"vex": documents[0]} if documents else {})
    extra = tuple(("vex", document) for document in documents[1:])
    return publisher.image(**{"platforms": ONE, "evidence": evidence, "extra": extra, **more, **fields})


def outcome(seen: Seen) -> str:
    return str(seen.rule(RULE).result)


Show = Callable[..., VexReport]


@pytest.fixture
def options(key_files: dict[str, str]) -> Callable[..., Options]:
    def of(**more: Any) -> Options:
        requested = more.pop("requested", "")
        additions = Additions(key_files=(key_files["publisher"],), **more)
        return Options(additions=additions, effective_time=SOON_AFTER, requested=requested)

    return of


@pytest.fixture
def show(options: Callable[..., Options]) -> Show:
    return lambda reference, **more: show_vex(reference, options(**more))


@pytest.fixture
def feed(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Writes a document and the bundle by which `signer` signs it; gives the options that name them."""

    def written(document: Any, signer: Any = keys.publisher, content: bytes | None = None) -> dict[str, Any]:
        body = json.dumps(document).encode()
        path, bundle = tmp_path / "feed.vex.json", tmp_path / "feed.vex.json.sig"
        path.write_bytes(body)
        bundle.write_text(json.dumps(SIGSTORE.bundle(file=content or body, signer=signer, logs=(), material="key")))
        return {"vex": (str(path),), "vex_bundles": (str(bundle),)}

    return written


def test_attached_document_excuses(publisher: Publisher, verify: Verify) -> None:
    excused, bare = with_vex(publisher, vex()), with_vex(publisher)

    assert outcome(verify(excused.layout())) == "pass"
    assert verify(excused.layout()).rule(RULE).message == "excused by OpenVEX documents: 1"
    assert outcome(verify(bare.layout())) == "fail"


def test_several_documents_are_all_heard(publisher: Publisher, verify: Verify) -> None:
    image = with_vex(
        publisher,
        vex(said(name=OTHER_CVE)),
        vex(),
        evidence={"scout-vulnerabilities": scan(CVE, OTHER_CVE), "vex": vex(said(name=OTHER_CVE))},
    )

    assert outcome(verify(image.layout())) == "pass"


@pytest.mark.parametrize("order", [1, -1])
def test_J13_documents_that_disagree_excuse_nothing_and_the_report_names_both(
    publisher: Publisher, verify: Verify, order: int
) -> None:
    image = with_vex(publisher, *[vex(), vex(said("affected", timestamp="2026-01-01T00:00:00Z"))][::order])

    seen = verify(image.layout())

    assert outcome(seen) == "fail"
    (note,) = [note for note in seen.image.notes if "disagree" in note]
    assert CVE in note
    assert "affected says sha256:" in note
    assert "not_affected says sha256:" in note


@pytest.mark.parametrize("signer", ["stranger", "nobody"])
def test_G02_J13_document_that_nobody_trusted_signed_is_not_heard(
    publisher: Publisher, verify: Verify, show: Show, signer: str
) -> None:
    damage = {"unsigned": {"vex"}} if signer == "nobody" else {"signed_by": {"vex": keys.stranger}}
    image = with_vex(publisher, vex(), **damage)

    assert outcome(verify(image.layout())) == "fail"
    with pytest.raises(EvidenceUntrusted):
        show(image.layout())


def test_O12_document_about_the_base_of_an_image_says_nothing_about_the_image(
    publisher: Publisher, verify: Verify, show: Show
) -> None:
    base = "ab" * 32
    image = with_vex(publisher, vex(), statement_subject={"vex": base})

    seen = verify(image.layout())

    assert outcome(seen) == "fail"
    assert seen.only("vex").status == "invalid"
    with pytest.raises(EvidenceUntrusted):
        show(image.layout())


def test_A05_document_about_the_index_is_not_applied_to_a_platform(publisher: Publisher, verify: Verify) -> None:
    image = with_vex(publisher, index_evidence={"vex": vex()})

    seen = verify(image.layout())

    assert outcome(seen) == "fail"
    assert any("is not applied: it speaks about the index" in note for note in seen.image.notes)


def test_document_of_another_shape_is_not_applied_and_the_report_says_why(publisher: Publisher, verify: Verify) -> None:
    seen = verify(with_vex(publisher, {"statements": "none"}).layout())

    assert outcome(seen) == "fail"
    assert any("cannot be read: expected statements" in note for note in seen.image.notes)


def test_compat_scout_keeps_docker_s_outcome(publisher: Publisher, verify: Verify) -> None:
    exact = said("under_investigation") | {"products": [{"@id": PURL}]}
    image = with_vex(publisher, vex(exact))

    assert outcome(verify(image.layout())) == "fail"
    assert outcome(verify(image.layout(), compat="scout")) == "pass"


def test_feed_of_who_signed_the_image_excuses(
    publisher: Publisher, verify: Verify, feed: Callable[..., dict[str, Any]]
) -> None:
    reference = with_vex(publisher).layout()

    assert outcome(verify(reference, **feed(vex()))) == "pass"
    assert outcome(verify(reference, **feed(vex(said(image="dhi/nginx"))))) == "fail"


@pytest.mark.parametrize(("name", "expected"), [("dhi/python", "pass"), ("dhi/nginx", "fail"), ("acme/app", "pass")])
def test_a_name_under_which_nobody_signed_is_no_name_of_the_image(
    publisher: Publisher, verify: Verify, feed: Callable[..., dict[str, Any]], name: str, expected: str
) -> None:
    reference = with_vex(publisher).registry(name)
    about = f"pkg:oci/{name.rpartition('/')[2]}?repository_url={reference.rpartition(':')[0]}"
    excuse = said() | {"products": [{"@id": about, "subcomponents": [{"@id": "pkg:deb/debian/openssl"}]}]}

    assert outcome(verify(reference, **feed(vex(excuse)))) == expected


def test_feed_and_attached_document_are_held_against_each_other(
    publisher: Publisher, verify: Verify, feed: Callable[..., dict[str, Any]]
) -> None:
    seen = verify(with_vex(publisher, vex()).layout(), **feed(vex(said("affected"))))

    assert outcome(seen) == "fail"
    assert any("disagree" in note for note in seen.image.notes)


def test_J13_feed_signed_by_nobody_trusted_is_not_applied(
    publisher: Publisher, verify: Verify, feed: Callable[..., dict[str, Any]]
) -> None:
    seen = verify(with_vex(publisher).layout(), **feed(vex(), keys.stranger))

    assert outcome(seen) == "fail"
    assert any("feed.vex.json@sha256:" in note and "its bundle is no proof" in note for note in seen.image.notes)


def test_bundle_of_another_file_is_no_proof(
    publisher: Publisher, verify: Verify, feed: Callable[..., dict[str, Any]]
) -> None:
    seen = verify(with_vex(publisher).layout(), **feed(vex(), content=b"another file"))

    assert outcome(seen) == "fail"
    assert any("its bundle is no proof" in note for note in seen.image.notes)


def test_O12_feed_of_one_publisher_says_nothing_about_the_image_of_another(
    publisher: Publisher, verify: Verify, key_files: dict[str, str], feed: Callable[..., dict[str, Any]]
) -> None:
    built_on_it = with_vex(publisher, keys=(keys.stranger,))

    seen = verify(built_on_it.layout(), key_files=(key_files["publisher"], key_files["stranger"]), **feed(vex()))

    assert outcome(seen) == "fail"
    assert any("and the evidence of the image by" in note for note in seen.image.notes)


def pinning(policy_file: Callable[[str], str], key: str, digest: str, file: str = "") -> str:
    named = f", file: {file}" if file else ""
    return policy_file(
        f"version: 1\nname: ours\nimages:\n  - match: '*'\n    trust: {{keyFiles: [{key}]}}\n"
        f"    rules: [{{pack: dhi}}]\n    vex: [{{digest: '{digest}'{named}}}]\n"
    )


@pytest.mark.parametrize("named", ["in the policy", "on the command line"])
def test_file_that_the_policy_pins_needs_no_bundle(
    publisher: Publisher,
    verify: Verify,
    key_files: dict[str, str],
    feed: Callable[..., dict[str, Any]],
    policy_file: Callable[[str], str],
    named: str,
) -> None:
    path = Path(feed(vex())["vex"][0])
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    policy = pinning(policy_file, key_files["publisher"], digest, path.name if named == "in the policy" else "")
    more = {} if named == "in the policy" else {"vex": (str(path),)}

    seen = verify(with_vex(publisher).layout(), policy=policy, key_files=(), **more)

    assert outcome(seen) == "pass"


def test_file_that_is_not_the_pinned_one_ends_the_run(
    publisher: Publisher,
    verify: Verify,
    key_files: dict[str, str],
    feed: Callable[..., dict[str, Any]],
    policy_file: Callable[[str], str],
) -> None:
    path = feed(vex())["vex"][0]
    policy = pinning(policy_file, key_files["publisher"], f"sha256:{'0' * 64}", path)

    with pytest.raises(ConfigurationError, match="the policy vouches for sha256:0000"):
        verify(with_vex(publisher).layout(), policy=policy, key_files=())


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"vex": ("a.json",)}, "nothing vouches for the VEX document 'a.json'"),
        ({"vex": ("a.json", "b.json"), "vex_bundles": ("a.sig",)}, "found 1 for 2"),
        ({"vex_bundles": ("a.sig",)}, "found 1 for 0"),
        ({"vex": ("missing.json",), "vex_bundles": ("a.sig",)}, "cannot be read"),
    ],
)
def test_files_that_nothing_vouches_for_are_a_wrong_call(
    publisher: Publisher, verify: Verify, more: dict[str, Any], expected: str
) -> None:
    with pytest.raises(UsageError, match=expected):
        verify(with_vex(publisher).layout(), **more)


def test_show_names_documents_words_and_what_met_nothing(publisher: Publisher, show: Show) -> None:
    image = with_vex(publisher, vex(said(), said("under_investigation", name=OTHER_CVE)))

    (platform,) = show(image.layout()).platforms

    assert platform.found == 1
    (document,) = platform.documents
    assert document.author == "Docker Hardened Images <dhi@docker.com>"
    assert document.signer.endswith("publisher.pub")
    (finding,) = platform.findings
    assert (finding.vulnerability, finding.purl, finding.suppressed) == (CVE, PURL, True)
    (silent,) = platform.unmatched
    assert (silent.vulnerability, silent.word.statement) == (OTHER_CVE, 1)
    assert silent.reason == "no scan of the image names this vulnerability"


def test_show_lists_every_statement_where_nothing_was_found(publisher: Publisher, show: Show) -> None:
    image = with_vex(publisher, vex(), evidence={"scout-vulnerabilities": [], "vex": vex()})

    (platform,) = show(image.layout()).platforms

    assert (platform.found, platform.findings) == (0, ())
    assert len(platform.unmatched) == 1


def test_G01_show_and_export_without_a_document_are_missing_evidence(
    publisher: Publisher, show: Show, options: Callable[..., Options]
) -> None:
    reference = with_vex(publisher).layout()

    with pytest.raises(EvidenceMissing, match="has no OpenVEX document"):
        show(reference)
    with pytest.raises(EvidenceMissing):
        export_vex(reference, options())


def test_export_names_the_image_by_its_digests(publisher: Publisher, options: Callable[..., Options]) -> None:
    image = with_vex(publisher, vex())

    exported = export_vex(image.layout(), options(requested="registry.example/team/dhi-python:3.13")).document

    (statement,) = exported["statements"]
    digests = {image.index_digest, show_vex(image.layout(), options()).platforms[0].digest}
    assert {product["@id"] for product in statement["products"]} == {
        f"pkg:oci/{name}@{digest}" for name in ("python", "dhi-python") for digest in digests
    }
    assert statement["products"][0]["subcomponents"] == [{"@id": "pkg:deb/debian/openssl"}]


def test_export_for_one_platform_excuses_nothing_of_the_others(
    publisher: Publisher, options: Callable[..., Options]
) -> None:
    image = with_vex(publisher, vex(), platforms=("linux/amd64", "linux/arm64"))

    narrowed = export_vex(image.layout(), options(platforms=("linux/amd64",))).document

    named = {product["@id"].partition("@")[2] for one in narrowed["statements"] for product in one["products"]}
    assert named == {image["amd64"].digest}


def test_export_of_what_is_disputed_is_missing_evidence(publisher: Publisher, options: Callable[..., Options]) -> None:
    image = with_vex(publisher, vex(), vex(said("affected")))

    with pytest.raises(EvidenceMissing, match="excuses anything"):
        export_vex(image.layout(), options())
