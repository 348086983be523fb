"""Signatures by certificate on whole images, in every storage layout; and what logs say beside signatures by key."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import publisher as publishing
from tests.conftest import ImageUnderTest, Publisher
from tests.publisher.envelopes import COSIGN_SIGN
from tests.publisher.envelopes import statement as statement_about
from tests.publisher.keys import stranger
from tests.publisher.kinds import SLSA_V1
from tests.sigstore import ISSUED, ISSUER, START, WORKFLOW, Leaf, Logged
from tests.verification.certificates import CLAIMS, FOREIGN, INVALID, SIGSTORE, UNTRUSTED
from tests.verification.conftest import Seen, Verify
from tests.verification.keyless_layouts import ATTEST, PREDICATE, SIGN, bundled
from verifier.errors import ConfigurationError
from verifier.model import AttestationEntry
from verifier.model.trust import Identity

WHO = Identity(subject=WORKFLOW, issuer=ISSUER, claims=CLAIMS)
signing = pytest.mark.parametrize("form", SIGN)
attesting = pytest.mark.parametrize("form", ATTEST)


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Paths of trusted roots, by whose they are."""
    folder = tmp_path_factory.mktemp("roots")
    found = {}
    expired = SIGSTORE.authority(windows={"intermediate": (START, ISSUED)})
    documents = {
        "ours": SIGSTORE.trusted_root(),
        "foreign": FOREIGN.trusted_root(),
        "github": SIGSTORE.github_root(),
        "expired": SIGSTORE.trusted_root(authorities=(expired,)),
    }
    for name, document in documents.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(document))
        found[name] = str(path)
    return found


@pytest.fixture
def bare(publisher: Publisher) -> ImageUnderTest:
    """An image with two platforms about which nobody has said anything."""
    return publisher.image(omit={"*"})


@pytest.fixture
def judge(verify: Verify, roots: dict[str, str]) -> Callable[..., Seen]:
    """Asks whether the expected workflow signed the image, or attested what `types` names."""

    def ask(image: ImageUnderTest, *types: str, under: str = "ours", who: Identity = WHO, **more: Any) -> Seen:
        demands = {"predicate_types": tuple((uri, (uri,)) for uri in types)} if types else {}
        policy = "attested" if types else "signed"
        trust = {"key_files": (), "identities": (who,), "trusted_root": roots[under]}
        return verify(image.registry(), policy=policy, **trust, **demands, **more)

    return ask


Judge = Callable[..., Seen]


@signing
def test_a_signature_by_certificate_is_found_and_believed(bare: ImageUnderTest, judge: Judge, form: str) -> None:
    layout, sign = SIGN[form]
    attached = sign(bare, bare.index_digest)

    seen = judge(bare)

    assert seen.exit_code == 0, seen.why
    (entry,) = seen.image.signatures
    assert (entry.status, entry.layout, entry.subject) == ("verified", layout, bare.index_digest)
    assert entry.location.endswith(attached.digest)
    assert entry.signer == f"{WORKFLOW} ({ISSUER})"
    assert entry.transparency == "proved"


@attesting
def test_an_attestation_by_certificate_is_found_and_believed(bare: ImageUnderTest, judge: Judge, form: str) -> None:
    layout, attest = ATTEST[form]
    attest(bare, bare.index_digest)

    seen = judge(bare, SLSA_V1)

    assert seen.exit_code == 0, seen.why
    (entry,) = seen.image.attestations
    assert (entry.status, entry.layout, entry.transparency) == ("verified", layout, "proved")
    assert entry.signer == f"{WORKFLOW} ({ISSUER})"


@signing
def test_the_same_in_a_layout_on_disk(bare: ImageUnderTest, verify: Verify, roots: dict[str, str], form: str) -> None:
    SIGN[form][1](bare, bare.index_digest)

    seen = verify(bare.layout(), policy="signed", key_files=(), identities=(WHO,), trusted_root=roots["ours"])

    assert seen.exit_code == 0, seen.why


@signing
@pytest.mark.parametrize("under", ["foreign", "github"])
def test_C10_C36_under_another_root_it_is_untrusted(bare: ImageUnderTest, judge: Judge, form: str, under: str) -> None:
    SIGN[form][1](bare, bare.index_digest)

    seen = judge(bare, under=under)

    assert seen.exit_code == 4
    (entry,) = seen.image.signatures
    assert entry.status == "untrusted", entry.reason


@signing
def test_B07_C01_C04_somebody_else_is_untrusted(bare: ImageUnderTest, judge: Judge, form: str) -> None:
    SIGN[form][1](bare, bare.index_digest)

    for who in (
        Identity(subject="dev@example.com", issuer=ISSUER),
        Identity(subject=WORKFLOW, issuer="https://accounts.example"),
        Identity(subject_pattern="github.com/example", issuer=ISSUER),
    ):
        seen = judge(bare, who=who)

        assert seen.exit_code == 4
        assert seen.image.signatures[0].status == "untrusted"


@signing
def test_A01_A02_O05_a_signature_moved_to_another_image(
    bare: ImageUnderTest, publisher: Publisher, judge: Judge, form: str
) -> None:
    other = publisher.image(omit={"*"}, product="dhi/other")
    attached = SIGN[form][1](bare, bare.index_digest)
    if form == "tag":
        publishing.copy_tag(bare, bare.index_digest, other, other.index_digest)
    else:
        publishing.copy_referrer(bare, attached.digest, other, other.index_digest)

    seen = judge(other)

    assert seen.exit_code == 4
    assert seen.image.signatures[0].status == "invalid"


@signing
@pytest.mark.parametrize("log", [None, Logged(log=FOREIGN.logs["v1"])], ids=["none", "foreign"])
def test_D17_G08_a_log_entry_is_required_whatever_the_registry_shows(
    bare: ImageUnderTest, judge: Judge, form: str, log: Logged | None
) -> None:
    """Without being told to: that is the default for certificates."""
    SIGN[form][1](bare, bare.index_digest, log=log, timestamp="tsa")

    seen = judge(bare)

    assert seen.exit_code == 4
    assert "requires a transparency log proof" in seen.image.signatures[0].reason


@signing
def test_D18_N08_logs_that_are_ignored_are_told(bare: ImageUnderTest, judge: Judge, form: str) -> None:
    SIGN[form][1](bare, bare.index_digest, timestamp="tsa")

    seen = judge(bare, ignore_transparency=True)

    assert seen.exit_code == 0, seen.why
    assert seen.image.signatures[0].transparency == "unchecked"


@pytest.mark.parametrize("what", UNTRUSTED)
def test_C04_C09_C10_C25_C26_C27_C28_C29_C30_C32_C36_the_certificate_of_somebody_else(
    bare: ImageUnderTest, judge: Judge, what: str
) -> None:
    assert _only_status(bare, judge, UNTRUSTED[what]()) == "untrusted"


@pytest.mark.parametrize("what", INVALID)
def test_C05_C08_C12_C13_C14_C33_C34_a_certificate_that_is_wrong(bare: ImageUnderTest, judge: Judge, what: str) -> None:
    assert _only_status(bare, judge, INVALID[what]()) == "invalid"


@pytest.mark.parametrize("form", ["bundle 0.3", "bundle with Rekor v2", "bundle of a message"])
def test_C15_an_issuer_that_expired_before_its_leaf_was_used(bare: ImageUnderTest, judge: Judge, form: str) -> None:
    SIGN[form][1](bare, bare.index_digest)

    seen = judge(bare, under="expired")

    assert (seen.exit_code, seen.image.signatures[0].status) == (4, "invalid")


def _only_status(image: ImageUnderTest, judge: Judge, signer: Leaf) -> str:
    """Of two signatures, one by tag and one in a bundle, which must come out alike."""
    for form in ("tag", "bundle 0.3"):
        SIGN[form][1](image, image.index_digest, signer=signer)

    seen = judge(image)

    assert seen.exit_code == 4
    assert len(seen.image.signatures) == 2
    (status,) = {entry.status for entry in seen.image.signatures}
    return status


def test_G07_P01_P02_junk_and_strangers_beside_a_good_signature(bare: ImageUnderTest, judge: Judge) -> None:
    publishing.sign_tag(bare, bare.index_digest, stranger)
    SIGN["bundle 0.3"][1](bare, bare.index_digest, signer=FOREIGN.signer)
    SIGN["bundle 0.3"][1](bare, bare.index_digest)
    publishing.sign_bundle(bare, bare.index_digest, stranger, certificate=SIGSTORE.signer.der)

    seen = judge(bare)

    assert seen.exit_code == 0, seen.why
    assert sorted(entry.status for entry in seen.image.signatures) == ["invalid", "untrusted", "untrusted", "verified"]


@pytest.mark.parametrize("form", ["tag", "bundle 0.3", "bundle with Rekor v2"])
@pytest.mark.parametrize("log", ["v1", None], ids=["logged", "not logged"])
def test_D19_nobody_but_the_registry_is_asked(
    bare: ImageUnderTest, judge: Judge, monkeypatch: pytest.MonkeyPatch, form: str, log: str | None
) -> None:
    """Neither log nor authority, whether their proofs came along or are missing."""
    SIGN[form][1](bare, bare.index_digest, **({} if log else {"log": None}))
    reference, connect = bare.registry(), socket.socket.connect
    asked = []

    def noting(self: socket.socket, address: Any) -> None:
        asked.append(address[0])
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noting)

    assert judge(bare).exit_code == (0 if log else 4)
    assert set(asked) == {reference.partition(":")[0]}


def test_where_only_keys_are_trusted_no_root_is_read(bare: ImageUnderTest, verify: Verify) -> None:
    SIGN["bundle 0.3"][1](bare, bare.index_digest)

    seen = verify(bare.registry(), policy="signed", trusted_root="/nowhere/root.json")

    assert seen.exit_code == 4
    assert "only keys are trusted here" in seen.image.signatures[0].reason


def test_F08_a_trusted_root_that_cannot_be_read_is_a_fault_of_the_call(
    bare: ImageUnderTest, verify: Verify, tmp_path: Path
) -> None:
    SIGN["bundle 0.3"][1](bare, bare.index_digest)
    (tmp_path / "junk.json").write_text("{}")

    for path in ("/nowhere/root.json", str(tmp_path / "junk.json")):
        with pytest.raises(ConfigurationError):
            verify(bare.registry(), policy="signed", key_files=(), identities=(WHO,), trusted_root=path)


# Docker GitHub Builder: a bundle by certificate on BuildKit's attestation manifest

BUILDER = "https://github.com/docker/github-builder/.github/workflows/build.yml@refs/tags/v1.2.3"
OF_BUILDER = Identity(
    subject_pattern=r"https://github\.com/docker/github-builder/\.github/workflows/(build|bake)\.yml@refs/tags/v[0-9.]+",
    issuer=ISSUER,
    claims=((12, "https://github.com/example/app"),),
)


def built(image: ImageUnderTest, **leaf: Any) -> None:
    """Provenance of both platforms as BuildKit keeps it, each manifest signed by the builder."""
    signer = SIGSTORE.leaf(**{"identity": BUILDER, **leaf})
    for attached in publishing.with_buildkit(image, {SLSA_V1: PREDICATE}, statement_version="v1").values():
        bundled(COSIGN_SIGN, image, attached.digest, signer=signer)


def of_platforms(seen: Seen) -> set[str]:
    found: list[AttestationEntry] = [entry for platform in seen.image.platforms for entry in platform.attestations]
    return {entry.status for entry in found}


def test_A20_statements_that_dockers_builder_signed(bare: ImageUnderTest, judge: Judge) -> None:
    built(bare)

    seen = judge(bare, SLSA_V1, who=OF_BUILDER)

    assert seen.exit_code == 0, seen.why
    assert of_platforms(seen) == {"verified"}
    assert {entry.layout for platform in seen.image.platforms for entry in platform.attestations} == {"buildkit"}


@pytest.mark.parametrize(
    "leaf",
    [
        {"identity": BUILDER.replace("docker/", "docker-evil/")},
        {"identity": BUILDER.replace("build.yml@", "build.yml-evil@")},
        {"identity": BUILDER.replace("build.yml@", "build.yml/../evil.yml@")},
        {"identity": BUILDER.replace("build.yml", "buildxyml")},
        {"identity": BUILDER.replace("refs/tags/v1.2.3", "refs/heads/main")},
        {"claims": {12: "https://github.com/evil/app"}},
    ],
)
def test_O15_C02_C25_C30_a_builder_that_looks_like_dockers(bare: ImageUnderTest, judge: Judge, leaf: Any) -> None:
    built(bare, **leaf)

    seen = judge(bare, SLSA_V1, who=OF_BUILDER)

    assert seen.exit_code == 4
    assert of_platforms(seen) == {"untrusted"}


def test_O16_a_builders_signature_of_a_statement_is_none_of_the_image(bare: ImageUnderTest, judge: Judge) -> None:
    built(bare)

    seen = judge(bare, who=OF_BUILDER)

    assert seen.exit_code in (1, 3)
    assert seen.image.signatures == ()


# GitHub's artifact attestations, by its own instance


def github_attested(image: ImageUnderTest, **more: Any) -> None:
    made = SIGSTORE.github_bundle(
        statement=statement_about(image.index_digest, SLSA_V1, PREDICATE, version="v1"), **more
    )
    publishing.hang_bundle(image, image.index_digest, made, "0.3", SLSA_V1)


def test_P28_an_attestation_of_githubs_own_instance(bare: ImageUnderTest, judge: Judge) -> None:
    github_attested(bare)

    seen = judge(bare, SLSA_V1, under="github")

    assert seen.exit_code == 0, seen.why
    (entry,) = seen.image.attestations
    assert (entry.status, entry.transparency) == ("verified", "absent")


def test_C36_an_attestation_of_githubs_own_instance_under_the_public_root(bare: ImageUnderTest, judge: Judge) -> None:
    github_attested(bare)

    seen = judge(bare, SLSA_V1)

    assert seen.exit_code == 4
    assert [entry.status for entry in seen.image.attestations] == ["untrusted"], seen.why


def test_E02_C18_an_attestation_of_githubs_instance_without_its_timestamp(bare: ImageUnderTest, judge: Judge) -> None:
    github_attested(bare, timestamps=())

    seen = judge(bare, SLSA_V1, under="github")

    assert (seen.exit_code, [entry.status for entry in seen.image.attestations]) == (4, ["invalid"])


def test_C20_a_denied_key_behind_a_certificate(
    bare: ImageUnderTest, verify: Verify, roots: dict[str, str], policy_file: Any
) -> None:
    document = """\
version: 1
name: team
images:
  - match: "*"
    trust:
      identities: [{{subject: "{subject}", issuer: "{issuer}"}}]
      trustedRoot: {root}
      deniedKeys: [{denied}]
    rules:
      - pack: signed
"""
    SIGN["bundle 0.3"][1](bare, bare.index_digest)

    def code(denied: str) -> int:
        text = document.format(subject=WORKFLOW, issuer=ISSUER, root=roots["ours"], denied=denied)
        return verify(bare.registry(), policy=policy_file(text), key_files=()).exit_code

    assert code("sha256:" + "0" * 64) == 0
    assert code(f"sha256:{SIGSTORE.leaf_key.fingerprint}") == 4


def test_a_statement_that_is_signed_twice_needs_one_proof(bare: ImageUnderTest, judge: Judge) -> None:
    """By a key that is not trusted without a log, and by the workflow with one."""
    publishing.attest_bundle(bare, bare.index_digest, SLSA_V1, PREDICATE, stranger)
    ATTEST["bundle 0.3"][1](bare, bare.index_digest)

    seen = judge(bare, SLSA_V1)

    assert seen.exit_code == 0, seen.why
    assert sorted(entry.status for entry in seen.image.attestations) == ["untrusted", "verified"]
