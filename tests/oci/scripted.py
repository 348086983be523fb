"""A registry that says exactly what a test tells it to, on a loopback port.

    registry = scripted_registry()                        # the fixture of conftest.py
    image = registry.put_manifest("app", {...}, tag="1")  # answers as a good registry would
    registry.routes["/v2/app/manifests/2"] = Reply(404)   # … and as no good one would

A route is a path without query. What stands under it is a `Reply`, a list of them (one per request, the last one
again and again), a function from `Asked` to one, or a `Raw` that writes bytes to the socket. Other paths give 404.
`registry.asked` has every request in the order of arrival.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from verifier.model import Descriptor, Digest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
EMPTY = Digest.of(b"{}")


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def authorization(self) -> str:
        return self.headers.get("Authorization", "")


@dataclass(frozen=True)
class Reply:
    """An orderly answer; Content-Length is added unless it is among the headers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, content_type: str = "application/json", status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, json.dumps(value).encode(), {"Content-Type": content_type, **named})


@dataclass(frozen=True)
class Raw:
    """Bytes written to the socket as they are, one after another; then the connection is closed."""

    chunks: Iterable[bytes]


Route = Reply | Raw | list[Reply | Raw] | Callable[[Asked], "Reply | Raw"]


class ScriptedRegistry:
    def __init__(self, routes: Mapping[str, Route] | None = None, context: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.registry = self
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def count(self, part: str) -> int:
        return sum(part in path for path in self.paths)

    def put_blob(self, repository: str, content: bytes, media_type: str = "application/octet-stream") -> Descriptor:
        digest = Digest.of(content)
        self.routes[f"/v2/{repository}/blobs/{digest}"] = Reply(200, content)
        return Descriptor(media_type, digest, len(content))

    def put_manifest(
        self, repository: str, document: dict[str, Any] | bytes, tag: str = "", media_type: str = OCI_MANIFEST
    ) -> Descriptor:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        digest = Digest.of(body)
        reply = Reply(200, body, {"Content-Type": media_type, "Docker-Content-Digest": digest})
        for name in (digest, tag) if tag else (digest,):
            self.routes[f"/v2/{repository}/manifests/{name}"] = reply
        return Descriptor(media_type, digest, len(body))

    def put_referrers(self, repository: str, digest: str, manifests: list[dict[str, Any]]) -> None:
        self.routes[f"/v2/{repository}/referrers/{digest}"] = Reply.json(index(manifests), OCI_INDEX)

    def answer(self, asked: Asked) -> Reply | Raw:
        with self._lock:
            self.asked.append(asked)
            route = self.routes.get(asked.path, Reply(404))
            if isinstance(route, list):
                return route.pop(0) if len(route) > 1 else route[0]
        return route if isinstance(route, Reply | Raw) else route(asked)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def entry(descriptor: Descriptor, **members: Any) -> dict[str, Any]:
    """A descriptor as JSON."""
    return {"mediaType": descriptor.media_type, "digest": descriptor.digest, "size": descriptor.size, **members}


def manifest(*layers: dict[str, Any], **members: Any) -> dict[str, Any]:
    """An artifact manifest with an empty config."""
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": EMPTY, "size": 2}
    return {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": list(layers), **members}


def index(manifests: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests, **members}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    registry: ScriptedRegistry

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 5
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        reply = self.server.registry.answer(Asked(self.command, parts.path, parts.query, self.headers, body))
        if isinstance(reply, Raw):
            self._raw(reply)
            return
        self.send_response_only(reply.status)
        headers = {"Content-Length": str(len(reply.body)), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def _raw(self, reply: Raw) -> None:
        self.close_connection = True
        for chunk in reply.chunks:
            self.wfile.write(chunk)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        pass
