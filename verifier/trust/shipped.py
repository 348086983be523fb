"""The trusted root that ships with the program: Sigstore's public-good instance, so that nothing must be fetched first.

Both files are those of the PyPI package `sigstore` 4.5.1 (sigstore/sigstore-python, `sigstore/_store`, Apache-2.0,
The Sigstore Authors), unchanged: `public_good/trusted_root.json`, and `public_good/tuf_root.json`, version 15 of the
repository's root, with which an update begins. They are pinned by digest, as the shipped keys are.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from verifier.errors import ConfigurationError

SHIPPED_ON = datetime(2026, 5, 31, tzinfo=UTC)  # when that project last compared its copies with the repository
REPOSITORY = "https://tuf-repo-cdn.sigstore.dev"

_DIGESTS = {
    "trusted_root.json": "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66",
    "tuf_root.json": "73747011d0857ada15479a16c4cae0f3ed03aac698b523b97e1de314ac9d9ca8",
}


def shipped_file(name: str) -> bytes:
    """Raises `ConfigurationError` for a file of this installation that is missing or is not the pinned one."""
    try:
        body = (Path(__file__).resolve().parent / "public_good" / name).read_bytes()
    except OSError:
        body = b""
    if hashlib.sha256(body).hexdigest() != _DIGESTS[name]:
        raise ConfigurationError(
            f"the shipped {name} is missing or was changed in this installation", hint="Install dhiverify again."
        )
    return body
