"""Signatures of bundles: made with a private key, and demanded of somebody by the same examination as of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from verifier import signature
from verifier.errors import DhiverifyError, EvidenceMissing, EvidenceUntrusted
from verifier.evidence import Wanted
from verifier.evidence.cosign import SIGNATURE, SIGNATURE_ARTIFACT, SIMPLE_SIGNING
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Descriptor, FoundSignature, Plan, Reference, Status
from verifier.model.progress import Progress
from verifier.model.trust import Identity, Key, Trust, TrustedRoot
from verifier.oci import Settings, Sources
from verifier.oci.artifacts import Artifact, Content
from verifier.policy.identities import checked
from verifier.trust import trust_of
from verifier.verification.binding import ImageSignature
from verifier.verification.examine import Task, examine
from verifier.verification.metered import ManifestMeter, Meter, Metered

if TYPE_CHECKING:
    from verifier.signature.signing import SigningKey

_SIGN_IT = "Ask its publisher to sign it: `dhiverify policy publish --signing-key FILE`, or `cosign sign REFERENCE`."
_WHO_SIGNED = "Name the key or identity of its publisher; somebody else may have put other rules in its place."


class Signers(msgspec.Struct, frozen=True):
    """Who may sign: files of public keys, and identities. `loaded` is told which trusted root was needed, if any."""

    key_files: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    trusted_root: str = ""
    denied_keys: tuple[str, ...] = ()
    ignore_transparency: bool = False
    environ: Mapping[str, str] = {}
    loaded: Callable[[TrustedRoot], object] = bool

    @property
    def trust(self) -> Trust:
        """Raises `ConfigurationError`."""
        plan = Plan(
            policy="bundle",
            policy_path="",
            policy_digest="",
            key_files=self.key_files,
            identities=checked(self.identities),
            trusted_root=self.trusted_root,
            denied_keys=self.denied_keys,
            transparency="ignore" if self.ignore_transparency else "",
        )
        return trust_of(plan, self.environ, self.loaded)


class Signed(msgspec.Struct, frozen=True):
    """A signature ready to be pushed, and the SPKI fingerprint of its key."""

    artifact: Artifact
    fingerprint: str


def signature_of(name: str, subject: Descriptor, key: SigningKey) -> Signed:
    """Signs the manifest `subject` in the repository `name`, as cosign does for an OCI 1.1 registry."""
    from verifier.signature.signing import as_annotation, payload_of

    payload = payload_of(name, subject.digest)
    text = as_annotation(key.sign(payload))
    public = Key(key.path, key.fingerprint, "file", key.public)
    found = FoundSignature("simplesigning", subject.digest, subject.digest, payload, text)
    if signature.check_one(found, Trust((public,))).status is not Status.VERIFIED:
        raise DhiverifyError(f"the signature by {key.path} does not verify")
    layer = Content(payload, SIMPLE_SIGNING, {SIGNATURE: text})
    config = Content(b"{}", SIGNATURE_ARTIFACT)  # older readers look for the type there
    return Signed(Artifact(SIGNATURE_ARTIFACT, (layer,), config, subject), key.fingerprint)


def signer_of(sources: Sources, settings: Settings, reference: Reference, signers: Signers, progress: Progress) -> str:
    """The name of a trusted signer of the manifest that `reference` names by digest.

    Raises `EvidenceMissing` when it has no signature, `EvidenceUntrusted` when none counts, `ConfigurationError`,
    `RegistryError`, `AuthenticationError`.
    """
    examination = examine(_task(sources, settings, reference), signers.trust, progress)
    found = examination.signatures
    for signed in found:
        if signed.verified and signed.checked.signer:
            return signed.checked.signer.name
    if not found:
        raise EvidenceMissing(f"nobody signed the rules {reference}", hint=_SIGN_IT)
    best = min(found, key=_rank).checked
    raise EvidenceUntrusted(
        f"nobody trusted signed the rules {reference}: {best.reason}", hint=best.hint or _WHO_SIGNED
    )


def _rank(signed: ImageSignature) -> bool:
    """A good signature by a stranger says more than a damaged one."""
    return signed.checked.status is not Status.UNTRUSTED


def _task(sources: Sources, settings: Settings, reference: Reference) -> Task:
    """Signatures are always read; no statement is wanted."""
    source = sources.open(reference)
    meter = Meter("the signatures", DEFAULT_LIMITS.small_bytes)
    place = Metered(source, meter, meter, ManifestMeter(DEFAULT_LIMITS.manifests_bytes))
    return Task(reference, reference, place, (place,), Wanted(), (), settings.jobs, alive=sources.alive)
