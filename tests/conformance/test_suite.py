"""The public conformance suite for Sigstore clients, where the machine has it: every bundle, by path and by digest."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = os.environ.get("DHI_TEST_CONFORMANCE", "")
BUNDLES = Path(SUITE) / "test" / "assets" / "bundle-verify"
CASES = sorted(path.name for path in BUNDLES.iterdir() if path.is_dir()) if SUITE else []

WORKFLOW = (
    "extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)
IDENTITY = f"https://github.com/sigstore-conformance/{WORKFLOW}"
ISSUER = "https://token.actions.githubusercontent.com"


@pytest.mark.skipif(not SUITE, reason="DHI_TEST_CONFORMANCE names no checkout of sigstore-conformance")
@pytest.mark.parametrize("by", ["path", "digest"])
@pytest.mark.parametrize("case", CASES or ["no suite"])
def test_conformance(tmp_path: Path, case: str, by: str) -> None:
    folder = BUNDLES / case
    artifact = folder / "artifact" if (folder / "artifact").exists() else BUNDLES / "a.txt"
    named = str(artifact) if by == "path" else f"sha256:{hashlib.sha256(artifact.read_bytes()).hexdigest()}"
    trusted = ["--trusted-root", str(folder / "trusted_root.json")] if (folder / "trusted_root.json").exists() else []
    command = [
        sys.executable,
        "-m",
        "tests.conformance",
        "verify-bundle",
        "--bundle",
        str(folder / "bundle.sigstore.json"),
    ]

    ended = subprocess.run(
        [*command, *_who(folder), *trusted, named],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in ended.stderr
    assert (ended.returncode == 0) is not case.endswith("fail"), ended.stdout + ended.stderr


def _who(folder: Path) -> list[str]:
    if (folder / "key.pub").exists():
        return ["--key", str(folder / "key.pub")]
    said = {name: folder / name for name in ("identity", "issuer")}
    identity, issuer = (
        path.read_text().strip() if path.exists() else usual
        for path, usual in zip(said.values(), (IDENTITY, ISSUER), strict=True)
    )
    return ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer]
