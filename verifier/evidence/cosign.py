"""cosign's own format: simple-signing signatures and DSSE envelopes as layers, with the signature data in annotations.

    R:sha256-<hex>.sig    one layer per signature of the manifest `sha256:<hex>`
    R:sha256-<hex>.att    one DSSE envelope per layer
    referrers             the same manifests with a `subject` (OCI 1.1 mode, `--experimental-oci11`)

Tags and annotations can be written by anyone who can push; order and number of layers mean nothing. Two signers may
share a payload and so a layer digest: layers are told apart by their place. Follows cosign's signature specification.
"""

from __future__ import annotations

from msgspec.structs import replace

from verifier.errors import DhiverifyError
from verifier.evidence.interface import Found, Hung, Wanted, Way
from verifier.evidence.pieces import candidate_of, envelopes, fetched, is_envelope, signed_with, too_many
from verifier.evidence.walk import Walk
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Candidate, Descriptor, FoundSignature

SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
SIGNATURE = "dev.cosignproject.cosign/signature"
SIGNATURE_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json"
ATTESTATION_ARTIFACT = "application/vnd.dev.cosign.artifact.att.v1+json"


class CosignLayout:
    """Both ways of the format; the name says which."""

    annotation = "predicateType"

    def __init__(self, name: str, way: Way) -> None:
        self.name = name
        self._way = way

    def recognises(self, hung: Hung) -> bool:
        if hung.way is not self._way:
            return False
        types = (SIGNATURE_ARTIFACT, ATTESTATION_ARTIFACT)
        signatures = any(layer.media_type == SIMPLE_SIGNING for layer in hung.manifest.layers)
        envelopes_by_tag = hung.way is Way.TAG and any(map(is_envelope, hung.manifest.layers))
        return signatures or envelopes_by_tag or hung.manifest.artifact_type in types

    def read(self, hung: Hung, wanted: Wanted) -> Walk[Found]:
        layers = hung.manifest.layers
        signatures = [layer for layer in layers if layer.media_type == SIMPLE_SIGNING]
        attestations = [layer for layer in layers if is_envelope(layer)]
        if problem := hung.misplaced or too_many((*signatures, *attestations)):
            return self._problem(hung, problem)
        if not signatures and not attestations:
            return self._problem(hung, "the manifest has no layer with a signature or an envelope")
        candidates: list[Candidate] = []
        if attestations:
            claimed = [layer.annotations.get(self.annotation, "") for layer in attestations]
            candidates = yield from envelopes(hung, attestations, claimed, hung.origin(self.name), wanted)
        payloads = yield from fetched(hung, signatures, DEFAULT_LIMITS.payload_bytes)
        found = (self._signature(hung, layer, payload) for layer, payload in zip(signatures, payloads, strict=True))
        return Found(tuple(candidates), tuple(found))

    def _problem(self, hung: Hung, problem: str) -> Found:
        manifest = hung.manifest
        if manifest.artifact_type == ATTESTATION_ARTIFACT or any(map(is_envelope, manifest.layers)):
            return Found((replace(candidate_of(hung, hung.origin(self.name)), problem=problem),))
        return Found((), (replace(self._bare(hung), problem=problem),))

    def _bare(self, hung: Hung) -> FoundSignature:
        covers, manifest = hung.subject.digest, hung.manifest.digest
        return FoundSignature("simplesigning", covers, manifest, origin=hung.origin(self.name))

    def _signature(self, hung: Hung, layer: Descriptor, payload: bytes | DhiverifyError) -> FoundSignature:
        if isinstance(payload, DhiverifyError):
            return replace(self._bare(hung), problem=str(payload))
        covers, manifest, origin = hung.subject.digest, hung.manifest.digest, hung.origin(self.name)
        text = layer.annotations.get(SIGNATURE, "")
        return signed_with(FoundSignature("simplesigning", covers, manifest, payload, text, origin=origin), layer)
