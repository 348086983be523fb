"""Built on a hardened image: its OpenVEX documents excuse findings in its own packages, and in no others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import keys
from tests.publisher.about import JSON
from tests.publisher.sboms import cyclonedx, spdx
from tests.sigstore import PrivateSigstore
from tests.verification.conftest import SOON_AFTER, Seen, Verify
from tests.verification.test_bases import POLICY, Shop
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification.openvex import export_vex, show_vex

RULE = "fixable-vulnerabilities"
CVE = "CVE-2025-11111"
SSL = "pkg:deb/debian/libssl3t64@3.5.4-1?os_distro=trixie&os_name=debian&os_version=13"
OWN = "pkg:deb/debian/libcurl4@8.14.1-2?os_distro=trixie&os_name=debian&os_version=13"
GO = "pkg:golang/golang.org/x/net@0.30.0"
SIGSTORE = PrivateSigstore()


def vex(*parts: str, product: str = "pkg:docker/dhi/python", status: str = "not_affected") -> JSON:
    reason = {"justification": "vulnerable_code_not_in_execute_path"} if status == "not_affected" else {}
    within = {"subcomponents": [{"@id": part} for part in parts]} if parts else {}
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://openvex.dev/docs/public/vex-of-the-base",
        "author": "Docker Hardened Images <dhi@docker.com>",
        "timestamp": "2026-01-13T00:00:00Z",
        "version": 1,
        "statements": [
            {"vulnerability": {"name": CVE}, "products": [{"@id": product, **within}], "status": status, **reason}
        ],
    }


ABOUT_SSL = vex("pkg:deb/debian/libssl3t64")


def scan(*purls: str) -> JSON:
    found = {
        "source_id": CVE,
        "fixed_by": "9",
        "published_at": "2025-01-01T00:00:00Z",
        "cvss": {"severity": "HIGH", "score": 7.5},
    }
    return [{"purl": purl, "vulnerabilities": [found]} for purl in purls]


def listing(purl: str) -> Callable[[Any], JSON]:
    """The base's bill of materials with one more package."""

    def written(about: Any) -> JSON:
        bill = spdx(about)
        reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        bill["packages"].append({"name": "more", "SPDXID": "SPDXRef-more", "externalRefs": [reference]})
        return bill

    return written


class Case:
    """The team's image on a base, and the questions that tests ask of it."""

    def __init__(self, publisher: Publisher, verify: Verify, policy: Callable[[str], str], files: dict[str, str]):
        self._publisher, self._verify, self._policy, self._files = publisher, verify, policy, files

    def policy(self, more: str = "") -> str:
        text = POLICY.format(team=self._files["stranger"], publisher=self._files["publisher"], more=more)
        return self._policy(text.replace("{pack: attested, config: {attested: {types: [provenance]}}}", "{pack: dhi}"))

    def image(
        self, document: JSON | None = ABOUT_SSL, *, found: tuple[str, ...] = (SSL,), own: JSON = None, **of_base: Any
    ) -> ImageUnderTest:
        """`document` hangs on the base, `own` on the image, whose scan found `found`."""
        evidence = {**({"vex": document} if document else {}), **of_base.pop("evidence", {})}
        omit = of_base.pop("omit", frozenset()) | (frozenset() if document else {"vex"})
        shop = Shop(self._publisher, evidence=evidence, omit=omit, **of_base)
        of_image = {"scout-vulnerabilities": scan(*found), **({"vex": own} if own else {})}
        left = frozenset({"stig", "fips", *(() if own else ("vex",))})
        built = {"evidence": {"provenance": shop._provenance, **of_image}, "omit": left}
        self.shop = shop
        return shop.image(**built)

    def judge(self, image: ImageUnderTest, more: str = "", **additions: Any) -> Seen:
        return self._verify(image.registry("acme/shop"), policy=self.policy(more), key_files=(), **additions)

    def options(self) -> Options:
        return Options(policy=self.policy(), additions=Additions(), effective_time=SOON_AFTER)


@pytest.fixture
def case(publisher: Publisher, verify: Verify, policy_file: Callable[[str], str], key_files: dict[str, str]) -> Case:
    return Case(publisher, verify, policy_file, key_files)


def outcome(seen: Seen) -> str:
    return str(seen.rule(RULE).result)


def test_documents_of_a_proved_base_excuse_findings_in_its_packages(case: Case) -> None:
    bare = case.judge(case.image(None))  # the first: the registry keeps what hangs on the same base later
    excused = case.judge(case.image())

    assert excused.rule("base-proved").result == "pass"
    assert (outcome(excused), outcome(bare)) == ("pass", "fail")
    notes = [note for note in excused.image.notes if "OpenVEX" in note]
    assert len(notes) == 2  # one document on each platform
    assert all("is heard about packages of the base" in note for note in notes)
    assert not any("OpenVEX" in note for note in bare.image.notes)


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (OWN, "pkg:deb/debian/libcurl4"),
        (SSL.replace("3.5.4-1", "3.5.4-2"), "pkg:deb/debian/libssl3t64"),
        (SSL.partition("@")[0], "pkg:deb/debian/libssl3t64"),
        (SSL.replace("trixie", "bookworm").replace("=13", "=12"), "pkg:deb/debian/libssl3t64"),
        (GO, "pkg:golang/golang.org/x/net"),
    ],
    ids=["another package", "another version", "no version", "another distribution", "a library"],
)
def test_J13_documents_of_the_base_say_nothing_about_what_the_layers_above_add(
    case: Case, found: str, named: str
) -> None:
    image = case.image(vex(named), found=(found,), evidence={"spdx": listing(GO)})

    assert outcome(case.judge(image)) == "fail"
    (silent,) = show_vex(image.registry("acme/shop"), case.options()).platforms[0].unmatched
    assert silent.reason == "the vulnerability was found in what is not proved to be a package of the base"


def test_the_whole_base_by_digest_means_its_packages_and_no_more(case: Case) -> None:
    def whole(about: Any) -> JSON:
        return vex(product=f"pkg:oci/python@{about.digest}")

    assert outcome(case.judge(case.image(whole))) == "pass"
    assert outcome(case.judge(case.image(whole, found=(SSL, OWN)))) == "fail"


def test_J13_the_image_and_its_base_disagree_and_nothing_is_excused(case: Case) -> None:
    own = vex("pkg:deb/debian/libssl3t64", product="pkg:docker/acme/shop", status="affected")

    seen = case.judge(case.image(own=own))

    assert outcome(seen) == "fail"
    assert any("disagree about" in note for note in seen.image.notes)


def test_J13_a_newer_word_about_the_base_does_not_overtake_one_about_the_image(case: Case, tmp_path: Path) -> None:
    both = vex("pkg:deb/debian/libssl3t64")
    (about_shop,) = vex("pkg:deb/debian/libssl3t64", product="pkg:docker/acme/shop", status="affected")["statements"]
    image = case.image(None)

    def judged(document: JSON) -> Seen:
        path = tmp_path / "pinned.vex.json"
        path.write_text(json.dumps(document))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return case.judge(image, f"    vex: [{{file: {path}, digest: 'sha256:{digest}'}}]")

    assert outcome(judged(both)) == "pass"
    both["statements"].append(about_shop | {"timestamp": "2026-01-01T00:00:00Z"})
    assert outcome(judged(both)) == "fail"


def test_a_word_of_the_base_against_a_package_of_its_own_keeps_the_finding(case: Case) -> None:
    own = vex("pkg:deb/debian/libssl3t64", product="pkg:docker/acme/shop")

    seen = case.judge(case.image(vex("pkg:deb/debian/libssl3t64", status="affected"), own=own))

    assert outcome(seen) == "fail"


def test_the_image_s_own_documents_do_not_speak_in_the_name_of_the_base(case: Case) -> None:
    assert outcome(case.judge(case.image(None, own=ABOUT_SSL))) == "fail"


def test_O12_a_base_that_is_only_claimed_excuses_nothing(case: Case) -> None:
    def compressed_anew(_: str, manifest: JSON) -> JSON:
        layers = [{**one, "digest": "sha256:" + f"{n}" * 64} for n, one in enumerate(manifest["layers"])]
        return {**manifest, "layers": layers}

    case.image()
    image = case.shop.image(
        platform_manifest=compressed_anew,
        evidence={"provenance": case.shop._provenance, "scout-vulnerabilities": scan(SSL)},
        omit=frozenset({"stig", "fips", "vex"}),
    )

    seen = case.judge(image, "      layers: claimed")

    assert seen.rule("base-proved").result == "pass"
    assert outcome(seen) == "fail"


@pytest.mark.parametrize(
    "of_base",
    [
        {"signed_by": {"vex": keys.stranger}},
        {"unsigned": {"vex"}},
        {"keys": (keys.stranger,)},
        {"statement_subject": {"vex": "ab" * 32}},
    ],
    ids=["by a stranger", "by nobody", "a base by a stranger", "about another image"],
)
def test_G02_documents_of_the_base_that_nobody_trusted_signed_are_not_heard(case: Case, of_base: Any) -> None:
    assert outcome(case.judge(case.image(**of_base))) == "fail"


@pytest.mark.parametrize(
    ("of_base", "said"),
    [
        ({"omit": frozenset({"sbom"})}, "it has no verified SBOM"),
        ({"evidence": {"cyclonedx": {"bomFormat": "CycloneDX", "components": "none"}, "spdx": {}}}, "expected"),
    ],
    ids=["no SBOM", "an SBOM that cannot be read"],
)
def test_J14_without_a_list_of_its_packages_a_base_excuses_nothing(case: Case, of_base: Any, said: str) -> None:
    seen = case.judge(case.image(**of_base))

    assert outcome(seen) == "fail"
    (note,) = [
        note for note in seen.image.notes if "no OpenVEX document is heard about the packages of the base" in note
    ]
    assert said in note


def test_a_package_of_the_base_is_one_that_its_bill_lists(case: Case) -> None:
    document = vex("pkg:deb/debian/libcurl4")

    assert outcome(case.judge(case.image(document, found=(OWN,)))) == "fail"
    assert outcome(case.judge(case.image(document, found=(OWN,), evidence={"spdx": listing(OWN)}))) == "pass"


def test_what_else_was_read_of_the_base_adds_no_package(case: Case, key_files: dict[str, str], tmp_path: Path) -> None:
    def of_another_form(about: Any) -> JSON:
        bill = cyclonedx(about)
        return {**bill, "components": [*bill["components"], {"type": "library", "name": "libcurl4", "purl": OWN}]}

    everything = "package docker.scout\n\nimport rego.v1\n\ndefault pass := true\n"
    (tmp_path / "everything.rego").write_text(everything)
    thorough = tmp_path / "thorough.yaml"
    thorough.write_text(
        f"version: 1\nname: thorough\nimages:\n  - match: '*'\n    rules: [{{path: everything.rego}}]\n"
        f"    trust: {{keyFiles: [{key_files['publisher']}]}}\n"
    )
    image = case.image(vex("pkg:deb/debian/libcurl4"), found=(OWN,), evidence={"cyclonedx": of_another_form})

    seen = case.judge(image, f"      policy: {thorough}")

    assert seen.rule("base-proved").result == "pass"
    assert outcome(seen) == "fail"


def test_a_base_that_its_policy_refuses_still_speaks(case: Case) -> None:
    seen = case.judge(case.image(omit=frozenset({"malware"})))

    assert seen.rule("base-accepted").result == "fail"
    assert outcome(seen) == "pass"


@pytest.fixture
def feed(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def written(document: Any, signer: Any = keys.publisher) -> dict[str, Any]:
        body = json.dumps(document).encode()
        path, bundle = tmp_path / "feed.vex.json", tmp_path / "feed.vex.json.sig"
        path.write_bytes(body)
        bundle.write_text(json.dumps(SIGSTORE.bundle(file=body, signer=signer, logs=(), material="key")))
        return {"vex": (str(path),), "vex_bundles": (str(bundle),)}

    return written


def test_a_feed_of_who_signed_the_base_excuses_findings_in_its_packages(
    case: Case, feed: Callable[..., dict[str, Any]]
) -> None:
    seen = case.judge(case.image(None), **feed(ABOUT_SSL))

    assert outcome(seen) == "pass"
    assert not any("not applied" in note for note in seen.image.notes)
    assert outcome(case.judge(case.image(None, found=(SSL, OWN)), **feed(vex("pkg:deb/debian/libcurl4")))) == "fail"


def test_O12_a_feed_of_somebody_else_excuses_nothing(case: Case, feed: Callable[..., dict[str, Any]]) -> None:
    seen = case.judge(case.image(None), **feed(ABOUT_SSL, keys.stranger))

    assert outcome(seen) == "fail"


def test_show_and_export_tell_whose_packages_are_meant(case: Case) -> None:
    image = case.image(found=(SSL, OWN)).registry("acme/shop")

    platform = show_vex(image, case.options()).platforms[0]
    exported = export_vex(image, case.options()).document

    (document,) = platform.documents
    assert document.base.endswith(case.shop.base.index_digest)
    assert [(one.purl, one.suppressed) for one in platform.findings] == [(SSL, True)]
    (statement,) = exported["statements"]
    parts = {part["@id"] for product in statement["products"] for part in product["subcomponents"]}
    assert parts == {"pkg:deb/debian/libssl3t64@3.5.4-1"}
    named = {product["@id"].partition("@")[2] for product in statement["products"]}
    of_base = {case.shop.base.index_digest, *(case.shop.base[one].digest for one in ("amd64", "arm64"))}
    assert platform.digest in named
    assert not of_base & named
