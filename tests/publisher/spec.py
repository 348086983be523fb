"""What to publish: a clean hardened image, and every place where something else can be put instead.

Kinds are named by word (`malware`, `spdx`) or predicate type; "*" means all of them. Hooks get what would have been
published and return what shall be: a document, or bytes for what is no JSON. What comes later is made from what they
return, so a hook on the statement gives a rightly signed chain around a strange statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TypeAlias

import msgspec

from tests.publisher import kinds
from tests.publisher.about import EPOCH, JSON, NEVER_ENDS, About
from tests.publisher.keys import SigningKey
from tests.publisher.keys import publisher as publisher_key

Hook: TypeAlias = Callable[[str, str, JSON], JSON]
"""Called with predicate type, platform and document. For a signature on an image itself the type is ""; for evidence
and signatures of the index the platform is "index"."""

PlatformHook: TypeAlias = Callable[[str, JSON], JSON]
"""Called with platform and document."""

Predicate: TypeAlias = Callable[[About], JSON] | JSON

DIRECT = ""
INDEX = "index"


class ImageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An image as Docker would publish it, unless something is said otherwise.

    Identity: `product` as signed, `tags` under which it is found and which statements name, `version` for its label
    (the last tag if not given). `labels` and `config` override members, None removes one.
    Evidence: `evidence` maps kinds to a predicate, a function of `About`, or None for "leave out"; `extra` adds
    statements of a kind that is there already; `index_evidence` hangs statements on the index.
    Damage without hooks: `omit`, `unsigned`, `signed_by` (a key or several), `statement_subject` (another digest).
    """

    product: str = "dhi/python"
    tags: tuple[str, ...] = ("3.13", "3.13-debian13", "3.13.15-debian13")
    statement_tags: tuple[str, ...] | None = None  # in the statements; None means `tags`
    version: str = ""
    platforms: tuple[str, ...] = ("linux/amd64", "linux/arm64")
    variant: str = "runtime"
    compliance: tuple[str, ...] = ("cis",)
    shell: tuple[str, ...] = ()
    package_manager: tuple[str, ...] = ()
    user: str | None = "65532"
    labels: Mapping[str, str | None] = {}  # short names of com.docker.dhi.*, or whole names with a dot in them
    config: Mapping[str, JSON] = {}
    at: datetime = EPOCH
    end_of_life: str = NEVER_ENDS
    layers: int = 2
    tiny_layers: bool = False  # put the bytes of layers into the store; a verifier must never ask for them
    as_index: bool = True  # else the first platform's manifest alone is what tags point to
    docker_types: bool = False  # Docker's media types for index, manifests, configurations and layers
    chart: bool = False  # a Helm chart: one manifest for no platform, with fewer kinds of evidence

    slsa: str = "v0.2"
    statement_version: str = "v0.1"
    packages: int = 12
    stig_rules: int = 10
    evidence: Mapping[str, Predicate] = {}
    extra: tuple[tuple[str, Predicate], ...] = ()
    index_evidence: Mapping[str, Predicate] = {}
    omit: AbstractSet[str] = frozenset()

    keys: tuple[SigningKey, ...] = (publisher_key,)
    sign_index: bool = False
    sign_platforms: bool = False
    docker_reference: str = ""  # "" means registry.scout.docker.com/<product>
    unsigned: AbstractSet[str] = frozenset()
    signed_by: Mapping[str, SigningKey | tuple[SigningKey, ...]] = {}
    statement_subject: Mapping[str, str] = {}
    rekor_annotation: str | None = None

    statement: Hook | None = None
    attestation_manifest: Hook | None = None
    payload: Hook | None = None
    signature: Hook | None = None  # gets and returns bytes
    signature_manifest: Hook | None = None
    image_config: PlatformHook | None = None
    platform_manifest: PlatformHook | None = None
    index: Callable[[JSON], JSON] | None = None

    def about(self, platform: str, digest: str) -> About:
        return About(
            product=self.product,
            version=self.label_version,
            tags=self.tags,
            platform=platform,
            digest=digest,
            at=self.at,
            packages=self.packages,
            stig_rules=self.stig_rules,
            extra_packages=(*self.shell, *({"apk": "apk-tools"}.get(word, word) for word in self.package_manager)),
        )

    @property
    def places(self) -> tuple[str, ...]:
        """The platforms that have a manifest; a chart has one, without a name."""
        return ("",) if self.chart else self.platforms

    @property
    def has_index(self) -> bool:
        return self.as_index and not self.chart

    @property
    def label_version(self) -> str:
        return self.version or self.tags[-1]

    def signers(self, uri: str) -> tuple[SigningKey, ...]:
        """Who signs the attestation of this type; nobody when it is to be unsigned."""
        if any(kinds.means(word, uri) for word in self.unsigned):
            return ()
        chosen = said_of(self.signed_by, uri)
        if chosen is None:
            return self.keys
        return chosen if isinstance(chosen, tuple) else (chosen,)

    def chosen_predicates(self) -> dict[str, Predicate]:
        """By predicate type, in the order in which they are published."""
        chosen = _usual(self)
        for word, predicate in self.evidence.items():
            for uri in [uri for uri in kinds.uris(word) if uri in chosen] or kinds.uris(word)[:1]:
                chosen[uri] = predicate
        left_out = {uri for word in self.omit for uri in kinds.uris(word)}
        return {uri: predicate for uri, predicate in chosen.items() if predicate is not None and uri not in left_out}


def _usual(spec: ImageSpec) -> dict[str, Predicate]:
    """All kinds with one version of SLSA provenance; STIG and FIPS only where the compliance label claims them."""
    from tests.publisher.predicates import CLEAN

    absent = {kinds.SLSA_V1 if spec.slsa == "v0.2" else kinds.SLSA_V02}
    if "fips" not in spec.compliance:
        absent.add(kinds.FIPS)
    if not {"fips", "stig"} & set(spec.compliance):
        absent.add(kinds.STIG)
    if spec.chart:
        absent |= kinds.NOT_ON_CHARTS
    return {uri: make for uri, make in CLEAN.items() if uri not in absent}


def said_of(choices: Mapping[str, JSON], uri: str) -> JSON:
    """What `choices` by word say of this type: the most exact word decides, None when there is none."""
    words = [word for word in choices if kinds.means(word, uri)]
    return choices[min(words, key=lambda word: len(kinds.uris(word)))] if words else None


def only(word: str, change: Callable[[JSON], JSON], platform: str = "") -> Hook:
    """A hook for one kind, and one platform if named; all else is published as it was."""

    def hook(uri: str, where: str, document: JSON) -> JSON:
        meant = kinds.means(word, uri) if word else uri == DIRECT
        return change(document) if meant and platform in ("", where) else document

    return hook


FIPS: Mapping[str, JSON] = {
    "tags": ("3.13-fips", "3.13-debian13-fips", "3.13.15-debian13-fips"),
    "compliance": ("fips", "stig", "cis"),
}
"""Fields of a FIPS image: all 15 kinds."""

DEV: Mapping[str, JSON] = {
    "tags": ("3.13-dev", "3.13-debian13-dev", "3.13.15-debian13-dev"),
    "variant": "dev",
    "user": "root",
    "shell": ("bash",),
    "package_manager": ("apt",),
}
"""Fields of a development image: root, a shell and a package manager, all of them labelled."""

CHART: Mapping[str, JSON] = {"product": "dhi/redis-chart", "tags": ("1.2.3",), "chart": True}
"""Fields of a Helm chart."""
