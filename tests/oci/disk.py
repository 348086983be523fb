"""An OCI layout being written, well or badly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.oci.scripted import entry, index, manifest
from verifier.model import Descriptor, Digest

REF_NAME = "org.opencontainers.image.ref.name"
COSIGN = "dev.cosignproject.cosign"


class Disk:
    """A layout being written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[dict[str, Any]] = []
        (path / "blobs" / "sha256").mkdir(parents=True)
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self.write()

    def write(self) -> None:
        (self.path / "index.json").write_text(json.dumps(index(self.entries)))

    def blob(self, content: bytes, media_type: str = "application/octet-stream") -> Descriptor:
        digest = Digest.of(content)
        self.file(digest).write_bytes(content)
        return Descriptor(media_type, digest, len(content))

    def file(self, digest: Digest) -> Path:
        return self.path / "blobs" / digest.algorithm / digest.hex

    def document(self, document: dict[str, Any]) -> Descriptor:
        return self.blob(json.dumps(document).encode(), document["mediaType"])

    def add(self, document: dict[str, Any], tag: str = "", **members: Any) -> Descriptor:
        """Stores a document and lists it in index.json."""
        stored = self.document(document)
        annotations = {"annotations": {REF_NAME: tag}} if tag else {}
        self.entries.append(entry(stored, **annotations, **members))
        self.write()
        return stored

    def referrer(self, subject: Descriptor, name: str) -> dict[str, Any]:
        return manifest(subject=entry(subject), artifactType="a/b", annotations={"name": name})
