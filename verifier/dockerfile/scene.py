"""One build with everything that is known about its images: what all checks look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from verifier.dockerfile.bases import Base, User, Verified, image_of, user_in, user_of
from verifier.dockerfile.findings import Finding, Severity
from verifier.dockerfile.stages import Build, Use
from verifier.dockerfile.steps import Step, Stretch, stretch


class Scene(msgspec.Struct, frozen=True):
    """`bases` and `roots` are by stage: what its FROM names, and what lies under it and is no stage.

    `final` is the way from the base of the final stage to its end; `user` is whom the final image runs as, None where
    that is not known, and `user_step` the instruction that says so.
    """

    build: Build
    roots: tuple[Base, ...]
    final: Stretch
    user: User | None
    user_step: Step | None

    @property
    def base(self) -> Base:
        """What the final stage stands on."""
        return self.roots[self.build.final]

    @property
    def without_root(self) -> User | None:
        """The user, where it is one other than root."""
        return self.user if self.user and not self.user.is_root else None


def scene(build: Build, verified: Mapping[str, Verified]) -> Scene:
    """`verified` holds what was decided, by reference; it is empty where nothing was to be verified."""
    roots = tuple(base_of(use, verified) for use in build.roots())
    base = roots[build.final]
    final = stretch(build, build.final, base.known.environment if base.known else {})
    step = final.last("USER")
    return Scene(build, roots, final, _user(base, step), step)


def base_of(use: Use, verified: Mapping[str, Verified]) -> Base:
    image = image_of(use.name)
    return Base(use, image, verified.get(str(image.reference)) if image.reference and use.is_image else None)


def _user(base: Base, step: Step | None) -> User | None:
    if not step:
        return user_in(base)
    return None if step.missing or not step.args else user_of(step.args[0])


def images(build: Build) -> Iterator[Use]:
    """Everything that a build takes from images, in the order of the text."""
    for stage in build.stages:
        yield from (use for use in (stage.base, *stage.uses) if use.name and use.is_image)


def likely(proved: bool) -> Severity:
    """An error where it is known to be wrong, a warning where it is wrong in images of this kind."""
    return Severity.ERROR if proved else Severity.WARNING


def found(
    id: str,  # noqa: A002 - the field's name
    severity: Severity,
    step: Step,
    message: str,
    remedy: str = "",
    *,
    word: str = "",
) -> Finding:
    """A finding at an instruction, or at `word` in it."""
    return Finding(id, severity, step.instruction.place(word), message, remedy)
