"""Checkpoints: what a log says of its whole tree, signed, and often signed again by witnesses.

    <origin>\n<tree size>\n<base64 root hash>\n[<extension>\n…]\n— <name> <base64(key hint ‖ signature)>\n[…]

All lines must be well formed, but only the log's own count: where it stands among them means nothing, and witnesses
are passed over, since nobody here holds their keys. Follows C2SP signed-note and tlog-checkpoint.
"""

from __future__ import annotations

import re

import msgspec

from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import Log
from verifier.signature import base64text, merkle
from verifier.signature.keys import Message, verifies

_HINT_BYTES = 4
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_LINE = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)")  # a name has no white space and no plus
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")


class Line(msgspec.Struct, frozen=True):
    """A signature line. `hint` is the beginning of the key id and picks a key, no more."""

    name: str
    hint: bytes
    signature: bytes


class Checkpoint(msgspec.Struct, frozen=True):
    """A checkpoint taken apart; `text` are the signed bytes. Nothing of it is believed before `verify`."""

    origin: str
    size: int
    root: bytes
    text: bytes
    lines: tuple[Line, ...]


def read(note: str) -> Checkpoint:
    """Takes a signed note apart. Raises `EvidenceInvalid`."""
    try:
        size = len(note.encode())
    except UnicodeEncodeError:
        raise EvidenceInvalid("the checkpoint holds characters that are none") from None
    if size > DEFAULT_LIMITS.checkpoint_bytes:
        raise EvidenceInvalid(f"the checkpoint is larger than {DEFAULT_LIMITS.checkpoint_bytes} bytes")
    if _CONTROL.search(note):
        raise EvidenceInvalid("the checkpoint holds control characters")
    parts = note.split("\n\n")
    if len(parts) != 2 or not parts[1].endswith("\n"):
        raise EvidenceInvalid("the checkpoint is not a text, one empty line and signature lines")
    origin, tree_size, root = _text(parts[0])
    return Checkpoint(origin, tree_size, root, f"{parts[0]}\n".encode(), _lines(parts[1]))


def verify(checkpoint: Checkpoint, log: Log) -> None:
    """Raises `EvidenceInvalid` unless `log` signed the checkpoint, about itself and under its own name.

    Rekor v1 numbers its trees behind its name, v2 has one tree for each name.
    """
    if not re.fullmatch(re.escape(log.host) + "(?: - [0-9]+)?", checkpoint.origin):
        raise EvidenceInvalid(f"the checkpoint is of the log {checkpoint.origin!r:.100}; expected {log.host!r}")
    own = [line for line in checkpoint.lines if line.name == log.host]
    if not own:
        raise EvidenceInvalid(f"the checkpoint has no signature of the log {log.host}")
    hint = (log.checkpoint_key_id or log.key_id)[:_HINT_BYTES]
    hinted = [line for line in own if line.hint == hint]
    if not hinted:
        raise EvidenceInvalid(f"the checkpoint's signature names another key than the one that {log.host} has")
    message = Message(checkpoint.text)
    if not any(signed_by(log, line.signature, message) for line in hinted):
        raise EvidenceInvalid(f"the checkpoint is not signed by the key of {log.host}")


def signed_by(log: Log, signature: bytes, message: Message) -> bool:
    """Whether the key of `log` made `signature` over `message`.

    Ed25519 is verified here, without the costly question whether a bad signature is one in another form: hostile
    entries can bring hundreds.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(log.spki)
    if isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        return verifies(key, signature, message)
    if not isinstance(key, Ed25519PublicKey):
        raise EvidenceInvalid(f"the key of the log {log.host} is of a kind that signs nothing here")
    try:
        key.verify(signature, message.whole())
    except InvalidSignature:
        return False
    return True


def _text(text: str) -> tuple[str, int, bytes]:
    """Origin, tree size and root hash; whatever follows them is signed and means nothing here."""
    lines = text.split("\n")
    if len(lines) < 3 or not lines[0]:
        raise EvidenceInvalid("the checkpoint lacks its origin, tree size or root hash")
    if not _SIZE.fullmatch(lines[1]):
        raise EvidenceInvalid(f"the checkpoint's tree size is {lines[1]!r:.60}; expected a number")
    root = base64text.decode(lines[2], "checkpoint's root hash")
    if len(root) != merkle.HASH_BYTES:
        raise EvidenceInvalid(f"the checkpoint's root hash has {len(root)} bytes; expected {merkle.HASH_BYTES}")
    return lines[0], int(lines[1]), root


def _lines(block: str) -> tuple[Line, ...]:
    lines = block[:-1].split("\n")
    if len(lines) > DEFAULT_LIMITS.checkpoint_signatures:
        most = DEFAULT_LIMITS.checkpoint_signatures
        raise EvidenceInvalid(f"the checkpoint has {len(lines)} signatures; at most {most} are read")
    return tuple(map(_line, lines))


def _line(line: str) -> Line:
    found = _LINE.fullmatch(line)
    if not found:
        raise EvidenceInvalid("a signature line of the checkpoint is not a dash, a name and base64")
    blob = base64text.decode(found[2], "checkpoint's signature")
    if len(blob) <= _HINT_BYTES:
        raise EvidenceInvalid("a signature of the checkpoint has nothing behind its key hint")
    return Line(found[1], blob[:_HINT_BYTES], blob[_HINT_BYTES:])
