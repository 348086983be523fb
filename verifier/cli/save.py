"""`dhiverify save` and `dhiverify copy`: evidence for a place that cannot reach the registry it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.options import FILES, Command, common, with_base

if TYPE_CHECKING:
    from verifier.model.progress import Progress
    from verifier.verification import Options
    from verifier.verification.saving import Saved


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@click.argument("directory", metavar="DIR", shell_complete=FILES)
@with_base
@common
def save(reference: str, directory: str, **given: Any) -> int:
    """Write an image with all of its evidence, but without layers, into an OCI layout on disk.

    Everything is read, whatever a policy asks for, from every place where evidence is looked for; where the policy
    or --base demands a base, that base and its evidence come along. The layout is judged anywhere, without a network,
    as `oci:DIR@DIGEST`, under the image's own name with --as: to the same verdict. Bring keys, policies and trusted
    roots there by another way; what lies in DIR never says whom to trust.

    DIR must not exist, or be empty. Exit codes: 0 something is verified, 3 no evidence, 4 evidence and none trusted
    (DIR is written all the same), others as for `dhiverify image`.

    \b
    Examples:
      dhiverify save dhi.io/python:3.13 python
      dhiverify image --as dhi.io/python:3.13 oci:python
    """
    from verifier.verification.saving import save as write

    return _carry_out(given, lambda options, progress: write(reference, directory, options, progress))


@click.command("copy", cls=Command)
@click.argument("reference", metavar="REF")
@click.argument("target", metavar="TARGET")
@common
def copy_command(reference: str, target: str, **given: Any) -> int:
    """Push all evidence of an image, at every level, to the repository to which the image was mirrored.

    TARGET is HOST/NAME and must have the image already, with the same digests: this command moves no layer. Every
    manifest keeps its bytes. Registries without a referrers API get the lists under the fallback tags. Signatures that
    TARGET already has under cosign's tags are never replaced by others.

    Exit codes: 0 something is verified, 3 no evidence, or TARGET does not have the image, 4 evidence and none trusted
    (it is copied all the same), others as for `dhiverify image`.

    \b
    Examples:
      dhiverify copy dhi.io/python:3.13 registry.example/mirror/dhi-python
      dhiverify image registry.example/mirror/dhi-python:3.13
    """
    from verifier.verification.saving import copy

    return _carry_out(given, lambda options, progress: copy(reference, target, options, progress))


def _carry_out(given: dict[str, Any], work: Callable[[Options, Progress], Saved]) -> int:
    from verifier.cli.guard import say
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.report.escape import printable

    start_logging(given)
    options = options_of(given)
    with shown(given["quiet"]) as progress:
        saved = work(options, progress)
    if not given["quiet"]:
        say(f"kept {saved.manifests} manifests and {saved.blobs} blobs, {saved.bytes:,} bytes", "")
        for left in saved.left_out:
            say(f"not copied: {printable(left)}", "")
        for reason in saved.report.images[0].reasons if saved.report.exit_code else ():
            say(printable(reason), "")
    click.echo(printable(saved.pinned))
    return saved.report.exit_code
