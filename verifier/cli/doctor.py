"""`dhiverify doctor`: where on the way to an image's evidence something stands in between."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.options import Command, common, output
from verifier.report import as_json
from verifier.report.escape import printable

if TYPE_CHECKING:
    from verifier.verification.diagnosis import Diagnosis, Step

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
_MARK = 6  # columns


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@output("text", "json")
@common
def doctor(reference: str, **given: Any) -> int:
    """Try every step towards the evidence of an image, and say what each answered.

    The reference and the policy section for it; of each place that may hold evidence the address, the credential (never
    a password or token) and what `GET /v2/` answers; then the image, its referrers, cosign's tags, and what every
    storage layout holds. A step that fails says what to do next, and later ones are still tried where they can be.

    `--output json` gives {reference, exitCode, steps[]}; a step has name, place, mark (ok, warn, fail), tried, answer,
    next (the remedy, or "") and exitCode (0 unless it failed).

    \b
    Exit codes: 0 verified evidence was read; else that of the first step that failed:
      2 wrong call or configuration   5 registry or network
      3 no evidence found             6 access refused
      4 evidence, none trusted

    \b
    Examples:
      dhiverify doctor dhi.io/python:3.13
      dhiverify doctor --output json docker.io/acme/dhi-python:3.13
      dhiverify doctor --attestation-repo registry.example/evidence registry.example/app:1
    """
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.verification.doctor import diagnose

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    options = options_of(given)
    with shown(given["quiet"]) as progress:
        diagnosis = diagnose(reference, options, progress)
    put(outputs, partial(_rendered, diagnosis))
    return diagnosis.exit_code


def _rendered(diagnosis: Diagnosis, form: str, colours: bool) -> str:
    if form == "json":
        return as_json(diagnosis)
    return "".join(f"{line}\n" for line in _lines(diagnosis, colours=colours))


def _lines(diagnosis: Diagnosis, *, colours: bool) -> Iterator[str]:
    """Steps at one place stand under its name."""
    place = ""
    for step in diagnosis.steps:
        if step.place and step.place != place:
            yield printable(step.place)
        place = step.place
        yield from _step(step, colours=colours)


def _step(step: Step, *, colours: bool) -> Iterator[str]:
    mark = f"{step.mark:<{_MARK}}"
    styled = click.style(mark, fg=_COLOURS[step.mark]) if colours else mark
    yield f"{styled}{printable(f'{step.tried}: {step.answer}')}"
    if step.next:
        yield f"{' ' * _MARK}next: {printable(step.next)}"
