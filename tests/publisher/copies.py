"""Takes what hangs on one image and hangs it on another, as anyone with push rights can: the replays.

copy_tag(old, old.index_digest, new, new.index_digest)
copy_referrers(old, old["amd64"].digest, new, new["amd64"].digest)
"""

from __future__ import annotations

from tests.publisher.attached import Attached, digests
from tests.publisher.documents import INDEX, cosign_tag, fallback_tag, index_of
from tests.publisher.published import PublishedImage


def copy_tag(
    source: PublishedImage, source_subject: str, target: PublishedImage, target_subject: str, suffix: str = "sig"
) -> Attached:
    """Puts the manifest under cosign's tag of one subject under that of another, unchanged. Raises KeyError."""
    digest = source.tags[cosign_tag(source_subject, suffix)]
    target.manifests[digest] = source.manifests[digest]
    _copy_blobs(source, digest, target)
    tag = cosign_tag(target_subject, suffix)
    target.tags[tag] = digest
    return Attached(digest, digests(source.document(digest)["layers"]), tag)


def copy_referrer(
    source: PublishedImage, digest: str, target: PublishedImage, target_subject: str, *, rewrite: bool = True
) -> Attached:
    """Hangs one referrer on another subject, naming that one in its manifest; without `rewrite` it is only listed."""
    document = source.document(digest)
    _copy_blobs(source, digest, target)
    subject = target.descriptor(target_subject)
    found = target.attach(subject, {**document, "subject": subject} if rewrite else document)
    return Attached(found["digest"], digests(document["layers"]))


def copy_referrers(
    source: PublishedImage, source_subject: str, target: PublishedImage, target_subject: str
) -> list[Attached]:
    """All that is listed at a subject, and what hangs on that in turn, every manifest naming its new subject."""
    copied = []
    for entry in list(source.listings.get(source_subject, [])):
        found = copy_referrer(source, entry["digest"], target, target_subject)
        copied += [found, *copy_referrers(source, entry["digest"], target, found.digest)]
    return copied


def _copy_blobs(source: PublishedImage, digest: str, target: PublishedImage) -> None:
    document = source.document(digest)
    for named in digests([document.get("config"), *document["layers"]]):
        target.blobs[named] = source.blobs[named]


def to_fallback_tag(image: PublishedImage, subject: str) -> str:
    """Moves a listing into an index under the fallback tag, as clients leave it where no API was: sorted and bare.

    Registries that got the Referrers API later still hold such tags. Gives the tag.
    """
    listed = sorted(image.listings.pop(subject, []), key=lambda entry: str(entry["digest"]))
    bare = [{name: entry[name] for name in entry if name != "annotations"} for entry in listed]
    tag = fallback_tag(subject)
    image.tags[tag] = image.put_manifest(index_of(bare), INDEX)["digest"]
    return tag
