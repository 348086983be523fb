"""Notary Project signatures (JWS or COSE, with certificates): recognised and named, not verified."""

from __future__ import annotations

from verifier.evidence.interface import Found, Hung, Wanted
from verifier.evidence.walk import Walk
from verifier.model import FoundSignature

_ARTIFACT = "application/vnd.cncf.notary.signature"


class NotaryLayout:
    name = "notary"
    annotation = ""

    def recognises(self, hung: Hung) -> bool:
        return hung.manifest.artifact_type == _ARTIFACT

    def read(self, hung: Hung, wanted: Wanted) -> Walk[Found]:
        yield ()
        covers, manifest, origin = hung.subject.digest, hung.manifest.digest, hung.origin(self.name)
        return Found((), (FoundSignature("notary", covers, manifest, origin=origin, problem=hung.misplaced),))
