"""Checks of the images that a build uses: their names, their variants, and what verification said about them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from verifier.dockerfile.bases import Base, ImageEntry, Verified
from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.scene import Scene, base_of, images
from verifier.dockerfile.stages import Build, Use
from verifier.limits import DEFAULT_LIMITS

_REASONS = 3


def check_images(scene: Scene, verified: Mapping[str, Verified]) -> Iterator[Finding]:
    """Of every image once for each place where it is named."""
    for use in images(scene.build):
        base = base_of(use, verified)
        if base.image.reference is None:
            yield _unnamed(base)
            continue
        final = use is scene.base.use
        if not base.image.hardened:
            yield _not_hardened(base, final=final)
        if base.decided and base.decided.exit_code:
            yield _refused(base, base.decided)
        yield from _variant(base, final=final)
        if not base.image.reference.digest:
            yield _unpinned(base)
    if scene.base.is_scratch:
        yield _on_scratch(scene.base)
    for use in _copied_whole(scene.build):
        base = scene.roots[use.stage] if use.stage is not None else base_of(use, verified)
        if base.use.is_image and not base.image.hardened and not (base.decided and base.decided.allowed):
            yield _whole(use, base, "base-not-hardened", "no Docker Hardened Image by its name")
        elif _is_for_building(base):
            yield _whole(use, base, "build-variant-in-final-stage", "an image for building")


def _copied_whole(build: Build) -> Iterator[Use]:
    """Where the final image takes everything that another one has."""
    for stage in build.chain(build.final):
        for use in stage.uses:
            sources = use.instruction.args[:-1] if use.how == "copy" else ()
            if any(posixpath.normpath(f"/{source}").strip("/") in ("", "*") for source in sources):
                yield use


def _whole(use: Use, base: Base, id: str, what: str) -> Finding:  # noqa: A002 - the field's name
    message = f"the final image takes all files of {base.shown}, which is {what}"
    place = use.instruction.place(use.word)
    remedy = "Copy only what the program needs."
    return Finding(id, Severity.ERROR, place, message, remedy, str(base.image.reference or ""))


def check_stages(build: Build) -> Iterator[Finding]:
    """Stages that nothing needs."""
    needed = build.needed()
    for stage in build.stages:
        if stage.number not in needed:
            yield Finding(
                "unused-stage",
                Severity.NOTE,
                stage.base.instruction.place(),
                f"{stage.shown} is not needed for the final image",
                "Remove it, unless it is built with --target.",
            )


def _at(base: Base, id: str, severity: Severity, message: str, remedy: str) -> Finding:  # noqa: A002 - the field's name
    place = base.use.instruction.place(base.use.word)
    return Finding(id, severity, place, message, remedy, str(base.image.reference or ""))


def _unnamed(base: Base) -> Finding:
    if base.image.placeholder:
        return _at(
            base,
            "placeholder",
            Severity.ERROR,
            f"{base.image.placeholder!r:.100} is a placeholder of the documentation, not a name",
            "Write dhi.io/NAME:TAG, or docker.io/ORGANIZATION/dhi-NAME:TAG for your mirror.",
        )
    remedy = "Name a stage above, or an image as HOST/NAME:TAG."
    return _at(base, "invalid-reference", Severity.ERROR, base.image.fault[: DEFAULT_LIMITS.report_text], remedy)


def _not_hardened(base: Base, *, final: bool) -> Finding:
    """Evidence outranks a name: what policy allows after verification is no error."""
    name = base.image.reference.name if base.image.reference else ""
    remedy = "Build on an image of dhi.io, or of your mirror of it (ORGANIZATION/dhi-NAME)."
    if not final:
        role = {"from": "a stage is based on", "copy": "files come from", "mount": "a command uses"}[base.use.how]
        message = f"{role} {name:.200}, which is no Docker Hardened Image by its name"
        return _at(base, "base-not-hardened", Severity.WARNING, message, remedy)
    allowed = base.decided is not None and base.decided.allowed
    said = ", though your policy allows it" if allowed else ""
    message = f"the final image is based on {name:.200}, which is no Docker Hardened Image by its name{said}"
    return _at(base, "base-not-hardened", Severity.WARNING if allowed else Severity.ERROR, message, remedy)


def _on_scratch(base: Base) -> Finding:
    message = "the final image is based on scratch: it has no evidence, no CA certificates and no user but root"
    remedy = "Use dhi.io/static, which adds just these."
    return _at(base, "base-not-hardened", Severity.WARNING, message, remedy)


def _refused(base: Base, decided: ImageEntry) -> Finding:
    reasons = "; ".join(dict.fromkeys(decided.reasons[:_REASONS])) or f"the verdict is {decided.verdict}"
    word = "could not be verified" if decided.exit_code > 4 else "is refused"
    message = f"{decided.reference} {word}: {reasons}"
    remedy = decided.hint or f"See `dhiverify image {decided.reference}`."
    return _at(base, "verification-refused", Severity.ERROR, message[: DEFAULT_LIMITS.report_text], remedy)


def _variant(base: Base, *, final: bool) -> Iterator[Finding]:
    tag, labels = base.image.tag, base.known.variants if base.known else frozenset()
    if not base.image.hardened:
        return
    named = tag.variant if base.image.reference and base.image.reference.tag else ""
    if named and labels and labels != {named} and not (final and "dev" in labels):
        said = " and ".join(sorted(labels))
        yield _at(
            base,
            "variant-mismatch",
            Severity.WARNING,
            f"the tag {tag.text!r} names a {named} variant, and the image says that it is {said:.60}",
            "Check which image the tag or digest belongs to.",
        )
    if final and _is_for_building(base):
        yield _building(base)


def _is_for_building(base: Base) -> bool:
    return base.image.hardened and (base.image.tag.for_building or bool(base.known and "dev" in base.known.variants))


def _building(base: Base) -> Finding:
    tag = base.image.tag
    kind = "an SDK" if tag.has("sdk") and not tag.has("dev") else "a -dev variant"
    message = f"the final image is based on {kind}, which brings a shell, build tools and root"
    place = base.image.reference.name if base.image.reference else ""
    twin = f"{place}:{tag.runtime_twin}" if tag.runtime_twin else ""
    remedy = f"Keep it for a build stage, and base the final stage on {twin or 'the runtime variant'}"
    if twin:
        remedy += ", its runtime twin"
    if tag.customisation:
        remedy += f", or a customization of that instead of {tag.customisation!r:.60}"
    return _at(base, "build-variant-in-final-stage", Severity.ERROR, message, f"{remedy}.")


def _unpinned(base: Base) -> Finding:
    reference = base.image.reference
    tag = f"tag {reference.tag!r}" if reference and reference.tag else "a tag"
    digest = base.decided.digest if base.decided and not base.decided.exit_code else ""
    name = _with_tag(base.use)
    remedy = f"Write {name}@{digest}." if digest else f"Write {name}@sha256:… with the digest that you verified."
    return _at(base, "no-digest", Severity.NOTE, f"{tag} can point to another image tomorrow", remedy)


def _with_tag(use: Use) -> str:
    return f"{use.name:.200}" if ":" in use.name.rpartition("/")[2] else f"{use.name:.200}:latest"
