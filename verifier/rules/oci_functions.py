"""`oci.…` and `dhi.…`: verified statements, facts from them, and the image that was asked for.

    oci.referrer(type)                 {statement, image} of the newest verified statement of a predicate type, or null
    oci.referrer_by_digest(ref, d)     the same of the attestation manifest with digest d, or null
    oci.referrer_index(ref, d)         an OCI index that lists those manifests
    oci.index(ref, d)                  the OCI index through which this platform was resolved; null for a single image
    oci.image_digest(ref)              the digest that the image's name was resolved to
    oci.canonical_name(ref)            "docker.io/library/node" for "node:25"
    dhi.referrers(type)                {statement, image} of all verified statements of a type, newest first
    dhi.facts(kind)                    what readers derived from all statements of a kind, each with its digest

Names and parameters are those of https://docs.docker.com/scout/policy/local/; what they return is not documented
further. An image is known by its digest here, that of the platform or of its index; a question about another one is a
fault of the rule, as an answer would have to be fetched.
"""

from __future__ import annotations

from typing import Any

from verifier.rules.functions import NO_EVIDENCE, Functions, Session, digest_of
from verifier.rules.image_names import canonical_name, parts_of

_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_IN_TOTO = "application/vnd.in-toto+json"


def functions(session: Session) -> Functions:
    """The functions by name."""
    known = _Known(session)
    return {
        "oci.referrer": (1, known.referrer),
        "oci.referrer_by_digest": (2, known.referrer_by_digest),
        "oci.referrer_index": (2, known.referrer_index),
        "oci.index": (2, known.index),
        "oci.image_digest": (1, known.image_digest),
        "oci.canonical_name": (1, known.canonical_name),
        "dhi.referrers": (1, known.referrers),
        "dhi.facts": (1, known.facts),
    }


class _Known:
    """Answers from what the session's platform holds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def referrer(self, predicate_type: Any) -> dict[str, Any] | None:
        found = self._session.referrers(predicate_type)[:1]
        return self._session.given(found)[0] if found else None

    def referrers(self, predicate_type: Any) -> list[dict[str, Any]]:
        return self._session.given(self._session.referrers(predicate_type))

    def referrer_by_digest(self, name: Any, digest: Any) -> dict[str, Any] | None:
        self._session.text(name, "an image reference")
        wanted = self._session.text(digest, "a digest")
        for predicate_type, images in self._session.platform.images.items():
            for place, image in enumerate(images):
                if digest_of(image) == wanted:
                    return self._session.given([self._session.referrers(predicate_type)[place]])[0]
        self._session.asked[wanted] = None  # nothing verified answers, which a rule must not pass over
        return None

    def referrer_index(self, name: Any, digest: Any) -> dict[str, Any]:
        """What stands in it is known by signed statements; sizes are left out, as no statement is about them."""
        self._about_this_image("oci.referrer_index", name, digest)
        manifests = [
            {
                "mediaType": _MANIFEST,
                "artifactType": _IN_TOTO,
                "digest": digest_of(image),
                "annotations": {"in-toto.io/predicate-type": predicate_type},
            }
            for predicate_type, images in self._session.platform.images.items()
            for image in images
        ]
        return {"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests}

    def index(self, name: Any, digest: Any) -> dict[str, Any] | None:
        self._about_this_image("oci.index", name, digest)
        platform = self._session.platform
        root = platform.image.get("index", {}).get("digest", "")
        return platform.indexes.get(digest, platform.indexes.get(root))

    def image_digest(self, name: Any) -> str:
        """A reference with a digest answers itself; a tag is only known of the image that was asked for."""
        try:
            asked, tag, digest = parts_of(self._session.text(name, "an image reference"))
        except ValueError as fault:
            raise self._session.fail(f"oci.image_digest: {fault}") from None
        if digest:
            return digest
        image = self._session.platform.image
        requested = image.get("requested", {})
        verified = f"{requested.get('registry', '')}/{requested.get('repository', '')}"
        if (asked, tag or "latest") == (verified, requested.get("tag")):
            return str(image["index"]["digest"])
        raise self._session.fail(
            f"oci.image_digest of {str(name)[:200]!r} is not available here: rules fetch nothing, and this run "
            f"resolved {verified}:{requested.get('tag', '')}"
        )

    def canonical_name(self, name: Any) -> str:
        try:
            return canonical_name(self._session.text(name, "an image reference"))
        except ValueError as fault:
            raise self._session.fail(f"oci.canonical_name: {fault}") from None

    def facts(self, kind: Any) -> list[dict[str, Any]]:
        session, platform = self._session, self._session.platform
        kind = session.text(kind, "a kind of evidence")
        found = platform.facts.get(kind, [])
        if kind == "image" and not found:
            raise session.fail("nothing is known of the image that was asked for")
        if kind in NO_EVIDENCE:
            return found
        if kind not in platform.types and not found:
            known = ", ".join(sorted(platform.types))
            raise session.fail(f"there is no kind of evidence {kind[:80]!r}; known are: {known}")
        session.asked[kind] = None
        for fact in found:
            session.read[str(fact.get("digest", ""))] = None
            if "unreadable" in fact:
                raise session.fail(f"the {kind} document {fact.get('digest', '')} cannot be read: {fact['unreadable']}")
        return found

    def _about_this_image(self, function: str, name: Any, digest: Any) -> None:
        self._session.text(name, "an image reference")
        wanted = self._session.text(digest, "a digest")
        platform = self._session.platform
        own = platform.input.get("source", {}).get("image", {}).get("digest", "")
        known = {own, platform.image.get("index", {}).get("digest", ""), *platform.indexes} - {""}
        if wanted not in known:
            raise self._session.fail(
                f"{function} of {wanted[:200]!r} is not available here: rules fetch nothing, and this run is about "
                f"{', '.join(sorted(known))}"
            )
