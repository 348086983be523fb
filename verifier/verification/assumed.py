"""What rules would see of an image that a test describes, as if all that is said about it had been verified.

Statements go through the same readers as those of a real image, and the facts about the image are made by the same
code. Nothing here judges anything: tests of rules use it, and no command that decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from verifier import attestation
from verifier.errors import ConfigurationError, EvidenceInvalid, ReferenceInvalid
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import (
    Candidate,
    Checked,
    Descriptor,
    Digest,
    Manifest,
    Origin,
    Platform,
    Reference,
    Signer,
    Statement,
    Status,
)
from verifier.oci import parse_reference
from verifier.rules import RuleInput
from verifier.verification.binding import Judged
from verifier.verification.facts import PlatformEvidence, platform_fact, rule_input
from verifier.verification.image import Entry, Image, PlatformImage
from verifier.verification.suppression import with_vex

_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_SIGNER = Signer("assumed", "0" * 64)
_FORMS = "Give the path of a JSON file, a whole in-toto statement, or {predicateType, predicate}."


class Subject(msgspec.Struct, frozen=True):
    """The image of a test: what it was asked for as, and what it is.

    `digest` is the platform manifest's, "" to take that of the first whole statement. `config` is the image's
    configuration. `folder` is what paths of `statements` are relative to: each is a path, a whole statement, or
    `{predicateType, predicate}`.
    """

    folder: Path
    statements: Sequence[Any] = ()
    config: Mapping[str, Any] = {}
    requested: str = ""
    product: str = ""
    tag: str = ""
    platform: str = ""
    digest: str = ""


def assumed(subject: Subject) -> RuleInput:
    """The input of rules. Raises `ConfigurationError` for a statement that a real image could not have."""
    platform = _announced(subject)
    whole = [_whole(entry, subject.folder, number) for number, entry in enumerate(subject.statements)]
    digest = _digest(subject, [body for body in whole if body is not None])
    purl = f"pkg:docker/{_product(subject)}@{_tag(subject)}?platform={str(platform).replace('/', '%2F')}"
    bodies = [
        _written(entry, purl, digest) if body is None else body
        for entry, body in zip(subject.statements, whole, strict=True)
    ]
    requested = _requested(subject)
    judged = tuple(_judged(body, digest, requested, number) for number, body in enumerate(bodies))
    image, described = _image(requested, digest, platform, subject)
    evidence = PlatformEvidence(described, judged, indexes=(image.digest,))
    evidence = with_vex(evidence, requested)
    return rule_input(image, evidence, [platform_fact(evidence)], ())


def _configured(subject: Subject) -> Platform:
    """The platform that the configuration states, if any."""
    stated = (subject.config.get(name) for name in ("os", "architecture", "variant"))
    return Platform(*(text if isinstance(text, str) else "" for text in stated)).normal()


def _announced(subject: Subject) -> Platform:
    configured = _configured(subject)
    try:
        return Platform.parse(subject.platform or (str(configured) if configured.runnable else "linux/amd64"))
    except ReferenceInvalid as fault:
        raise ConfigurationError(str(fault), hint=fault.hint) from None


def _product(subject: Subject) -> str:
    return subject.product or "dhi/example"


def _tag(subject: Subject) -> str:
    return subject.tag or "1"


def _requested(subject: Subject) -> Reference:
    """As it is named, or else where its product would be found."""
    product = _product(subject)
    host = "dhi.io" if product.startswith("dhi/") else "docker.io"
    try:
        return parse_reference(subject.requested or f"{host}/{product.removeprefix('dhi/')}:{_tag(subject)}")
    except ReferenceInvalid as fault:
        raise ConfigurationError(str(fault), hint=fault.hint) from None


def _whole(entry: Any, folder: Path, number: int) -> bytes | None:
    """A statement as it is signed; None for a shorthand."""
    if isinstance(entry, str):
        path = folder / entry
        return read_regular(path, f"statement {path}", DEFAULT_LIMITS.attestation_bytes)
    if not isinstance(entry, Mapping) or "predicateType" not in entry:
        raise ConfigurationError(f"statement {number} is neither a path nor a statement", hint=_FORMS)
    if "_type" in entry:
        return json.dumps(entry).encode()
    if unknown := sorted(entry.keys() - {"predicateType", "predicate"}):
        raise ConfigurationError(f"statement {number} has the unknown member {unknown[0][:100]!r}", hint=_FORMS)
    return None


def _written(entry: Mapping[str, Any], name: str, digest: Digest) -> bytes:
    subjects = [{"name": name, "digest": {digest.algorithm: digest.hex}}]
    return json.dumps({"_type": _STATEMENT, "subject": subjects, **entry}).encode()


def _digest(subject: Subject, bodies: Sequence[bytes]) -> Digest:
    if subject.digest:
        try:
            return Digest.parse(subject.digest)
        except ReferenceInvalid as fault:
            raise ConfigurationError(str(fault), hint=fault.hint) from None
    named = (digest for body in bodies for digest in _named(_read(body, 0)))
    return next(named, Digest.of(json.dumps(subject.config, sort_keys=True).encode()))


def _named(statement: Statement) -> Iterator[Digest]:
    for subject in statement.subjects:
        if encoded := subject.digests.get("sha256"):
            yield Digest.parse(f"sha256:{encoded}")


def _read(body: bytes, number: int) -> Statement:
    try:
        return attestation.read_statement(body)
    except EvidenceInvalid as fault:
        raise ConfigurationError(f"statement {number}: {fault}", hint=_FORMS) from None


def _judged(body: bytes, digest: Digest, requested: Reference, number: int) -> Judged:
    """A piece of evidence as it is once a trusted signature was found on it."""
    statement, manifest = _read(body, number), Digest.of(body)
    try:
        attestation.covers(statement, digest)
        facts = attestation.facts(statement, str(manifest))
    except EvidenceInvalid as fault:
        raise ConfigurationError(f"statement {number}: {fault}", hint=fault.hint) from None
    origin = Origin("assumed", requested.name, "platform")
    candidate = Candidate(digest, manifest, (manifest,), origin, statement.predicate_type, body)
    return Judged(candidate, Checked(Status.VERIFIED, _SIGNER), statement.predicate_type, statement, facts, (digest,))


def _image(requested: Reference, digest: Digest, platform: Platform, subject: Subject) -> tuple[Image, PlatformImage]:
    """An index with one platform."""
    config, configured = dict(subject.config), _configured(subject)
    body = json.dumps(config).encode()
    manifest = Manifest(digest, _MANIFEST, b"", config=Descriptor(_CONFIG, Digest.of(body), len(body)))
    listed = Descriptor(_MANIFEST, digest, 0, platform=platform)
    root = Manifest(Digest.of(digest.encode()), _INDEX, b"", manifests=(listed,))
    image = Image(requested, root, (Entry(listed, (root.digest,)),))
    return image, PlatformImage(manifest, config, platform, configured if configured.os else platform)
