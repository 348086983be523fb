"""Evidence as Docker publishes it for Hardened Images: plain statements, signed manifest by manifest.

    manifest P ◄─subject─ attestation manifest A ◄─subject─ signature manifest S
    or index              one in-toto statement             simple-signing payload naming A
        ◄───────────────────subject──────────────────────── signature of P or of the index itself

OCI image-spec 1.1 (`subject`, `artifactType`). What a listing says of a manifest is a hint: the manifest decides, since
registries exist that list wrong artifact types. Shapes as of 2026-08.
"""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from verifier.errors import ContentMismatch, DhiverifyError, LimitExceeded, MalformedContent, NotFound
from verifier.evidence.interface import Found, Wanted
from verifier.evidence.walk import Walk, ask, both, each, fork, together
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Candidate, Descriptor, Digest, FoundSignature, Manifest, Origin, Source

IN_TOTO = "application/vnd.in-toto+json"
PREDICATE_TYPE = "in-toto.io/predicate-type"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
SIGNATURE = "dev.cosignproject.cosign/signature"
CERTIFICATE = "dev.sigstore.cosign/certificate"
REKOR = "dev.sigstore.cosign/bundle"
SIGNATURE_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json"

# What can be wrong with one piece without saying anything about the registry as a whole.
PIECE_FAULTS = (NotFound, ContentMismatch, LimitExceeded, MalformedContent)


class DhiLayout:
    name = "dhi"

    def find(self, source: Source, subject: Digest, level: str, wanted: Wanted) -> Walk[tuple[Walk[Found], ...]]:
        listing = yield from ask(lambda: source.referrers(subject))
        origin = Origin(self.name, source.place, level)
        chosen = wanted.choose(map(claimed_type, listing))
        return tuple(
            _open(source, subject, listed, origin, wanted)
            if chosen is None or claimed_type(listed) in chosen | {""}
            else _pass_over(subject, listed, origin)
            for listed in listing
        )


def claimed_type(described: Descriptor | Manifest) -> str:
    return described.annotations.get(PREDICATE_TYPE, "")


def _pass_over(subject: Digest, described: Descriptor | Manifest, origin: Origin) -> Walk[Found]:
    yield ()
    return Found(subject, (_candidate(subject, described, origin, unread=True),))


def _candidate(
    subject: Digest,
    described: Descriptor | Manifest,
    origin: Origin,
    *,
    problem: str = "",
    hint: str = "",
    unread: bool = False,
) -> Candidate:
    digest = described.digest
    return Candidate(
        subject, digest, (digest,), origin, claimed_type(described), problem=problem, hint=hint, unread=unread
    )


def _open(source: Source, subject: Digest, listed: Descriptor, origin: Origin, wanted: Wanted) -> Walk[Found]:
    """Opens one manifest that a listing names, and sees what it is."""
    try:
        manifest, signers = yield from together(
            lambda: source.manifest(listed), lambda: source.referrers(listed.digest)
        )
    except PIECE_FAULTS as fault:
        return Found(subject, (_candidate(subject, listed, origin, problem=str(fault), hint=fault.hint),))
    if is_signature(manifest):
        return Found(subject, signatures=(yield from _signatures_in(source, subject, manifest)))
    layers = tuple(layer for layer in manifest.layers if layer.media_type == IN_TOTO)
    if not layers and IN_TOTO not in (manifest.artifact_type, listed.artifact_type):
        return Found(subject)  # something else that hangs on the image
    chosen = wanted.choose({claimed_type(manifest)})
    if chosen is not None and claimed_type(manifest) not in chosen | {""}:
        return (yield from _pass_over(subject, manifest, origin))
    if problem := _shape_problem(subject, manifest, layers):
        return Found(subject, (_candidate(subject, manifest, origin, problem=problem),))
    candidate = _candidate(subject, manifest, origin)
    return Found(subject, ((yield from _with_statement(source, candidate, layers[0], signers)),))


def is_signature(manifest: Manifest) -> bool:
    simple = any(layer.media_type == SIMPLE_SIGNING for layer in manifest.layers)
    return simple or manifest.artifact_type == SIGNATURE_ARTIFACT


def _shape_problem(subject: Digest, manifest: Manifest, layers: tuple[Descriptor, ...]) -> str:
    if problem := _hangs_elsewhere(subject, manifest):
        return problem
    if len(layers) != 1:
        return f"the manifest has {len(layers)} in-toto layers; expected exactly one"
    stated = {claimed_type(manifest), claimed_type(layers[0])} - {""}
    return (
        f"manifest and layer are annotated with different predicate types: {sorted(stated)}" if len(stated) > 1 else ""
    )


def _hangs_elsewhere(subject: Digest, manifest: Manifest) -> str:
    """A listing may name anything; the manifest's own subject must be the digest that was asked about."""
    named = manifest.subject.digest if manifest.subject else None
    return "" if named == subject else f"the manifest's subject is {named or 'missing'}; expected {subject}"


def _with_statement(
    source: Source, bare: Candidate, layer: Descriptor, signers: tuple[Descriptor, ...]
) -> Walk[Candidate]:
    """Fetches the statement and everything that may sign its manifest, side by side."""
    limit = DEFAULT_LIMITS.attestation_bytes
    (body,), signatures = yield from both(
        each([lambda: source.blob(layer, limit)]), _signatures_on(source, bare.manifest, signers)
    )
    claimed = bare.claimed_type or claimed_type(layer)
    candidate = replace(bare, chain=(layer.digest, *bare.chain), claimed_type=claimed, signatures=signatures)
    if not isinstance(body, DhiverifyError):
        return replace(candidate, statement=body)
    if not isinstance(body, PIECE_FAULTS):
        raise body
    return replace(candidate, problem=str(body), hint=body.hint)


def _signatures_on(source: Source, covers: Digest, signers: tuple[Descriptor, ...]) -> Walk[tuple[FoundSignature, ...]]:
    if len(signers) > DEFAULT_LIMITS.signatures:
        problem = f"{len(signers)} manifests hang on it; at most {DEFAULT_LIMITS.signatures} are examined"
        return (FoundSignature("unknown", covers, covers, problem=problem),)
    found = yield from fork(_signature_manifest(source, covers, listed) for listed in signers)
    return tuple(signature for several in found for signature in several)


def _signature_manifest(source: Source, covers: Digest, listed: Descriptor) -> Walk[tuple[FoundSignature, ...]]:
    try:
        manifest = yield from ask(lambda: source.manifest(listed))
    except PIECE_FAULTS as fault:
        return (FoundSignature("unknown", covers, listed.digest, problem=str(fault)),)
    if not is_signature(manifest):
        return ()
    return (yield from _signatures_in(source, covers, manifest))


def _signatures_in(source: Source, covers: Digest, manifest: Manifest) -> Walk[tuple[FoundSignature, ...]]:
    """Each simple-signing layer is one signature: two signers may share a payload and differ in annotations alone."""
    if problem := _hangs_elsewhere(covers, manifest):
        return (FoundSignature("simplesigning", covers, manifest.digest, problem=problem),)
    layers = [layer for layer in manifest.layers if layer.media_type == SIMPLE_SIGNING]
    if not 1 <= len(layers) <= DEFAULT_LIMITS.signatures:
        problem = f"the signature manifest has {len(layers)} simple-signing layers"
        return (FoundSignature("simplesigning", covers, manifest.digest, problem=problem),)
    limit = DEFAULT_LIMITS.payload_bytes
    payloads = yield from each([partial(source.blob, layer, limit) for layer in layers])
    return tuple(_signature(covers, manifest, layer, payload) for layer, payload in zip(layers, payloads, strict=True))


def _signature(
    covers: Digest, manifest: Manifest, layer: Descriptor, payload: bytes | DhiverifyError
) -> FoundSignature:
    if isinstance(payload, DhiverifyError):
        if not isinstance(payload, PIECE_FAULTS):
            raise payload
        return FoundSignature("simplesigning", covers, manifest.digest, problem=str(payload))
    return FoundSignature(
        "simplesigning",
        covers,
        manifest.digest,
        payload,
        layer.annotations.get(SIGNATURE, ""),
        layer.annotations.get(REKOR),
        has_certificate=CERTIFICATE in layer.annotations,
    )
