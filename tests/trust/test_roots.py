"""Which root is in use, and how old it may be."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.trust.root_documents import authority, log, root_bytes
from verifier.errors import ConfigurationError, UsageError
from verifier.trust.importing import import_root, offered
from verifier.trust.roots import OLD, load_root, root_in_use
from verifier.trust.shipped import SHIPPED_ON, shipped_file
from verifier.trust.store import StoredRoot, keep_root, locked, stored_root

YOUNG = SHIPPED_ON + timedelta(days=10)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment with a data directory of its own, and a working directory with a file that must not be read."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "trusted_root.json").write_bytes(root_bytes())
    monkeypatch.chdir(work)
    return {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "data")}


def store(environ: dict[str, str]) -> Path:
    directory = Path(environ["XDG_DATA_HOME"]) / "dhiverify" / "trust"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def import_file(path: Path, environ: dict[str, str]) -> None:
    import_root(offered(str(path), environ), environ)


def test_the_shipped_root_works_without_anything(home: dict[str, str]) -> None:
    root = load_root(None, home, now=YOUNG)

    assert [entry.host for entry in root.logs] == ["rekor.sigstore.dev", "log2025-1.rekor.sigstore.dev"]
    assert len(root.authorities) == len(root.certificate_logs) == 2
    assert not Path(home["XDG_DATA_HOME"]).exists()


def test_F11_neither_staging_nor_github_is_trusted_by_default(home: dict[str, str]) -> None:
    root = load_root(None, home, now=YOUNG)

    urls = [entry.url for entry in (*root.logs, *root.certificate_logs)]
    urls += [entry.uri for entry in (*root.authorities, *root.timestamp_authorities)]
    assert urls
    assert all(url.split("/")[2].endswith(".sigstore.dev") for url in urls)


def test_F08_the_report_can_name_file_and_digest(home: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "private.json"
    path.write_bytes(root_bytes())

    root = load_root(str(path), home)

    assert root.source == str(path)
    assert root.digest == f"sha256:{hashlib.sha256(root_bytes()).hexdigest()}"
    assert root.logs[0].host == "log.example"


def test_F08_no_file_of_the_working_directory_is_trusted(home: dict[str, str]) -> None:
    there = Path("dhiverify/trust")
    there.mkdir(parents=True)
    body = root_bytes()
    keep_root(there, StoredRoot(body.decode(), f"sha256:{hashlib.sha256(body).hexdigest()}", "x", YOUNG))

    for environ in ({"XDG_DATA_HOME": "."}, {"XDG_DATA_HOME": ""}, {"HOME": ""}, {}, home):
        assert load_root(None, environ, now=YOUNG).logs[0].host == "rekor.sigstore.dev"


def test_F08_no_variable_names_a_root(home: dict[str, str]) -> None:
    named = dict.fromkeys(("SIGSTORE_TRUSTED_ROOT", "SIGSTORE_ROOT_FILE", "TUF_ROOT"), "trusted_root.json")

    assert load_root(None, home | named, now=YOUNG).logs[0].host == "rekor.sigstore.dev"


def test_an_empty_path_chooses_no_root(home: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="is empty"):
        load_root("", home)


def test_N14_only_regular_files_are_read(home: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero"), tmp_path / "missing"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            load_root(str(path), home)


def test_an_imported_root_is_used_byte_for_byte(home: dict[str, str]) -> None:
    body = b"\r\n " + root_bytes() + b"\n"
    path = Path("trusted_root.json")
    path.write_bytes(body)

    import_file(path, home)

    assert root_in_use(None, home).body == body
    assert load_root(None, home).source.startswith(f"imported from {path.resolve()} on ")


def test_a_damaged_store_is_no_reason_to_trust_another_root(home: dict[str, str]) -> None:
    import_file(Path("trusted_root.json"), home)
    record = store(home) / "root.json"
    sound = record.read_bytes()

    for damaged in (sound[:-9], b"{}", b"[]", b"", sound.replace(b"log.example", b"log.exampel")):
        record.write_bytes(damaged)
        with pytest.raises(ConfigurationError):
            load_root(None, home)


def test_a_store_that_cannot_be_written_is_said(home: dict[str, str]) -> None:
    Path(home["XDG_DATA_HOME"]).write_bytes(b"a file")

    with pytest.raises(ConfigurationError, match="cannot be"):
        import_file(Path("trusted_root.json"), home)


def test_F01_a_file_that_is_not_sound_never_reaches_the_store(home: dict[str, str]) -> None:
    import_file(Path("trusted_root.json"), home)
    before = stored_root(store(home))
    Path("bad.json").write_bytes(root_bytes(mediaType="x"))

    with pytest.raises(ConfigurationError):
        import_file(Path("bad.json"), home)

    assert stored_root(store(home)) == before
    assert {path.name for path in store(home).iterdir()} == {"root.json", "lock"}


def test_F01_two_at_once_do_not_change_the_store(home: dict[str, str]) -> None:
    offer = offered("trusted_root.json", home)

    with locked(store(home)), pytest.raises(ConfigurationError, match="another dhiverify"):
        import_root(offer, home)


def test_F01_what_was_shown_is_what_is_replaced(home: dict[str, str]) -> None:
    Path("other.json").write_bytes(root_bytes(tlogs=[log(9)]))
    offer = offered("trusted_root.json", home)
    import_file(Path("other.json"), home)

    with pytest.raises(UsageError, match="has just changed"):
        import_root(offer, home)


def test_F01_an_earlier_version_of_the_root_in_use_is_told_apart(home: dict[str, str]) -> None:
    Path("new.json").write_bytes(root_bytes(tlogs=[log(), log(9, start="2025-06-01T00:00:00Z")]))
    Path("foreign.json").write_bytes(
        root_bytes(tlogs=[log(10)], ctlogs=[], certificateAuthorities=[authority(11)], timestampAuthorities=[])
    )
    import_file(Path("new.json"), home)

    assert offered("trusted_root.json", home).looks_older
    assert not offered("new.json", home).looks_older
    assert not offered("foreign.json", home).looks_older


def test_F10_an_old_root_is_warned_of(home: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "verifier"):
        load_root(None, home, now=SHIPPED_ON + OLD)
        assert caplog.messages == []
        load_root(None, home, now=SHIPPED_ON + OLD + timedelta(days=1))

    (message,) = caplog.messages
    assert "366 days old" in message
    assert "trust update" in message


def test_F10_over_the_maximal_age_a_root_is_refused(home: dict[str, str]) -> None:
    limit = timedelta(days=30)

    assert load_root(None, home, max_age=limit, now=SHIPPED_ON + limit).logs
    with pytest.raises(ConfigurationError, match="31 days old; at most 30"):
        load_root(None, home, max_age=limit, now=SHIPPED_ON + timedelta(days=31))


def test_F10_a_later_shipped_copy_replaces_an_earlier_update(home: dict[str, str]) -> None:
    body = root_bytes()
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    for at, expected in (
        (SHIPPED_ON - timedelta(days=1), "rekor.sigstore.dev"),
        (SHIPPED_ON + timedelta(days=1), "log.example"),
    ):
        keep_root(store(home), StoredRoot(body.decode(), digest, "https://tuf.example", at, "public-good"))
        assert load_root(None, home, now=YOUNG).logs[0].host == expected


def test_the_shipped_files_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(shipped_file("tuf_root.json"))["signed"]["version"] == 15
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"exchanged")

    with pytest.raises(ConfigurationError, match="was changed"):
        shipped_file("trusted_root.json")


def test_the_shipped_root_is_dated_in_the_past() -> None:
    assert datetime.now(UTC) > SHIPPED_ON
