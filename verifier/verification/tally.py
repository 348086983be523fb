"""What an examination found, counted by place and layout, with what was looked for in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from verifier.evidence import LAYOUTS
from verifier.model import AttestationEntry, ImageResult, SignatureEntry, Status
from verifier.verification.diagnosis import Mark, Record, Said

_REMEDIES = {
    3: "Check the reference; of a mirrored image name the repository that holds its evidence with --attestation-repo.",
    4: "See the reasons above; name a publisher's key with --key only if you trust that publisher.",
}


class _Piece(msgspec.Struct, frozen=True):
    """One attestation or signature, and the manifest under which it was found."""

    about: str
    noun: str
    entry: AttestationEntry | SignatureEntry

    @property
    def verified(self) -> bool:
        return self.entry.status is Status.VERIFIED


def tell_evidence(record: Record, result: ImageResult, places: Sequence[str]) -> None:
    """Adds a step for each place and layout, and one for the whole."""
    pieces = list(_pieces(result))
    for place in places:
        here = [piece for piece in pieces if piece.entry.location.startswith(f"{place}@")]
        found = dict.fromkeys(piece.entry.layout for piece in here)
        for layout in found:
            held = [piece for piece in here if piece.entry.layout == layout]
            record.add("layout", place, f"layout {layout or 'not recognised'}", _told(held))
        if absent := [layout for layout in LAYOUTS if layout not in found]:
            record.add("absent", place, "looked for, not found", Said(", ".join(absent)))
    for note in result.notes:
        record.add("note", "", "look at the index", Said(note, Mark.WARN))
    record.add("evidence", "", "read and check all evidence", _whole(result, pieces))


def _pieces(result: ImageResult) -> Iterator[_Piece]:
    """Each once: what is about several platforms is told of the first of them."""
    seen: set[object] = set()
    named = [("the index", result.attestations, result.signatures)]
    named += [(p.platform or "the image", p.attestations, p.signatures) for p in result.platforms]
    for about, attestations, signatures in named:
        for attestation in attestations:
            key = (attestation.location, attestation.digest)
            if key not in seen:
                yield _Piece(about, "attestation", attestation)
            seen.add(key)
        yield from (_Piece(about, "signature", signature) for signature in signatures)


def _told(held: Sequence[_Piece]) -> Said:
    abouts = dict.fromkeys(piece.about for piece in held)
    answer = "; ".join(f"{about}: {_counted([p for p in held if p.about == about])}" for about in abouts)
    doubtful = [piece.entry for piece in held if not piece.verified]
    if not doubtful:
        return Said(answer)
    reasons = Counter(entry.reason for entry in doubtful)
    reason = reasons.most_common(1)[0][0]
    most = "most often: " if len(reasons) > 1 else ""
    remedy = next((entry.hint for entry in doubtful if entry.reason == reason), "")
    return Said(f"{answer} ({most}{reason})" if reason else answer, Mark.WARN, remedy)


def _counted(held: Sequence[_Piece]) -> str:
    counts = Counter((piece.noun, piece.entry.status) for piece in held)
    return ", ".join(f"{n} {noun}{'s' * (n != 1)} {status}" for (noun, status), n in sorted(counts.items()))


def _whole(result: ImageResult, pieces: Sequence[_Piece]) -> Said:
    if code := result.exit_code:
        return Said("; ".join(result.reasons), Mark.FAIL, _REMEDIES.get(code, ""), code)
    verified = sum(piece.verified for piece in pieces)
    return Said(f"{verified} of {len(pieces)} pieces are verified")
