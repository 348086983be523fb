"""Real registries on loopback, each started for the session and stopped by its process.

`docker-registry` is Debian's (no referrers API). The others are built from `tests/e2e/registries`, into the directory
that DHI_TEST_REGISTRIES names. A test whose server is missing is skipped by name; with DHI_TEST_REQUIRE_SERVERS set it
fails. cosign may be missing even then.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cosign import VERSION, Cosign, Hosted
from tests.publisher import ImageSpec, keys, publish

DISTRIBUTION = """\
version: 0.1
log: {{level: error}}
storage:
  cache: {{blobdescriptor: inmemory}}
  filesystem: {{rootdirectory: {folder}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@contextmanager
def stopped_at_the_end(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def answers(port: int, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def distribution(folder: Path) -> Iterator[str]:
    port = free_port()
    configuration = folder / "config.yml"
    configuration.write_text(DISTRIBUTION.format(folder=folder / "data", port=port))
    command = [_found("docker-registry"), "serve", str(configuration)]
    with stopped_at_the_end(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)):
        answers(port)
        yield f"127.0.0.1:{port}"


@contextmanager
def built(name: str, *arguments: str) -> Iterator[str]:
    folder = os.environ.get("DHI_TEST_REGISTRIES", "")
    command = [_found(str(Path(folder) / name) if folder else name), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with stopped_at_the_end(process):
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()


def _found(program: str) -> str:
    found = shutil.which(program)
    if found:
        return found
    if os.environ.get("DHI_TEST_REQUIRE_SERVERS"):
        raise RuntimeError(f"{program} is missing, and this run must not skip its tests")
    pytest.skip(f"{program} is not on this machine")


SERVERS = {
    "docker-registry": lambda folder: distribution(folder),
    "ocimem": lambda folder: built("ocimem"),
    "ocimem-without-api": lambda folder: built("ocimem", "-no-referrers-api"),
    "ocimem-without-filter": lambda folder: built("ocimem", "-no-referrers-filter"),
    "ggcr": lambda folder: built("ggcr"),
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """`server(name)` gives `127.0.0.1:PORT` of that registry, started once."""
    running: dict[str, str] = {}
    with ExitStack() as closing:

        def start(name: str) -> str:
            if name not in running:
                folder = tmp_path_factory.mktemp(name)
                running[name] = closing.enter_context(SERVERS[name](folder))
            return running[name]

        yield start


@pytest.fixture(scope="session")
def cosign(tmp_path_factory: pytest.TempPathFactory) -> Cosign:
    """The real one, in the release that the tests know."""
    program = shutil.which("cosign")
    if program is None:
        pytest.skip("cosign is not on this machine")
    found = Cosign(program, tmp_path_factory.mktemp("cosign"))
    if found.version != VERSION:
        pytest.skip(f"cosign {VERSION} is not on this machine; there is {found.version}")
    return found


@pytest.fixture(scope="session")
def hosted(server: Callable[[str], str]) -> Callable[..., Hosted]:
    """`hosted(name, **fields of ImageSpec)` pushes an image, by default one with no evidence, to a new repository."""
    numbers = count(1)

    def push(name: str = "docker-registry", **fields: Any) -> Hosted:
        image = publish(ImageSpec(**{"omit": {"*"}, **fields}))
        found = Hosted(image, f"{server(name)}/signed/app-{next(numbers)}")
        found.push()
        return found

    return push


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("key") / "publisher.pub"
    path.write_bytes(keys.publisher.public_pem)
    return str(path)
