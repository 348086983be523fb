"""Docker credential helpers: programs `docker-credential-SUFFIX` that keep secrets in a key store.

The protocol of docker/docker-credential-helpers: `get`, the server's name on stdin, JSON on stdout. What such a
program writes to stderr may hold a secret and is dropped. No shell is involved (N07, I30).
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import time
from typing import NoReturn

from verifier.errors import AuthenticationError
from verifier.limits import DEFAULT_LIMITS
from verifier.strictjson import JSONRefused, loads

_SUFFIX = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
_NOT_FOUND = b"credentials not found in native keychain"


def ask_helper(suffix: str, server: str, *, timeout: float = DEFAULT_LIMITS.helper_timeout) -> tuple[str, str] | None:
    """User name and secret for `server`, or None when the helper has none.

    Raises `AuthenticationError` for everything else: a helper that fails does not mean "anonymous".
    """
    if not _SUFFIX.fullmatch(suffix):
        _failed(suffix, "its name may have only letters, digits, '.', '_' and '-'")
    status, output = _run(f"docker-credential-{suffix}", server, suffix, timeout)
    if status != 0:
        if output.strip() == _NOT_FOUND:
            return None
        _failed(suffix, f"it exited with {status}")
    try:
        answer = loads(output)
    except JSONRefused:
        _failed(suffix, "its answer is not JSON")
    username, secret = (
        (answer.get(name) for name in ("Username", "Secret")) if isinstance(answer, dict) else (None, None)
    )
    if not isinstance(username, str) or not isinstance(secret, str):
        _failed(suffix, "its answer lacks Username or Secret")
    return (username, secret) if secret else None


def _run(program: str, server: str, suffix: str, timeout: float) -> tuple[int, bytes]:
    """Exit status and output of the program, which is killed when it takes too long or says too much."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the name was matched against a grammar without separators
            [program, "get"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as fault:
        _failed(suffix, f"it cannot be run: {fault.strerror}")
    try:
        return _talk(process, server, suffix, time.monotonic() + timeout)
    except subprocess.TimeoutExpired:
        _failed(suffix, f"it did not answer within {timeout:g} s")
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


def _talk(process: subprocess.Popen[bytes], server: str, suffix: str, end: float) -> tuple[int, bytes]:
    stdin, stdout = process.stdin, process.stdout
    if not stdin or not stdout:  # both were asked for
        _failed(suffix, "it has no input or output")
    with contextlib.suppress(BrokenPipeError):  # it may not care to read
        stdin.write(server.encode())
        stdin.close()
    output = b""
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([stdout], [], [], left)[0]:
            raise subprocess.TimeoutExpired(process.args, 0)
        chunk = os.read(stdout.fileno(), DEFAULT_LIMITS.helper_bytes)
        if not chunk:
            return process.wait(max(0, end - time.monotonic())), output
        output += chunk
        if len(output) > DEFAULT_LIMITS.helper_bytes:
            _failed(suffix, f"it wrote more than {DEFAULT_LIMITS.helper_bytes} bytes")


def _failed(suffix: str, reason: str) -> NoReturn:
    raise AuthenticationError(
        f"the credential helper {suffix!r:.100} cannot be used: {reason}",
        hint="Repair or remove credsStore or credHelpers in docker's config.json, or set DHIVERIFY_REGISTRY.",
    )
