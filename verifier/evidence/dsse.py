"""DSSE envelopes as referrers, without a bundle around them: one in-toto statement in each layer's envelope.

As docker/attest and oras users push them: layers of type application/vnd.dsse.envelope.v1+json, or
application/vnd.in-toto.NAME+dsse. The artifact type is often that of plain statements, so the layers decide.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from verifier.evidence.interface import Found, Hung, Wanted, Way
from verifier.evidence.pieces import PREDICATE_TYPE, candidate_of, envelopes, is_envelope, too_many
from verifier.evidence.walk import Walk


class DsseLayout:
    name = "dsse"
    annotation = "predicateType"

    def recognises(self, hung: Hung) -> bool:
        return hung.way is Way.REFERRER and any(map(is_envelope, hung.manifest.layers))

    def read(self, hung: Hung, wanted: Wanted) -> Walk[Found]:
        layers = [layer for layer in hung.manifest.layers if is_envelope(layer)]
        origin = hung.origin(self.name)
        if problem := hung.misplaced or too_many(layers):
            return Found((replace(candidate_of(hung, origin), problem=problem),))
        own = _announced(hung.manifest.annotations)
        claimed = [_announced(layer.annotations) or (own if len(layers) == 1 else "") for layer in layers]
        return Found(tuple((yield from envelopes(hung, layers, claimed, origin, wanted))))


def _announced(annotations: Mapping[str, str]) -> str:
    return annotations.get(PREDICATE_TYPE) or annotations.get(DsseLayout.annotation, "")
