"""Checkpoints of logs: signed notes with signature lines (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.publisher.envelopes import encoded
from tests.publisher.keys import SigningKey
from tests.sigstore.keys import PublicKey, key, key_id, spki
from tests.sigstore.moments import SIGNED

_ED25519, _COSIGNATURE, _OTHER = b"\x01", b"\x04", b"\xff"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One signature line: who signs, under which name. `hint` (4 bytes) and `signature` replace what is right."""

    name: str
    key: SigningKey
    witness: bool = False  # a cosignature with a time of its own, over the same text
    at: datetime = SIGNED
    hint: bytes | None = None
    signature: bytes | None = None

    def written(self, text: str) -> str:
        """`— name base64(hint ‖ signature)`, with the newline."""
        hint = self._right_hint() if self.hint is None else self.hint
        signature = self._signature(text) if self.signature is None else self.signature
        return f"\u2014 {self.name} {encoded(hint + signature)}\n"

    def _right_hint(self) -> bytes:
        return note_key_id(self.name, self.key.private.public_key(), witness=self.witness)[:4]

    def _signature(self, text: str) -> bytes:
        if not self.witness:
            return self.key.sign(text.encode())
        seconds = int(self.at.timestamp())
        return seconds.to_bytes(8, "big") + self.key.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How a checkpoint differs from the plain one, which holds three lines and the log's signature.

    `name`, `key` and `hint` are those of the log's own line, `unsigned` leaves it out, `before` and `after` stand
    around it. `size` and `root` make it the checkpoint of another tree. `text` changes what is going to be signed,
    `note` what was signed.
    """

    origin: str | None = None
    name: str | None = None
    key: SigningKey | None = None
    hint: bytes | None = None
    size: int | None = None
    root: bytes | None = None
    extensions: tuple[str, ...] = ()
    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    unsigned: bool = False
    text: Callable[[str], str] | None = None
    note: Callable[[str], str] | None = None


def witnesses(count: int) -> tuple[Line, ...]:
    """Cosignature lines of witnesses that nobody was told of."""
    names = [f"witness-{number}.example" for number in range(1, count + 1)]
    return tuple(Line(name=name, key=key(name, "ed25519"), witness=True) for name in names)


def note_key_id(name: str, public: PublicKey, *, witness: bool = False) -> bytes:
    """All 32 bytes of a note's key id. ECDSA keys of logs go without the name, as Sigstore has it."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        return key_id(public)
    if isinstance(public, Ed25519PublicKey):
        rest = (_COSIGNATURE if witness else _ED25519) + public.public_bytes_raw()
    else:
        rest = _OTHER + b"PKIX-RSA-PKCS#1v1.5" + spki(public)
    return hashlib.sha256(name.encode() + b"\n" + rest).digest()


def written(origin: str, size: int, root: bytes, own: Line, options: Checkpoint) -> str:
    """The whole note of a tree, signed by `own` unless the options say otherwise."""
    origin = origin if options.origin is None else options.origin
    size = size if options.size is None else options.size
    root = root if options.root is None else options.root
    text = "\n".join([origin, str(size), encoded(root), *options.extensions]) + "\n"
    text = options.text(text) if options.text else text
    lines = (*options.before, *(() if options.unsigned else (_own(own, options),)), *options.after)
    note = text + "\n" + "".join(line.written(text) for line in lines)
    return options.note(note) if options.note else note


def _own(own: Line, options: Checkpoint) -> Line:
    """The log's line. Another key or name still comes with the hint of the log's key."""
    right = note_key_id(own.name, own.key.private.public_key())[:4]
    return msgspec.structs.replace(
        own,
        name=own.name if options.name is None else options.name,
        key=options.key or own.key,
        hint=right if options.hint is None else options.hint,
    )
