"""The options that several commands share, each with its environment variable, and what they add up to."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from verifier.cli.identities import IDENTITY_OPTIONS
from verifier.errors import ConfigurationError, UsageError
from verifier.limits import DEFAULT_LIMITS

F = TypeVar("F", bound=Callable[..., Any])
Completion = Callable[[click.Context, click.Parameter, str], list[Any]]

PREFIX = "DHIVERIFY_"

# Variables that are not the twin of a flag. `True` marks a secret.
OTHER_VARIABLES = {
    "DHIVERIFY_REGISTRY": ("the host[:port] to which the three below are sent, and to no other", False),
    "DHIVERIFY_REGISTRY_USERNAME": ("user name for that registry", False),
    "DHIVERIFY_REGISTRY_PASSWORD": ("password or access token for that registry", True),
    "DHIVERIFY_REGISTRY_TOKEN": ("bearer token for that registry, instead of user and password", True),
    "DHIVERIFY_SIGNING_KEY_PASSWORD": ("password of the private key that --signing-key names", True),
}
FOREIGN_VARIABLES = {
    "DOCKER_CONFIG": ("directory of Docker's config.json with registry credentials", False),
    "DOCKER_AUTH_CONFIG": ("registry credentials as JSON, in the form of Docker's config.json", True),
    "REGISTRY_AUTH_FILE": ("registry credentials in the form of podman", False),
    "XDG_CONFIG_HOME": ("where dhiverify/policy.yaml is looked for", False),
    "XDG_DATA_HOME": ("where the trusted root of `trust update` and `trust import` is kept", False),
    "HTTPS_PROXY": ("proxy for registries", True),
    "HTTP_PROXY": ("proxy for registries that are read over plain HTTP", True),
    "ALL_PROXY": ("proxy for what has none of its own", True),
    "NO_PROXY": ("hosts that are reached without the proxy", False),
    "NO_COLOR": ("no colours, whatever the terminal", False),
}


def offering(choose: Callable[[Any], Completion]) -> Completion:
    """Values for a shell that asks: `choose` takes them from `verifier.cli.completion`, which no other run imports."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[Any]:
        from verifier.cli import completion

        return choose(completion)(ctx, parameter, incomplete)

    return complete


FILES = offering(lambda completion: completion.files)
PREDICATE_TYPES = offering(lambda completion: completion.predicate_types)

_SIGNERS = (
    click.option(
        "--key",
        "keys",
        multiple=True,
        metavar="FILE",
        help="Trust this public key (PEM) instead of the keyring.",
        shell_complete=FILES,
    ),
    *IDENTITY_OPTIONS,
    click.option(
        "--trusted-root",
        metavar="FILE",
        help="Certificate and timestamp authorities and logs (Sigstore's JSON form). [default: as `trust show`]",
        shell_complete=FILES,
    ),
    click.option(
        "--insecure-ignore-tlog",
        "--skip-tlog",
        "ignore_tlog",
        is_flag=True,
        help="Do not look at transparency log proofs.",
    ),
    click.option("--forbid-insecure", is_flag=True, help="Refuse to run with any option that relaxes the judgement."),
)

_POLICY = (
    click.option(
        "--policy",
        metavar="NAME|FILE",
        help="Policy document. [default: dhi, or your configuration's]",
        shell_complete=offering(lambda completion: completion.policies),
    ),
    click.option(
        "--attestation-repo",
        "--external",
        "attestation_repos",
        multiple=True,
        metavar="REPO",
        help="Search this repository for evidence, too.",
    ),
)

_AS = click.option("--as", "requested", metavar="REF", help="Judge a layout as if it had this name.")

_PLATFORM = click.option(
    "--platform", "platforms", multiple=True, metavar="OS/ARCH", help="Judge only this platform. [default: all]"
)

_NETWORK = (
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True, max=86_400),
        default=DEFAULT_LIMITS.run_timeout,
        show_default=True,
        metavar="SECONDS",
        help="For the whole run.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        default=DEFAULT_LIMITS.jobs,
        show_default=True,
        help="Requests at once per host.",
    ),
    click.option(
        "--allow-http-registry", is_flag=True, help="Speak plain HTTP to registries that are not on this machine."
    ),
    click.option(
        "--registry-cacert",
        metavar="FILE",
        help="Trust these CA certificates (PEM) for registries.",
        shell_complete=FILES,
    ),
    click.option(
        "--offline",
        is_flag=True,
        help="Contact nothing but registries. This version never does.",
    ),
)

_NOISE = (
    click.option("-v", "--verbose", count=True, help="Say more on stderr; twice for debugging."),
    click.option("-q", "--quiet", is_flag=True, help="No progress and no warnings on stderr."),
    click.option(
        "--log-format", type=click.Choice(["text", "json"]), default="text", help="Form of the log on stderr."
    ),
    click.option("--debug", is_flag=True, help="Show tracebacks."),
)


def adding(*options: Callable[[F], F]) -> Callable[[F], F]:
    """A decorator that adds these options to a command, listed in this order by its help."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


common = adding(*_SIGNERS, *_POLICY, _AS, _PLATFORM, *_NETWORK, *_NOISE)
"""The options of every command that looks at an image."""

of_files = adding(*_SIGNERS, *_POLICY, _PLATFORM, *_NETWORK, *_NOISE)
"""Those of a command that finds the names of images in files: all of `common` but --as."""

registry = adding(*_NETWORK, *_NOISE)
"""Those that say how a registry is reached, for a command that looks at no image."""

signers = adding(*_SIGNERS)
"""Those that say who may sign."""

noise = adding(*_NOISE)
"""Those that say how much is told on stderr, for a command without a registry."""

with_base = adding(
    click.option("--base", metavar="REF", help="Demand that it is built on this image, and judge that, too."),
    click.option(
        "--base-key",
        "base_keys",
        multiple=True,
        metavar="FILE",
        help="Judge the base by this key (PEM) instead of its policy's signers; repeatable.",
        shell_complete=FILES,
    ),
)
"""Those that name the base of the image."""

vex_files = adding(
    click.option(
        "--vex",
        "vex",
        multiple=True,
        metavar="FILE",
        help="Hear this OpenVEX document, too; repeatable.",
        shell_complete=FILES,
    ),
    click.option(
        "--vex-bundle",
        "vex_bundles",
        multiple=True,
        metavar="FILE",
        help="The Sigstore bundle that signs it, one for each --vex.",
        shell_complete=FILES,
    ),
)
"""Those that name OpenVEX documents beside those of the image."""


def output(*formats: str) -> Callable[[F], F]:
    """The option that says where results go, in one of `formats`."""
    said = f"{', '.join(formats[:-1])} or {formats[-1]}; repeatable. [default: {formats[0]}]"
    return click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT[=PATH]",
        help=said,
        shell_complete=offering(lambda completion: completion.formats(*formats)),
    )


def variable_of(parameter: click.Parameter) -> str:
    """DHIVERIFY_ and the longest spelling of the flag."""
    return PREFIX + max(parameter.opts, key=len).lstrip("-").replace("-", "_").upper()


class Command(click.Command):
    """A command each of whose options is also an environment variable. Unknown DHIVERIFY_ variables are refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for parameter in self.params:
            if isinstance(parameter, click.Option):
                parameter.envvar = variable_of(parameter)
                parameter.show_envvar = False

    def invoke(self, ctx: click.Context) -> Any:
        refuse_unknown_variables()
        return super().invoke(ctx)


def known_variables() -> dict[str, tuple[str, bool]]:
    """Every DHIVERIFY_ variable with its meaning and whether it is secret."""
    from verifier.cli.attestation import get_command, list_command
    from verifier.cli.blob import blob
    from verifier.cli.dockerfile import dockerfile
    from verifier.cli.fips import show_command as fips_command
    from verifier.cli.image import image
    from verifier.cli.policy import lint_command, show_command
    from verifier.cli.policy_bundle import publish_command, pull_command
    from verifier.cli.policy_explain import explain_command
    from verifier.cli.policy_test import test_command
    from verifier.cli.save import copy_command, save
    from verifier.cli.stig import extract_command
    from verifier.cli.stig import show_command as stig_command
    from verifier.cli.vex import export_command
    from verifier.cli.vex import show_command as vex_command

    flags: dict[str, tuple[str, bool]] = {}
    scans = (stig_command, extract_command, fips_command, vex_command, export_command)
    policies = (show_command, lint_command, test_command, explain_command, publish_command, pull_command)
    for command in (image, list_command, get_command, blob, dockerfile, save, copy_command, *scans, *policies):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                flags.setdefault(variable_of(parameter), (parameter.help or "", False))
    return flags | OTHER_VARIABLES


def refuse_unknown_variables() -> None:
    """A misspelt variable would silently not protect. Raises `ConfigurationError`."""
    present = {name for name in os.environ if name.startswith(PREFIX)}
    if unknown := sorted(present - known_variables().keys()) if present else []:
        raise ConfigurationError(
            f"unknown environment variable {unknown[0]}", hint="Unset it, or see `dhiverify env` for those that exist."
        )


def relaxations(given: dict[str, Any]) -> tuple[str, ...]:
    """One line for each option that makes the judgement less strict. Raises `UsageError` where none is wanted."""
    from verifier.policy.relaxations import relaxed

    found = list(
        relaxed(
            platforms=given.get("platforms", ()),
            ignore_transparency=given["ignore_tlog"],
            allow_http=given.get("allow_http_registry", False),
            effective_time=given.get("effective_time"),
            policy_config=given.get("policy_config") or "",
            compat=given.get("compat") or "",
        )
    )
    if given.get("unsigned"):
        found.append("rules are taken without a signature (--unsigned)")
    if given.get("no_verify"):
        found.append("no image is verified (--no-verify)")
    if given.get("unverified"):
        found.append("what is not verified is shown (--unverified)")
    if found and given["forbid_insecure"]:
        raise UsageError(f"--forbid-insecure: {found[0]}", hint="Leave that option out.")
    return tuple(found)
