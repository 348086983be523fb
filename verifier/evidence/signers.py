"""What signs an attestation manifest: everything of a signing layout that hangs on it."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.evidence.bundle import BundleLayout
from verifier.evidence.cosign import CosignLayout
from verifier.evidence.interface import PIECE_FAULTS, Found, Hung, Layout, Subject, Wanted, Way
from verifier.evidence.walk import Walk, ask, fork
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Descriptor, Digest, FoundSignature, Source

COSIGN_TAG = CosignLayout("cosign-tag", Way.TAG)
COSIGN_REFERRER = CosignLayout("cosign-referrer", Way.REFERRER)
SIGSTORE_BUNDLE = BundleLayout()

_SIGNING: tuple[Layout, ...] = (COSIGN_REFERRER, SIGSTORE_BUNDLE, COSIGN_TAG)
_SIGNATURES = Wanted()  # no evidence: a statement about an attestation says nothing of the image


def tag_of(digest: Digest, suffix: str) -> str:
    """The tag under which cosign keeps what belongs to a manifest; `suffix` is `.sig` or `.att`."""
    return f"{digest.algorithm}-{digest.hex}{suffix}"


def signatures_on(source: Source, covers: Digest, listed: tuple[Descriptor, ...]) -> Walk[tuple[FoundSignature, ...]]:
    """The signatures among `listed`, which a listing names as referrers of the manifest `covers`."""
    if len(listed) > DEFAULT_LIMITS.signatures:
        problem = f"{len(listed)} manifests hang on it; at most {DEFAULT_LIMITS.signatures} are examined"
        return (FoundSignature("unknown", covers, covers, problem=problem),)
    found = yield from fork(_by_referrer(source, covers, descriptor) for descriptor in listed)
    return tuple(signature for several in found for signature in several)


def tagged_signatures(source: Source, covers: Digest) -> Walk[tuple[FoundSignature, ...]]:
    """Those under the `.sig` tag of the manifest `covers`: one request more, for what no referrer vouches for."""
    try:
        manifest = yield from ask(lambda: source.tagged(tag_of(covers, ".sig")))
    except PIECE_FAULTS as fault:
        return (FoundSignature("unknown", covers, covers, problem=str(fault)),)
    if manifest is None:
        return ()
    return (yield from _read(Hung(source, Subject(covers, "attestation"), manifest, Way.TAG)))


def _by_referrer(source: Source, covers: Digest, listed: Descriptor) -> Walk[tuple[FoundSignature, ...]]:
    try:
        manifest = yield from ask(lambda: source.manifest(listed))
    except PIECE_FAULTS as fault:
        return (FoundSignature("unknown", covers, listed.digest, problem=str(fault)),)
    return (yield from _read(Hung(source, Subject(covers, "attestation"), manifest, Way.REFERRER)))


def _read(hung: Hung) -> Walk[tuple[FoundSignature, ...]]:
    layout = next((layout for layout in _SIGNING if layout.recognises(hung)), None)
    if layout is None:
        return ()
    return tuple(_signatures((yield from layout.read(hung, _SIGNATURES))))


def _signatures(found: Found) -> Iterator[FoundSignature]:
    yield from found.signatures
    for candidate in found.candidates:
        yield from candidate.signatures
        if candidate.problem:
            digest, origin = candidate.manifest, candidate.origin
            yield FoundSignature("unknown", candidate.subject, digest, origin=origin, problem=candidate.problem)
