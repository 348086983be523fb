"""`dhiverify image`: the main job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from verifier.cli.options import FILES, PREDICATE_TYPES, Command, common, output


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


def pairs(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """KEY=VALUE each, separated by the first `=`. One key with two values could never be met and is refused."""
    found: dict[str, str] = {}
    for text in values:
        key, separator, value = text.partition("=")
        if not key or not separator:
            raise click.BadParameter(f"expected KEY=VALUE, found {text!r:.60}", ctx, parameter)
        if found.setdefault(key, value) != value:
            raise click.BadParameter(f"expected one value of {key!r:.60}, found two", ctx, parameter)
    return tuple(found.items())


@click.command(cls=Command)
@click.argument("references", metavar="REF...", nargs=-1, required=True)
@click.option(
    "-a",
    "--annotations",
    multiple=True,
    callback=pairs,
    metavar="KEY=VALUE",
    help="Demand a signature of the image that states this; repeatable.",
)
@click.option(
    "--predicate-type",
    "predicate_types",
    multiple=True,
    metavar="URI|ALIAS",
    help="Demand a verified attestation of this type, about each platform or its index; repeatable.",
    shell_complete=PREDICATE_TYPES,
)
@click.option(
    "--rules", multiple=True, metavar="FILE|DIR", help="Evaluate these Rego rules, too.", shell_complete=FILES
)
@click.option(
    "--policy-config",
    metavar="FILE",
    help="Configuration of rules, in Docker Scout's JSON form.",
    shell_complete=FILES,
)
@click.option("--effective-time", callback=moment, metavar="RFC3339", help="Judge rules as of this time.")
@output("text", "json", "pinned")
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
      dhiverify image --policy signed --key cosign.pub ghcr.io/acme/app:1.2
      dhiverify image --policy signed --certificate-identity release@acme.example \\
          --certificate-oidc-issuer https://accounts.google.com ghcr.io/acme/app:1.2
      dhiverify image --policy attested --predicate-type slsaprovenance1 --key cosign.pub ghcr.io/acme/app:1.2
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
