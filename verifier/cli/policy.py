"""`dhiverify policy init`, `show`, `lint` and `schema`: the policy document, from its start to its meaning."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.judging import judging
from verifier.cli.options import FILES, Command, common, noise, output
from verifier.errors import ConfigurationError
from verifier.report import as_json

if TYPE_CHECKING:
    from verifier.policy.effective import EffectivePolicy
    from verifier.verification.linting import LintResult


@click.command("init")
@click.argument("file", metavar="[FILE]", default="-", shell_complete=FILES)
def init_command(file: str) -> None:
    """Write a short policy document to start from, to FILE or stdout. A FILE that exists is left alone.

    \b
    Examples:
      dhiverify policy init policy.yaml
      dhiverify policy init > policy.yaml
    """
    from verifier.cli.guard import say
    from verifier.policy.starter import starter

    if file == "-":
        click.echo(starter(), nl=False)
    else:
        _write_new(Path(file), starter())
    name = "policy.yaml" if file == "-" else file
    say(f"next: edit it, then `dhiverify policy lint {name}`", "")
    say(f"      `dhiverify policy show --policy {name} REF` says what it means for an image", "")
    say(f"      `dhiverify image --policy {name} REF` judges by it", "")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise ConfigurationError(f"{path} is there already", hint="Name another file, or remove this one.") from None
    except (OSError, ValueError) as fault:
        raise ConfigurationError(f"{path} cannot be written: {fault}") from None


@click.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of policy documents. Editors that load it complete members and mark mistakes.

    \b
    Examples:
      dhiverify policy schema > policy.schema.json
    """
    import json

    from verifier.policy.schema import document_schema
    from verifier.report.escape import printable_json

    click.echo(printable_json(json.dumps(document_schema(), indent=2, ensure_ascii=False)))


@click.command("lint", cls=Command)
@click.argument("paths", metavar="PATH...", nargs=-1, shell_complete=FILES)
@click.option(
    "--policy",
    metavar="NAME|FILE",
    help="What to look at without PATH. [default: the policy in use]",
    shell_complete=FILES,
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@output("text", "json")
@noise
def lint_command(paths: tuple[str, ...], policy: str | None, strict: bool, **given: Any) -> int:
    """Say everything that is wrong or doubtful in policy documents and rules, as `path:line:column: severity: message`.

    PATH is a document (also a built-in one by name), a Rego file, or a directory of them; without one, the policy that
    `dhiverify image` would use. Rules are compiled. Nothing is fetched.

    \b
    Exit codes: 0 no errors, 1 errors (with --strict, warnings too), 2 wrong call or unreadable file.

    \b
    Examples:
      dhiverify policy lint
      dhiverify policy lint policy.yaml rules/
      dhiverify policy lint --strict -o json policy.yaml
    """
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.run import start_logging
    from verifier.policy import locate
    from verifier.verification.linting import lint_all

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    found = lint_all(paths or (locate(policy, os.environ),), strict=strict)
    put(outputs, partial(_linted, found))
    return found.exit_code


def _linted(found: LintResult, form: str, colours: bool) -> str:
    from verifier.cli.policy_text import findings

    return as_json(found) if form == "json" else findings(found, colours=colours)


@click.command("show", cls=Command)
@click.argument("reference", metavar="[REF]", default="")
@output("text", "json")
@judging
@common
@click.pass_context
def show_command(ctx: click.Context, /, reference: str, **given: Any) -> int:
    """Show the policy: which document, why that one, and its sections; with REF what holds for that image.

    Every value stands with where it comes from: a line of the document, an option or variable, the METADATA of a rule,
    or a default. All options of `dhiverify image` are taken, and count as they would there. Nothing is fetched: of
    rules in a registry, the reference is shown.

    \b
    Exit codes: 0 shown, 1 no section matches REF, which is then denied, 2 wrong call or configuration.

    \b
    Examples:
      dhiverify policy show
      dhiverify policy show dhi.io/python:3.13
      dhiverify policy show --policy policy.yaml --key release.pub -o json registry.example/team/app:1
    """
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.run import options_of, start_logging
    from verifier.oci import parse_reference
    from verifier.policy import load_document
    from verifier.policy.effective import effective, reason

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    options = options_of(given)
    named = given["requested"] or reference
    flags = _flags(ctx)
    shown = effective(
        load_document(options.policy),
        parse_reference(named) if named else None,
        options.additions,
        chosen=reason(options.policy, flags.get("policy", ""), os.environ),
        flags=flags,
        relaxations=options.relaxations,
    )
    put(outputs, partial(_shown, shown))
    return int(bool(named) and shown.decides is None)


def _shown(found: EffectivePolicy, form: str, colours: bool) -> str:
    from verifier.cli.policy_text import policy_lines

    return as_json(found) if form == "json" else policy_lines(found, colours=colours)


# The options that make up each member of `Additions`, where it is called otherwise.
_MEMBERS = {
    "keys": "key_files",
    "ignore_tlog": "ignore_transparency",
    "certificate_identity": "identities",
    "certificate_identity_regexp": "identities",
}


def _flags(ctx: click.Context) -> dict[str, str]:
    """How each option that was given was given: by which spelling, or by which variable."""
    from click.core import ParameterSource

    found: dict[str, str] = {}
    for option in ctx.command.params:
        source = ctx.get_parameter_source(option.name or "")
        spelled = {
            ParameterSource.COMMANDLINE: max(option.opts, key=len),
            ParameterSource.ENVIRONMENT: str(getattr(option, "envvar", "")),
        }
        if source in spelled and option.name:
            found.setdefault(_MEMBERS.get(option.name, option.name), spelled[source])
    return found
