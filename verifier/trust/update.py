"""Brings the trusted root up to date from a TUF repository (The Update Framework 1.0), through python-tuf's client.

That client judges signatures, thresholds, versions, hashes and expiry. Ours is what it must not decide: it works in a
folder of its own, on a copy of what was verified last, and only when everything down to the trusted root itself was
found sound does the store change. A failed update leaves the root in use as it was.

Only `dhiverify trust update` imports this, and with it `tuf` and `urllib3`.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from tuf.api.exceptions import DownloadError, DownloadLengthMismatchError, RepositoryError
from tuf.ngclient.config import UpdaterConfig
from tuf.ngclient.updater import Updater

from verifier.errors import ConfigurationError, ContentMismatch, LimitExceeded, Unreachable, UsageError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS, KiB, MiB
from verifier.trust.mirror import Mirror, require_url
from verifier.trust.roots import RootInUse, root_in_use
from verifier.trust.shipped import REPOSITORY, shipped_file
from verifier.trust.store import (
    PUBLIC_GOOD,
    Repository,
    StoredRoot,
    keep_repository,
    keep_root,
    locked,
    require_directory,
    stored_repository,
    stored_root,
)
from verifier.trust.trusted_root import ROOT_BYTES, read_trusted_root

TARGET = "trusted_root.json"

_BOUNDS = UpdaterConfig(
    max_root_rotations=256,  # Sigstore's root is at version 15 after five years
    max_delegations=32,
    root_max_length=512 * KiB,  # bytes; the public-good repository's files have 6 KiB at most
    timestamp_max_length=16 * KiB,
    snapshot_max_length=2 * MiB,
    targets_max_length=2 * MiB,
)
_KEPT = ("timestamp", "snapshot", "targets")
_UNCHANGED = "The root in use stays as it is."


class Updated(msgspec.Struct, frozen=True):
    """The root in use before and after."""

    before: RootInUse
    after: RootInUse


class _Plan(msgspec.Struct, frozen=True):
    """Which repository is read where, and what is known of it: `metadata` by role, with at least its root."""

    name: str
    url: str
    metadata: dict[str, str]


def update_root(
    environ: Mapping[str, str],
    mirror: str | None = None,
    root: str | None = None,
    *,
    seconds: float = DEFAULT_LIMITS.run_timeout,
) -> Updated:
    """Reads the repository at `mirror`, whose initial TUF root is the file `root`; else the one updated from before.

    Without either, that is Sigstore's public-good repository. Raises `UsageError` for a call that would replace
    somebody's choice unsaid, `Unreachable`, `LimitExceeded`, and `ContentMismatch` for what signatures do not prove.
    """
    directory = require_directory(environ)
    with locked(directory):
        before = root_in_use(None, environ)
        plan = _plan(directory, mirror, root)
        repository, body = _read(plan, seconds)
        digest = read_trusted_root(body, f"of {plan.url}").digest
        kept = StoredRoot(body.decode(), digest, plan.url, datetime.now(UTC), plan.name)
        keep_repository(directory, repository)
        keep_root(directory, kept)
        return Updated(before, root_in_use(None, environ))


def _plan(directory: Path, mirror: str | None, root: str | None) -> _Plan:
    if root is not None:
        if mirror is None:
            raise UsageError("--root needs --mirror", hint="Name the repository that this root belongs to.")
        anchor = _initial_root(root)
        return _known(directory, hashlib.sha256(anchor).hexdigest()[:32], require_url(mirror), anchor)
    present = stored_root(directory)
    if present and present.repository and mirror in (None, present.origin):
        return _known(directory, present.repository, present.origin, None)
    if present and not present.repository and mirror is None:
        raise UsageError(
            f"the trusted root in use was imported from {present.origin}; an update would replace it",
            hint=f"If you want that, say --mirror {REPOSITORY}, or another with --root.",
        )
    return _known(directory, PUBLIC_GOOD, require_url(REPOSITORY if mirror is None else mirror), None)


def _known(directory: Path, name: str, url: str, anchor: bytes | None) -> _Plan:
    """With what an update of this repository verified last, wherever it was read: a mirror cannot lead it back."""
    if known := stored_repository(directory, name):
        return _Plan(name, url, known.metadata)
    if anchor is None and name != PUBLIC_GOOD:
        raise ConfigurationError(f"what was known of the repository {url} is gone", hint="Give --mirror and --root.")
    return _Plan(name, url, {"root": (anchor or shipped_file("tuf_root.json")).decode()})


def _initial_root(path: str) -> bytes:
    body = read_regular(path, f"--root {path}", _BOUNDS.root_max_length)
    try:
        body.decode()
    except ValueError as fault:
        raise ConfigurationError(f"--root {path} cannot be read: {fault}") from None
    return body


def _read(plan: _Plan, seconds: float) -> tuple[Repository, bytes]:
    """What the repository says now, all of it verified, and the trusted root."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            body = _within(seconds, lambda: _verified(plan, folder, seconds))
            roles = ("root", *_KEPT)
            metadata = {role: (folder / f"{role}.json").read_bytes().decode() for role in roles}
        except DownloadLengthMismatchError as fault:
            raise LimitExceeded(f"{plan.url}: {fault}", hint=_UNCHANGED) from None
        except DownloadError as fault:
            raise Unreachable(f"no update from {plan.url}: {_cause(fault)}", hint=_UNCHANGED) from None
        except (RepositoryError, UnicodeDecodeError) as fault:
            raise ContentMismatch(
                f"what {plan.url} says is not proved: {fault}", hint=f"{_UNCHANGED} Ask who runs the repository."
            ) from None
        return Repository(plan.name, plan.url, metadata), body


def _verified(plan: _Plan, folder: Path, seconds: float) -> bytes:
    """The trusted root, proved by the metadata that `folder` holds then."""
    for role in _KEPT:
        if role in plan.metadata:
            (folder / f"{role}.json").write_bytes(plan.metadata[role].encode())
    base = plan.url.rstrip("/")
    with closing(Mirror(seconds)) as mirror:
        updater = Updater(
            metadata_dir=str(folder),
            metadata_base_url=f"{base}/",
            target_base_url=f"{base}/targets/",
            fetcher=mirror,
            config=_BOUNDS,
            bootstrap=plan.metadata["root"].encode(),
        )
        return _target(updater, folder / "target")


def _target(updater: Updater, path: Path) -> bytes:
    updater.refresh()
    target = updater.get_targetinfo(TARGET)
    if target is None:
        raise RepositoryError(f"it has no {TARGET}")
    if target.length > ROOT_BYTES:
        raise DownloadLengthMismatchError(f"{TARGET} has {target.length} bytes; at most {ROOT_BYTES} are read")
    return Path(updater.download_target(target, str(path))).read_bytes()


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """The result of `work`, or `DownloadError` when time is over, whatever a server does to the connection.

    What is left behind ends with the process, or at its own next look at the clock. It writes to its folder only.
    """
    done: Future[bytes] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as fault:  # noqa: BLE001 - it is raised again by result(), in the thread that waits
            done.set_exception(fault)

    threading.Thread(target=run, daemon=True).start()
    with suppress(TimeoutError):
        return done.result(seconds)
    raise DownloadError(f"not finished within {seconds:g} s")


def _cause(fault: BaseException) -> str:
    """The client wraps what it does not know; the first cause says more."""
    while fault.__cause__ is not None:
        fault = fault.__cause__
    return str(fault)
