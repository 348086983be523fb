"""The entry point itself, on bundles of a private Sigstore: exit code 0 for what is verified, and no other way to 0."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.publisher import keys
from tests.sigstore import EMAIL, ISSUER, WORKFLOW, PrivateSigstore

CONTENT = b"a release\n"
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
SIGSTORE = PrivateSigstore()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    leaf = SIGSTORE.leaf()
    documents: dict[str, Any] = {
        "root.json": SIGSTORE.trusted_root(),
        "keyless.json": SIGSTORE.bundle(file=CONTENT, signer=leaf, logs=("v2",), timestamps=1),
        "key.json": SIGSTORE.bundle(file=CONTENT, signer=keys.publisher, logs=(), material="key"),
    }
    for name, document in documents.items():
        (tmp_path / name).write_text(json.dumps(document))
    (tmp_path / "key.pub").write_bytes(keys.publisher.public_pem)
    (tmp_path / "file").write_bytes(CONTENT)
    (tmp_path / "other").write_bytes(b"another")
    return tmp_path


def by(who: str) -> str:
    return f"--certificate-identity {who} --certificate-oidc-issuer {ISSUER} --trusted-root root.json"


@pytest.mark.parametrize(
    ("bundle", "arguments", "verified"),
    [
        ("keyless.json", f"{by(WORKFLOW)} file", True),
        ("keyless.json", f"{by(WORKFLOW)} {DIGEST}", True),
        ("keyless.json", f"{by(WORKFLOW)} other", False),
        ("keyless.json", f"{by(EMAIL)} file", False),
        ("keyless.json", f"--certificate-identity {WORKFLOW} file", False),
        ("keyless.json", "file", False),
        ("key.json", "--key key.pub file", True),
        ("key.json", f"--key key.pub {DIGEST}", True),
        ("key.json", "--key root.json file", False),
        ("key.json", "--key key.pub no-such-file", False),
        ("no-such-bundle.json", "--key key.pub file", False),
    ],
)
def test_N01_only_what_is_verified_ends_with_0(files: Path, bundle: str, arguments: str, verified: bool) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.conformance", "verify-bundle", "--bundle", bundle, *arguments.split()],
        cwd=files,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(files)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in ended.stderr
    assert (ended.returncode == 0) is verified, ended.stdout + ended.stderr
