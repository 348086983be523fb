"""The base of an image: what is demanded of it, and what was found."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from verifier.model.verdicts import Verdict


class Relation(StrEnum):
    """How an image stands to what is said to be its base."""

    PROVED = "proved"  # the first compressed layers are all layers of the base
    CLAIMED = "claimed"  # only the content of the layers, as the configurations state it, is the same
    REFUTED = "refuted"


class BaseDemand(msgspec.Struct, frozen=True):
    """What the base of an image must be. `images` are patterns of names; only those are ever fetched.

    `reference` is the one that the user named, "" to find it from signed provenance. `policy` judges the base, with
    `key_files` in place of its signers where there are some. `max_age_days` of 0 means any age, empty `variants` any
    variant. `supported` asks that its end of life lie ahead, `accept_claimed` takes equal contents for a proof.
    """

    images: tuple[str, ...] = ()
    reference: str = ""
    policy: str = "dhi"
    key_files: tuple[str, ...] = ()
    max_age_days: int = 0
    variants: tuple[str, ...] = ()
    supported: bool = True
    accept_claimed: bool = False


class BaseEntry(msgspec.Struct, frozen=True, rename="camel"):
    """The base of one platform. It says nothing about the layers above, which may replace any file of the base.

    `reference` is `name@sha256:…`, `digest` that of the base's manifest for this platform, `source` what named it:
    `--base`, `provenance` or `label` (a hint, by whoever built the image). `layers` counts those of the base. `verdict`
    and `reasons` are the base's own, under `policy`; `is_dhi` is said of the base, by its own evidence. `built` is when
    its newest provenance says that it was built. `reason` says why the relation is not proved, or that none was found.
    `approved` says that its name is one of those demanded.
    """

    reference: str = ""
    digest: str = ""
    source: str = ""
    relation: Relation = Relation.REFUTED
    reason: str = ""
    layers: int = 0
    verdict: Verdict = Verdict.ERROR
    exit_code: int = 0
    reasons: tuple[str, ...] = ()
    policy: str = ""
    is_dhi: bool = False
    product: str = ""
    tags: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    variant: str = ""
    end_of_life: str = ""
    built: str = ""
    approved: bool = False
