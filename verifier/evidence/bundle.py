"""Sigstore bundles as referrers: one artifact per signature or attestation, its only layer the bundle.

Written by cosign 3, by GitHub for artifact attestations, and by the Docker GitHub Builder on its attestation manifests.
Whether a bundle holds a signature or evidence shows only in the statement inside. Follows the Sigstore bundle
specification, v0.1 to v0.3, and cosign's bundle specification for registries.
"""

from __future__ import annotations

from msgspec.structs import replace

from verifier.evidence.interface import PIECE_FAULTS, Found, Hung, Wanted
from verifier.evidence.pieces import candidate_of, enveloped, fetched
from verifier.evidence.walk import Walk, ask
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Descriptor

BUNDLE = "application/vnd.dev.sigstore.bundle"  # versions and their two spellings follow


class BundleLayout:
    name = "sigstore-bundle"
    annotation = "dev.sigstore.bundle.predicateType"

    def recognises(self, hung: Hung) -> bool:
        types = (hung.manifest.artifact_type, *(layer.media_type for layer in hung.manifest.layers))
        return any(text.startswith(BUNDLE) for text in types)

    def read(self, hung: Hung, wanted: Wanted) -> Walk[Found]:
        claimed = hung.manifest.annotations.get(self.annotation, "")
        bare = candidate_of(hung, hung.origin(self.name), claimed)
        layers = [layer for layer in hung.manifest.layers if layer.media_type.startswith(BUNDLE)]
        if problem := hung.misplaced or _not_one(layers):
            return Found((replace(bare, problem=problem),))
        if wanted.skips(claimed, {claimed}):
            return Found((replace(bare, unread=True),))
        (body,) = yield from fetched(hung, layers, DEFAULT_LIMITS.envelope_bytes)
        artifact = b""
        if isinstance(body, bytes) and (b"messageSignature" in body or b"message_signature" in body):
            artifact = yield from _signed_bytes(hung)
        return Found((enveloped(bare, layers[0], body, "bundle", artifact),))


def _not_one(layers: list[Descriptor]) -> str:
    return "" if len(layers) == 1 else f"the manifest has {len(layers)} bundles as layers; expected exactly one"


def _signed_bytes(hung: Hung) -> Walk[bytes]:
    """The manifest on which the bundle hangs: what a message signature was made over."""
    try:
        subject = hung.manifest.subject or Descriptor("", hung.subject.digest, -1)
        return (yield from ask(lambda: hung.source.manifest(subject))).body
    except PIECE_FAULTS:
        return b""  # the signature then has nothing to hold for
