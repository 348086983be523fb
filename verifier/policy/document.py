"""The policy document as it stands in the file: every member known, nothing carried out yet."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from verifier.limits import DEFAULT_LIMITS
from verifier.policy.identities import IdentityEntry
from verifier.policy.places import Places
from verifier.policy.waivers import StatedWaiver

Text = Annotated[str, msgspec.Meta(min_length=1)]
Days = Annotated[int, msgspec.Meta(ge=1, le=DEFAULT_LIMITS.age_days)]

# As `dhiverify trust list` prints it, or without the prefix: in any other form it would silently deny nothing.
Fingerprint = Annotated[str, msgspec.Meta(pattern=r"\A(sha256:)?[0-9a-f]{64}\Z")]


class TrustSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """`keys` names shipped keys, `key_files` paths of PEM files, `identities` signers with a certificate; all count.

    `trusted_root` is the path of the Sigstore trusted root, "" for the user's or the shipped one. Paths are relative to
    the document.
    """

    keys: tuple[Text, ...] = ()
    key_files: tuple[Text, ...] = ()
    denied_keys: tuple[Fingerprint, ...] = ()
    identities: tuple[IdentityEntry, ...] = ()
    trusted_root: Text = ""


class EvidencePlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another repository to search, for images that `match`."""

    repository: Text
    match: Text = "*"


class RequiredKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A kind of evidence; with `compliance`, required when the image claims one of those tokens.

    With `artifacts`, required only of those: images, Helm charts, package images. With `max_age_days` (0: not stated),
    what is older, or states no time of its own, does not count.
    """

    kind: Text
    compliance: tuple[str, ...] = ()
    artifacts: tuple[Literal["image", "chart", "package"], ...] = ()
    max_age_days: Days = 0


class RuleSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One of: a shipped pack, a Rego file or directory relative to the document, a bundle in a registry.

    `bundle` is HOST/NAME@sha256:…; with `key_files` or `identities`, one of them must have signed it. `effects`,
    `unknown` and `config` are by rule id: what follows when it fails, what when it cannot be evaluated, and its
    `data.config`.
    """

    pack: Text = ""
    path: Text = ""
    bundle: Text = ""
    key_files: tuple[Text, ...] = ()
    identities: tuple[IdentityEntry, ...] = ()
    effects: dict[str, Literal["enforce", "warn"]] = {}
    unknown: dict[str, Literal["deny", "warn"]] = {}
    config: dict[str, dict[str, Any]] = {}


class BaseSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What the base of each platform must be. `max_age_days` is 0 where the document does not state it.

    `policy` is the name of a built-in document, or a path relative to this one, by which the base is judged; with
    `key_files` by these keys instead of those that it names.
    """

    images: tuple[Text, ...]
    policy: Text = "dhi"
    key_files: tuple[Text, ...] = ()
    layers: Literal["proved", "claimed"] = "proved"
    max_age_days: Days = 0
    variants: tuple[Text, ...] = ()
    supported: bool = True


class VexEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An OpenVEX document that this section vouches for by its SHA-256.

    `file` is relative to the document; without it, the digest is that of a file named on the command line.
    """

    digest: Annotated[str, msgspec.Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
    file: Text = ""


class ImageSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What holds for images whose name matches. `max_age_days` is 0 where the document does not state it.

    A stated `transparency` holds for keys and certificates; unset is if-present for keys, require for certificates.
    """

    match: Text
    trust: TrustSection
    rules: tuple[RuleSource, ...]
    evidence: tuple[EvidencePlace, ...] = ()
    transparency: Literal["require", "if-present", "ignore"] | msgspec.UnsetType = msgspec.UNSET
    require: tuple[RequiredKind, ...] = ()
    max_age_days: Days = 0
    waivers: tuple[StatedWaiver, ...] = ()
    base: BaseSection | None = None
    vex: tuple[VexEntry, ...] = ()
    enforce: bool = True


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole document. The first section of `images` that matches a name decides; none means refused."""

    version: Literal[1]
    name: str
    images: tuple[ImageSection, ...]


class LoadedDocument(msgspec.Struct, frozen=True):
    """A document with where it came from: `path` and `digest` (sha256 of its bytes) go into every report.

    `folder` is what its relative paths are relative to, and `places` where each member stands.
    """

    document: Document
    path: str
    digest: str
    folder: str
    places: Places = Places()
