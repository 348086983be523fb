"""A signed file: the same signatures, trust and exit codes as for images, without a registry.

The file is named by path, or by its digest alone, which is enough for everything but Ed25519 and hashes other than
SHA-256. What looks like a digest is never a path. A bundle holds either a signature of the file or a statement of which
the file must be a subject.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from verifier import attestation, signature
from verifier.errors import ConfigurationError, EvidenceInvalid, UsageError
from verifier.files import opened, read_regular, told
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Checked, Digest, FoundSignature, Plan, Status, Transparency, TrustedRootEntry, Verdict
from verifier.model.trust import Identity, Trust, TrustedRoot
from verifier.policy.identities import checked as checked_identities
from verifier.trust import trust_of
from verifier.version import tool_name

BLOB_SCHEMA = "https://dhiverify.dev/schema/blob/v1"

_DIGEST = re.compile("[a-z0-9]+:")
_SHA256 = re.compile("sha256:[0-9a-f]{64}")
_HASHES = ("sha256", "sha384", "sha512")
_PIECE = 1 << 20
_WHOLE = 64 << 20  # bytes of a file that are held in memory, for the one scheme that takes no hash
_NAME_A_FILE = "Give the path of a file, or sha256:HEX. A file whose name looks like a digest is ./NAME."
_NAME_A_BUNDLE = "Give the Sigstore bundle (JSON) published with the file, often FILE.sigstore.json or FILE.sig."
_OTHER_FILE = "The bundle is about another file; take the one that was published with this file."


class BlobOptions(msgspec.Struct, frozen=True):
    """Who may sign. Without keys and identities: the DHI keyring. `environ` says where the user's trusted root lies."""

    key_files: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    trusted_root: str = ""
    ignore_transparency: bool = False
    environ: Mapping[str, str] = {}
    relaxations: tuple[str, ...] = ()


class BlobReport(msgspec.Struct, frozen=True, rename="camel"):
    """What became of one signed file. `predicate_type` is that of the statement that names it, "" for a signature."""

    schema: str
    tool: str
    verdict: Verdict
    exit_code: int
    path: str
    digest: str
    status: Status
    signer: str = ""
    reason: str = ""
    hint: str = ""
    transparency: Transparency = Transparency.ABSENT
    time: str = ""
    predicate_type: str = ""
    relaxations: tuple[str, ...] = ()
    trusted_root: TrustedRootEntry | None = None


class Blob(msgspec.Struct, frozen=True):
    """A file as it is judged. `digests` are raw, by algorithm; `body` is empty where they are enough, or all there is.

    `path` is "" for a file that is named by its digest.
    """

    path: str
    digests: dict[str, bytes]
    body: bytes = b""

    @property
    def digest(self) -> Digest:
        return Digest(f"sha256:{self.digests['sha256'].hex()}")


def verify_blob(blob: str, bundle: str, options: BlobOptions | None = None) -> BlobReport:
    """Whether the bundle at path `bundle` proves that somebody trusted signed `blob`: a path, or `sha256:HEX`.

    Exit code 0 when it does, else 4. Raises `UsageError` and `ConfigurationError` for what cannot be read.
    """
    options = options or BlobOptions()
    most = DEFAULT_LIMITS.envelope_bytes
    document = read_regular(Path(bundle), f"bundle {bundle!r}", most, hint=_NAME_A_BUNDLE)
    roots: list[TrustedRoot] = []
    trust = trust_of(_plan(options), options.environ, roots.append)
    judged = _named(blob) if _DIGEST.match(blob) else _file(blob, _WHOLE if _may_need_bytes(trust) else 0)
    checked = signature.check_one(_found(judged, document), trust)
    checked, predicate_type = _about(checked, judged)
    return _report(judged, checked, predicate_type, options, roots[-1] if roots else None)


def check_bytes(body: bytes, bundle: str, trust: Trust) -> Checked:
    """The same for bytes at hand: who of `trust` signed them, by the bundle at that path, or why they do not count.

    Raises `ConfigurationError` for a bundle that cannot be read.
    """
    document = read_regular(Path(bundle), f"bundle {bundle!r}", DEFAULT_LIMITS.envelope_bytes, hint=_NAME_A_BUNDLE)
    blob = Blob("", {name: hashlib.new(name, body).digest() for name in _HASHES}, body)
    return _about(signature.check_one(_found(blob, document), trust), blob)[0]


def _found(blob: Blob, document: bytes) -> FoundSignature:
    others = {name: value for name, value in blob.digests.items() if name != "sha256"}
    return FoundSignature("bundle", blob.digest, blob.digest, document, artifact=blob.body, digests=others)


def _may_need_bytes(trust: Trust) -> bool:
    """Only Ed25519 does. The key of a certificate is not known before the bundle is read."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return bool(trust.identities) or any(isinstance(key.public_key, Ed25519PublicKey) for key in trust.trusted)


def _plan(options: BlobOptions) -> Plan:
    own = bool(options.key_files or options.identities)
    return Plan(
        policy="blob",
        policy_path="",
        policy_digest="",
        keys=() if own else ("dhi-2",),
        key_files=options.key_files,
        identities=checked_identities(options.identities),
        trusted_root=options.trusted_root,
        transparency="ignore" if options.ignore_transparency else "",
    )


def _about(checked: Checked, blob: Blob) -> tuple[Checked, str]:
    """A statement must name the file; the predicate type tells what it says. Whoever signed about another is nobody."""
    if checked.status is not Status.VERIFIED or checked.statement is None:
        return checked, ""
    known = {name: value.hex() for name, value in blob.digests.items()}
    try:
        statement = attestation.read_statement(checked.statement)
        if attestation.is_subject(statement, blob.digest, known):
            return checked, statement.predicate_type
        others = ", ".join(subject.name for subject in statement.subjects)
        reason = f"no subject of the statement is this file, {blob.digest}; it speaks about {others!r:.200}"
    except EvidenceInvalid as fault:
        reason = str(fault)
    return Checked(Status.INVALID, reason=reason, hint=_OTHER_FILE, transparency=checked.transparency), ""


def _report(
    blob: Blob, checked: Checked, predicate_type: str, options: BlobOptions, root: TrustedRoot | None
) -> BlobReport:
    verified = checked.status is Status.VERIFIED
    return BlobReport(
        schema=BLOB_SCHEMA,
        tool=tool_name(),
        verdict=Verdict.ALLOW if verified else Verdict.DENY,
        exit_code=0 if verified else 4,
        path=blob.path,
        digest=str(blob.digest),
        status=checked.status,
        signer=checked.signer.name if checked.signer else "",
        reason=checked.reason,
        hint=checked.hint,
        transparency=checked.transparency,
        time=checked.time,
        predicate_type=predicate_type,
        relaxations=options.relaxations,
        trusted_root=TrustedRootEntry(root.source, root.digest) if root else None,
    )


def _named(text: str) -> Blob:
    """A digest in the place of a path. Only SHA-256 names a file here."""
    if not _SHA256.fullmatch(text):
        expected = "expected a file, or sha256: and 64 lower-case hex digits"
        raise UsageError(f"{expected}; found {text!r:.200}", hint=_NAME_A_FILE)
    return Blob("", {"sha256": bytes.fromhex(Digest(text).hex)})


def _file(path: str, most: int) -> Blob:
    """Hashed in one pass, whatever its size; kept when it has no more than `most` bytes."""
    states = {name: hashlib.new(name) for name in _HASHES}
    length = 0
    with _reading(path) as stream:
        kept = stream.read(most)
        for piece in itertools.chain((kept,), iter(partial(stream.read, _PIECE), b"")):
            length += len(piece)
            for state in states.values():
                state.update(piece)
    body = kept if length == len(kept) else b""
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")  # a report is UTF-8, and a path may be anything
    return Blob(shown, {name: state.digest() for name, state in states.items()}, body)


@contextmanager
def _reading(path: str) -> Iterator[BinaryIO]:
    """A regular file, open. Raises `ConfigurationError` for any other, and for one that cannot be read to its end."""
    try:
        with opened(path) as stream:
            yield stream
    except (OSError, ValueError) as fault:
        raise ConfigurationError(f"file {path!r} cannot be read: {told(fault)}", hint=_NAME_A_FILE) from None
