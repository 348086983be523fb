"""Which OpenVEX documents may speak about a platform, and what they come to for the findings of its scans.

A document that hangs on the image and is verified under the trust by which its evidence is judged speaks about all of
its packages. A file besides speaks where the one who signed it also signed the image's evidence: a feed of Docker's
about Docker's images, and about nobody else's; or where the policy vouches for the file itself, by digest. What speaks
for the base of an image in this way speaks for the packages of the base, and for no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from verifier import attestation, strictjson
from verifier.attestation.vex import read_document
from verifier.attestation.vulnerability_scan import findings
from verifier.errors import ConfigurationError, EvidenceInvalid
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Digest, Package, Plan, Reference, Signer, Status, VexFile
from verifier.model.trust import Trust
from verifier.verification.binding import Judged, entry
from verifier.verification.examine import Examination
from verifier.verification.facts import PlatformEvidence
from verifier.verification.identity import acceptable_products
from verifier.vex.heard import Heard, Refused
from verifier.vex.matching import matched
from verifier.vex.scope import Image
from verifier.vex.statements import Document, Finding
from verifier.vex.voices import Installed, Voice

_ABOUT_INDEX = "it speaks about the index; a VEX document counts for the platform that it names by digest"
_UNLISTED = "no OpenVEX document is heard about the packages of the base"
_SCOUT = "https://scout.docker.com/vulnerabilities/v0.1"


class Feed(msgspec.Struct, frozen=True):
    """A document that came as a file. `signer` is None where the policy vouches for it; `problem` says why not to."""

    path: str
    digest: str
    document: Document | None = None
    signer: Signer | None = None
    problem: str = ""


def feeds_of(files: Sequence[VexFile], trust: Trust) -> tuple[Feed, ...]:
    """The documents of a plan, each read and checked once in a run of one image.

    Raises `ConfigurationError` for a file that cannot be read, and for one whose digest is not the pinned one.
    """
    return tuple(_feed(file, trust) for file in files)


def _feed(file: VexFile, trust: Trust) -> Feed:
    body = read_regular(Path(file.path), f"VEX document {file.path!r}", DEFAULT_LIMITS.attestation_bytes)
    feed = Feed(file.path, str(Digest.of(body)))
    if file.bundle:
        from verifier.verification.blob import check_bytes

        checked = check_bytes(body, file.bundle, trust)
        if checked.status is not Status.VERIFIED:
            return replace(feed, problem=f"its bundle is no proof: {checked.reason}")
        feed = replace(feed, signer=checked.signer)
    elif feed.digest not in file.digests:
        pinned = ", ".join(file.digests)
        raise ConfigurationError(
            f"the VEX document {file.path!r} is {feed.digest}, and the policy vouches for {pinned}",
            hint="Take the file that was pinned, or pin this one after you have looked at it.",
        )
    try:
        document = read_document(strictjson.loads(body), feed.digest)
    except (strictjson.JSONRefused, attestation.Unreadable) as fault:
        return replace(feed, problem=f"it cannot be read: {fault}")
    signer = feed.signer.name if feed.signer else "the policy, by digest"
    return replace(feed, document=replace(document, place=file.path, signer=signer))


def has_findings(examination: Examination) -> bool:
    """Whether a verified scan of any platform found something that a document could excuse."""
    return any(map(_scans, examination.platforms))


def heard(examination: Examination, plan: Plan, trust: Trust, *, thorough: bool = False) -> Examination:
    """The examination, each platform with what documents say about its findings; see `with_vex`."""
    feeds = feeds_of(plan.vex, trust)
    requested, index = examination.image.requested, examination.index
    platforms = (with_vex(one, requested, feeds, index, thorough=thorough) for one in examination.platforms)
    return replace(examination, platforms=tuple(platforms))


def with_vex(
    platform: PlatformEvidence,
    requested: Reference,
    feeds: Sequence[Feed] = (),
    index: Sequence[Judged] = (),
    *,
    thorough: bool = False,
) -> PlatformEvidence:
    """The platform with what documents say about its findings.

    Where nothing was found no document is opened, unless `thorough`. `index` is verified evidence about indexes.
    """
    found = _findings(platform)
    attached = [judged for judged in platform.verified if judged.kind == "vex"]
    above = [one for one in index if one.kind == "vex" and one.verified and platform.digest not in one.covers]
    below = platform.beneath.vex if platform.beneath else None
    if not (attached or above or feeds or below) or not (found or thorough):
        return platform
    read = [*map(_attached, attached), *(_applied(feed, platform) for feed in feeds)]
    documents = tuple({one.digest: one for one in read if isinstance(one, Document)}.values())
    refused = [one for one in (*read, *map(_of_index, above)) if isinstance(one, Refused)]
    voices = [Voice(documents, image_of(platform, requested))]
    if below:
        of_base, unheard = _of_base(platform, below)
        voices += of_base
        spoken = {one.digest for voice in of_base for one in voice.documents}
        refused = [one for one in refused if one.digest not in spoken]
        refused += [one for one in unheard if one.digest not in {known.digest for known in refused}]
    if sum(len(voice.documents) for voice in voices) > DEFAULT_LIMITS.vex_documents:
        refused = [Refused("", f"more than {DEFAULT_LIMITS.vex_documents} documents speak, so none is heard")]
        voices = []
    return replace(platform, vex=Heard(tuple(voices), tuple(refused), matched(voices, found), len(found)))


def _of_base(platform: PlatformEvidence, below: Heard) -> tuple[list[Voice], list[Refused]]:
    """What speaks for the base, about the packages that its own verified bills of materials list."""
    if platform.base is None or platform.beneath is None:
        return [], []
    bills = _bills(platform.beneath)
    try:
        purls = [package.purl for bill in bills for package in _listed(bill)]
    except EvidenceInvalid as fault:
        return [], [Refused("", f"{_UNLISTED} {platform.base.reference}: {fault}")]
    if not bills and below.documents():
        return [], [Refused("", f"{_UNLISTED} {platform.base.reference}: it has no verified SBOM")]
    packages = Installed(purls)
    voices = [replace(voice, base=platform.base.reference, packages=packages) for voice in below.voices]
    return voices, list(below.refused)


def _bills(platform: PlatformEvidence) -> list[Judged]:
    """The verified ones of the preferred form, whatever else was read: what is excused must not depend on that."""
    of_forms = ([j for j in platform.verified if j.predicate_type in form] for form in attestation.forms("sbom"))
    return next(filter(None, of_forms), [])


def _listed(bill: Judged) -> Iterable[Package]:
    from verifier.attestation import decode

    return decode.packages(bill.statement, entry(bill)).packages if bill.statement else ()


def _findings(platform: PlatformEvidence) -> list[Finding]:
    predicates = (attestation.predicate(scan.statement) for scan in _scans(platform) if scan.statement)
    return [finding for predicate in predicates for finding in findings(predicate)]


def _scans(platform: PlatformEvidence) -> list[Judged]:
    """Those in Scout's form that found something. Most hardened images have none, and then nothing is read again."""
    return [one for one in platform.verified if one.predicate_type == _SCOUT and one.facts.get("count")]


def _attached(judged: Judged) -> Document | Refused:
    place, digest = judged.candidate.origin.place, str(judged.candidate.digest)
    try:
        if judged.statement is None:
            return Refused(place, "its statement is not at hand", digest)
        document = read_document(attestation.predicate(judged.statement), digest)
    except (attestation.Unreadable, attestation.PredicateMissing) as fault:
        return Refused(place, f"it cannot be read: {fault}", digest)
    signer = judged.checked.signer.name if judged.checked.signer else ""
    return replace(document, place=place, signer=signer)


def _applied(feed: Feed, platform: PlatformEvidence) -> Document | Refused:
    if feed.document is None:
        return Refused(feed.path, feed.problem, feed.digest)
    signers = [judged.checked.signer for judged in platform.verified if judged.checked.signer]
    if not signers:
        return Refused(feed.path, "no verified evidence says whose image this is", feed.digest)
    if feed.signer and not any(_is_same(feed.signer, signer) for signer in signers):
        others = ", ".join(sorted({signer.name for signer in signers}))
        reason = f"it is signed by {feed.signer.name}, and the evidence of the image by {others}"
        return Refused(feed.path, reason, feed.digest)
    return feed.document


def _is_same(one: Signer, other: Signer) -> bool:
    both_dhi = one.is_dhi and other.is_dhi  # keys of the keyring follow one another
    return both_dhi or one.fingerprint == other.fingerprint or one.name == other.name


def _of_index(judged: Judged) -> Refused:
    return Refused(judged.candidate.origin.place, _ABOUT_INDEX, str(judged.candidate.digest))


def image_of(platform: PlatformEvidence, requested: Reference) -> Image:
    """What documents may call this platform: its signed products, on their registries too, and the requested name.

    A name that stands for a product counts only where that product is signed: a registry may answer with another image.
    """
    names = {name for product in platform.products for name in _names(product.lower())}
    products = acceptable_products(requested)
    if not requested.is_layout and (not products or not set(products).isdisjoint(platform.products)):
        names.add(requested.name.lower())
    digests = frozenset(map(str, (platform.digest, *platform.indexes)))
    return Image(frozenset(names), digests, frozenset(platform.tags), str(platform.image.configured))


def _names(product: str) -> Iterator[str]:
    yield from (product, f"docker.io/{product}", f"index.docker.io/{product}")
    if product.startswith("dhi/"):
        yield f"dhi.io/{product.removeprefix('dhi/')}"


def notes_of(platforms: Iterable[PlatformEvidence]) -> tuple[str, ...]:
    """For a report: documents that do not speak, and findings on which documents disagree; equal lines once."""
    return tuple(dict.fromkeys(line for platform in platforms if platform.vex for line in platform.vex.notes()))
