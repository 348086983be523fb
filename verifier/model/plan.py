"""What a policy document asks for, with nothing fetched and no key parsed: the input of a verification."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from verifier.model.base import BaseDemand
from verifier.model.trust import Identity


class Requirement(msgspec.Struct, frozen=True):
    """A kind of evidence that must be there. With `compliance`, only when the image's compliance tokens hold one.

    With `artifacts`, only of those: `image`, `chart` (Helm), `package` (a package image, as dhi/pkg-NAME).
    `max_age_days` of 0 means that its age does not matter.
    """

    kind: str
    compliance: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    max_age_days: int = 0


class Place(msgspec.Struct, frozen=True):
    """Another repository that holds evidence of images matching `match`: `host/{namespace}/{name}`."""

    repository: str
    match: str = "*"


class RuleModule(msgspec.Struct, frozen=True):
    """One Rego file and what its METADATA says. `path` is for messages.

    `evidence` and `optional` are kinds or predicate types that the rule reads, or `signature`; None says that the file
    does not tell, and then everything is read. Missing `optional` evidence does not make the rule `unknown`. A `demand`
    asks that its evidence be there and trusted, and nothing else.

    `effect` is enforce or warn, `on_unknown` deny or warn: what follows when the rule cannot be evaluated. No waiver
    holds for a rule that is not `waivable`. `digest` is the SHA-256 of the file, `details_order` the members of a
    violation's detail in the order in which they are shown.
    """

    id: str
    path: str
    source: str
    title: str = ""
    description: str = ""
    remediation: str = ""
    result_type: str = "generic"
    effect: str = "enforce"
    weight: int = 10
    evidence: tuple[str, ...] | None = None
    optional: tuple[str, ...] = ()
    demand: bool = False
    config: dict[str, Any] = {}
    digest: str = ""
    on_unknown: str = "deny"
    waivable: bool = True
    details_order: tuple[str, ...] = ()
    not_compliant_title: str = ""


class Waiver(msgspec.Struct, frozen=True):
    """A known failure of one rule that is accepted for a while.

    It holds for images whose requested name matches `images` (and, with `digest`, for that index or platform manifest
    alone), from `starts` to `expires`, by the real clock. With `purl` or `vulnerability` it covers those violations of
    the rule that are about them, else every violation. It never covers a rule that could not be evaluated.
    """

    rule: str
    images: str
    reason: str
    owner: str
    ticket: str
    expires: datetime
    starts: datetime | None = None
    digest: str = ""
    purl: str = ""
    vulnerability: str = ""


class BundleSource(msgspec.Struct, frozen=True):
    """Rules in a registry: `reference` is a repository with a digest (`HOST/NAME@sha256:…`).

    Where `key_files` or `identities` are given, one of them must have signed the bundle; the digest alone counts
    otherwise. `denied_keys` and `trusted_root` are as in `Plan`.
    """

    reference: str
    key_files: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    denied_keys: tuple[str, ...] = ()
    trusted_root: str = ""


class VexFile(msgspec.Struct, frozen=True):
    """An OpenVEX document that does not come with the image. `bundle` is the path of the Sigstore bundle that signs it.

    Without a bundle its SHA-256 (`sha256:…`) must be one of `digests`: then the policy itself vouches for it.
    """

    path: str
    bundle: str = ""
    digests: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """Everything that decides about one image, made by `verifier.policy` from a document and the command line.

    `keys` are names of the shipped keyring, to which `key_files` and `identities` add; with `--key` or an identity of
    the command line there are none. `trusted_root` is a path, "" for the user's or the shipped one. `transparency` is
    require, if-present or ignore, or "" for if-present of keys and require of certificates.

    `annotations` are what a signature of the image must state to count. `counted` are the kinds and predicate types (or
    `signature`) that count as evidence for exit codes 3 and 4; empty: everything. `compat` is "scout" where rules shall
    come to what they come to in Docker Scout, else "". With a `base`, that of each platform is looked for and judged.
    `vex` are documents that may excuse findings besides those that hang on the image.
    """

    policy: str
    policy_path: str
    policy_digest: str
    keys: tuple[str, ...] = ()
    key_files: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    denied_keys: tuple[str, ...] = ()  # SPKI fingerprints
    trusted_root: str = ""
    places: tuple[Place, ...] = ()
    transparency: str = ""
    required: tuple[Requirement, ...] = ()
    max_age_days: int = 30
    rules: tuple[RuleModule, ...] = ()
    enforce: bool = True
    platforms: tuple[str, ...] = ()  # empty: every platform
    annotations: tuple[tuple[str, str], ...] = ()
    counted: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    compat: str = ""
    base: BaseDemand | None = None
    vex: tuple[VexFile, ...] = ()
