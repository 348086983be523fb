"""How a piece of evidence stands in a report."""

from __future__ import annotations

import msgspec

from verifier.model.evidence import Status, Transparency


class AttestationEntry(msgspec.Struct, frozen=True, rename="camel"):
    predicate_type: str
    kind: str
    digest: str
    status: Status
    signer: str = ""
    reason: str = ""
    hint: str = ""
    layout: str = ""
    location: str = ""
    transparency: Transparency = Transparency.ABSENT
    time: str = ""


class SignatureEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A signature of the manifest `subject`; `annotations` are the signed ones, only of a verified signature."""

    status: Status
    signer: str = ""
    reason: str = ""
    hint: str = ""
    layout: str = ""
    location: str = ""
    subject: str = ""
    annotations: dict[str, str] = {}
    transparency: Transparency = Transparency.ABSENT
    time: str = ""
