"""Bundles of rules: published, pulled and fetched; changed on their way, and signed by others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Publisher
from tests.publisher import MemoryRegistry, keys
from tests.publisher.documents import digest_of
from tests.verification.conftest import SOON_AFTER, Verify
from verifier.errors import (
    ConfigurationError,
    ContentMismatch,
    EvidenceMissing,
    EvidenceUntrusted,
    NotFound,
    UsageError,
)
from verifier.model import BundleSource, RuleModule
from verifier.model.trust import Identity
from verifier.oci import Credentials, Settings, parse_reference
from verifier.oci.artifacts import Artifact, Content
from verifier.oci.push import Pusher
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification import verify as verify_images
from verifier.verification.bundle_files import write_all
from verifier.verification.bundle_format import CHECKS, TITLE, BundleFile, Listed, artifact_of, check
from verifier.verification.bundles import Published, PublishOptions, PullOptions, fetch_bundle, publish, pull
from verifier.verification.hub import Session

SETTINGS = Settings(jobs=2, timeout=20)
RULE = """\
# METADATA
# title: {name}
# custom:
#   name: {name}
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

violation contains {{"message": "never"}} if false
"""
FILES = {
    "always.rego": RULE.format(name="always"),
    "always_test.rego": "package docker.scout\n",
    "policy.yaml": "version: 1\n",
    "cases/statement.json": "{}\n",
}


@pytest.fixture(params=[True, False], ids=["referrers API", "fallback tag"])
def registry(request: pytest.FixtureRequest) -> Iterator[MemoryRegistry]:
    with MemoryRegistry(referrers_api=request.param) as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "rules", FILES)


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def private_key(folder: Path, key: keys.SigningKey, encryption: KeySerializationEncryption | None = None) -> str:
    path = folder / f"{key.name}.pem"
    path.write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))
    return str(path)


def public_key(folder: Path, key: keys.SigningKey) -> str:
    path = folder / f"{key.name}.pub"
    path.write_bytes(key.public_pem)
    return str(path)


@pytest.fixture
def share(registry: MemoryRegistry, folder: Path, tmp_path: Path) -> Callable[..., Published]:
    """`share(key=…, files={…}, tag="1")` publishes; without a key nothing is signed."""

    def call(key: keys.SigningKey | None = None, files: dict[str, str] | None = None, tag: str = "1") -> Published:
        source = folder if files is None else written(tmp_path / f"of-{tag}", files)
        signing_key = private_key(tmp_path, key) if key else None
        options = PublishOptions(signing_key=signing_key, settings=SETTINGS)
        return publish(f"{registry.host}/acme/rules:{tag}", [str(source)], options)

    return call


def trusting(*key_files: str, **more: Any) -> PullOptions:
    return PullOptions(key_files=key_files, settings=SETTINGS, **more)


UNSIGNED = PullOptions(unsigned=True, settings=SETTINGS)


def fetch(source: BundleSource, **additions: Any) -> tuple[RuleModule, ...]:
    with Session(Options(additions=Additions(**additions), settings=SETTINGS)) as session:
        return fetch_bundle(session, source)


def ids(modules: tuple[RuleModule, ...]) -> list[str]:
    return [module.id for module in modules]


def content(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


# ---- what is right


def test_what_was_published_and_signed_is_pulled_as_it_was(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    published = share(keys.publisher)

    pulled = pull(
        f"{registry.host}/acme/rules:1", str(tmp_path / "out"), trusting(public_key(tmp_path, keys.publisher))
    )

    assert content(tmp_path / "out") == FILES
    assert pulled.reference == published.reference
    assert published.reference.startswith(f"{registry.host}/acme/rules@sha256:")
    assert pulled.files == published.files == tuple(sorted(FILES))
    assert published.signer == keys.publisher.fingerprint
    assert pulled.signer.endswith("publisher.pub")


def test_a_run_gets_the_rules_and_neither_tests_nor_documents(share: Callable[..., Published]) -> None:
    reference = share().reference

    (module,) = fetch(BundleSource(reference))

    assert (module.id, module.path) == ("always", f"{reference}/always.rego")
    assert module.source == FILES["always.rego"]


def test_tests_and_documents_are_not_even_fetched(share: Callable[..., Published], registry: MemoryRegistry) -> None:
    source = BundleSource(share().reference)
    registry.log.clear()

    fetch(source)

    assert len([path for path in registry.fetched if "/blobs/" in path]) == 1


def test_the_same_files_are_the_same_bundle(
    share: Callable[..., Published], folder: Path, registry: MemoryRegistry
) -> None:
    first = share().reference
    flat = {name: text for name, text in FILES.items() if "/" not in name}
    alone = [str(folder / name) for name in sorted(flat, reverse=True)]

    one_by_one = publish(f"{registry.host}/acme/rules:2", alone, PublishOptions(settings=SETTINGS)).reference

    assert share(files=FILES, tag="3").reference == first
    assert share(files=flat, tag="4").reference == one_by_one != first


def test_annotations_belong_to_the_digest(
    share: Callable[..., Published], folder: Path, registry: MemoryRegistry
) -> None:
    options = PublishOptions(settings=SETTINGS, annotations={"org.opencontainers.image.version": "1.2"})

    named = publish(f"{registry.host}/acme/rules:1", [str(folder)], options)

    assert named.reference != share().reference
    store = registry.repository("acme/rules").pushed
    document = json.loads(store.manifests[named.reference.partition("@")[2]][1])
    assert document["annotations"] == {"org.opencontainers.image.version": "1.2"}
    assert document["artifactType"] == "application/vnd.dhiverify.rules.v1"
    assert document["layers"][0]["mediaType"] == "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego"


def test_hidden_files_and_other_kinds_are_left_out_and_named(folder: Path, registry: MemoryRegistry) -> None:
    written(folder, {".git/config.yaml": "secret", ".env.yaml": "secret", "README.md": "text"})

    published = publish(f"{registry.host}/acme/rules", [str(folder)], PublishOptions(settings=SETTINGS))

    assert published.files == tuple(sorted(FILES))
    assert published.left_out == (str(folder / "README.md"),)


@pytest.mark.parametrize("key", [keys.publisher, keys.p384, keys.ed25519, keys.rsa2048], ids=lambda key: key.name)
def test_keys_of_every_kind_sign(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path, key: keys.SigningKey
) -> None:
    share(key)

    modules = fetch(BundleSource(share(key).reference, (public_key(tmp_path, key),)))

    assert ids(modules) == ["always"]


def test_signing_the_same_bundle_again_adds_nothing(share: Callable[..., Published], registry: MemoryRegistry) -> None:
    share(keys.publisher)
    before = dict(registry.repository("acme/rules").pushed.manifests)

    share(keys.publisher)

    assert registry.repository("acme/rules").pushed.manifests == before


def test_two_signers_stand_side_by_side(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    share(keys.publisher)
    reference = share(keys.p384).reference

    for key in (keys.publisher, keys.p384):
        assert ids(fetch(BundleSource(reference, (public_key(tmp_path, key),)))) == ["always"]


def test_an_encrypted_key_takes_its_password_from_the_environment(folder: Path, registry: MemoryRegistry) -> None:
    key = private_key(folder.parent, keys.publisher, BestAvailableEncryption(b"of the key"))
    environ = {"DHIVERIFY_SIGNING_KEY_PASSWORD": "of the key"}
    options = PublishOptions(signing_key=key, settings=SETTINGS, environ=environ)

    published = publish(f"{registry.host}/acme/rules", [str(folder)], options)

    assert published.signer == keys.publisher.fingerprint


# ---- bundles that others made


def raw(
    registry: MemoryRegistry, titles: dict[str, str] | list[tuple[str, str]], tag: str = "1", **members: Any
) -> str:
    """Pushes any titles with any text, unchecked, and gives the pinned reference."""
    pairs = titles.items() if isinstance(titles, dict) else titles
    layers = tuple(
        Content(text.encode(), "application/octet-stream", {TITLE: name} if name else {}) for name, text in pairs
    )
    return pushed(registry, Artifact("application/vnd.other", layers, **members), tag)


def pushed(registry: MemoryRegistry, artifact: Artifact, tag: str = "1") -> str:
    reference = parse_reference(f"{registry.host}/acme/rules:{tag}")
    with Pusher(reference, SETTINGS, Credentials()) as pusher:
        return str(reference.at(pusher.push(artifact, tag).digest))


def test_any_single_manifest_with_rego_titles_is_a_bundle(registry: MemoryRegistry, tmp_path: Path) -> None:
    reference = raw(registry, {"always.rego": FILES["always.rego"], "": "config", "rules.tar.gz": "archive"})

    modules = fetch(BundleSource(reference))
    pulled = pull(reference, str(tmp_path / "out"), UNSIGNED)

    assert ids(modules) == ["always"]
    assert content(tmp_path / "out") == {"always.rego": FILES["always.rego"]}
    assert sorted(pulled.left_out) == ["", "rules.tar.gz"]


NAMES = (
    *("../a.rego", "a/../../b.rego", "/etc/a.rego", "//a.rego", "a//b.rego", "./a.rego", "a/./b.rego", "a/", ".."),
    *("..\\a.rego", "a\\b.rego", "C:\\a.rego", "C:a.rego", "\\\\host\\share\\a.rego", "a.rego::$DATA", "a.rego."),
    *("a\0.rego", "a\n.rego", "\x1b[2Ja.rego", "a.rego ", " a.rego", "-rf.rego", ".hidden.rego", "a.rego/", "ä.rego"),
    *("con/../a.rego", "~/a.rego", "$HOME/a.rego", "%2e%2e/a.rego/..", "a" * 250 + ".rego", "d/" * 120 + "a.rego"),
)


@pytest.mark.parametrize("name", NAMES)
def test_H08_no_name_in_a_bundle_leads_out_of_its_directory(
    registry: MemoryRegistry, tmp_path: Path, name: str
) -> None:
    reference = raw(registry, {"always.rego": FILES["always.rego"], name: FILES["always.rego"]})
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(ConfigurationError, match="name"):
        pull(reference, str(tmp_path / "out"), UNSIGNED)
    with pytest.raises(ConfigurationError, match="name"):
        fetch(BundleSource(reference))

    assert sorted(tmp_path.rglob("*")) == before
    assert not [path for path in registry.fetched if "/blobs/" in path]


@given(st.text(max_size=40))
def test_H08_what_passes_the_checks_stays_below_the_directory(name: str) -> None:
    try:
        check([Listed(name, 1)])
    except ConfigurationError:
        return

    path = Path("/inside/of/this") / name
    assert path.is_relative_to("/inside/of/this")
    assert ".." not in path.parts
    assert name.isascii()
    assert name.isprintable()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.rego", "a.rego"], "twice"),
        (["a.rego", "A.rego"], "case only"),
        (["cases/a.json", "Cases/A.json", "b.rego"], "case only"),
        (["a.rego", "a.rego/b.json"], "a file and a directory"),
        (["A.rego", "a.rego/c/b.json"], "a file and a directory"),
    ],
)
def test_H08_names_that_one_disk_takes_for_one_are_refused(
    registry: MemoryRegistry, tmp_path: Path, names: list[str], said: str
) -> None:
    reference = raw(registry, [(name, f"{number}") for number, name in enumerate(names)])

    with pytest.raises(ConfigurationError, match=said):
        pull(reference, str(tmp_path / "out"), UNSIGNED)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([Listed(f"{n}.yaml", 1) for n in range(501)], "501 files"),
        ([Listed("a.rego", (1 << 20) + 1)], "a.rego"),
        ([Listed("a.json", (8 << 20) + 1)], "a.json"),
        ([Listed(f"{n}.json", 8 << 20) for n in range(5)], "bytes"),
    ],
)
def test_H08_a_bundle_without_measure_is_refused_by_what_it_announces(files: list[Listed], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        check(files)

    assert len(CHECKS) == 4


def test_a_size_that_is_a_lie_is_refused(registry: MemoryRegistry, share: Callable[..., Published]) -> None:
    digest = share().reference.partition("@")[2]
    store = registry.repository("acme/rules").pushed
    document = json.loads(store.manifests[digest][1])
    document["layers"][0]["size"] = 7
    body = json.dumps(document).encode()
    store.manifests[digest_of(body)] = ("application/vnd.oci.image.manifest.v1+json", body)

    with pytest.raises(ContentMismatch):
        fetch(BundleSource(f"{registry.host}/acme/rules@{digest_of(body)}"))


def test_an_image_is_no_bundle(publisher: Publisher, tmp_path: Path) -> None:
    image = publisher.image()
    reference = image.registry().rpartition(":")[0]

    for digest, said in ((image.index_digest, "index"), (image["amd64"].digest, "no rules")):
        with pytest.raises(ConfigurationError, match=said):
            fetch(BundleSource(f"{reference}@{digest}"))
        with pytest.raises(ConfigurationError, match=said):
            pull(f"{reference}@{digest}", str(tmp_path / "out"), UNSIGNED)


def test_two_rules_with_one_id_are_refused(registry: MemoryRegistry) -> None:
    same = FILES["always.rego"]
    reference = raw(registry, {"a.rego": same, "b.rego": same})

    with pytest.raises(ConfigurationError, match="same rule id"):
        fetch(BundleSource(reference))


# ---- H12: changed on its way


def test_H12_a_file_that_was_changed_in_the_registry_is_refused(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    reference = share(keys.publisher).reference
    store = registry.repository("acme/rules").pushed
    store.blobs[digest_of(FILES["always.rego"].encode())] = FILES["always.rego"].replace("never", "NEVER").encode()

    with pytest.raises(ContentMismatch):
        pull(reference, str(tmp_path / "out"), trusting(public_key(tmp_path, keys.publisher)))
    with pytest.raises(ContentMismatch):
        fetch(BundleSource(reference))

    assert not (tmp_path / "out").exists()


def test_H12_a_manifest_that_was_changed_in_the_registry_is_refused(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    reference = share(keys.publisher).reference
    store, digest = registry.repository("acme/rules").pushed, reference.partition("@")[2]
    media_type, body = store.manifests[digest]
    store.manifests[digest] = (media_type, body + b"\n")

    for wanted in (reference, f"{registry.host}/acme/rules:1"):
        with pytest.raises((ContentMismatch, EvidenceMissing)):
            pull(wanted, str(tmp_path / "out"), trusting(public_key(tmp_path, keys.publisher)))


def test_H12_other_rules_under_the_same_tag_have_no_signature(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    signed = share(keys.publisher)
    key = public_key(tmp_path, keys.publisher)
    raw(registry, {"always.rego": FILES["always.rego"].replace("false", "true")})

    with pytest.raises(EvidenceMissing, match="nobody signed"):
        pull(f"{registry.host}/acme/rules:1", str(tmp_path / "out"), trusting(key))

    assert not (tmp_path / "out").exists()
    assert ids(fetch(BundleSource(signed.reference, (key,)))) == ["always"]


def test_H12_rules_that_a_stranger_signed_are_refused(share: Callable[..., Published], tmp_path: Path) -> None:
    reference = share(keys.stranger).reference
    key = public_key(tmp_path, keys.publisher)

    with pytest.raises(EvidenceUntrusted, match="nobody trusted signed"):
        pull(reference, str(tmp_path / "out"), trusting(key))
    with pytest.raises(ConfigurationError, match="nobody trusted signed"):
        fetch(BundleSource(reference, (key,)))

    assert not (tmp_path / "out").exists()


def test_H12_a_signature_of_other_rules_does_not_count(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    signed = share(keys.publisher).reference.partition("@")[2]
    reference = raw(registry, {"always.rego": FILES["always.rego"].replace("false", "true")}, tag="2")
    store = registry.repository("acme/rules").pushed
    other = reference.partition("@")[2]
    if registry.referrers_api:
        store.listings[other] = store.listings[signed]
    else:
        store.tags[f"sha256-{other.removeprefix('sha256:')}"] = store.tags[f"sha256-{signed.removeprefix('sha256:')}"]

    with pytest.raises(EvidenceUntrusted):
        pull(reference, str(tmp_path / "out"), trusting(public_key(tmp_path, keys.publisher)))


def test_H12_a_run_refuses_unsigned_rules_where_a_signer_is_named(
    share: Callable[..., Published], tmp_path: Path
) -> None:
    reference = share().reference
    identity = Identity(subject="release@acme.example", issuer="https://accounts.example")

    with pytest.raises(ConfigurationError, match="nobody signed"):
        fetch(BundleSource(reference, (public_key(tmp_path, keys.publisher),)))
    with pytest.raises(ConfigurationError, match="nobody signed"):
        fetch(BundleSource(reference, identities=(identity,)))


def test_H12_rules_by_a_tag_are_not_used(share: Callable[..., Published], registry: MemoryRegistry) -> None:
    share(keys.publisher)

    for reference in (f"{registry.host}/acme/rules:1", f"{registry.host}/acme/rules", "oci:rules"):
        with pytest.raises(ConfigurationError, match="sha256"):
            fetch(BundleSource(reference))


def test_H12_a_pinned_bundle_stays_the_one_that_was_pinned(
    share: Callable[..., Published], registry: MemoryRegistry
) -> None:
    first = share(tag="1").reference
    share(tag="1", files={"new.rego": RULE.format(name="new")})

    modules = fetch(BundleSource(first.replace("@", ":1@")))

    assert ids(modules) == ["always"]


def test_rules_that_are_not_there(registry: MemoryRegistry) -> None:
    with pytest.raises(NotFound):
        fetch(BundleSource(f"{registry.host}/acme/rules@sha256:{'0' * 64}"))


# ---- in a run


def test_a_run_evaluates_rules_of_a_registry_and_fetches_them_once(
    publisher: Publisher, share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    reference, key = share(keys.publisher).reference, public_key(tmp_path, keys.publisher)
    registry.log.clear()
    layouts = [publisher.image().layout(), publisher.image().layout()]

    additions = Additions(rules=(f"oci://{reference}",), rules_keys=(key,), key_files=(key,))
    report = verify_images(layouts, Options(additions=additions, effective_time=SOON_AFTER, settings=SETTINGS))

    outcomes = [rule for image in report.images for rule in image.platforms[0].rules if rule.id == "always"]
    assert [outcome.result for outcome in outcomes] == ["pass", "pass"]
    assert registry.repeated == []


def test_H08_H12_a_run_ends_on_rules_that_nobody_named_has_signed(
    publisher: Publisher, verify: Verify, share: Callable[..., Published], tmp_path: Path
) -> None:
    layout, key = publisher.image().layout(), public_key(tmp_path, keys.publisher)
    strange = share(keys.stranger).reference

    for reference in (f"oci://{strange}", f"oci://{strange.partition('@')[0]}:1"):
        with pytest.raises(ConfigurationError):
            verify(layout, rules=(reference,), rules_keys=(key,))

    assert verify(layout, rules=(f"oci://{strange}",)).rule("always").result == "pass"


# ---- who must sign, and where files go


@pytest.mark.parametrize(
    ("reference", "options", "said"),
    [
        ("registry.example/rules:1", UNSIGNED, "tomorrow"),
        ("registry.example/rules", UNSIGNED, "tomorrow"),
        ("registry.example/rules:1", PullOptions(), "nobody is named"),
        (f"registry.example/rules@sha256:{'0' * 64}", PullOptions(), "nobody is named"),
        (f"registry.example/rules@sha256:{'0' * 64}", PullOptions(key_files=("k",), unsigned=True), "contradict"),
    ],
)
def test_a_pull_says_who_must_have_signed(tmp_path: Path, reference: str, options: PullOptions, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        pull(reference, str(tmp_path / "out"), options)


def test_a_pull_takes_no_directory_that_holds_something(
    share: Callable[..., Published], registry: MemoryRegistry, tmp_path: Path
) -> None:
    reference = share().reference
    full = written(tmp_path / "full", {"mine": "kept"})
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    (tmp_path / "file").write_text("kept")
    (tmp_path / "empty").mkdir()
    registry.log.clear()

    for taken in (full, tmp_path / "link", tmp_path / "file", tmp_path / "none" / "out", Path("a\0b")):
        with pytest.raises(UsageError):
            pull(reference, str(taken), UNSIGNED)
    assert registry.log == []

    pull(reference, str(tmp_path / "empty"), UNSIGNED)

    assert content(tmp_path / "empty") == FILES
    assert content(full) == {"mine": "kept"}


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    files = [BundleFile("a.rego", b"1"), BundleFile("a.rego/b.rego", b"2")]

    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_all(tmp_path / "out", files)

    assert list(tmp_path.iterdir()) == []


# ---- what must not be published


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"broken.rego": "package docker.scout\n\npass if {"}, "broken.rego"),
        ({"other.rego": "package other\n"}, "package docker.scout"),
        ({"metadata.rego": "# METADATA\n# custom: {weight: heavy}\npackage docker.scout\n"}, "METADATA"),
        ({"only_test.rego": "package docker.scout\n"}, "no rules"),
        ({"policy.yaml": "version: 1\n"}, "no rules"),
        ({"deep/always.rego": FILES["always.rego"]}, "deep/always.rego"),
        ({"always.rego": FILES["always.rego"], "two words.yaml": "a: 1\n"}, "two words"),
        ({"a.rego": FILES["always.rego"], "b.rego": FILES["always.rego"]}, "same rule id"),
    ],
)
def test_rules_that_do_not_load_are_not_pushed(
    registry: MemoryRegistry, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    source = written(tmp_path / "bad", files)

    with pytest.raises(ConfigurationError, match=said):
        publish(f"{registry.host}/acme/rules", [str(source)], PublishOptions(settings=SETTINGS))

    assert registry.log == []


def test_a_link_does_not_bring_along_what_lies_elsewhere(
    registry: MemoryRegistry, folder: Path, tmp_path: Path
) -> None:
    secret = written(tmp_path / "elsewhere", {"secret.yaml": "token: x"})
    for target in (secret, secret / "secret.yaml"):
        (folder / "link.yaml").symlink_to(target)

        with pytest.raises(ConfigurationError, match="is a link"):
            publish(f"{registry.host}/acme/rules", [str(folder)], PublishOptions(settings=SETTINGS))
        (folder / "link.yaml").unlink()

    assert registry.log == []


@pytest.mark.parametrize("paths", [[], ["missing.rego"], ["README.md"], ["/dev/zero"], [""]])
def test_paths_that_are_nothing_to_publish(
    registry: MemoryRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str]
) -> None:
    monkeypatch.chdir(written(tmp_path / "here", {"README.md": "text"}))

    with pytest.raises(UsageError):
        publish(f"{registry.host}/acme/rules", paths, PublishOptions(settings=SETTINGS))

    assert registry.log == []


@pytest.mark.parametrize("reference", ["oci:rules", f"registry.example/rules@sha256:{'0' * 64}", "UPPER/rules"])
def test_references_that_nothing_is_pushed_to(folder: Path, reference: str) -> None:
    with pytest.raises(UsageError):
        publish(reference, [str(folder)], PublishOptions(settings=SETTINGS))


def pem(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:
    form = PrivateFormat.PKCS8
    made: bytes = key.private_bytes(Encoding.PEM, form, encryption or NoEncryption())
    return made


BAD_KEYS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a private key"),
    "a public key": (lambda: keys.publisher.public_pem, "not a private key"),
    "another curve": (lambda: pem(ec.generate_private_key(ec.SECP256K1())), "secp256k1"),
    "a short RSA key": (lambda: pem(rsa.generate_private_key(65537, 1024)), "1024 bits"),
    "a key that cannot sign": (lambda: pem(X25519PrivateKey.generate()), "X25519"),
    "an encrypted key": (lambda: pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"x")), "no password"),
    "cosign's own form": (lambda: b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\ne30=\n", "cosign's own form"),
    "too much": (lambda: b"-" * 100_000, "larger than"),
}


@pytest.mark.parametrize("what", BAD_KEYS)
def test_a_key_that_cannot_sign_ends_the_run_before_anything_is_sent(
    registry: MemoryRegistry, folder: Path, tmp_path: Path, what: str
) -> None:
    make, said = BAD_KEYS[what]
    (tmp_path / "key.pem").write_bytes(make())
    options = PublishOptions(signing_key=str(tmp_path / "key.pem"), settings=SETTINGS)

    with pytest.raises(ConfigurationError, match=said):
        publish(f"{registry.host}/acme/rules", [str(folder)], options)

    assert registry.log == []


def test_a_wrong_password_is_refused_and_not_repeated(registry: MemoryRegistry, folder: Path) -> None:
    key = private_key(folder.parent, keys.publisher, BestAvailableEncryption(b"right"))
    options = PublishOptions(signing_key=key, environ={"DHIVERIFY_SIGNING_KEY_PASSWORD": "hunter2"})

    with pytest.raises(ConfigurationError, match="given password") as raised:
        publish(f"{registry.host}/acme/rules", [str(folder)], options)

    assert "hunter2" not in f"{raised.value}{raised.value.hint}"


def test_H12_a_registry_that_keeps_other_bytes_than_were_sent_is_noticed(
    registry: MemoryRegistry, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = registry.repository("acme/rules").pushed
    put_blob = type(store).put_blob

    def alter(self: Any, body: bytes) -> Any:
        kept = put_blob(self, body)
        self.blobs[digest_of(body)] = body.replace(b"never", b"NEVER")
        return kept

    monkeypatch.setattr(type(store), "put_blob", alter)

    with pytest.raises(ContentMismatch):
        publish(f"{registry.host}/acme/rules", [str(folder)], PublishOptions(settings=SETTINGS))


def test_files_of_a_bundle_are_sorted_and_unnamed_times_do_not_exist() -> None:
    files = [BundleFile("b.rego", b"b"), BundleFile("a/c.json", b"c"), BundleFile("a.rego", b"a")]

    artifact = artifact_of(files, {})

    assert [layer.annotations[TITLE] for layer in artifact.layers] == ["a.rego", "a/c.json", "b.rego"]
    assert artifact.descriptor == artifact_of(files[::-1], {}).descriptor
    assert "annotations" not in artifact.document
