"""The worker's process: started bare, asked one thing at a time, killed when it is late.

Rego can loop without an end and take memory without a bound, and no thread of the same process could stop it. So it
runs where a kill costs nothing. The worker gets no environment, no network built-in and no file handle but its pipes.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING

from verifier.errors import ConfigurationError
from verifier.limits import Limits

if TYPE_CHECKING:
    from subprocess import Popen

HEADER = struct.Struct(">Q")  # before each frame: its length

# Stands in for the packages above the worker's modules, so that starting it runs none of their `__init__`.
_BOOT = """
import json, sys, types
start = json.loads(sys.argv[1])
sys.path += start["path"]
for name, place in start["packages"].items():
    package = sys.modules[name] = types.ModuleType(name)
    package.__path__ = [place]
from verifier.rules.worker import serve
serve(start["memory"])
"""
_KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT")  # what the interpreter itself may need to start


class WorkerGone(Exception):
    """The worker ended or was killed; the text completes the sentence "the worker …"."""


class Worker:
    """One process. Raises `ConfigurationError` when no Rego engine is installed."""

    def __init__(self, limits: Limits) -> None:
        import subprocess

        start = json.dumps(_start(limits))
        self._process: Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own interpreter with our own code
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT, start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )
        self._answers: SimpleQueue[bytes | None] = SimpleQueue()
        self._longest = limits.rule_output_bytes
        threading.Thread(target=self._read, name="rules", daemon=True).start()

    def ask(self, frames: list[bytes], seconds: float) -> bytes:
        """Sends `frames` and returns the answer's frame. Raises `WorkerGone`; the worker must then be closed."""
        try:
            for frame in frames:
                self._stdin.write(HEADER.pack(len(frame)))
                self._stdin.write(frame)
            self._stdin.flush()
        except OSError:
            raise WorkerGone(self._ending()) from None
        try:
            answer = self._answers.get(timeout=seconds)
        except Empty:
            raise WorkerGone(f"was stopped: it took longer than {seconds:.2g} s") from None
        if answer is None:
            raise WorkerGone(self._ending())
        return answer

    def close(self) -> None:
        """Kills the process and waits for its end. Its reading thread ends with it."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):  # what was not yet written went to a process that is gone
            self._stdin.close()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin  # noqa: S101 - it was opened as a pipe
        return self._process.stdin

    def _read(self) -> None:
        """In a thread: hands on one frame after the other, then None. An answer that is too long ends it, too."""
        stream = self._process.stdout
        assert stream  # noqa: S101 - it was opened as a pipe
        with stream:
            while len(header := stream.read(HEADER.size)) == HEADER.size:
                (length,) = HEADER.unpack(header)
                if length > self._longest:
                    break
                body = stream.read(length)
                if len(body) < length:
                    break
                self._answers.put(body)
        self._answers.put(None)

    def _ending(self) -> str:
        from subprocess import TimeoutExpired

        try:
            code = self._process.wait(timeout=1)
        except TimeoutExpired:
            return f"was stopped: it answered with more than {self._longest} bytes, or not in frames"
        return f"died (signal {-code}): out of memory or crash" if code < 0 else f"ended with exit code {code}"


def _start(limits: Limits) -> dict[str, object]:
    """What the bare interpreter is told: where the engine and our modules lie, and how much memory it may take."""
    engine = find_spec("regorus")
    if engine is None or not engine.origin:
        raise ConfigurationError(
            "the Rego engine is not installed", hint="Install gordon-to-regorus, or dhiverify again."
        )
    here = Path(__file__).resolve().parent
    return {
        "path": [str(Path(engine.origin).resolve().parent.parent)],
        "packages": {"verifier": str(here.parent), "verifier.rules": str(here)},
        "memory": limits.rule_memory,
    }
