"""What a signature brings along: entries of transparency logs and timestamps, in the two forms in which they are kept.

Read only when they are asked for: most policies for keys need neither, and most hardened images have neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.model import FoundSignature

if TYPE_CHECKING:
    from verifier.signature.logentry import LogEntry


def annotated_entries(found: FoundSignature) -> tuple[LogEntry, ...]:
    """The one that cosign keeps beside a signature or an envelope. Raises `EvidenceInvalid`."""
    from verifier.signature.logentry import entry_of_annotation

    return () if found.rekor is None else (entry_of_annotation(found.rekor),)


def annotated_tokens(found: FoundSignature) -> tuple[bytes, ...]:
    """The one timestamp beside a signature or an envelope, DER. Raises `EvidenceInvalid`."""
    from verifier.signature.timestamps import of_annotation

    return of_annotation(found.timestamp or "")


def bundled_entries(entries: object, *, promised: bool) -> tuple[LogEntry, ...]:
    """`tlogEntries` of a bundle: of the first version with a promise each, of others with a proof."""
    from verifier.signature.logentry import Needs, entries_of_bundle

    return entries_of_bundle(entries, Needs.PROMISE if promised else Needs.PROOF)


def bundled_tokens(material: object) -> tuple[bytes, ...]:
    """`timestampVerificationData` of a bundle, DER. Raises `EvidenceInvalid`."""
    from verifier.signature.timestamps import of_bundle

    return of_bundle(material)
