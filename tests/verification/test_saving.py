"""Evidence for isolated sites: what was saved is judged without a network, and comes to the same."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.conftest import ImageUnderTest, Publisher
from tests.publisher import keys
from tests.publisher.kinds import one_uri
from tests.verification.conftest import SOON_AFTER, Seen, Verify
from verifier.errors import ConfigurationError, EvidenceMissing, UsageError
from verifier.oci import Settings
from verifier.policy import Additions
from verifier.verification import Options, extract
from verifier.verification.saving import copy, save

NAME = "registry.example/dhi/python:3.13"


@pytest.fixture
def options(key_files: dict[str, str]) -> Options:
    return Options(
        additions=Additions(key_files=(key_files["publisher"],)),
        requested="",
        effective_time=SOON_AFTER,
        settings=Settings(jobs=4, timeout=20),
    )


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def comparable(seen: Seen) -> list[str]:
    """The report line by line, without the places where things lie."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items() if name != "location"}
        return [plain(one) for one in value] if isinstance(value, list | tuple) else value

    lines = json.dumps(plain(msgspec.to_builtins(seen.report, enc_hook=str)), indent=1).splitlines()
    return [line for line in lines if "no signed evidence was found at" not in line]


IMAGES = {
    "as it should be": {},
    "signed index": {"sign_index": True, "sign_platforms": True},
    "a stranger's evidence": {"signed_by": {"malware": keys.stranger}},
    "unsigned evidence": {"unsigned": {"sbom", "stig"}},
    "evidence of something else": {"statement_subject": {"tests": "sha256:" + "e" * 64}},
    "nothing at all": {"omit": {"*"}},
    "a single manifest": {"as_index": False, "platforms": ("linux/amd64",)},
    "a chart": {"chart": True, "product": "dhi/python"},
}


@pytest.mark.parametrize("fields", IMAGES.values(), ids=IMAGES.keys())
def test_a_saved_image_is_judged_as_online(
    publisher: Publisher, verify: Verify, options: Options, tmp_path: Path, request: Any, fields: dict[str, Any]
) -> None:
    reference = publisher.image(**fields).registry("dhi/python")
    online = verify(reference, requested=NAME)

    save(reference, str(tmp_path / "saved"), options)
    request.getfixturevalue("no_network")
    offline = verify(f"oci:{tmp_path}/saved", requested=NAME)

    assert comparable(offline) == comparable(online)


def test_a_damaged_piece_is_reported_alike(
    publisher: Publisher, verify: Verify, options: Options, tmp_path: Path
) -> None:
    image = publisher.image()
    lost = image["amd64"].attestation("malware").digest
    reference = image.registry("dhi/python")
    del image.manifests[lost]

    save(reference, str(tmp_path / "saved"), options)
    offline = verify(f"oci:{tmp_path}/saved", requested=NAME)

    assert [entry.digest for entry in offline.platform().attestations if entry.status == "invalid"] == [lost]


def test_no_layer_is_saved_and_trust_in_the_directory_is_not_used(
    publisher: Publisher, verify: Verify, options: Options, tmp_path: Path
) -> None:
    image = publisher.image(keys=(keys.stranger,), tiny_layers=True)
    reference = image.registry("dhi/python")

    saved = save(reference, str(tmp_path / "saved"), options)
    (tmp_path / "saved" / "cosign.pub").write_bytes(keys.stranger.public_pem)
    offline = verify(f"oci:{tmp_path}/saved", requested=NAME)

    assert offline.exit_code == saved.report.exit_code == 4
    layers = {layer["digest"] for p in image.platforms.values() for layer in image.document(p.digest)["layers"]}
    kept = {f"sha256:{path.name}" for path in (tmp_path / "saved" / "blobs" / "sha256").iterdir()}
    assert kept.isdisjoint(layers)


def test_evidence_from_another_place_comes_along(
    publisher: Publisher, verify: Verify, options: Options, tmp_path: Path
) -> None:
    image = publisher.image()
    elsewhere = image.registry("evidence/python").rpartition(":")[0]
    bare = ImageUnderTest(**{**{f: getattr(image, f) for f in image.__struct_fields__}, "listings": {}})
    reference = bare.registry("plain/python", referrers_api=False)
    both = msgspec.structs.replace(
        options, additions=msgspec.structs.replace(options.additions, attestation_repos=(elsewhere,))
    )

    save(reference, str(tmp_path / "saved"), both)

    assert verify(reference, requested=NAME).exit_code == 3
    assert verify(f"oci:{tmp_path}/saved", requested=NAME).exit_code == 0


def test_K10_N14_nothing_is_overwritten(publisher: Publisher, options: Options, tmp_path: Path) -> None:
    reference = publisher.image().registry("dhi/python")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "taken")

    for name in ("taken", "taken/file", "link"):
        with pytest.raises((UsageError, ConfigurationError)):
            save(reference, str(tmp_path / name), options)
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["file"]


def test_the_saved_bytes_are_the_published_ones(publisher: Publisher, options: Options, tmp_path: Path) -> None:
    image = publisher.image()
    save(image.registry("dhi/python"), str(tmp_path / "saved"), options)

    (one, *_) = extract(f"oci:{tmp_path}/saved", (one_uri("malware"),), options)

    assert one.statement.body == image["amd64"].attestation("malware").statement


@pytest.mark.parametrize("api", [True, False], ids=["referrers API", "fallback tags"])
def test_copied_evidence_is_verified_where_the_image_was_mirrored_to(
    publisher: Publisher, verify: Verify, options: Options, api: bool
) -> None:
    image = publisher.image(sign_index=True)
    reference = image.registry("dhi/python")
    mirrored = ImageUnderTest(**{f: getattr(image, f) for f in image.__struct_fields__})
    mirrored.listings, mirrored.manifests = {}, dict(image.manifests)
    for attestation in image.attestations:
        mirrored.manifests.pop(attestation.digest)
    target = mirrored.registry("mirror/python", referrers_api=api)

    before = verify(target, requested=NAME)
    copied = copy(reference, target.rpartition(":")[0], options)
    after = verify(target, requested=NAME)

    assert (before.exit_code, after.exit_code) == (3, 0)
    assert copied.report.exit_code == 0
    assert comparable(after) == comparable(verify(reference, requested=NAME))


def test_an_image_that_is_not_at_the_target_is_said(publisher: Publisher, options: Options) -> None:
    reference = publisher.image().registry("dhi/python")
    target = publisher.image(product="dhi/other").registry("mirror/python").rpartition(":")[0]

    with pytest.raises(EvidenceMissing, match="does not have"):
        copy(reference, target, options)


def test_what_was_saved_can_be_copied_to_a_mirror(
    publisher: Publisher, verify: Verify, options: Options, tmp_path: Path
) -> None:
    image = publisher.image(sign_index=True)
    save(image.registry("dhi/python"), str(tmp_path / "saved"), options)
    target = publisher.image(omit={"*"}).registry("mirror/dhi-python")

    copied = copy(f"oci:{tmp_path}/saved", target.rpartition(":")[0], options)

    assert copied.left_out == ()
    assert verify(target, requested=NAME).exit_code == 0
