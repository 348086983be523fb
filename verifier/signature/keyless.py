"""Signatures by certificate: who the certificate says it was, and all that must be proved before that means anything.

    key of the leaf made it ─► log and timestamps ─► authority of the trusted root, good at every proved time
    ─► promise of a certificate log ─► an identity of the policy

Imports X.509, and is imported only where a signature comes with a certificate and the policy trusts identities.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.errors import EvidenceInvalid
from verifier.model import Signer
from verifier.model.trust import Trust, TrustedRoot
from verifier.signature import proofs, sct
from verifier.signature.certificates import Leaf, issued_by, read_leaf, rules_of
from verifier.signature.identities import matches
from verifier.signature.interface import NAME_THE_IDENTITY, Claim, Untrusted
from verifier.signature.keys import verifies
from verifier.signature.proofs import Proofs, proofs_of


def signer_of(claim: Claim, trust: Trust, root: TrustedRoot) -> tuple[Signer, Proofs]:
    """The identity of `trust` that signed, with what proves it.

    Raises `Untrusted` for a good signature by somebody else, and `EvidenceInvalid` for one that proves nothing.
    """
    leaf = read_leaf(claim.certificate, claim.chain)
    signature = _own(claim, leaf)
    found = proofs_of(claim, signature, leaf.certificate.public_bytes(Encoding.DER), trust)
    issued = issued_by(leaf, root, found.times)
    sct.certificate_logs(leaf, issued, root)
    proofs.demand(found.fact, trust, usual=rules_of(root).log)
    return _identified(leaf, trust), found


def _own(claim: Claim, leaf: Leaf) -> bytes:
    for signature in claim.signatures:
        if verifies(leaf.public_key, signature, claim.message):
            return signature
    raise EvidenceInvalid("the key of the certificate did not make this signature")


def _identified(leaf: Leaf, trust: Trust) -> Signer:
    spki = leaf.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fingerprint = hashlib.sha256(spki).hexdigest()
    if fingerprint in trust.denied:
        raise Untrusted(f"signed by {leaf} with a key that the policy denies", hint=NAME_THE_IDENTITY)
    reasons = [matches(identity, leaf) for identity in trust.identities]
    if "" in reasons:
        return Signer(str(leaf), fingerprint)
    raise Untrusted(f"signed by {leaf}, who is not trusted here: {reasons[0]}", hint=NAME_THE_IDENTITY)
