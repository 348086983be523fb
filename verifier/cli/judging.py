"""The options that say what is asked of an image: demands, rules, and the time as of which they are judged."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from verifier.cli.options import FILES, PREDICATE_TYPES, adding, vex_files, with_base


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


judging = adding(
    click.option(
        "-a",
        "--annotations",
        multiple=True,
        callback=pairs,
        metavar="KEY=VALUE",
        help="Demand a signature of the image that states this; repeatable.",
    ),
    click.option(
        "--predicate-type",
        "predicate_types",
        multiple=True,
        metavar="URI|ALIAS",
        help="Demand a verified attestation of this type, about each platform or its index; repeatable.",
        shell_complete=PREDICATE_TYPES,
    ),
    click.option(
        "--rules",
        multiple=True,
        metavar="FILE|DIR|oci://REF@DIGEST",
        help="Evaluate these Rego rules, too; repeatable.",
        shell_complete=FILES,
    ),
    click.option(
        "--rules-key",
        "rules_keys",
        multiple=True,
        metavar="FILE",
        help="Demand that this key (PEM) signed the rules of a registry; repeatable.",
        shell_complete=FILES,
    ),
    click.option(
        "--policy-config",
        metavar="FILE",
        help="Configuration of rules, in Docker Scout's JSON form.",
        shell_complete=FILES,
    ),
    with_base,
    vex_files,
    click.option("--compat", type=click.Choice(["scout"]), help="Come to what Docker Scout would come to."),
    click.option("--effective-time", callback=moment, metavar="RFC3339", help="Judge rules as of this time."),
)
