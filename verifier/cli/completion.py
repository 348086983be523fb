"""`dhiverify completion`: the script for a shell, and the values that it offers.

The script runs `dhiverify` with `_DHIVERIFY_COMPLETE` set whenever someone asks for a completion. Nothing that goes
wrong then may show: whoever types a command has not run it yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
from click.shell_completion import CompletionItem

from verifier.errors import DhiverifyError

VARIABLE = "_DHIVERIFY_COMPLETE"

Values = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands, options and values of dhiverify in a shell.

    \b
    To install it, put one line into the start-up file of your shell (fish: run it once):
      bash   ~/.bashrc   eval "$(dhiverify completion bash)"
      zsh    ~/.zshrc    eval "$(dhiverify completion zsh)"      after compinit
      fish   dhiverify completion fish > ~/.config/fish/completions/dhiverify.fish

    bash needs version 4.4 or newer.
    """
    from click.shell_completion import get_completion_class

    from verifier.cli.root import root

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this installation of click has no completion for {shell}")
    script = kind(root, {}, "dhiverify", VARIABLE)
    # Not `source()`: for bash that would start a bash to ask for its version.
    click.echo(script.source_template % script.source_vars(), nl=False)


def predicate_types(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The words for `--predicate-type`."""
    from verifier.attestation import ALIASES

    return _starting(sorted(ALIASES), incomplete)


def policies(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The built-in documents, or files where none of them is called so."""
    from verifier.policy.shipped import builtin_names

    try:
        names = builtin_names()
    except DhiverifyError:
        names = ()
    return _starting(names, incomplete) or files(ctx, parameter, incomplete)


def formats(*names: str) -> Values:
    """The formats of `--output`."""

    def offered(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _starting(names, incomplete)

    return offered


def files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shell's own completion of files."""
    return [CompletionItem(incomplete, type="file")]


def _starting(words: Sequence[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]
