"""`dhiverify fips`: which cryptographic modules an image has, and what its self-tests said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from verifier.cli.judging import moment
from verifier.cli.options import Command, common, output


@click.command("show", cls=Command)
@click.argument("reference", metavar="REF")
@click.option(
    "--effective-time",
    callback=moment,
    metavar="RFC3339",
    help="Mark sunset dates that lie before this time. [default: now]",
)
@output("text", "json")
@common
def show_command(reference: str, **given: Any) -> int:
    """The cryptographic modules of an image as its publisher states them, and the self-tests that the image passed.

    Only verified attestations are read. Nothing is judged, and no certificate is looked up: hold the number against
    NIST's list. A test counts as a self-test when its name or suite says FIPS.

    Exit codes: 0 shown, 1 a verified attestation could not be decoded, 3 no list of modules, 4 a list and none
    trusted, others as for `dhiverify image`.

    \b
    Examples:
      dhiverify fips show dhi.io/python:3.13-fips --platform linux/amd64
      dhiverify fips show --output json=modules.json dhi.io/python:3.13-fips
    """
    from verifier.cli.module_text import modules_json, modules_text
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.verification.decoded import decoded

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    options = options_of({**given, "effective_time": None})  # no rule is judged that it could make milder
    with shown(given["quiet"]) as progress:
        image = decoded(reference, "fips", options, progress, beside=("tests",))
    now = given["effective_time"] or datetime.now(UTC)

    def rendered(form: str, colours: bool) -> str:
        if form == "json":
            return modules_json(image)
        return modules_text(image, now, options.relaxations, colours=colours)

    put(outputs, rendered)
    return int(any(platform.details.unreadable for platform in image.platforms if platform.details))
