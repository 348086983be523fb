"""The HTTP side of the registry in memory: routes of distribution-spec 1.1, keep-alive, no delay."""

from __future__ import annotations

import json
import re
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.publisher.about import JSON
from tests.publisher.documents import INDEX, digest_of, encode, index_of

if TYPE_CHECKING:
    from tests.publisher.registry import MemoryRegistry, Repository

_ROUTE = re.compile(r"/v2/(?P<name>.+)/(?P<what>manifests|blobs|referrers|tags)/(?P<reference>.*)")


class Server(ThreadingHTTPServer):
    """One thread per connection; `stop` also ends connections that clients keep open."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, registry: MemoryRegistry) -> None:
        self.registry = registry
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in the middle are their own affair."""

    def stop(self) -> None:
        self.shutdown()
        for connection in list(self.open):
            self.shutdown_request(connection)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # head and body leave in one piece
    server: Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives it
        """Requests are kept in the registry's log."""

    def do_GET(self) -> None:
        self._read()

    def do_HEAD(self) -> None:
        self._read()

    def do_POST(self) -> None:
        self._write()

    def do_PUT(self) -> None:
        self._write()

    def _read(self) -> None:
        url = urlsplit(self.path)
        if url.path.rstrip("/") == "/v2":
            return self._answer(200, b"{}")
        route = _ROUTE.fullmatch(url.path)
        repository = self.server.registry.repositories.get(route["name"]) if route else None
        if not route or not repository:
            return self._error(404, "NAME_UNKNOWN")
        query = parse_qs(url.query)
        if route["what"] == "manifests":
            return self._manifest(repository, route["reference"])
        if route["what"] == "blobs":
            return self._blob(repository, route["reference"])
        if route["what"] == "referrers" and self.server.registry.referrers_api:
            return self._referrers(repository, url.path, query)
        return self._error(404, "UNSUPPORTED")

    def _manifest(self, repository: Repository, reference: str) -> None:
        found = repository.manifest(reference)
        if not found and not self.server.registry.referrers_api:
            found = repository.fallback(reference)
        if not found:
            return self._error(404, "MANIFEST_UNKNOWN")
        media_type, body = found
        digest = reference if ":" in reference else digest_of(body)
        return self._answer(200, body, {"Content-Type": media_type, "Docker-Content-Digest": digest})

    def _blob(self, repository: Repository, digest: str) -> None:
        body = repository.blob(digest)
        if body is None:
            return self._error(404, "BLOB_UNKNOWN")
        return self._answer(200, body, {"Content-Type": "application/octet-stream", "Docker-Content-Digest": digest})

    def _referrers(self, repository: Repository, path: str, query: dict[str, list[str]]) -> None:
        entries = repository.referrers(path.rpartition("/")[2])
        headers = {"Content-Type": INDEX}
        wanted = query.get("artifactType")
        if wanted and self.server.registry.filters:
            entries = [entry for entry in entries if entry.get("artifactType") in wanted]
            headers["OCI-Filters-Applied"] = "artifactType"
        return self._answer(200, encode(index_of(self._page(entries, path, query, headers))), headers)

    def _page(self, entries: list[JSON], path: str, query: dict[str, list[str]], headers: dict[str, str]) -> list[JSON]:
        size = self.server.registry.page_size
        if not size:
            return entries
        first = int(query.get("from", ["0"])[0])
        if first + size < len(entries):
            kept = "".join(f"&artifactType={value}" for value in query.get("artifactType", []))
            headers["Link"] = f'<{path}?from={first + size}{kept}>; rel="next"'
        return entries[first : first + size]

    def _write(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        route = _ROUTE.fullmatch(url.path)
        if not route:
            return self._error(404, "NAME_INVALID")
        repository = self.server.registry.repository(route["name"])
        if self.command == "POST" and route["what"] == "blobs":
            return self._answer(202, b"", {"Location": f"{url.path}1?state=new"})
        if self.command == "PUT" and route["what"] == "blobs":
            return self._take_blob(repository, body, parse_qs(url.query).get("digest", [""])[0])
        if self.command == "PUT" and route["what"] == "manifests":
            return self._take_manifest(repository, body, route["reference"])
        return self._error(405, "UNSUPPORTED")

    def _take_blob(self, repository: Repository, body: bytes, digest: str) -> None:
        if digest_of(body) != digest:
            return self._error(400, "DIGEST_INVALID")
        repository.pushed.put_blob(body)
        return self._answer(201, b"", {"Docker-Content-Digest": digest})

    def _take_manifest(self, repository: Repository, body: bytes, reference: str) -> None:
        digest = digest_of(body)
        if ":" in reference and reference != digest:
            return self._error(400, "DIGEST_INVALID")
        try:
            subject = json.loads(body).get("subject")
        except (ValueError, AttributeError):
            return self._error(400, "MANIFEST_INVALID")
        repository.pushed.manifests[digest] = (self.headers["Content-Type"], body)
        headers = {"Docker-Content-Digest": digest}
        if ":" not in reference:
            repository.pushed.tags[reference] = digest
        if subject and self.server.registry.referrers_api:
            headers["OCI-Subject"] = subject["digest"]
            repository.list_pushed(subject["digest"], digest)
        return self._answer(201, b"", headers)

    def _error(self, status: int, code: str) -> None:
        body = encode({"errors": [{"code": code, "message": code.lower().replace("_", " ")}]})
        self._answer(status, body, {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.server.registry.record(self.command, self.path, status, dict(self.headers.items()))
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
