"""Signed files: Docker's own advisory feed, and files signed by keys and identities of a private Sigstore."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.publisher import keys
from tests.sigstore import EMAIL, ISSUER, WORKFLOW, PrivateSigstore, statement
from verifier import BlobOptions, BlobReport, Identity, verify_blob
from verifier.errors import ConfigurationError, DhiverifyError, UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.verification import blob as blobs

DATA = Path(__file__).parent.parent / "signature" / "data"
FILE = DATA / "CVE-2026-42899.json.sha256"
BUNDLE = DATA / "CVE-2026-42899.json.sha256.sig"
SIGSTORE = PrivateSigstore()
CONTENT = b"a release\n"

Judge = Callable[..., BlobReport]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Writes file, bundle and trusted root, and judges the file, or its `digest`, as one who trusts `who` or `by`."""

    def judged(bundle: Any, *, content: bytes = CONTENT, digest: bool = False, **more: Any) -> BlobReport:
        path, document, trusted = (tmp_path / name for name in ("file", "bundle.json", "root.json"))
        path.write_bytes(content)
        document.write_text(json.dumps(bundle))
        trusted.write_text(json.dumps(SIGSTORE.trusted_root()))
        by = tuple(written(tmp_path, key) for key in more.pop("by", ()))
        who = more.pop("who", () if by else (Identity(subject=WORKFLOW, issuer=ISSUER),))
        options = BlobOptions(key_files=by, identities=who, trusted_root=str(trusted), **more)
        return verify_blob(_digest(content) if digest else str(path), str(document), options)

    return judged


def written(folder: Path, key: Any) -> str:
    path = folder / f"{key.name}.pub"
    path.write_bytes(key.public_pem)
    return str(path)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def signed_by(key: Any, content: bytes = CONTENT) -> Any:
    return SIGSTORE.bundle(file=content, signer=key, logs=(), material="key")


def test_docker_signs_its_advisory_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refused)

    report = verify_blob(str(FILE), str(BUNDLE))

    assert (report.exit_code, report.verdict, report.signer) == (0, "allow", "dhi-2")
    assert (report.transparency, report.time) == ("proved", "2026-05-23T09:09:10Z")
    assert report.trusted_root
    assert verify_blob(report.digest, str(BUNDLE)).exit_code == 0


@pytest.mark.parametrize("logs", [("v1",), ("v2",)])
@pytest.mark.parametrize("version", ["0.2", "0.3"])
def test_keyless_files(judge: Judge, logs: tuple[str, ...], version: str) -> None:
    leaf = SIGSTORE.leaf()
    material = "chain" if version == "0.2" else "certificate"
    bundle = SIGSTORE.bundle(file=CONTENT, signer=leaf, logs=logs, timestamps=1, version=version, material=material)

    report = judge(bundle)

    assert report.exit_code == 0, report.reason
    assert (report.transparency, report.signer) == ("proved", f"{WORKFLOW} ({ISSUER})")
    assert report.time
    assert judge(bundle, digest=True).time == report.time


def test_B07_C04_another_identity_is_not_trusted(judge: Judge) -> None:
    bundle = SIGSTORE.bundle(file=CONTENT, signer=SIGSTORE.leaf(), logs=("v1",))

    for who in (Identity(subject=EMAIL, issuer=ISSUER), Identity(subject=WORKFLOW, issuer="https://other.example")):
        report = judge(bundle, who=(who,))
        assert (report.exit_code, report.status) == (4, "untrusted")
        assert WORKFLOW in report.reason


def test_any_of_several_identities_and_keys_may_sign(judge: Judge) -> None:
    who = (Identity(subject=EMAIL, issuer=ISSUER), Identity(subject=WORKFLOW, issuer=ISSUER))
    keyless = SIGSTORE.bundle(file=CONTENT, signer=SIGSTORE.leaf(), logs=("v1",))

    for bundle in (keyless, signed_by(keys.publisher)):
        assert judge(bundle, who=who, by=(keys.p384, keys.publisher)).exit_code == 0


def test_C04_an_identity_that_leaves_its_issuer_open_is_a_wrong_call(judge: Judge) -> None:
    for bundle in (SIGSTORE.bundle(file=CONTENT, signer=SIGSTORE.leaf(), logs=("v1",)), signed_by(keys.publisher)):
        with pytest.raises(ConfigurationError, match="issuer"):
            judge(bundle, who=(Identity(subject=WORKFLOW),), by=(keys.publisher,))


def test_a_loose_pattern_is_warned_of(judge: Judge, caplog: pytest.LogCaptureFixture) -> None:
    bundle = SIGSTORE.bundle(file=CONTENT, signer=SIGSTORE.leaf(), logs=("v1",))

    with caplog.at_level(logging.WARNING, "verifier"):
        judge(bundle, who=(Identity(subject_pattern="https://github.com/(acme|blob)/.*", issuer=ISSUER),))

    assert "a dot between letters" in caplog.text


def test_C10_a_foreign_sigstore_is_not_trusted(judge: Judge) -> None:
    foreign = PrivateSigstore("elsewhere")

    report = judge(foreign.bundle(file=CONTENT, signer=foreign.leaf(), logs=("v1",), timestamps=1))

    assert report.exit_code == 4


def test_C18_a_certificate_without_a_time(judge: Judge) -> None:
    report = judge(SIGSTORE.bundle(file=CONTENT, signer=SIGSTORE.leaf(), logs=("v2",)))

    assert (report.exit_code, report.status) == (4, "invalid")
    assert "time" in report.reason


def test_D17_a_certificate_without_a_log_entry(judge: Judge) -> None:
    bundle = SIGSTORE.bundle(file=CONTENT, signer=SIGSTORE.leaf(), logs=(), timestamps=1)

    assert judge(bundle).exit_code == 4
    assert judge(bundle, ignore_transparency=True).exit_code == 0


def test_a_statement_must_name_the_file(judge: Judge) -> None:
    bundle = SIGSTORE.bundle(statement=statement(CONTENT), signer=SIGSTORE.leaf(), logs=("v1",))

    right = judge(bundle)
    assert right.exit_code == 0, right.reason
    assert right.predicate_type == "https://example.com/predicate/v1"
    assert judge(bundle, digest=True).exit_code == 0
    for digest in (False, True):
        other = judge(bundle, content=b"another file\n", digest=digest)
        assert (other.exit_code, other.status, other.signer, other.predicate_type) == (4, "invalid", "", "")
        assert "no subject of the statement is this file" in other.reason
        assert "another" in other.hint


def test_A16_a_statement_that_is_right_in_one_digest_and_wrong_in_another(judge: Judge) -> None:
    spoken = statement(CONTENT)
    spoken["subject"][0]["digest"]["sha512"] = hashlib.sha512(b"another file\n").hexdigest()

    report = judge(SIGSTORE.bundle(statement=spoken, signer=SIGSTORE.leaf(), logs=("v1",)))

    assert (report.exit_code, report.status) == (4, "invalid")
    assert "contradicts itself" in report.reason


def test_a_key_given_by_the_user_replaces_the_keyring(judge: Judge, tmp_path: Path) -> None:
    key = written(tmp_path, keys.publisher)

    assert judge(signed_by(keys.publisher), by=(keys.publisher,)).signer == key
    assert verify_blob(str(FILE), str(BUNDLE), BlobOptions(key_files=(key,))).status == "untrusted"


KEYS = (keys.publisher, keys.p384, keys.p521, keys.ed25519)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key.name))
@pytest.mark.parametrize("content", [CONTENT, b""], ids=["text", "empty"])
def test_every_kind_of_key_signs_files(judge: Judge, key: Any, content: bytes) -> None:
    assert judge(signed_by(key, content), content=content, by=(key,)).exit_code == 0
    assert judge(signed_by(key, content), content=content + b".", by=(key,)).exit_code == 4


def test_a_digest_is_enough_where_the_signature_is_over_sha256(judge: Judge) -> None:
    assert judge(signed_by(keys.publisher), by=(keys.publisher,), digest=True).exit_code == 0
    for key in (keys.p384, keys.ed25519):
        report = judge(signed_by(key), by=(key,), digest=True)
        assert report.exit_code == 4
        assert "the file itself" in report.hint


def test_a_key_that_cannot_be_tried_on_a_digest_does_not_hide_the_one_that_can(judge: Judge) -> None:
    for by in ((keys.ed25519, keys.publisher), (keys.publisher, keys.ed25519), (keys.p384, keys.publisher)):
        assert judge(signed_by(keys.publisher), by=by, digest=True).exit_code == 0


def test_large_files_are_hashed_and_not_held(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_WHOLE", len(CONTENT) - 1)
    monkeypatch.setattr(blobs, "_PIECE", 3)

    assert judge(signed_by(keys.p384), by=(keys.p384,)).exit_code == 0
    report = judge(signed_by(keys.ed25519), by=(keys.ed25519,))
    assert report.exit_code == 4
    assert "64 MiB" in report.hint


def bound_bundles(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(blobs, "DEFAULT_LIMITS", replace(DEFAULT_LIMITS, envelope_bytes=size))


def test_a_large_file_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bound_bundles(monkeypatch, 1 << 20)  # what is set aside for a bundle would hide the file
    path, bundle = tmp_path / "large", tmp_path / "bundle.json"
    with path.open("wb") as stream:
        stream.truncate(80 << 20)
    bundle.write_text(json.dumps(signed_by(keys.publisher)))
    tracemalloc.start()

    report = verify_blob(str(path), str(bundle), BlobOptions(key_files=(written(tmp_path, keys.publisher),)))

    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert report.exit_code == 4


def test_a_bundle_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    size = BUNDLE.stat().st_size

    bound_bundles(monkeypatch, size)
    assert verify_blob(str(FILE), str(BUNDLE)).exit_code == 0
    bound_bundles(monkeypatch, size - 1)
    with pytest.raises(ConfigurationError, match="larger than"):
        verify_blob(str(FILE), str(BUNDLE))


def test_N14_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for odd in (str(pipe), "/dev/zero"):
        for blob, bundle in ((odd, str(BUNDLE)), (str(FILE), odd)):
            with pytest.raises(ConfigurationError, match="not a regular file"):
                verify_blob(blob, bundle)


def test_a_path_may_be_no_text(tmp_path: Path) -> None:
    path = os.fsdecode(bytes(tmp_path) + b"/\xff")
    Path(path).write_bytes(FILE.read_bytes())

    assert verify_blob(path, str(BUNDLE)).path.endswith("\\xff")


@pytest.mark.parametrize(
    ("blob", "bundle", "error"),
    [
        ("no-such-file", str(BUNDLE), ConfigurationError),
        ("", str(BUNDLE), ConfigurationError),
        ("a\0b", str(BUNDLE), ConfigurationError),
        (str(DATA), str(BUNDLE), ConfigurationError),
        (str(FILE), "no-such-bundle", ConfigurationError),
        ("sha512:" + "ab" * 64, str(BUNDLE), UsageError),
        ("sha256:" + "AB" * 32, str(BUNDLE), UsageError),
        ("sha256:abc", str(BUNDLE), UsageError),
        ("blake2b:" + "ab" * 64, str(BUNDLE), UsageError),
        ("md5:abc", str(BUNDLE), UsageError),
    ],
)
def test_N01_what_cannot_be_read_is_a_wrong_call(blob: str, bundle: str, error: type[DhiverifyError]) -> None:
    with pytest.raises(error) as caught:
        verify_blob(blob, bundle)

    assert caught.value.exit_code == 2
    assert "Give the" in caught.value.hint


def test_a_digest_where_a_path_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    digest = verify_blob(str(FILE), str(BUNDLE)).digest
    (tmp_path / digest).write_bytes(b"another file")

    assert verify_blob(digest, str(BUNDLE)).exit_code == 0
    assert verify_blob(f"./{digest}", str(BUNDLE)).exit_code == 4
