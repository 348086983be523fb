"""The outermost frame: every way in which a run can end becomes a documented exit code and a readable message."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress

import click

from verifier.errors import DhiverifyError
from verifier.report.escape import printable

INTERNAL = 7
INTERRUPTED = 130


def guarded(command: click.Command) -> int:
    """Runs `command` on the process arguments. Returns the exit code; raises nothing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(command)
        sys.stdout.flush()
    except BrokenPipeError:
        _detach_stdout()
        return INTERNAL
    except OSError as fault:
        say(f"error: the result cannot be written: {fault.strerror}", "Free space, or write elsewhere.")
        _detach_stdout()
        return INTERNAL
    return code


def _run(command: click.Command) -> int:
    if len(sys.argv) > 1:  # shells ask without arguments; nothing in the environment may stand in for a verdict
        os.environ.pop("_DHIVERIFY_COMPLETE", None)
    try:
        result = command.main(prog_name="dhiverify", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as fault:
        _show(fault)
        return 2
    except SystemExit as end:
        if not end.code:  # a shell got its completions
            raise
        # What click makes of a closed pipe: the code of a denial.
        raise BrokenPipeError from None
    except (click.Abort, KeyboardInterrupt):
        say("interrupted: nothing was decided", "")
        return INTERRUPTED
    except DhiverifyError as fault:
        say(f"error: {fault}", fault.hint)
        _trace()
        return fault.exit_code
    except OSError:
        raise
    except Exception as fault:  # noqa: BLE001 - a crash must never look like a pass
        say(f"internal error: {type(fault).__name__}: {fault}", DhiverifyError.hint)
        _trace()
        return INTERNAL
    return result if isinstance(result, int) else 0


def _show(fault: click.ClickException) -> None:
    """As click would, but for arguments in the message, which releases before 8.4 repeat as they are."""
    context = fault.ctx if isinstance(fault, click.UsageError) else None
    said = fault.format_message()
    if fault.message:
        said = said.replace(fault.message, printable(fault.message))
    with suppress(OSError):
        if context:
            click.echo(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n", err=True)
        click.echo(f"Error: {said}", err=True)


def say(message: str, hint: str) -> None:
    """One message on stderr, and the next step below it."""
    with suppress(OSError):
        click.echo(printable(message), err=True)
        if hint:
            click.echo(f"next: {printable(hint)}", err=True)


def _trace() -> None:
    if debugging(os.environ, sys.argv):
        traceback.print_exc()


def debugging(environ: Mapping[str, str], arguments: list[str]) -> bool:
    return "--debug" in arguments or environ.get("DHIVERIFY_DEBUG", "") not in ("", "0", "false")


def _detach_stdout() -> None:
    """Keeps the interpreter from failing again when it flushes a broken stdout at exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
