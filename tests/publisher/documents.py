"""Bytes, digests and descriptors of the OCI image-spec 1.1, made by hand."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import zlib

from tests.publisher.about import JSON

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
EMPTY = "application/vnd.oci.empty.v1+json"
IN_TOTO = "application/vnd.in-toto+json"
SIGNATURE_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json"
ATTESTATION_ARTIFACT = "application/vnd.dev.cosign.artifact.att.v1+json"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"

PREDICATE_TYPE = "in-toto.io/predicate-type"
SIGNATURE = "dev.cosignproject.cosign/signature"
REKOR = "dev.sigstore.cosign/bundle"

EMPTY_BYTES = b"{}"

_COSIGN_TAG = re.compile(r"[a-z0-9]+-[0-9a-f]+\.(sig|att|sbom)")


def encode(document: JSON) -> bytes:
    """Compact JSON; bytes stay what they are, for documents that are not JSON."""
    if isinstance(document, bytes):
        return document
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def descriptor(media_type: str, body: bytes, **members: JSON) -> JSON:
    """Of these very bytes. `members` that are None or {} are left out."""
    optional = {name: value for name, value in members.items() if value not in (None, {})}
    return {"mediaType": media_type, "digest": digest_of(body), "size": len(body), **optional}


def empty_descriptor() -> JSON:
    """The descriptor of `{}` with its content inside, as DHI's attestation manifests carry it."""
    return descriptor(EMPTY, EMPTY_BYTES, data="e30=")


def fallback_tag(digest: str) -> str:
    """The tag under which registries without the Referrers API keep the list of what refers to `digest`."""
    algorithm, _, encoded = digest.partition(":")
    return f"{algorithm[:32]}-{encoded[:64]}"


def cosign_tag(digest: str, suffix: str) -> str:
    """The tag under which cosign keeps what it hangs on `digest`; the suffix is sig, att or sbom."""
    return f"{digest.replace(':', '-')}.{suffix}"


def is_cosign_tag(tag: str) -> bool:
    return _COSIGN_TAG.fullmatch(tag) is not None


def index_of(descriptors: list[JSON]) -> JSON:
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": descriptors}


def layer(number: int, platform: str) -> tuple[bytes, str]:
    """A tiny gzipped tar and its diff id. The gzip is stored, not deflated: every zlib gives the same bytes."""
    content = f"layer {number} of {platform}\n".encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo(f"usr/share/doc/layer-{number}")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    tar = buffer.getvalue()
    return _stored_gzip(tar), digest_of(tar)


def _stored_gzip(body: bytes) -> bytes:
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    length = len(body).to_bytes(2, "little")
    block = b"\x01" + length + bytes(0xFF ^ byte for byte in length) + body
    return header + block + zlib.crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little")


def chain_id(diff_ids: list[str]) -> str:
    """The ChainID of the last of these layers (image-spec, config)."""
    chained = diff_ids[0]
    for diff_id in diff_ids[1:]:
        chained = digest_of(f"{chained} {diff_id}".encode())
    return chained
