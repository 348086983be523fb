"""Attestation manifests as BuildKit writes them: beside the image in its index, with plain statements as layers.

    index ─► platform manifest P
          └► attestation manifest A, platform unknown/unknown, annotated `vnd.docker.reference.digest: P`

Classic ones look like images; the newer artifact form has a `subject`, so that registries list it as a referrer, too.
Nothing in it is signed: it counts when A is signed, as Docker GitHub Builder does with a bundle, or when the index is.
"""

from __future__ import annotations

from msgspec.structs import replace

from verifier.evidence.dhi import statement_signatures, with_statement
from verifier.evidence.interface import Found, Hung, Wanted, Way
from verifier.evidence.pieces import IN_TOTO, PREDICATE_TYPE, candidate_of, envelopes, fetched, is_envelope, too_many
from verifier.evidence.walk import Walk, both
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Candidate, Descriptor

REFERENCE_TYPE = "vnd.docker.reference.type"
REFERENCE_DIGEST = "vnd.docker.reference.digest"
ATTESTATION = "attestation-manifest"
_ARTIFACT = "application/vnd.docker.attestation.manifest.v1+json"


class BuildKitLayout:
    name = "buildkit"
    annotation = ""

    def recognises(self, hung: Hung) -> bool:
        return hung.way is Way.INDEX or hung.manifest.artifact_type == _ARTIFACT

    def read(self, hung: Hung, wanted: Wanted) -> Walk[Found]:
        origin, layers = hung.origin(self.name), hung.manifest.layers
        if problem := hung.misplaced or too_many(layers):
            return Found((replace(candidate_of(hung, origin), problem=problem),))
        signed = [layer for layer in layers if is_envelope(layer)]
        claimed = [layer.annotations.get(PREDICATE_TYPE, "") for layer in signed]
        inside = yield from envelopes(hung, signed, claimed, origin, wanted)
        plain = yield from self._statements(hung, wanted)
        return Found((*inside, *plain))

    def _statements(self, hung: Hung, wanted: Wanted) -> Walk[list[Candidate]]:
        layers = [layer for layer in hung.manifest.layers if layer.media_type == IN_TOTO]
        claimed = [layer.annotations.get(PREDICATE_TYPE, "") for layer in layers]
        read = [layer for layer, uri in zip(layers, claimed, strict=True) if not wanted.skips(uri, claimed)]
        passed = [self._bare(hung, layer, unread=True) for layer in layers if layer not in read]
        if not read:
            return passed
        bodies, signatures = yield from both(
            fetched(hung, read, DEFAULT_LIMITS.attestation_bytes), statement_signatures(hung)
        )
        return passed + [
            with_statement(self._bare(hung, layer), layer, body, signatures)
            for layer, body in zip(read, bodies, strict=True)
        ]

    def _bare(self, hung: Hung, layer: Descriptor, *, unread: bool = False) -> Candidate:
        """Its chain goes up to the index, whose signature covers what it lists."""
        claimed = layer.annotations.get(PREDICATE_TYPE, "")
        bare = candidate_of(hung, hung.origin(self.name), claimed, layer)
        return replace(bare, chain=(*bare.chain, *hung.indexes), unread=unread)
