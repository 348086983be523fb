"""What a server can do to a connection."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.oci.conftest import OpenSource, ref
from tests.oci.scripted import OCI_MANIFEST, Asked, Raw, Reply, ScriptedRegistry, manifest
from verifier.errors import ConfigurationError, ContentMismatch, LimitExceeded, RegistryError, Unreachable
from verifier.model import Descriptor, Digest
from verifier.oci import Sources, parse_reference

BLOB = Descriptor("", Digest.of(b"content"), 7)
ROUTE = f"/v2/app/blobs/{BLOB.digest}"
OK = b"HTTP/1.1 200 OK\r\n"


def dripping(head: bytes, *, seconds: float = 60, drop: bytes = b"x") -> Iterator[bytes]:
    """A byte now and then, never the last one."""
    yield head
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.03)
        yield drop


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Length: 9\r\n", b"content"),
        (b"Content-Length: 7\r\n", b"cont"),
        (b"Transfer-Encoding: chunked\r\n", b"7\r\nconte"),
        (b"Transfer-Encoding: chunked\r\n", b"zz\r\ncontent\r\n0\r\n\r\n"),
        (b"Content-Length: -7\r\n", b"content"),
        (b"Content-Length: 7, 8\r\n", b"content"),
        (b"Content-Length: 0x7\r\n", b"content"),
        (b"Content-Length: " + b"9" * 30 + b"\r\n", b"content"),
        (b"", b"cont"),
        (b"", b"content and more"),
    ],
)
def test_I02_body_is_not_as_long_as_it_says(
    registry: ScriptedRegistry, app: OpenSource, pauses: list[float], head: bytes, body: bytes
) -> None:
    registry.routes[ROUTE] = lambda _: Raw([OK + head + b"\r\n" + body])

    with pytest.raises((ContentMismatch, Unreachable)):
        app().blob(BLOB, 100)


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n",
        OK + b"\r\ncontent",
        b"HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\ncontent",
        OK + b"Content-Length: 7\r\n\r\ncontentHTTP/1.1 200 OK",
    ],
)
def test_I02_honest_bodies_in_unusual_dress(registry: ScriptedRegistry, app: OpenSource, answer: bytes) -> None:
    registry.routes[ROUTE] = Raw([answer])

    assert app().blob(BLOB, 100) == b"content"


def test_I02_I03_chunked_body_without_end_is_left_at_the_limit(registry: ScriptedRegistry, app: OpenSource) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield OK + b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
        while True:
            sent += 0x10000
            yield b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    registry.routes["/v2/app/manifests/1"] = lambda _: Raw(endless())

    with pytest.raises(LimitExceeded):
        app(manifest_bytes=100_000).resolve(ref(registry))
    assert sent < 20_000_000


def test_I03_announced_size_over_the_limit_is_not_read(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.routes["/v2/app/manifests/1"] = Raw([OK + b"Content-Length: 99999999999\r\n\r\n", b"{"])

    with pytest.raises(LimitExceeded):
        app().resolve(ref(registry))


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, gzip", "x-what"])
def test_I18_encoded_body_is_refused_unopened(registry: ScriptedRegistry, app: OpenSource, encoding: str) -> None:
    bomb = gzip.compress(b"\0" * 1_000_000)
    registry.routes[ROUTE] = Reply(200, bomb, {"Content-Encoding": encoding})

    with pytest.raises(ContentMismatch, match="encoded"):
        app().blob(Descriptor("", BLOB.digest, len(bomb)), 10_000)
    assert registry.asked[0].headers["Accept-Encoding"] == "identity"


def test_I18_encoded_error_page_and_redirect_are_not_unpacked(registry: ScriptedRegistry, app: OpenSource) -> None:
    bomb = gzip.compress(b"\0" * 1_000_000)
    registry.routes[ROUTE] = Reply(302, bomb, {"Content-Encoding": "gzip", "Location": "/elsewhere"})
    registry.routes["/elsewhere"] = Reply(404, bomb, {"Content-Encoding": "gzip"})

    with pytest.raises(RegistryError, match="has no sha256"):
        app().blob(BLOB, 100)


@pytest.mark.parametrize(
    "head",
    [
        OK + b"Content-Length: 5000\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n7\r\n",
        OK + b"X-Slow: ",
        b"HTTP/1.1 2",
    ],
)
def test_I23_dripping_server_is_left_behind(registry: ScriptedRegistry, app: OpenSource, head: bytes) -> None:
    registry.routes[ROUTE] = lambda _: Raw(dripping(head))

    with pytest.raises(Unreachable, match="slow"):
        app(read_timeout=0.15, retries=0).blob(Descriptor("", BLOB.digest, 5000), 10_000)


def test_I02_I23_steady_server_still_has_a_deadline(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.routes[ROUTE] = lambda _: Raw(dripping(OK + b"Content-Length: 9000\r\n\r\n"))

    with pytest.raises(Unreachable, match="one request"):
        app(request_timeout=0.25, bytes_per_second=1).blob(Descriptor("", BLOB.digest, 9000), 10_000)


def test_I23_silent_server(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.routes[ROUTE] = lambda _: Raw(dripping(b"", seconds=0.5, drop=b""))
    with pytest.raises(Unreachable, match="slow"):
        app(read_timeout=0.1).blob(BLOB, 100)


def test_N11_the_whole_run_has_a_deadline(registry: ScriptedRegistry, app: OpenSource) -> None:
    registry.routes[ROUTE] = lambda _: Raw(dripping(OK + b"Content-Length: 9000\r\n\r\n"))
    source = app(settings={"timeout": 0.25})

    for _ in range(2):
        with pytest.raises(Unreachable, match="--timeout") as caught:
            source.blob(Descriptor("", BLOB.digest, 9000), 10_000)
    assert caught.value.exit_code == 5
    assert len(registry.asked) == 1


def headers_without_end(line: bytes) -> Iterator[bytes]:
    yield OK
    for _ in range(100_000):
        yield line


@pytest.mark.parametrize(
    "chunks",
    [
        lambda: headers_without_end(b"X-Bomb: 1\r\n"),
        lambda: headers_without_end(b"x" * 1000),
        lambda: iter([b"HTTP/1.1 100 Continue\r\n\r\n" * 10] * 100_000),
        lambda: iter([b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10] * 100_000),
        lambda: iter([b"\0" * 10_000] * 1000),
        lambda: iter([b"SSH-2.0-OpenSSH\r\n"]),
        lambda: iter([b""]),
    ],
)
def test_I24_header_bombs_and_other_noise(
    registry: ScriptedRegistry, app: OpenSource, chunks: Callable[[], Iterator[bytes]]
) -> None:
    registry.routes[ROUTE] = lambda _: Raw(chunks())

    with pytest.raises(Unreachable):
        app(request_timeout=0.4, retries=0).blob(BLOB, 100)


# ---- trying again


def test_P22_busy_once_then_served(registry: ScriptedRegistry, app: OpenSource, pauses: list[float]) -> None:
    registry.routes[ROUTE] = [Reply(429, headers={"Retry-After": "2"}), Reply(503), Reply(200, b"content")]

    assert app(retries=2).blob(BLOB, 100) == b"content"
    assert pauses[0] == 2
    assert 0.4 <= pauses[1] <= 0.6


def test_broken_connection_is_tried_again(registry: ScriptedRegistry, app: OpenSource, pauses: list[float]) -> None:
    cut = Raw([OK + b"Content-Length: 7\r\n\r\ncon"])
    registry.routes[ROUTE] = [cut, Raw([b""]), Reply(200, b"content")]

    assert app(retries=2).blob(BLOB, 100) == b"content"


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("1000000000", 30),
        ("9" * 400, 30),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 30),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 30),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.3),
        ("-5", 0.3),
        ("0", 0.3),
        ("soon", 0.3),
        ("1e9", 0.3),
        ("٣", 0.3),
        ("", 0.3),
    ],
)
def test_I22_retry_after_is_a_wish_with_a_bound(
    registry: ScriptedRegistry, app: OpenSource, pauses: list[float], asked: str, pause: float
) -> None:
    wish = (
        b"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: "
        + asked.encode()
        + b"\r\n\r\n"
    )
    registry.routes[ROUTE] = [Raw([wish]), Reply(200, b"content")]

    assert app().blob(BLOB, 100) == b"content"
    assert len(pauses) == 1
    assert pause - 0.1 <= pauses[0] <= pause


def test_I22_storm_of_429_ends(registry: ScriptedRegistry, app: OpenSource, pauses: list[float]) -> None:
    registry.routes[ROUTE] = Reply(429)

    with pytest.raises(Unreachable, match="too many requests") as caught:
        app(retries=3).blob(BLOB, 100)
    assert "--jobs" in caught.value.hint
    assert len(registry.asked) == 4


def test_I22_N11_no_pause_outlasts_the_run(
    registry: ScriptedRegistry, app: OpenSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.routes[ROUTE] = Reply(429, headers={"Retry-After": "20"})
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    with pytest.raises(Unreachable, match="--timeout"):
        app(settings={"timeout": 5}).blob(BLOB, 100)
    assert not pauses


def test_I21_nobody_listens(sources: Callable[..., Sources]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    reference = parse_reference(f"{host}/app:1")
    with pytest.raises(Unreachable, match=r"does not answer.*refused"):
        sources().open(reference).resolve(reference)


def test_P18_registry_on_an_ipv6_address(registry: ScriptedRegistry, sources: Callable[..., Sources]) -> None:
    from http.server import ThreadingHTTPServer

    from tests.oci.scripted import _Handler, _Server

    class Six(_Server):
        address_family = socket.AF_INET6

    try:
        server: ThreadingHTTPServer = Six(("::1", 0), _Handler)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    server.registry = registry  # type: ignore[attr-defined]
    import threading

    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        listed = registry.put_manifest("app", manifest(), "1")
        reference = parse_reference(f"[::1]:{server.server_port}/app:1")
        assert sources().open(reference).resolve(reference).digest == listed.digest
        assert registry.asked[0].headers["Host"] == f"[::1]:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# ---- TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A CA certificate and a server context for 127.0.0.1 under it."""
    directory = tmp_path_factory.mktemp("tls")
    key, ca_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = dt.datetime.now(dt.UTC)

    def certificate(name: str, subject_key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        usage = x509.KeyUsage(True, False, False, False, False, ca, ca, False, False)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test CA")]))
            .public_key(subject_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
            .sign(ca_key, hashes.SHA256())
        )

    pem = serialization.Encoding.PEM
    ca_file, server_file = directory / "ca.pem", directory / "server.pem"
    ca_file.write_bytes(certificate("test CA", ca_key, ca=True).public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server_file.write_bytes(secret + certificate("127.0.0.1", key, ca=False).public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_file)
    return ca_file, context


@pytest.fixture
def secure(
    scripted_registry: Callable[..., ScriptedRegistry], authority: tuple[Path, ssl.SSLContext]
) -> ScriptedRegistry:
    return scripted_registry({ROUTE: Reply(200, b"content")}, authority[1])


def test_I25_own_ca_is_accepted(
    secure: ScriptedRegistry, sources: Callable[..., Sources], authority: tuple[Path, ssl.SSLContext]
) -> None:
    source = sources(settings={"cacert": str(authority[0])}).open(ref(secure))

    assert source.blob(BLOB, 100) == b"content"


def test_I25_unknown_ca_is_refused(
    secure: ScriptedRegistry, sources: Callable[..., Sources], tmp_path: Path, authority: tuple[Path, ssl.SSLContext]
) -> None:
    other = tmp_path / "other.pem"
    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other CA")])
    now = dt.datetime.now(dt.UTC)
    certificate = x509.CertificateBuilder(name, name, own.public_key(), 1, now, now + dt.timedelta(hours=1))
    other.write_bytes(certificate.sign(own, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    with pytest.raises(Unreachable, match="no trusted TLS connection") as caught:
        sources(settings={"cacert": str(other)}).open(ref(secure)).blob(BLOB, 100)
    assert "--registry-cacert" in caught.value.hint
    assert secure.asked == []


def test_I25_plain_server_is_no_https_server(
    registry: ScriptedRegistry, sources: Callable[..., Sources], authority: tuple[Path, ssl.SSLContext]
) -> None:
    registry.routes[ROUTE] = Reply(200, b"content")

    with pytest.raises(Unreachable, match="TLS") as caught:
        sources(settings={"cacert": str(authority[0])}).open(ref(registry)).blob(BLOB, 100)
    assert "plain HTTP" in caught.value.hint
    assert registry.asked == []


def test_I25_certificate_of_another_name_says_so(
    secure: ScriptedRegistry, sources: Callable[..., Sources], authority: tuple[Path, ssl.SSLContext]
) -> None:
    reference = parse_reference(f"{secure.host.replace('127.0.0.1', 'localhost')}/app:1")

    with pytest.raises(Unreachable, match="no trusted TLS connection") as caught:
        sources(settings={"cacert": str(authority[0])}).open(reference).blob(BLOB, 100)
    assert "as its certificate does" in caught.value.hint


@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_I25_unusable_ca_file_is_an_error_at_once(
    sources: Callable[..., Sources], tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ConfigurationError, match=r"ca\.pem"):
        sources(settings={"cacert": str(path)})


# ---- proxies


@pytest.fixture
def proxy(scripted_registry: Callable[..., ScriptedRegistry], monkeypatch: pytest.MonkeyPatch) -> ScriptedRegistry:
    started = scripted_registry()
    monkeypatch.setenv("http_proxy", f"http://me:proxy-secret@{started.host}")
    return started


def test_I26_registry_behind_a_proxy(proxy: ScriptedRegistry, sources: Callable[..., Sources]) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply.json(manifest(), OCI_MANIFEST)

    proxy.routes["/v2/app/manifests/1"] = answer
    opened = sources(settings={"allow_http": True})
    reference = parse_reference("registry.example:5000/app:1")

    opened.open(reference).resolve(reference)

    assert proxy.asked[0].headers["Host"] == "registry.example:5000"
    assert proxy.asked[0].headers["Proxy-Authorization"].startswith("Basic ")
    assert opened.plain_http == ("registry.example:5000",)


def test_I26_loopback_and_no_proxy_hosts_go_straight(
    proxy: ScriptedRegistry,
    registry: ScriptedRegistry,
    sources: Callable[..., Sources],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry.put_manifest("app", manifest(), "1")
    sources().open(ref(registry)).resolve(ref(registry))
    assert "Proxy-Authorization" not in registry.asked[0].headers

    monkeypatch.setenv("NO_PROXY", "registry.example")
    monkeypatch.setattr(socket, "getaddrinfo", _nowhere)
    reference = parse_reference("registry.example:5000/app:1")
    with pytest.raises(Unreachable):
        sources(settings={"allow_http": True}).open(reference).resolve(reference)
    assert proxy.asked == []


def test_I26_unusable_proxy_shows_no_secret(sources: Callable[..., Sources], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://me:proxy-secret@127.0.0.1:1")
    reference = parse_reference("registry.example/app:1")

    with pytest.raises(Unreachable) as caught:
        sources().open(reference).resolve(reference)
    assert "proxy-secret" not in str(caught.value)


def _nowhere(*_: object, **__: object) -> list[object]:
    raise socket.gaierror(socket.EAI_NONAME, os.strerror(2))
