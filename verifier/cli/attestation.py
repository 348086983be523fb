"""`dhiverify attestation`: what is there, who signed it, and the thing itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.options import PREDICATE_TYPES, Command, common, output

if TYPE_CHECKING:
    from verifier.verification import Extract


@click.command("list", cls=Command)
@click.argument("references", metavar="REF...", nargs=-1, required=True)
@click.option(
    "--predicate-type",
    "types",
    multiple=True,
    metavar="URI|ALIAS",
    help="Show only these types.",
    shell_complete=PREDICATE_TYPES,
)
@output("text", "json")
@common
def list_command(**given: Any) -> int:
    """Every piece of evidence of an image: its type, who signed it, or why it is not trusted.

    Everything is read and checked; no rule is evaluated. Exit codes: 0 something is verified, 3 no evidence,
    4 evidence and none trusted, others as for `dhiverify image`.

    \b
    Examples:
      dhiverify attestation list dhi.io/python:3.13
      dhiverify attestation list --output json --platform linux/arm64 dhi.io/python:3.13
    """
    from verifier.attestation import expand
    from verifier.cli.output import parse_outputs, write
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.report.narrow import only_types
    from verifier.verification import inspect

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))  # a list pins nothing
    types = {uri for word in given["types"] for uri in expand(word)}
    options = options_of({**given, "predicate_types": given["types"]})
    with shown(given["quiet"]) as progress:
        report = inspect(given["references"], options, progress)
    report = only_types(report, types)
    return write(report, outputs)


@click.command("get", cls=Command)
@click.argument("reference", metavar="REF")
@click.option(
    "--predicate-type",
    required=True,
    metavar="URI|ALIAS",
    help="The type, or a word such as sbom or stig.",
    shell_complete=PREDICATE_TYPES,
)
@click.option("--statement", "whole", is_flag=True, help="The whole in-toto statement, not the predicate alone.")
@click.option("--all", "everything", is_flag=True, help="Every one that fits, as a JSON array.")
@click.option("--unverified", is_flag=True, help="Also what nobody trusted signed; marked on stderr.")
@common
def get_command(reference: str, **given: Any) -> int:
    """The verified predicate of one attestation, byte for byte, on stdout.

    Of several of one type the newest by its signed time is taken. What is not verified is refused. Where it was found
    and who signed it is said on stderr.

    \b
    Examples:
      dhiverify attestation get dhi.io/python:3.13 --predicate-type spdx --platform linux/amd64 > sbom.json
      dhiverify attestation get dhi.io/python:3.13 --predicate-type vex --all
    """
    from verifier.attestation import expand
    from verifier.cli.guard import say
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.verification import extract, only_one

    start_logging(given)
    with shown(given["quiet"]) as progress:
        found = extract(
            reference,
            expand(given["predicate_type"]),
            options_of({**given, "predicate_types": (given["predicate_type"],)}),
            unverified=given["unverified"],
            progress=progress,
        )
    chosen = found if given["everything"] else [only_one(found)]
    for one in chosen:
        if one.doubt:
            say(f"NOT VERIFIED: {one.digest} on {one.platform}: {one.doubt}", "")
        elif not given["quiet"]:
            say(_told(one), "")
    if len(found) > len(chosen) and not given["quiet"]:
        say(f"{len(found)} fit; this is the newest, {chosen[0].digest}", "Say --all for all of them.")
    bodies = [one.statement.body if given["whole"] else one.statement.predicate for one in chosen]
    _put(b"[" + b",".join(bodies) + b"]" if given["everything"] else bodies[0])
    return 0


def _told(one: Extract) -> str:
    entry = one.entry
    when = f", {entry.time}" if entry.time else ""
    return f"verified: {entry.predicate_type} by {entry.signer}{when} ({entry.layout}, {entry.location})"


def _put(body: bytes) -> None:
    sys.stdout.buffer.write(body)
    if sys.stdout.isatty():
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
