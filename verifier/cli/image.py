"""`dhiverify image`: the main job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from verifier.cli.options import Command, common, output


def moment(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    """RFC 3339 with a zone, or a date, which means its first second in UTC."""
    if value is None:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        expected = "expected a time such as 2026-01-20T00:00:00Z"
        raise click.BadParameter(f"{expected}, found {value!r:.60}", ctx, parameter) from None
    try:
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except OverflowError:
        raise click.BadParameter(f"{value!r:.60} is outside the years 1 to 9999", ctx, parameter) from None


@click.command(cls=Command)
@click.argument("references", metavar="REF...", nargs=-1, required=True)
@click.option("--rules", multiple=True, metavar="FILE|DIR", help="Evaluate these Rego rules, too.")
@click.option("--policy-config", metavar="FILE", help="Configuration of rules, in Docker Scout's JSON form.")
@click.option("--effective-time", callback=moment, metavar="RFC3339", help="Judge rules as of this time.")
@output("text, json or pinned")
@common
def image(**given: Any) -> int:
    """Decide whether images may run, from signed evidence alone. No layer is downloaded.

    REF is an image on a registry, or an OCI layout on disk as oci:DIR[:TAG|@DIGEST]. Every platform of an index must
    pass. With several images the gravest result decides.

    \b
    Exit codes:
      0 allowed          3 no evidence found         6 access refused
      1 denied           4 evidence, none trusted    7 internal error
      2 wrong call       5 registry or network

    \b
    Examples:
      dhiverify image dhi.io/python:3.13
      dhiverify image --output json=report.json docker.io/acme/dhi-python:3.13
      dhiverify image --platform linux/amd64 dhi.io/python@sha256:…
      dhiverify image --key publisher.pub oci:build/image
    """
    from verifier.cli.output import parse_outputs, write
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.verification import verify

    start_logging(given)
    outputs = parse_outputs(given["outputs"])
    options = options_of(given)
    with shown(given["quiet"]) as progress:
        report = verify(given["references"], options, progress)
    write(report, outputs)
    return report.exit_code
