"""Evidence as Docker publishes it for Hardened Images: plain statements, signed manifest by manifest.

    manifest P ◄─subject─ attestation manifest A ◄─subject─ signature manifest S
    or index              one in-toto statement             simple-signing payload or bundle naming A

OCI image-spec 1.1 (`subject`, `artifactType`). What a listing says of a manifest is a hint: the manifest decides, since
registries exist that list wrong artifact types. Shapes as of 2026-08.
"""

from __future__ import annotations

from msgspec.structs import replace

from verifier.errors import DhiverifyError
from verifier.evidence.interface import Found, Hung, Wanted, Way
from verifier.evidence.pieces import IN_TOTO, PREDICATE_TYPE, candidate_of, fetched, is_envelope
from verifier.evidence.signers import signatures_on
from verifier.evidence.walk import Walk, ask, both
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Candidate, Descriptor, FoundSignature


class DhiLayout:
    name = "dhi"
    annotation = PREDICATE_TYPE

    def recognises(self, hung: Hung) -> bool:
        layers = hung.manifest.layers
        statements = any(layer.media_type == IN_TOTO for layer in layers) or hung.manifest.artifact_type == IN_TOTO
        return hung.way is Way.REFERRER and statements and not any(map(is_envelope, layers))

    def read(self, hung: Hung, wanted: Wanted) -> Walk[Found]:
        layers = [layer for layer in hung.manifest.layers if layer.media_type == IN_TOTO]
        claimed = hung.manifest.annotations.get(PREDICATE_TYPE, "")
        bare = candidate_of(hung, hung.origin(self.name), claimed)
        if wanted.skips(claimed, {claimed}):
            return Found((replace(bare, unread=True),))
        if problem := hung.misplaced or _shape_problem(claimed, layers):
            return Found((replace(bare, problem=problem),))
        (body,), signatures = yield from both(
            fetched(hung, layers, DEFAULT_LIMITS.attestation_bytes), statement_signatures(hung)
        )
        return Found((with_statement(bare, layers[0], body, signatures),))


def _shape_problem(claimed: str, layers: list[Descriptor]) -> str:
    if len(layers) != 1:
        return f"the manifest has {len(layers)} in-toto layers; expected exactly one"
    stated = {claimed, layers[0].annotations.get(PREDICATE_TYPE, "")} - {""}
    if len(stated) > 1:
        return f"manifest and layer are annotated with different predicate types: {sorted(stated)}"
    return ""


def statement_signatures(hung: Hung) -> Walk[tuple[FoundSignature, ...]]:
    """The signatures that hang on an attestation manifest by `subject`."""
    digest, listed = hung.manifest.digest, hung.referrers
    if listed is None:
        listed = yield from ask(lambda: hung.source.referrers(digest))
    return (yield from signatures_on(hung.source, digest, listed))


def with_statement(
    bare: Candidate, layer: Descriptor, body: bytes | DhiverifyError, signatures: tuple[FoundSignature, ...]
) -> Candidate:
    """`bare` with the plain statement in `layer` and what signs its manifest."""
    chain = (layer.digest, *(digest for digest in bare.chain if digest != layer.digest))
    claimed = bare.claimed_type or layer.annotations.get(PREDICATE_TYPE, "")
    candidate = replace(bare, chain=chain, claimed_type=claimed, signatures=signatures)
    if isinstance(body, DhiverifyError):
        return replace(candidate, problem=str(body), hint=body.hint)
    return replace(candidate, statement=body)
