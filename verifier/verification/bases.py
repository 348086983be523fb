"""The base of each platform: named, compared layer by layer, and judged as an image of its own.

What names a base is a hint, whoever wrote it: the user with `--base`, signed provenance, or else a label. What decides
is that the layers are the base's, and what the base's own evidence says: one more run of the same line, no further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from verifier.errors import (
    EvidenceMissing,
    EvidenceUntrusted,
    LimitExceeded,
    MalformedContent,
    NotFound,
    ReferenceInvalid,
)
from verifier.evidence import run
from verifier.limits import DEFAULT_LIMITS
from verifier.model import BaseDemand, BaseEntry, ImageResult, Platform, Reference, Relation
from verifier.oci import parse_reference
from verifier.policy.match import matches
from verifier.verification.ancestry import layers_of, relation
from verifier.verification.examine import Examination, Task
from verifier.verification.facts import PlatformEvidence
from verifier.verification.image import PlatformImage, entries_of, platform_image

_BASE_NAME, _BASE_DIGEST = "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"
_DHI_NAME, _DHI_VERSION, _DHI_VARIANT, _DHI_END = (
    f"com.docker.dhi.{label}" for label in ("name", "version", "variant", "date.end-of-life")
)
_NONE = BaseEntry(reason="neither signed provenance nor a label names an approved image")


class Named(msgspec.Struct, frozen=True):
    """An image that may be the base, and what named it."""

    reference: Reference
    source: str


class Compared(msgspec.Struct, frozen=True):
    """An image that may be the base, beside one platform of ours. `reference` is by digest."""

    named: Named
    reference: Reference
    image: PlatformImage
    relation: Relation
    reason: str

    @property
    def rank(self) -> tuple[int, int]:
        """The best proof, and then the base that reaches furthest up."""
        return (Relation.PROVED, Relation.CLAIMED, Relation.REFUTED).index(self.relation), -len(layers_of(self.image))


class Judge(msgspec.Struct, frozen=True):
    """How an image of another name is reached and decided: `task` without evidence, `decide` as a whole.

    `decide` takes the image by digest, the name by which it was asked for, and the platforms that count.
    """

    task: Callable[[Reference], Task]
    decide: Callable[[Reference, Reference, Sequence[str]], tuple[ImageResult, Examination]]


class Beneath(msgspec.Struct, frozen=True):
    """The base of one platform, and its `evidence` where it is proved, approved and its evidence trusted."""

    entry: BaseEntry
    evidence: PlatformEvidence | None = None


class PlatformMissing(NotFound):
    """The index that was read has no manifest for the platform: it is not the base of that one."""


def bases_of(examination: Examination, demand: BaseDemand, judge: Judge) -> list[Beneath]:
    """The base of each platform, in their order.

    Raises `RegistryError` or `AuthenticationError` when what may be the base cannot be read: nothing may be concluded
    then, also where another image is proved to be below, for the one that was hidden may reach further up.
    """
    found = [_best(platform, demand, judge) for platform in examination.platforms]
    decided: dict[Reference, tuple[ImageResult, Examination]] = {}
    for compared in found:
        if compared and compared.relation is not Relation.REFUTED and compared.reference not in decided:
            same = [one.image.name for one in found if one and one.reference == compared.reference]
            decided[compared.reference] = judge.decide(compared.reference, compared.named.reference, same)
    return [_beneath(one, demand, decided.get(one.reference)) if one else Beneath(_NONE) for one in found]


def _best(platform: PlatformEvidence, demand: BaseDemand, judge: Judge) -> Compared | None:
    named, compared, missing = list(_named(platform, demand)), [], []
    if len(named) > DEFAULT_LIMITS.bases:
        raise LimitExceeded(f"{len(named)} images may be the base; at most {DEFAULT_LIMITS.bases} are compared")
    for one in named:
        try:
            compared.append(_compared(platform.image, one, judge.task(one.reference)))
        except PlatformMissing as fault:
            missing.append(fault)
    best = min(compared, key=lambda one: one.rank, default=None)
    if missing and (best is None or best.relation is not Relation.PROVED):
        raise missing[0]
    return best


def _named(platform: PlatformEvidence, demand: BaseDemand) -> Iterator[Named]:
    if demand.reference:
        yield Named(parse_reference(demand.reference), "--base")
        return
    signed = list(_approved(_by_provenance(platform), demand, "provenance"))
    yield from signed or _approved(_by_labels(platform.image), demand, "label")


def _approved(texts: Iterator[str], demand: BaseDemand, source: str) -> Iterator[Named]:
    """Only names that policy approves are ever asked for: a statement must not choose which hosts are contacted."""
    for text in dict.fromkeys(texts):
        try:
            reference = parse_reference(text)
        except ReferenceInvalid:
            continue
        if not reference.is_layout and _is_approved(reference, demand):
            yield Named(reference, source)


def _by_provenance(platform: PlatformEvidence) -> Iterator[str]:
    """The images that went into the build, by digest, as verified provenance lists them."""
    for judged in platform.verified:
        for image in judged.facts.get("images", ()) if judged.kind == "provenance" else ():
            tag = f":{image['tag']}" if image["tag"] else ""
            yield f"{image['name']}{tag}@{image['digest']}"


def _by_labels(image: PlatformImage) -> Iterator[str]:
    """What the image says of itself: OCI's annotations, and the labels that a hardened base leaves behind."""
    texts = {**image.labels, **image.manifest.annotations}
    name, digest = texts.get(_BASE_NAME), texts.get(_BASE_DIGEST)
    if isinstance(name, str) and name:
        yield f"{name.partition('@')[0]}@{digest}" if isinstance(digest, str) and digest else name
    product, version = image.labels.get(_DHI_NAME), image.labels.get(_DHI_VERSION)
    if isinstance(product, str) and product.startswith("dhi/") and isinstance(version, str) and version:
        yield f"dhi.io/{product.removeprefix('dhi/')}:{version}"


def _compared(image: PlatformImage, named: Named, task: Task) -> Compared:
    base, reference = _platform_of(named.reference, image, task)
    found, reason = relation(image, base)
    return Compared(named, reference, base, found, reason)


def _platform_of(reference: Reference, image: PlatformImage, task: Task) -> tuple[PlatformImage, Reference]:
    """The base's manifest for the platform of `image`. No evidence is fetched. Raises `RegistryError`."""
    root = task.source.resolve(reference)
    (listing,) = run([entries_of(task.source, root)], task.jobs, task.alive)
    wanted = _nameable(image)
    fitting = [entry for entry in listing.entries if entry.platform in (None, wanted)]
    for found in run([platform_image(task.source, entry) for entry in fitting], task.jobs, task.alive):
        if (found.announced or found.configured) == wanted:
            return found, reference.at(root.digest)
    raise PlatformMissing(f"the base {reference} has no platform {wanted}", hint="Name a base that has it with --base.")


def _nameable(image: PlatformImage) -> Platform:
    """Its platform, by which the base's is chosen. Raises `MalformedContent` for what is no platform."""
    wanted = image.announced or image.configured
    try:
        known = Platform.parse(image.name) == wanted
    except ReferenceInvalid:
        known = False
    if not known:
        raise MalformedContent(f"expected a platform as os/architecture, found {image.name!r:.100}: it has no base")
    return wanted


def _beneath(compared: Compared, demand: BaseDemand, decided: tuple[ImageResult, Examination] | None) -> Beneath:
    entry = BaseEntry(
        reference=f"{compared.reference.name}@{compared.reference.digest}",
        digest=str(compared.image.digest),
        source=compared.named.source,
        relation=compared.relation,
        reason=compared.reason,
        layers=len(layers_of(compared.image)),
        policy=demand.policy,
        approved=_is_approved(compared.reference, demand),
    )
    if not decided:
        return Beneath(entry)
    result, examination = decided
    own = next((one for one in examination.platforms if one.digest == compared.image.digest), None)
    entry = _judged(entry, compared.image, result, own)
    trusted = entry.approved and entry.relation is Relation.PROVED and entry.exit_code < EvidenceMissing.exit_code
    return Beneath(entry, own if trusted else None)


def _judged(entry: BaseEntry, image: PlatformImage, result: ImageResult, own: PlatformEvidence | None) -> BaseEntry:
    """With what the base's own evidence says. Its labels count, since that evidence is about its configuration.

    Trusted evidence of its other platforms is none of this one: the code is then what it would be alone.
    """
    verified = own.verified if own else ()
    built = [j.facts for j in verified if j.kind == "provenance" and j.facts.get("finished_ns")]
    newest = max(built, key=lambda facts: facts["finished_ns"], default={})
    return replace(
        entry,
        verdict=result.verdict,
        exit_code=result.exit_code if own and own.proved else max(result.exit_code, EvidenceUntrusted.exit_code),
        reasons=result.reasons,
        is_dhi=result.is_dhi,
        product=result.product,
        tags=own.tags if own else (),
        signers=tuple(sorted({judged.checked.signer.name for judged in verified if judged.checked.signer})),
        variant=_label(image, _DHI_VARIANT) if verified else "",
        end_of_life=_label(image, _DHI_END) if verified else "",
        built=newest.get("finished", ""),
    )


def _label(image: PlatformImage, name: str) -> str:
    value = image.labels.get(name)
    return value[: DEFAULT_LIMITS.report_text] if isinstance(value, str) else ""


def _is_approved(reference: Reference, demand: BaseDemand) -> bool:
    """What the user named with `--base` needs no other approval where the document states none."""
    if demand.reference and not demand.images:
        return True
    return any(matches(pattern, reference) for pattern in demand.images)
