"""`dhiverify dockerfile`: what a build stands on, before it is built."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.judging import judging, pairs
from verifier.cli.options import FILES, Command, of_files, output

if TYPE_CHECKING:
    from verifier.dockerfile import DockerfileReport, Outcome, Wanted

_FORMATS = ("text", "json", "sarif")
_COLOURS = {
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
    "allow": "green",
    "warn": "yellow",
    "deny": "red",
    "dim": "bright_black",
}


@click.command("dockerfile", cls=Command)
@click.argument("paths", metavar="[PATH]...", nargs=-1, shell_complete=FILES)
@click.option(
    "--build-arg",
    "build_args",
    multiple=True,
    callback=pairs,
    metavar="NAME=VALUE",
    help="The value of an ARG, as for `docker build`; repeatable.",
)
@click.option("--target", default="", metavar="STAGE", help="The stage that is built. [default: the last]")
@click.option("--no-verify", is_flag=True, help="Read the text only, and verify no image.")
@output(*_FORMATS)
@judging
@of_files
def dockerfile(paths: tuple[str, ...], **given: Any) -> int:
    """Say what Dockerfiles are built on, and what in them will not work on hardened images.

    PATH is a Dockerfile, by default the one here; - reads standard input. All stages are read: FROM, COPY --from and
    RUN --mount=from. Each image that they name is verified once, as by `dhiverify image` and with the same options. The
    final stage has to be based on the runtime variant of a hardened image. With --platform, FROM is read as for a build
    for that platform; one that names a platform of its own is verified on that.

    \b
    Exit codes:
      0 no errors                       4 evidence of an image, none trusted
      1 errors in a file, or an image   5 registry or network
        is denied                       6 access refused
      2 wrong call, unreadable file     7 internal error
      3 an image without evidence

    \b
    Examples:
      dhiverify dockerfile
      dhiverify dockerfile --no-verify build/Dockerfile
      dhiverify dockerfile --build-arg PYTHON=3.13 --platform linux/amd64
      dhiverify dockerfile -o text -o sarif=dockerfile.sarif Dockerfile Dockerfile.worker
      dhiverify dockerfile --policy policy.yaml - < Dockerfile
    """
    from verifier.cli.options import relaxations
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.run import start_logging
    from verifier.dockerfile import Request, judge, unverified

    start_logging(given)
    outputs = parse_outputs(given["outputs"], _FORMATS)
    request = Request(dict(given["build_args"]), given["platforms"], given["target"])
    if given["no_verify"]:
        verify = partial(unverified, relaxations=relaxations(given))
    else:
        verify = partial(_verify, given)
    report = judge(paths, request, verify)
    put(outputs, partial(_rendered, report))
    return report.exit_code


def _verify(given: dict[str, Any], wanted: Wanted) -> Outcome:
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of
    from verifier.dockerfile import verify_images

    options = options_of({**given, "requested": None})
    with shown(given["quiet"]) as progress:
        return verify_images(wanted, options, progress)


def _rendered(report: DockerfileReport, form: str, colours: bool) -> str:
    if form == "json":
        from verifier.report import as_json

        return as_json(report)
    if form == "sarif":
        from verifier.dockerfile.sarif_form import as_sarif

        return as_sarif(report)
    from verifier.dockerfile.text_form import as_text, plain

    return as_text(report, _coloured if colours else plain)


def _coloured(text: str, tone: str) -> str:
    return click.style(text, fg=_COLOURS.get(tone), bold=tone == "error")
