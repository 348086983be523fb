"""Signed files: Docker's own advisory feed, and files signed by keys and identities of a private Sigstore."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publisher import keys
from tests.sigstore import EMAIL, ISSUER, WORKFLOW, PrivateSigstore, statement
from verifier import BlobOptions, BlobReport, Identity, verify_blob
from verifier.errors import ConfigurationError, DhiverifyError, UsageError

DATA = Path(__file__).parent.parent / "signature" / "data"
FILE = DATA / "CVE-2026-42899.json.sha256"
BUNDLE = DATA / "CVE-2026-42899.json.sha256.sig"
SIGSTORE = PrivateSigstore()
CONTENT = b"a release\n"

Judge = Callable[..., BlobReport]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Writes file, bundle and trusted root, and judges the file as somebody who trusts `who`."""

    def judged(bundle: Any, *, content: bytes = CONTENT, who: Any = None, root: Any = None, **more: Any) -> BlobReport:
        path, document, trusted = (tmp_path / name for name in ("file", "bundle.json", "root.json"))
        path.write_bytes(content)
        document.write_bytes(bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode())
        trusted.write_text(json.dumps(root or SIGSTORE.trusted_root()))
        identities = (who or Identity(subject=WORKFLOW, issuer=ISSUER),) if "key_files" not in more else ()
        options = BlobOptions(identities=identities, trusted_root=str(trusted), **more)
        return verify_blob(str(path), str(document), options)

    return judged


def test_docker_signs_its_advisory_feed() -> None:
    report = verify_blob(str(FILE), str(BUNDLE))

    assert (report.exit_code, report.verdict, report.signer) == (0, "allow", "dhi-2")
    assert (report.transparency, report.time) == ("proved", "2026-05-23T09:09:10Z")
    assert report.trusted_root
    assert verify_blob(report.digest, str(BUNDLE)).exit_code == 0


@given(place=st.integers(0, len(FILE.read_bytes()) - 1), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_B01_no_byte_of_the_file_can_change(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    body = bytearray(FILE.read_bytes())
    body[place] ^= 1 << bit
    path = tmp_path_factory.mktemp("blob") / "file"
    path.write_bytes(body)

    assert verify_blob(str(path), str(BUNDLE)).exit_code == 4


def _values(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every text of the bundle that is not a name of a kind, and not the hint."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _values(value, (*path, name))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _values(value, (*path, number))
    elif isinstance(node, str) and path[-1] not in ("hint", "mediaType", "algorithm", "kind", "version"):
        yield path, node


# What is signed of a timestamp is tested with timestamps; what wraps it is not signed.
VALUES = [found for found in _values(json.loads(BUNDLE.read_text())) if "signedTimestamp" not in found[0]]


def _changed(text: str, place: int, bit: int) -> str:
    """One bit of the decoded value, or of the text itself where it is no base64."""
    if text.isdigit():
        return str(int(text) ^ (1 << bit))
    if "\n" in text:  # a checkpoint: its text lines and its signature lines are signed or sign
        body = bytearray(text.encode())
        body[place % (len(body) - 1)] ^= 1
        return body.decode("utf-8", "replace")
    raw = bytearray(base64.b64decode(text))
    raw[place % len(raw)] ^= 1 << bit
    return base64.b64encode(raw).decode()


@given(value=st.sampled_from(VALUES), place=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=400, deadline=None)
def test_B01_D01_D06_E01_no_decoded_value_of_the_bundle_can_change(
    tmp_path_factory: pytest.TempPathFactory, value: tuple[tuple[Any, ...], str], place: int, bit: int
) -> None:
    path, text = value
    document = json.loads(BUNDLE.read_text())
    holder = document
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = _changed(text, place, bit)
    bundle = tmp_path_factory.mktemp("bundle") / "bundle.json"
    bundle.write_text(json.dumps(document))

    assert verify_blob(str(FILE), str(bundle)).exit_code == 4, (path, place, bit)


def test_hint_white_space_and_wrapping_may_change(tmp_path: Path) -> None:
    document = json.loads(BUNDLE.read_text())
    document["verificationMaterial"]["publicKey"]["hint"] = "another"
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(document, indent=7))
    lines = (DATA / "dhi-2.pub").read_text().splitlines() if (DATA / "dhi-2.pub").exists() else []

    assert verify_blob(str(FILE), str(bundle)).exit_code == 0
    if lines:
        key = tmp_path / "key.pub"
        key.write_text("\r\n".join(lines) + "\r\n")
        assert verify_blob(str(FILE), str(bundle), BlobOptions(key_files=(str(key),))).exit_code == 0


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


def test_B07_C04_another_identity_is_not_trusted(judge: Judge) -> None:
    bundle = SIGSTORE.bundle(file=CONTENT, signer=SIGSTORE.leaf(), logs=("v1",))

    for who in (Identity(subject=EMAIL, issuer=ISSUER), Identity(subject=WORKFLOW, issuer="https://other.example")):
        report = judge(bundle, who=who)
        assert (report.exit_code, report.status) == (4, "untrusted")
        assert WORKFLOW in report.reason


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
    assert right.predicate_type
    other = judge(bundle, content=b"another file\n")
    assert (other.exit_code, other.status) == (4, "invalid")
    assert "another" in other.hint


def test_a_key_given_by_the_user_replaces_the_keyring(judge: Judge, tmp_path: Path) -> None:
    key = tmp_path / "key.pub"
    key.write_bytes(keys.publisher.public_pem)
    bundle = SIGSTORE.bundle(file=CONTENT, signer=keys.publisher, logs=(), material="key")

    assert judge(bundle, key_files=(str(key),)).signer == str(key)
    assert verify_blob(str(FILE), str(BUNDLE), BlobOptions(key_files=(str(key),))).status == "untrusted"


def test_large_files_are_hashed_and_not_held(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from verifier.verification import blob

    monkeypatch.setattr(blob, "_WHOLE", 4)
    for key, code in ((keys.p384, 0), (keys.ed25519, 4)):
        path = tmp_path / f"{key.name}.pub"
        path.write_bytes(key.public_pem)
        bundle = SIGSTORE.bundle(file=CONTENT, signer=key, logs=(), material="key")
        assert judge(bundle, key_files=(str(path),)).exit_code == code


@pytest.mark.parametrize(
    ("blob", "bundle", "error"),
    [
        ("no-such-file", str(BUNDLE), ConfigurationError),
        (str(DATA), str(BUNDLE), ConfigurationError),
        (str(FILE), "no-such-bundle", ConfigurationError),
        ("sha512:" + "ab" * 64, str(BUNDLE), UsageError),
        ("sha256:abc", str(BUNDLE), UsageError),
        ("md5:abc", str(BUNDLE), UsageError),
    ],
)
def test_N01_what_cannot_be_read_is_a_wrong_call(blob: str, bundle: str, error: type[DhiverifyError]) -> None:
    with pytest.raises(error) as caught:
        verify_blob(blob, bundle)

    assert caught.value.exit_code == 2


def test_a_digest_where_a_path_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    digest = verify_blob(str(FILE), str(BUNDLE)).digest
    (tmp_path / digest).write_bytes(b"another file")

    assert verify_blob(digest, str(BUNDLE)).exit_code == 0
    assert verify_blob(f"./{digest}", str(BUNDLE)).exit_code == 4


@given(body=st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_B38_B39_any_bytes_in_the_place_of_a_bundle(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    bundle = tmp_path_factory.mktemp("any") / "bundle"
    bundle.write_bytes(body)

    assert verify_blob(str(FILE), str(bundle)).exit_code == 4


def test_B07_no_byte_of_the_key_can_change(tmp_path: Path) -> None:
    from verifier.trust import KEYRING

    der = base64.b64decode(next(entry.spki for entry in KEYRING if entry.name == "dhi-2"))
    path = tmp_path / "key.pub"
    for place in range(len(der)):
        changed = bytearray(der)
        changed[place] ^= 1
        encoded = base64.encodebytes(changed).decode()
        path.write_text(f"-----BEGIN PUBLIC KEY-----\n{encoded}-----END PUBLIC KEY-----\n")
        try:
            code = verify_blob(str(FILE), str(BUNDLE), BlobOptions(key_files=(str(path),))).exit_code
        except ConfigurationError as fault:
            code = fault.exit_code
        assert code in (2, 4), place
