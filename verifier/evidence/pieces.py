"""What layouts are made of: a blob that may not be there, and a statement inside the envelope that signs it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from verifier.errors import DhiverifyError
from verifier.evidence.interface import PIECE_FAULTS, Hung, Wanted
from verifier.evidence.walk import Walk, each
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Candidate, Descriptor, FoundSignature, Origin

IN_TOTO = "application/vnd.in-toto+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
PREDICATE_TYPE = "in-toto.io/predicate-type"

_CERTIFICATE = "dev.sigstore.cosign/certificate"
_CHAIN = "dev.sigstore.cosign/chain"
_REKOR = "dev.sigstore.cosign/bundle"
_TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp"
_NOTED = frozenset({_CERTIFICATE, _CHAIN, _REKOR, _TIMESTAMP})


def is_envelope(layer: Descriptor) -> bool:
    """A DSSE envelope, also under the types that name its predicate: application/vnd.in-toto.NAME+dsse."""
    named = layer.media_type.startswith("application/vnd.in-toto.") and layer.media_type.endswith("+dsse")
    return named or layer.media_type == DSSE


def fetched(hung: Hung, layers: Sequence[Descriptor], limit: int) -> Walk[list[bytes | DhiverifyError]]:
    """The blobs, or what is wrong with each. Raises what says that the repository does not answer."""
    bodies = yield from each([partial(hung.source.blob, layer, limit) for layer in layers])
    for body in bodies:
        if isinstance(body, DhiverifyError) and not isinstance(body, PIECE_FAULTS):
            raise body
    return bodies


def candidate_of(hung: Hung, origin: Origin, claimed: str = "", layer: Descriptor | None = None) -> Candidate:
    """A piece of evidence of which nothing was fetched yet; with `layer` one of several in its manifest."""
    digest = hung.manifest.digest
    chain = (layer.digest, digest) if layer else (digest,)
    return Candidate(hung.subject.digest, digest, chain, origin, claimed, layer=layer.digest if layer else None)


def signed_with(found: FoundSignature, layer: Descriptor) -> FoundSignature:
    """With the certificate, log entry and timestamp that cosign keeps in a layer's annotations."""
    noted = layer.annotations
    if _NOTED.isdisjoint(noted):
        return found
    return replace(
        found,
        certificate=noted.get(_CERTIFICATE, ""),
        chain=noted.get(_CHAIN, ""),
        rekor=noted.get(_REKOR),
        timestamp=noted.get(_TIMESTAMP),
    )


def envelopes(
    hung: Hung, layers: Sequence[Descriptor], claimed: Sequence[str], origin: Origin, wanted: Wanted
) -> Walk[list[Candidate]]:
    """One candidate for each DSSE envelope among `layers`; `claimed` are the predicate types that they announce."""
    several = len(hung.manifest.layers) > 1
    bare = [
        candidate_of(hung, origin, uri, layer if several else None) for layer, uri in zip(layers, claimed, strict=True)
    ]
    read = [not wanted.skips(uri, claimed) for uri in claimed]
    limit = DEFAULT_LIMITS.envelope_bytes
    bodies = iter((yield from fetched(hung, [layer for layer, r in zip(layers, read, strict=True) if r], limit)))
    return [
        enveloped(one, layer, next(bodies), "dsse") if fetch else replace(one, unread=True)
        for one, layer, fetch in zip(bare, layers, read, strict=True)
    ]


def enveloped(
    candidate: Candidate, layer: Descriptor, body: bytes | DhiverifyError, form: str, artifact: bytes = b""
) -> Candidate:
    """`candidate` with the envelope that holds and signs its statement."""
    if isinstance(body, DhiverifyError):
        return replace(candidate, problem=str(body), hint=body.hint)
    found = FoundSignature(
        form, candidate.subject, candidate.manifest, body, artifact=artifact, origin=candidate.origin
    )
    return replace(candidate, signatures=(signed_with(found, layer),))


def too_many(layers: Sequence[Descriptor]) -> str:
    """Why these layers are not examined, or ""."""
    count, most = len(layers), DEFAULT_LIMITS.signatures
    return f"the manifest has {count} signed layers; at most {most} are examined" if count > most else ""
