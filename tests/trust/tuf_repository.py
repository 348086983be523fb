"""A TUF repository made at test time with python-tuf's metadata API, and a mirror on loopback that may be hostile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
ROLES = ("root", "timestamp", "snapshot", "targets")


class TufRepository:
    """Four roles with a key each, consistent snapshots, and `files` as a mirror holds them: path to bytes.

    Change a role's `signed` and call `publish` for a new version; damage `files` for what only a mirror would do.
    """

    def __init__(self, target: bytes, name: str = "trusted_root.json") -> None:
        self.files: dict[str, bytes] = {}
        self.signers: dict[str, list[CryptoSigner]] = {role: [CryptoSigner.generate_ed25519()] for role in ROLES}
        self.root = Metadata(Root(expires=NEVER, consistent_snapshot=True))
        for role in ROLES:
            self.root.signed.add_key(self.signers[role][0].public_key, role)
        self.timestamp = Metadata(Timestamp(expires=NEVER))
        self.snapshot = Metadata(Snapshot(expires=NEVER))
        self.targets = Metadata(Targets(expires=NEVER))
        self.name = name
        self.initial = self.publish_root(self.signers["root"])
        self.publish(target)

    def publish_root(self, signers: list[CryptoSigner]) -> bytes:
        body = signed_by(self.root, signers)
        self.files[f"{self.root.signed.version}.root.json"] = body
        return body

    def rotate(self, role: str, *, also_signed_by: list[CryptoSigner] | None = None) -> None:
        """A new root, in which a new key takes the place of the key of `role`."""
        old = self.signers[role]
        self.signers[role] = [CryptoSigner.generate_ed25519()]
        self.root.signed.revoke_key(old[0].public_key.keyid, role)
        self.root.signed.add_key(self.signers[role][0].public_key, role)
        self.root.signed.version += 1
        both = [*old, *self.signers["root"]] if role == "root" else self.signers["root"]
        self.publish_root(both if also_signed_by is None else also_signed_by)

    def publish(self, target: bytes, *, length: int | None = None) -> None:
        """A new version of everything below the root, with this trusted root."""
        info = self._target(target)
        info.length = info.length if length is None else length
        self.targets.signed.targets = {self.name: info}
        self.publish_metadata()

    def _target(self, body: bytes) -> TargetFile:
        info = TargetFile.from_data(self.name, body, ["sha256"])
        self.files[f"targets/{info.hashes['sha256']}.{self.name}"] = body
        return info

    def publish_metadata(self) -> None:
        for role in (self.targets, self.snapshot, self.timestamp):
            role.signed.version += 1
        self.snapshot.signed.meta["targets.json"] = MetaFile(self.targets.signed.version)
        self.timestamp.signed.snapshot_meta = MetaFile(self.snapshot.signed.version)
        self.files[f"{self.targets.signed.version}.targets.json"] = self._signed("targets", self.targets)
        self.files[f"{self.snapshot.signed.version}.snapshot.json"] = self._signed("snapshot", self.snapshot)
        self.files["timestamp.json"] = self._signed("timestamp", self.timestamp)

    def delegate(self, role: str, pattern: str, target: bytes) -> None:
        """Moves the trusted root into a delegated role of this name, which may sign what `pattern` matches."""
        signer = CryptoSigner.generate_ed25519()
        below = Metadata(Targets(expires=NEVER))
        below.signed.targets = {self.name: self._target(target)}
        delegated = DelegatedRole(role, [signer.public_key.keyid], 1, False, paths=[pattern])
        self.targets.signed.targets = {}
        self.targets.signed.delegations = Delegations({signer.public_key.keyid: signer.public_key}, {role: delegated})
        self.snapshot.signed.meta[f"{role}.json"] = MetaFile(1)
        self.files[f"1.{role}.json"] = signed_by(below, [signer])
        self.publish_metadata()

    def _signed(self, role: str, metadata: Metadata[Any]) -> bytes:
        return signed_by(metadata, self.signers[role])


def signed_by(metadata: Metadata[Any], signers: list[CryptoSigner]) -> bytes:
    metadata.signatures.clear()
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


Answer = Callable[[BaseHTTPRequestHandler], None]


class ServedMirror:
    """Serves `files` on loopback. `answers` replaces what is said under a path; `requests` keeps path and headers."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.lstrip("/")
                mirror.requests.append((path, {name.lower(): value for name, value in self.headers.items()}))
                if path in mirror.answers:
                    mirror.answers[path](self)
                elif path in mirror.files:
                    answer(self, 200, mirror.files[path])
                else:
                    answer(self, 404, b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        return Handler


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def breaking_off(handler: BaseHTTPRequestHandler) -> None:
    """Less than was announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Bytes as fast as they are taken, until the client has enough."""
    handler.send_response(200)
    handler.end_headers()
    _until_gone(handler, b"x" * 65_536, 0)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, each well within a read timeout."""
    handler.send_response(200)
    handler.end_headers()
    _until_gone(handler, b"x", 0.05)


def dripping_head(handler: BaseHTTPRequestHandler) -> None:
    """A head that has no end."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
    _until_gone(handler, b"x", 0.05)


def _until_gone(handler: BaseHTTPRequestHandler, piece: bytes, pause: float) -> None:
    end = time.monotonic() + 2
    try:
        while time.monotonic() < end:
            handler.wfile.write(piece)
            time.sleep(pause)
    except OSError:
        handler.close_connection = True
