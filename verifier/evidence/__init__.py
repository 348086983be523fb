"""Finds what may be evidence: every storage layout, every way, every place, all platforms at once. It judges nothing.

ways               where to look: referrers, cosign's tags, the index
interface          what a layout is; adding one is a module and a line of `LAYOUTS`
  dhi              plain statements whose manifests are signed
  cosign           signatures and envelopes as cosign 1 and 2 keep them, by tag or as referrers
  bundle           Sigstore bundles
  dsse             envelopes as referrers
  buildkit         attestation manifests inside the index
  notary           recognised, not supported
signers            what signs an attestation manifest
walk               many chains of requests at once
"""

from verifier.evidence.buildkit import ATTESTATION, REFERENCE_DIGEST, REFERENCE_TYPE, BuildKitLayout
from verifier.evidence.dhi import DhiLayout
from verifier.evidence.dsse import DsseLayout
from verifier.evidence.interface import PIECE_FAULTS, SIGNATURE_STATEMENT, Attached, Found, Layout, Subject, Wanted
from verifier.evidence.notary import NotaryLayout
from verifier.evidence.signers import COSIGN_REFERRER, COSIGN_TAG, SIGSTORE_BUNDLE, tagged_signatures
from verifier.evidence.walk import Walk, ask, both, each, fork, run, together
from verifier.evidence.ways import WAYS, Finder

__all__ = [
    "ATTESTATION",
    "LAYOUTS",
    "PIECE_FAULTS",
    "REFERENCE_DIGEST",
    "REFERENCE_TYPE",
    "SIGNATURE_STATEMENT",
    "WAYS",
    "Attached",
    "Finder",
    "Found",
    "Layout",
    "Subject",
    "Walk",
    "Wanted",
    "ask",
    "both",
    "each",
    "fork",
    "run",
    "tagged_signatures",
    "together",
]

LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        BuildKitLayout(),
        DhiLayout(),
        COSIGN_REFERRER,
        COSIGN_TAG,
        SIGSTORE_BUNDLE,
        DsseLayout(),
        NotaryLayout(),
    )
}
"""In the order in which they are asked whether they recognise a manifest."""
