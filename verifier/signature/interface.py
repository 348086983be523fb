"""What a signature format is, and what it hands to the search for the signer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from verifier.errors import EvidenceInvalid
from verifier.model import FoundSignature
from verifier.signature.keys import Message

if TYPE_CHECKING:
    from verifier.signature.logentry import LogEntry

NAME_THE_KEY = "If you trust the publisher, give its public key with --key or name it in the policy."
NAME_THE_IDENTITY = (
    "If you trust the signer, name it with --certificate-identity and --certificate-oidc-issuer, or in the policy."
)


class Untrusted(EvidenceInvalid):
    """Nothing is wrong with the form; no trusted key made this signature."""


def _nothing() -> tuple[()]:
    return ()


class Claim(msgspec.Struct, frozen=True):
    """One signature taken apart, well formed and about the right manifest; nothing of it is believed yet.

    Any of `signatures` over `message` is enough. `certificate` (DER, or PEM text) stands in the place of a key, with
    what came along in `chain`. `entries` and `tokens` read log entries and timestamps when they are asked for; a
    timestamp is over `stamped`, or over the signature itself where that is None. `payload` (of `payload_type`) is what
    an envelope covers, `envelope` the stored blob where a log may have recorded its very bytes. The rest is what the
    signed bytes say, as in `Checked`.
    """

    message: Message
    signatures: tuple[bytes, ...]
    certificate: bytes | str = b""
    chain: Sequence[bytes] | str = ()
    is_logged: bool = False
    is_stamped: bool = False
    entries: Callable[[], tuple[LogEntry, ...]] = _nothing
    tokens: Callable[[], tuple[bytes, ...]] = _nothing
    stamped: bytes | None = None
    envelope: Message | None = None
    payload: Message | None = None
    payload_type: str = ""
    claimed_type: str = ""
    claimed_subject: str = ""
    product: str = ""
    annotations: dict[str, str] = {}
    statement: bytes | None = None


class Format(Protocol):
    """A form in which signatures are stored: a module with these two functions."""

    def read(self, found: FoundSignature) -> Claim:
        """Takes `found` apart. Raises `EvidenceInvalid`."""
        ...

    def enclosed(self, found: FoundSignature) -> bytes | None:
        """The statement inside, unverified; None where the signature stands alone. Raises `EvidenceInvalid`."""
        ...
