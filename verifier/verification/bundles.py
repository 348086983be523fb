"""Rules in a registry: published, pulled, and fetched for a run.

    publish   files ─► every rule compiles ─► pushed ─► signed ─► read back by digest
    pull      resolve ─► trusted signature ─► titles and sizes ─► files, hashed ─► a directory, whole or not at all
    fetch     the same without the directory: modules for the plan of an image

A bundle is signed as images are, with the same formats on the same places, and its signatures go through the same
examination. The reference that is used, printed and reported is the one with the digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from verifier.errors import ConfigurationError, EvidenceMissing, EvidenceUntrusted, UsageError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import BundleSource, Reference, RuleModule
from verifier.model.progress import Progress
from verifier.model.trust import Identity
from verifier.oci import Credentials, Settings, Sources, parse_reference
from verifier.policy.modules import read_modules
from verifier.rules import Rules
from verifier.verification.bundle_files import Collected, collect, require_free, write_all
from verifier.verification.bundle_format import artifact_of, fetched, is_rule, layers_of
from verifier.verification.bundle_signatures import Signers, signature_of, signer_of

if TYPE_CHECKING:
    from verifier.oci.artifacts import Artifact
    from verifier.signature.signing import SigningKey
    from verifier.verification.hub import Session

_SAY_WHO = "Name who signed it with --key or --certificate-identity, or say --unsigned."
_PIN = "`dhiverify policy publish` and `policy pull` print the reference with its digest."


class PublishOptions(msgspec.Struct, frozen=True):
    """`signing_key` is the path of a PEM file, None for none; its password stands in `environ`, like credentials.

    `annotations` go into the manifest, and so into its digest.
    """

    signing_key: str | None = None
    annotations: Mapping[str, str] = {}
    settings: Settings = Settings()
    environ: Mapping[str, str] = {}


class PullOptions(msgspec.Struct, frozen=True):
    """Who may have signed. With `unsigned` nobody need have, and the reference must have a digest."""

    key_files: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    trusted_root: str = ""
    ignore_transparency: bool = False
    unsigned: bool = False
    settings: Settings = Settings()
    environ: Mapping[str, str] = {}


class Published(msgspec.Struct, frozen=True):
    """`reference` is pinned by digest. `signer` is the SPKI fingerprint of the key, "" when nothing was signed."""

    reference: str
    files: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    signer: str = ""


class Pulled(msgspec.Struct, frozen=True):
    """`reference` is pinned by digest; `signer` is "" when no signature was asked for."""

    reference: str
    files: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    signer: str = ""


def publish(
    reference: str, paths: Sequence[str], options: PublishOptions, progress: Progress | None = None
) -> Published:
    """Pushes the files at `paths` as one bundle, once every rule among them compiles.

    Raises `UsageError` and `ConfigurationError` before anything is sent; `RegistryError`, `AuthenticationError`.
    """
    progress = progress or Progress()
    target, key, collected = _target(reference), _signing_key(options), _checked(paths)
    artifact = artifact_of(collected.files, options.annotations)
    credentials = Credentials.from_environment(options.environ)
    progress.now("pushing", str(target))
    signer = _pushed(target, artifact, key, options.settings, credentials)
    progress.now("reading back")
    pinned = target.at(artifact.descriptor.digest)
    with Sources(options.settings, credentials) as sources:
        source = sources.open(pinned)
        fetched(source, layers_of(source.resolve(pinned)).files, options.settings.jobs)
    return Published(str(pinned), tuple(sorted(f.path for f in collected.files)), collected.left_out, signer)


def pull(reference: str, directory: str, options: PullOptions, progress: Progress | None = None) -> Pulled:
    """Writes the files of a bundle into `directory`, which must not exist or be empty.

    Raises `EvidenceMissing` when it has no signature and `EvidenceUntrusted` when nobody trusted made one;
    `ConfigurationError` for what is no sound bundle; `UsageError`, `RegistryError`, `AuthenticationError`.
    """
    progress = progress or Progress()
    named = parse_reference(reference)
    require_free(Path(directory))
    signers = _signers(named, options)
    with Sources(options.settings, Credentials.from_environment(options.environ)) as sources:
        progress.now("resolving", reference)
        source = sources.open(named)
        manifest = source.resolve(named)
        pinned, layers = named.at(manifest.digest), layers_of(manifest)
        signer = signer_of(sources, options.settings, pinned, signers, progress) if signers else ""
        progress.now("fetching rules")
        files = fetched(source, layers.files, options.settings.jobs)
    write_all(Path(directory), files)
    return Pulled(str(pinned), tuple(file.path for file in files), layers.left_out, signer)


def fetch_bundle(session: Session, source: BundleSource) -> tuple[RuleModule, ...]:
    """The rules of a bundle for a run of `session`: pinned by digest, and signed where `source` names signers.

    Its tests, documents and cases are left alone. Raises `ConfigurationError` for everything that is wrong with the
    bundle, a missing or untrusted signature included, which says nothing about an image; `RegistryError`,
    `AuthenticationError`. The caller keeps what it got: nothing is remembered here.
    """
    reference = parse_reference(source.reference)
    if reference.is_layout or not reference.digest:
        expected = "expected a bundle as HOST/NAME@sha256:…"
        raise ConfigurationError(f"{expected}, found {source.reference!r:.200}", hint=_PIN)
    session.progress.now("fetching rules", str(reference))
    place, settings = session.sources.open(reference), session.options.settings
    layers = layers_of(place.resolve(reference))
    if source.key_files or source.identities:
        try:
            signer_of(session.sources, settings, reference, _signers_of(session, source), session.progress)
        except (EvidenceMissing, EvidenceUntrusted) as fault:
            raise ConfigurationError(str(fault), hint=fault.hint) from None
    rules = {path: layer for path, layer in layers.files.items() if is_rule(path)}
    return read_modules(str(reference), [(file.path, file.body) for file in fetched(place, rules, settings.jobs)])


def _signers_of(session: Session, source: BundleSource) -> Signers:
    given, environ = session.options.additions, session.options.environ
    return Signers(
        key_files=source.key_files,
        identities=source.identities,
        trusted_root=source.trusted_root,
        denied_keys=source.denied_keys,
        ignore_transparency=given.ignore_transparency,
        environ=environ,
        loaded=session.roots.append,
    )


def _signers(named: Reference, options: PullOptions) -> Signers | None:
    """Who must have signed; None when nobody need have, which only a digest allows."""
    said = bool(options.key_files or options.identities)
    if said and options.unsigned:
        raise UsageError("--unsigned and a signer contradict each other", hint="Leave one of them out.")
    if not said and not options.unsigned:
        raise UsageError("nobody is named who may have signed the rules", hint=_SAY_WHO)
    if options.unsigned and not named.digest:
        raise UsageError(
            f"{named} may mean other rules tomorrow, and --unsigned proves nobody",
            hint="Give the reference with its digest, HOST/NAME@sha256:…, or name a signer.",
        )
    if options.unsigned:
        return None
    return Signers(
        key_files=options.key_files,
        identities=options.identities,
        trusted_root=options.trusted_root,
        ignore_transparency=options.ignore_transparency,
        environ=options.environ,
    )


def _target(reference: str) -> Reference:
    target = parse_reference(reference)
    if target.is_layout or target.digest:
        raise UsageError(
            f"expected a repository to push to as HOST/NAME[:TAG], found {reference!r:.200}",
            hint="The digest comes out of what is pushed; give a tag, or nothing for `latest`.",
        )
    return target


def _checked(paths: Sequence[str]) -> Collected:
    """The files, all of whose rules can be loaded."""
    if not paths:
        raise UsageError("nothing is named that could be published", hint="Name rules, or directories with rules.")
    collected = collect(paths)
    rego = [(file.path, file.body) for file in collected.files if file.is_rule]
    for path, _ in rego:
        if "/" in path:
            raise ConfigurationError(
                f"the rule {path} lies in a directory, where --rules DIR would not look for it once it is pulled",
                hint="Keep rules at the top of a bundle; tests, documents and cases may lie anywhere.",
            )
    label = paths[0] if len(paths) == 1 and Path(paths[0]).is_dir() else "bundle"
    with Rules(read_modules(label, rego), datetime.now(UTC)) as rules:
        rules.ready()
    return collected


def _signing_key(options: PublishOptions) -> SigningKey | None:
    from verifier.signature.signing import PASSWORD_VARIABLE, read_signing_key

    path = options.signing_key
    if path is None:
        return None
    body = read_regular(Path(path), f"signing key {path}", DEFAULT_LIMITS.key_bytes)
    return read_signing_key(body, path, options.environ.get(PASSWORD_VARIABLE, ""))


def _pushed(
    target: Reference, artifact: Artifact, key: SigningKey | None, settings: Settings, credentials: Credentials
) -> str:
    """Pushes the bundle and its signature; gives the fingerprint of the key, or "" without one."""
    from verifier.oci.push import Pusher

    with Pusher(target, settings, credentials) as pusher:
        subject = pusher.push(artifact, target.tag)
        if key is None:
            return ""
        signed = signature_of(target.name, subject, key)
        pusher.attach(signed.artifact, subject.digest)
        return signed.fingerprint
