"""What can be said about a Dockerfile: one entry for each check, and the findings that checks make."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from verifier.dockerfile.instructions import Place


class Severity(StrEnum):
    """An error makes exit code 1; a warning is likely to be wrong in a container; a note could be better."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Check(msgspec.Struct, frozen=True):
    """`id` stays the same for good, `title` says what should be so."""

    id: str
    title: str


def _checks(**titles: str) -> dict[str, Check]:
    return {name.replace("_", "-"): Check(name.replace("_", "-"), title) for name, title in titles.items()}


CHECKS = _checks(
    base_not_hardened="Images are built on hardened images",
    verification_refused="Every image that the build uses passes verification",
    build_variant_in_final_stage="The final stage is based on a runtime variant",
    variant_mismatch="The tag of an image names the variant that it is",
    placeholder="Placeholders of documentation are replaced",
    invalid_reference="Every image is named by a reference that can be resolved",
    unresolved_argument="Every variable in the name of an image has a value",
    unknown_stage="COPY --from names a stage above it, or an image",
    invalid_instruction="Every instruction and flag is one that BuildKit knows",
    foreign_frontend="The file is read by Docker's own frontend",
    root_user="The final image does not run as root",
    shell_form="Commands need no shell where the image has none",
    run_without_shell="RUN needs no shell where the image has none",
    missing_package_manager="Packages are installed where there is a package manager",
    privileged_port="A user other than root listens on ports from 1024",
    no_command="The final image says what it runs",
    command_after_entrypoint="CMD does not repeat the entrypoint of the base",
    unreadable_file="The user of the image can read the files that are copied for it",
    not_executable="The user of the image can run its entrypoint",
    unwritable_volume="The user of the image can write to its volumes",
    needless_ca_certificates="CA certificates are not installed where the base has them",
    dynamic_linking="What runs without a C library is linked statically",
    no_digest="Images are pinned by digest",
    unused_stage="Every stage is used",
)
"""Each check by its id."""


class Finding(msgspec.Struct, frozen=True):
    """`id` is one of `CHECKS`. `remedy` says what to write instead. `image` is the one it is about, or ""."""

    id: str
    severity: Severity
    place: Place
    message: str
    remedy: str = ""
    image: str = ""


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, in the order of the text, at one place the gravest first."""
    gravity = list(Severity)
    return tuple(
        sorted(
            dict.fromkeys(found),
            key=lambda one: (one.place.line, one.place.column, gravity.index(one.severity), one.id, one.message),
        )
    )
