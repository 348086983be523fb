"""`dhiverify env`: what the environment says, secrets left out."""

from __future__ import annotations

import os

import click

from verifier.cli.options import FOREIGN_VARIABLES, known_variables
from verifier.report.escape import printable


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also those that are not set.")
def env(everything: bool) -> None:
    """The environment variables that dhiverify reads and what they are set to. Secrets are not shown.

    \b
    Examples:
      dhiverify env
      dhiverify env --all
    """
    for name, (meaning, secret) in (known_variables() | FOREIGN_VARIABLES).items():
        value = os.environ.get(name)
        if value is None and not everything:
            continue
        shown = "(not set)" if value is None else "(set, not shown)" if secret else printable(value)
        click.echo(f"{name}={shown}")
        click.echo(f"    {meaning}")
