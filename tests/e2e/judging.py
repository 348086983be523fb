"""Our verdict on what cosign made: by the library, and by the command where words and exit codes matter."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.e2e.cosign import KeyPair
from tests.verification.conftest import SOON_AFTER, Seen
from verifier.attestation import expand
from verifier.oci import Settings
from verifier.policy import Additions
from verifier.verification import Options, inspect, verify


def judge(reference: str, *keys: KeyPair, policy: str = "signed", demand: tuple[str, ...] = (), **more: Any) -> Seen:
    """`demand` are words or URIs of `--predicate-type`; `more` are fields of `Additions`."""
    return Seen(verify([reference], _options(keys, policy, demand, more)))


def look(reference: str, *keys: KeyPair) -> Seen:
    """What `attestation list` says."""
    return Seen(inspect([reference], _options(keys, "dhi", (), {})))


def _options(keys: tuple[KeyPair, ...], policy: str, demand: tuple[str, ...], more: dict[str, Any]) -> Options:
    demands = tuple((word, expand(word)) for word in demand)
    files = tuple(key.public for key in keys)
    return Options(
        policy=policy,
        additions=Additions(key_files=files, predicate_types=demands, **more),
        effective_time=SOON_AFTER,
        settings=Settings(jobs=4, timeout=20),
    )


def dhiverify(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command."""
    command = [sys.executable, "-m", "verifier", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return ran.returncode, ran.stdout, ran.stderr


def reported(*arguments: str) -> tuple[int, Any]:
    """Exit code and JSON report of a command that has one."""
    code, out, err = dhiverify(*arguments, "-o", "json")
    assert out, err
    return code, json.loads(out)
