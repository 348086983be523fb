"""What a signature format is, and what it hands to the search for the signer."""

from __future__ import annotations

from typing import Protocol

import msgspec

from verifier.errors import EvidenceInvalid
from verifier.model import FoundSignature, Transparency
from verifier.signature.keys import Message

NAME_THE_KEY = "If you trust the publisher, give its public key with --key or name it in the policy."


class Untrusted(EvidenceInvalid):
    """Nothing is wrong with the form; no trusted key made this signature."""


class Logged(msgspec.Struct, frozen=True):
    """What is known of publication in a transparency log and, when it is `invalid`, why."""

    fact: Transparency
    why: str = ""


class Claim(msgspec.Struct, frozen=True):
    """One signature taken apart, well formed and about the right manifest; nothing of it is believed yet.

    Any of `signatures` over `message` is enough. The rest is what the signed bytes say, as in `Checked`.
    """

    message: Message
    signatures: tuple[bytes, ...]
    logged: Logged
    certificate: bool = False  # it comes with a certificate in place of a key
    claimed_type: str = ""
    claimed_subject: str = ""
    product: str = ""
    annotations: dict[str, str] = {}
    statement: bytes | None = None


class Format(Protocol):
    """A form in which signatures are stored: a module with these two functions."""

    def read(self, found: FoundSignature, mode: str) -> Claim:
        """Takes `found` apart; `mode` is what the policy asks of logs. Raises `EvidenceInvalid`."""
        ...

    def enclosed(self, found: FoundSignature) -> bytes | None:
        """The statement inside, unverified; None where the signature stands alone. Raises `EvidenceInvalid`."""
        ...
