"""Which source image a Hardened Image was built from: `{source: {name, digest}}`."""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.errors import ReferenceInvalid
from verifier.model import Digest


class SourceReader:
    kind = "source"
    types = KINDS["source"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        source = members.an_object(members.an_object(predicate, "the predicate").get("source"), "source")
        try:
            digest = Digest.parse(source.get("digest"))
        except ReferenceInvalid as fault:
            raise Unreadable(f"source.digest: {fault}") from None
        return Facts({"name": members.text(source, "name"), "source_digest": str(digest)})
