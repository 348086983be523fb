"""The `dhiverify` command and its subcommands, each imported only when it is called: start-up counts."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import click

from verifier.version import VERSION

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """A group whose subcommands are named with one line of help, and imported from `verifier.cli.<module>` on use."""

    def __init__(self, name: str, help: str, commands: dict[str, tuple[str, str]], **settings: object) -> None:  # noqa: A002
        super().__init__(name=name, help=help, context_settings=_SETTINGS, **settings)  # type: ignore[arg-type]
        self.lazy = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return None
        module, attribute = self.lazy[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(f"verifier.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: Sequence[tuple[str, str]] = [(name, text) for name, (_, text) in self.lazy.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


attestation = LazyGroup(
    "attestation",
    """See what evidence an image has, who signed it, and read it.

    \b
    Examples:
      dhiverify attestation list dhi.io/python:3.13
      dhiverify attestation get dhi.io/python:3.13 --platform linux/amd64 --predicate-type spdx
    """,
    {
        "list": ("attestation:list_command", "Every piece of evidence with its status, signer and time."),
        "get": ("attestation:get_command", "The verified predicate, byte for byte."),
    },
)

stig = LazyGroup(
    "stig",
    """The STIG scans of an image, from verified attestations only: see them, and take out what was signed.

    \b
    Examples:
      dhiverify stig show dhi.io/python:3.13-fips
      dhiverify stig extract dhi.io/python:3.13-fips --format xccdf --output results/
    """,
    {
        "show": ("stig:show_command", "Every rule with its result, the scores, and what contradicts them."),
        "extract": ("stig:extract_command", "The XCCDF results or the HTML report, byte for byte."),
    },
)

fips = LazyGroup(
    "fips",
    """The cryptographic modules of an image, from verified attestations only.

    \b
    Examples:
      dhiverify fips show dhi.io/python:3.13-fips
    """,
    {"show": ("fips:show_command", "Modules with status, certificate and sunset date, and the self-tests.")},
)

vex = LazyGroup(
    "vex",
    """What OpenVEX documents excuse, from verified documents only.

    \b
    Examples:
      dhiverify vex show dhi.io/nginx:1.29
      dhiverify vex export dhi.io/nginx:1.29 > nginx.vex.json
    """,
    {
        "show": ("vex:show_command", "Which findings are excused, where documents disagree, what met nothing."),
        "export": ("vex:export_command", "One OpenVEX document of all of it, as scanners match it."),
    },
)

policy = LazyGroup(
    "policy",
    """What is demanded of images: see it, write it, test it, share it, and learn why a rule came out as it did.

    \b
    Examples:
      dhiverify policy init policy.yaml
      dhiverify policy lint policy.yaml
      dhiverify policy test rules/
      dhiverify policy explain dhi.io/python:3.13 dhi-no-embedded-malware
    """,
    {
        "init": ("policy:init_command", "Write a short policy document to start from."),
        "show": ("policy:show_command", "What holds for an image, and where each value comes from."),
        "lint": ("policy:lint_command", "Everything that is wrong or doubtful in documents and rules."),
        "test": ("policy_test:test_command", "Run the tests of rules, and cases with expected results."),
        "explain": ("policy_explain:explain_command", "Why each rule came out as it did."),
        "publish": ("policy_bundle:publish_command", "Push rules to a registry as one signed artifact."),
        "pull": ("policy_bundle:pull_command", "Fetch published rules, verified."),
        "schema": ("policy:schema_command", "The JSON Schema of policy documents, for editors."),
    },
)

trust = LazyGroup(
    "trust",
    """Who may sign: keys, and the logs and authorities by which keyless signatures are proved.

    \b
    Examples:
      dhiverify trust list
      dhiverify trust show
      dhiverify trust update
    """,
    {
        "list": ("trust:list_command", "The shipped keys with fingerprint and status."),
        "show": ("trust:show_command", "The trusted root in use: logs and authorities, source, digest, age."),
        "update": ("trust:update_command", "Bring the trusted root up to date (TUF)."),
        "export": ("trust:export_command", "Write the trusted root in use to a file."),
        "import": ("trust:import_command", "Take the trusted root from a file."),
    },
)

root = LazyGroup(
    "dhiverify",
    """May this image run here? Answered from signed evidence alone.

    \b
    Examples:
      dhiverify image dhi.io/python:3.13
      dhiverify image --output json docker.io/acme/dhi-python:3.13
      dhiverify attestation list dhi.io/python:3.13
    """,
    {
        "image": ("image:image", "Decide whether an image may run."),
        "attestation": ("root:attestation", "See and read the evidence of an image."),
        "dockerfile": ("dockerfile:dockerfile", "What Dockerfiles build on, verified, and what will not work there."),
        "stig": ("root:stig", "The STIG scans of an image: see them, take out what was signed."),
        "fips": ("root:fips", "The cryptographic modules of an image."),
        "vex": ("root:vex", "See what OpenVEX documents excuse, and export it for scanners."),
        "policy": ("root:policy", "What is demanded of images: write, test, explain and share it."),
        "blob": ("blob:blob", "Decide whether somebody trusted signed a file."),
        "save": ("save:save", "Keep an image's evidence on disk, to be judged without a network."),
        "copy": ("save:copy_command", "Push an image's evidence to the registry it was mirrored to."),
        "trust": ("root:trust", "Who may sign."),
        "env": ("env:env", "The environment variables that dhiverify reads."),
        "doctor": ("doctor:doctor", "Try every step towards an image's evidence, and say what was answered."),
        "completion": ("completion:completion", "The script that completes commands in bash, zsh or fish."),
    },
)
root = click.version_option(VERSION, prog_name="dhiverify", message="%(prog)s %(version)s")(root)
