"""What a predicate reader is: it turns one kind of predicate into plain facts, or says why it cannot.

A reader takes whatever a signed statement may hold. It bounds what it walks, follows no reference, fetches nothing,
copies no secret, and refuses a shape that it does not know instead of finding nothing in it.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from verifier.attestation.moment import NEVER, Moment
from verifier.errors import EvidenceInvalid


class Unreadable(EvidenceInvalid):
    """The predicate is not in a form that is known for its type. Nothing is concluded from it."""

    hint = "Ask the publisher which version of the format this is; a rule that needs it cannot pass."


class Facts(msgspec.Struct, frozen=True):
    """What a predicate says, as plain JSON data, and when that was: scan finished, build ended, document written."""

    data: dict[str, Any]
    time: Moment = NEVER


class Reader(Protocol):
    """One kind of predicate. `members` are all that it looks at, at any depth; None means that it may look at any."""

    kind: str
    types: tuple[str, ...]
    members: frozenset[str] | None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        """The facts of a strictly parsed predicate, never null. Raises `Unreadable` and nothing else."""
