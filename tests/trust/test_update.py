"""`trust update` against a repository that is honest, old, lying, or never done talking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from securesystemslib.signer import CryptoSigner

from tests.trust.root_documents import log, root_bytes
from tests.trust.tuf_repository import (
    LONG_AGO,
    Answer,
    ServedMirror,
    TufRepository,
    answer,
    breaking_off,
    dripping,
    dripping_head,
    endless,
    signed_by,
)
from verifier.errors import ConfigurationError, ContentMismatch, DhiverifyError, LimitExceeded, Unreachable, UsageError
from verifier.trust.importing import import_root, offered
from verifier.trust.roots import load_root, root_in_use
from verifier.trust.update import Updated, update_root

FIRST = root_bytes()
SECOND = root_bytes(tlogs=[log(), log(9)])


class Site:
    """A machine with a store of its own, the repository it updates from, and the mirror between them."""

    def __init__(self, folder: Path, repository: TufRepository, mirror: ServedMirror) -> None:
        self.folder = folder
        self.repository = repository
        self.mirror = mirror
        self.environ = {"HOME": str(folder / "home"), "XDG_DATA_HOME": str(folder / "data")}
        self.root = folder / "initial-root.json"
        self.root.write_bytes(repository.initial)

    def update(self, seconds: float = 10) -> Updated:
        return update_root(self.environ, self.mirror.url, str(self.root), seconds=seconds)

    def in_use(self) -> bytes:
        return root_in_use(None, self.environ).body

    def store(self) -> dict[str, bytes]:
        below = Path(self.environ["XDG_DATA_HOME"]) / "dhiverify" / "trust"
        return {path.name: path.read_bytes() for path in below.iterdir() if path.name != "lock"}

    def refuses(self, kind: type[DhiverifyError], match: str | None = None, seconds: float = 10) -> None:
        """The update fails, and nothing of the store has changed, nor will anything lie about."""
        before = self.store()
        with pytest.raises(kind, match=match) as caught:
            self.update(seconds)
        assert "stays as it is" in caught.value.hint
        assert self.store() == before


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    repository = TufRepository(FIRST)
    with ServedMirror(repository.files) as mirror:
        yield Site(tmp_path, repository, mirror)


@pytest.fixture
def updated(site: Site) -> Site:
    """The same, updated once."""
    site.update()
    return site


def test_an_update_brings_the_root_and_says_from_where(site: Site) -> None:
    result = site.update()

    assert result.before.how == "shipped"
    assert result.after.body == FIRST
    assert load_root(None, site.environ).source.startswith(f"updated from {site.mirror.url} on ")


def test_the_next_update_needs_to_be_told_nothing(updated: Site) -> None:
    updated.repository.publish(SECOND)

    update_root(updated.environ, seconds=10)

    assert updated.in_use() == SECOND


def test_an_update_without_news_changes_nothing_but_the_date(updated: Site) -> None:
    before = root_in_use(None, updated.environ)

    after = updated.update().after

    assert after.body == before.body
    assert after.as_of is not None
    assert before.as_of is not None
    assert after.as_of > before.as_of


def test_keys_are_rotated_by_those_who_held_them(updated: Site) -> None:
    for role in ("root", "timestamp", "snapshot", "targets"):
        updated.repository.rotate(role)
    updated.repository.publish(SECOND)

    updated.update()

    assert updated.in_use() == SECOND


def test_an_expired_root_between_is_only_a_step(updated: Site) -> None:
    expires = updated.repository.root.signed.expires
    updated.repository.root.signed.expires = LONG_AGO
    updated.repository.rotate("root")
    updated.repository.root.signed.expires = expires
    updated.repository.rotate("root")
    updated.repository.publish(SECOND)

    updated.update()

    assert updated.in_use() == SECOND


def test_F01_an_older_timestamp_is_refused(updated: Site) -> None:
    old = updated.repository.files["timestamp.json"]
    updated.repository.publish(SECOND)
    updated.update()

    updated.repository.files["timestamp.json"] = old

    updated.refuses(ContentMismatch, "version")
    assert updated.in_use() == SECOND


def test_F01_a_new_timestamp_over_an_older_snapshot_is_refused(updated: Site) -> None:
    updated.repository.publish(SECOND)
    updated.update()

    updated.repository.timestamp.signed.version += 1
    updated.repository.timestamp.signed.snapshot_meta.version -= 1
    updated.repository.files["timestamp.json"] = signed_by(
        updated.repository.timestamp, updated.repository.signers["timestamp"]
    )

    updated.refuses(ContentMismatch, "version")


def test_F01_a_new_snapshot_over_older_targets_is_refused(updated: Site) -> None:
    updated.repository.publish(SECOND)
    updated.update()

    updated.repository.targets.signed.version -= 2
    updated.repository.publish(FIRST)

    updated.refuses(ContentMismatch, "version")
    assert updated.in_use() == SECOND


def test_F01_another_mirror_of_the_same_repository_cannot_lead_back(updated: Site) -> None:
    old = dict(updated.repository.files)
    updated.repository.publish(SECOND)
    updated.update()

    with ServedMirror(old) as stale:
        updated.mirror = stale
        updated.refuses(ContentMismatch, "version")


def test_F01_a_root_that_failed_leaves_no_trace(updated: Site) -> None:
    honest = dict(updated.repository.files)
    thief = CryptoSigner.generate_ed25519()
    updated.repository.rotate("timestamp", also_signed_by=[thief])

    updated.refuses(ContentMismatch, "root")

    updated.repository.files.clear()
    updated.repository.files.update(honest)
    assert updated.update().after.body == FIRST


def test_F01_what_was_verified_before_the_fault_is_not_kept_either(updated: Site) -> None:
    updated.repository.rotate("root")
    updated.repository.publish(SECOND)
    for path in [path for path in updated.repository.files if path.startswith("targets/")]:
        updated.repository.files[path] = b"\0" * len(updated.repository.files[path])

    updated.refuses(ContentMismatch)


def test_F01_a_target_that_is_no_sound_root_is_not_kept(updated: Site) -> None:
    before = updated.store()
    updated.repository.publish(b'{"mediaType": "none"}')

    with pytest.raises(ConfigurationError, match="media type"):
        updated.update()

    assert updated.store() == before


def test_F01_a_root_that_skips_a_version_is_refused(updated: Site) -> None:
    updated.repository.rotate("targets")
    updated.repository.files["2.root.json"] = updated.repository.files["2.root.json"].replace(
        b'"version": 2', b'"version": 3'
    )

    updated.refuses(ContentMismatch)


def test_F01_a_damaged_memory_of_the_repository_stops_the_update(updated: Site) -> None:
    (record,) = [name for name in updated.store() if name.startswith("repository-")]
    (Path(updated.environ["XDG_DATA_HOME"]) / "dhiverify" / "trust" / record).write_bytes(b"{}")

    with pytest.raises(ConfigurationError, match="cannot be used"):
        updated.update()


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_F02_expired_metadata_freezes_nobody(updated: Site, role: str) -> None:
    getattr(updated.repository, role).signed.expires = LONG_AGO
    updated.repository.publish(SECOND)

    updated.refuses(ContentMismatch, "expired")


def test_F02_an_expired_root_ends_all_trust_in_the_repository(updated: Site) -> None:
    updated.repository.root.signed.expires = LONG_AGO
    updated.repository.rotate("targets")

    updated.refuses(ContentMismatch, "expired")


@pytest.mark.parametrize("path", ["2.root.json", "timestamp.json"])
def test_F03_endless_metadata_is_cut_off(updated: Site, path: str) -> None:
    updated.mirror.answers[path] = endless

    updated.refuses(LimitExceeded, "maximum")


def test_F03_a_target_larger_than_any_root_is_not_begun(updated: Site) -> None:
    updated.repository.publish(SECOND, length=1 << 40)

    updated.refuses(LimitExceeded, "at most")

    assert sum(path.startswith("targets/") for path, _ in updated.mirror.requests) == 1


def test_F03_a_target_longer_than_announced_is_cut_off(updated: Site) -> None:
    updated.repository.publish(SECOND, length=len(SECOND) - 1)

    updated.refuses(LimitExceeded, "maximum")


@pytest.mark.parametrize("slow", [dripping, dripping_head], ids=["body", "head"])
def test_F03_a_mirror_that_drips_gets_no_more_than_the_time_allowed(updated: Site, slow: Answer) -> None:
    updated.mirror.answers["timestamp.json"] = slow

    updated.refuses(Unreachable, "time|within", seconds=0.4)


def test_F03_metadata_that_is_deep_or_not_json(updated: Site) -> None:
    for body in (b"[" * 16_000, b"\xff", b"", b"null", b'{"signed": {}, "signatures": []}'):
        updated.repository.files["timestamp.json"] = body
        updated.refuses(ContentMismatch)


def test_F04_one_key_twice_is_below_a_threshold_of_two(site: Site) -> None:
    second = CryptoSigner.generate_ed25519()
    site.repository.root.signed.add_key(second.public_key, "targets")
    site.repository.root.signed.roles["targets"].threshold = 2
    site.repository.initial = site.repository.publish_root(site.repository.signers["root"])
    site.root.write_bytes(site.repository.initial)
    (path,) = [path for path in site.repository.files if path.endswith(".targets.json")]
    document = json.loads(site.repository.files[path])
    document["signatures"] *= 2
    site.repository.files[path] = json.dumps(document).encode()

    with pytest.raises(ContentMismatch):
        site.update()

    site.repository.signers["targets"].append(second)
    site.repository.publish(FIRST)
    assert site.update().after.body == FIRST


@pytest.mark.parametrize("role", ["../../../../escaped", "/escaped", "a/b", "..", "%2e%2e%2fescaped"])
def test_F05_a_role_whose_name_is_a_path_stays_in_its_folder(site: Site, role: str) -> None:
    site.repository.delegate(role, "*", SECOND)
    site.repository.files[f"1.{quote(role, '')}.json"] = site.repository.files[f"1.{role}.json"]
    everything = set(site.folder.rglob("*"))

    site.update()

    assert site.in_use() == SECOND
    assert {path.name for path in set(site.folder.rglob("*")) - everything} <= {
        *("data", "dhiverify", "trust", "lock"),
        *site.store(),
    }


def test_F06_a_delegation_that_does_not_cover_the_root_gives_none(site: Site) -> None:
    site.repository.delegate("others", "other/*", SECOND)

    with pytest.raises(ContentMismatch, match=r"no trusted_root\.json"):
        site.update()


def test_F07_no_credential_reaches_a_mirror(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    for name, value in {
        "NETRC": str(netrc),
        "HOME": str(tmp_path),
        "DHIVERIFY_REGISTRY": site.mirror.url.removeprefix("http://"),
        "DHIVERIFY_REGISTRY_TOKEN": "secret",
        "HTTP_PROXY": "http://me:secret@127.0.0.1:1",
        "http_proxy": "http://me:secret@127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)

    site.update()

    for _, headers in site.mirror.requests:
        assert headers.keys() <= {"host", "accept-encoding", "user-agent"}


def test_F07_a_mirror_cannot_send_the_update_elsewhere(updated: Site) -> None:
    with ServedMirror(updated.repository.files) as other:
        updated.mirror.answers["timestamp.json"] = lambda handler: answer(
            handler, 302, b"", Location=f"{other.url}/timestamp.json"
        )
        updated.refuses(Unreachable, "answered 302")
        assert other.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://tuf.example.com",
        "ftp://127.0.0.1/",
        "file:///etc",
        "https://me:secret@tuf.example.com",
        "https://secret@tuf.example.com",
        "https://",
        "https://tuf.example.com:port",
        "https://tuf.example.com/?token=secret",
        "https://[::1",
        "http://127.0.0.1.example.com/",
        "",
    ],
)
def test_F07_only_https_and_nothing_secret_in_the_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        update_root({"HOME": str(tmp_path)}, url)

    assert "me:secret" not in str(caught.value)


def test_without_a_root_of_its_own_a_mirror_is_judged_by_the_shipped_one(site: Site) -> None:
    with pytest.raises(ContentMismatch, match="is not proved"):
        update_root(site.environ, site.mirror.url, seconds=10)

    assert site.mirror.requests[0][0] == "16.root.json"


def test_an_empty_mirror_chooses_none(site: Site) -> None:
    with pytest.raises(UsageError, match="https://"):
        update_root(site.environ, "", str(site.root), seconds=10)


def test_F08_an_imported_root_is_not_replaced_unsaid(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(SECOND)
    import_root(offered(str(path), site.environ), site.environ)

    with pytest.raises(UsageError, match="was imported"):
        update_root(site.environ)
    with pytest.raises(UsageError, match="needs --mirror"):
        update_root(site.environ, None, str(site.root))

    assert site.in_use() == SECOND
    assert site.update().after.body == FIRST


def test_a_mirror_that_is_not_there(updated: Site) -> None:
    for status in (404, 500, 503):
        updated.mirror.answers["timestamp.json"] = partial(answer, status=status, body=b"")
        updated.refuses(Unreachable, f"answered {status}")


def test_a_download_that_breaks_off(updated: Site) -> None:
    updated.mirror.answers["timestamp.json"] = breaking_off

    updated.refuses(Unreachable, "broke off")


def test_an_initial_root_that_is_none(site: Site) -> None:
    for body in (b"", b"{}", FIRST, b"\xff"):
        site.root.write_bytes(body)
        with pytest.raises(DhiverifyError):
            site.update()
