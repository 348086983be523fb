"""`dhiverify trust`: who may sign, and by what logs and authorities it is proved."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.times import written

if TYPE_CHECKING:
    from verifier.model.trust import TrustedRoot
    from verifier.trust.contents import Entry
    from verifier.trust.importing import Offer
    from verifier.trust.roots import RootInUse

_form = click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form.")
_root = click.option("--trusted-root", "path", metavar="FILE", help="This trusted root, not the one in use.")


@click.command("list")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the list.")
def list_command(form: str) -> None:
    """The keys that ship with dhiverify: name, status, and SPKI fingerprint (SHA-256 of the DER public key).

    \b
    Examples:
      dhiverify trust list
      openssl pkey -pubin -in dhi.pub -outform DER | sha256sum     # compare a key that you have
    """
    from verifier.trust import KEYRING

    if form == "json":
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(KEYRING), indent=2).decode())
        return
    for key in KEYRING:
        click.echo(f"{key.name}  {key.status:<8} sha256:{key.fingerprint}")
        click.echo(f"       {key.note}")


@click.command("show")
@_form
@_root
@click.option("--max-age", type=click.IntRange(min=0), metavar="DAYS", help="Exit with 2 if the root is older.")
def show_command(form: str, path: str | None, max_age: int | None) -> None:
    """The trusted root in use: where it comes from, its digest and age, its logs and authorities.

    It is the one that was imported or updated, else the one that ships with dhiverify, which is that of Sigstore's
    public-good instance. An imported or updated root lies in $XDG_DATA_HOME/dhiverify/trust, or in
    ~/.local/share/dhiverify/trust; remove its root.json to return to the shipped one.

    \b
    Examples:
      dhiverify trust show
      dhiverify trust show --output json
      dhiverify trust show --max-age 180                    # in a script: is it time to update?
      dhiverify trust show --trusted-root private.json      # look into a file before it is used
    """
    from verifier.cli.guard import say
    from verifier.trust.roots import age_warning, require_age, root_in_use
    from verifier.trust.trusted_root import read_trusted_root

    now = datetime.now(UTC)
    found = root_in_use(path, os.environ)
    root = read_trusted_root(found.body, found.source)
    require_age(found, None if max_age is None else timedelta(days=max_age), now)
    click.echo(_as_json(found, root, now) if form == "json" else "\n".join(_as_text(found, root, now)))
    if warning := age_warning(found, now):
        say(f"warning: {warning}", "")


@click.command("update")
@click.option("--mirror", metavar="URL", help="TUF repository. [default: the one updated from, else Sigstore's]")
@click.option("--root", metavar="FILE", help="Initial TUF root of another repository than Sigstore's public one.")
@click.option("--timeout", type=click.FloatRange(1, 3600), default=60.0, show_default=True, metavar="SECONDS")
@click.option("--offline", is_flag=True, envvar="DHIVERIFY_OFFLINE", help="Refuse, since an update needs a network.")
def update_command(mirror: str | None, root: str | None, timeout: float, offline: bool) -> None:
    """Bring the trusted root up to date from a TUF repository.

    Every signature, version, hash and expiry is checked before anything changes; whatever fails, the root in use stays
    as it is. Nothing but these files is asked for, over TLS and without credentials. A root that was imported is
    replaced only when --mirror is named.

    \b
    Examples:
      dhiverify trust update
      dhiverify trust update --mirror https://tuf.example.com --root tuf-root.json
    """
    from verifier.errors import UsageError

    if offline:
        raise UsageError("--offline: an update needs a network", hint="Or use `dhiverify trust import FILE`.")
    from verifier.trust.trusted_root import read_trusted_root
    from verifier.trust.update import update_root

    updated = update_root(os.environ, mirror, root, seconds=timeout)
    before = read_trusted_root(updated.before.body, updated.before.source)
    after = read_trusted_root(updated.after.body, updated.after.source)
    _say_lines(_changes(before, after))
    _say_lines([f"trusted root: {after.source}", f"  {after.digest}"])


@click.command("export")
@click.argument("file", metavar="FILE")
@_root
@click.option("--keys", metavar="DIR", help="Write the active keys of the keyring there, too: one PEM file each.")
def export_command(file: str, path: str | None, keys: str | None) -> None:
    """Write the trusted root in use to FILE, byte for byte, for a site without a network. Its SHA-256 goes to stderr.

    Take the digest there on another way, and compare it with what `trust import` shows.

    \b
    Examples:
      dhiverify trust export trusted_root.json
      dhiverify trust export trusted_root.json --keys keys
    """
    from verifier.cli.output import write_file
    from verifier.trust.roots import root_in_use
    from verifier.trust.trusted_root import read_trusted_root

    found = root_in_use(path, os.environ)
    root = read_trusted_root(found.body, found.source)
    write_file(Path(file), found.body.decode())
    _say_lines([f"{root.digest}  {file}"])
    if keys is not None:
        _export_keys(Path(keys))


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--yes", is_flag=True, help="Do not ask: for scripts.")
def import_command(file: str, yes: bool) -> int:
    """Make FILE the trusted root in use, after showing its fingerprints and what changes.

    FILE is a Sigstore trusted_root.json, or a client trust config that holds one. Exit codes: 0 imported, 1 declined,
    2 the file is no sound trusted root, or nobody is there to ask and --yes is missing.

    \b
    Examples:
      dhiverify trust import trusted_root.json
      dhiverify trust import --yes trusted_root.json
    """
    from verifier.errors import UsageError
    from verifier.trust.importing import import_root, offered

    offer = offered(file, os.environ)
    _say_lines(_offer(offer))
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm the import", hint="Compare the fingerprints, then say --yes.")
    if not yes and not click.confirm("Trust this from now on?", err=True):
        _say_lines(["nothing was changed"])
        return 1
    import_root(offer, os.environ)
    _say_lines([f"imported: {offer.root.digest}"])
    return 0


def _offer(offer: Offer) -> list[str]:
    lines = [f"file: {offer.root.source}", f"  {offer.root.digest}", "it holds:"]
    lines += _entries(offer.root, datetime.now(UTC))
    lines += [f"in use now: {offer.present.source}", f"  {offer.present.digest}"]
    lines += _changes(offer.present, offer.root)
    if offer.looks_older:
        from verifier.trust.contents import last_date

        file, present = last_date(offer.root), last_date(offer.present)
        lines.append(
            f"WARNING: the file looks older than the root in use: its last date is {written(file)}, "
            f"that of the root in use {written(present)}"
        )
    return lines


def _changes(before: TrustedRoot, after: TrustedRoot) -> list[str]:
    from verifier.trust.contents import changes

    found = [f"  {sign} {_one_line(entry)}" for sign, entry in changes(before, after)]
    return ["changes:", *found] if found else ["changes: none"]


def _as_text(found: RootInUse, root: TrustedRoot, now: datetime) -> list[str]:
    from verifier.report.escape import printable

    age = found.age(now)
    known = "age unknown" if age is None else f"{age.days} days old"
    lines = [f"trusted root: {printable(root.source)}", f"  {root.digest}, {known}"]
    return [*lines, *_entries(root, now), "keys: see `dhiverify trust list`"]


def _entries(root: TrustedRoot, now: datetime) -> list[str]:
    from verifier.report.escape import printable
    from verifier.trust.contents import entries

    lines = []
    for entry in entries(root):
        lines.append(f"  {entry.kind}: {printable(entry.name)} ({entry.state(now)})")
        lines.append(f"    {_window(entry)}, {printable(entry.details)}")
        lines.append(f"    {_identifier(entry)}")
        lines.append(f"    fingerprint of the {_whole(entry)} sha256:{entry.fingerprint}")
    return lines


def _one_line(entry: Entry) -> str:
    return f"{entry.kind}: {entry.name}, {_window(entry)}, {_identifier(entry)}"


def _identifier(entry: Entry) -> str:
    return f"key id {entry.identifier}" if _whole(entry) == "key" else f"certificate sha256:{entry.identifier}"


def _whole(entry: Entry) -> str:
    return "key" if entry.kind.endswith("log") else "chain"


def _window(entry: Entry) -> str:
    return f"from {written(entry.start)}" + (f" to {written(entry.end)}" if entry.end else "")


def _as_json(found: RootInUse, root: TrustedRoot, now: datetime) -> str:
    import msgspec

    from verifier.report.escape import printable_json
    from verifier.trust.contents import entries

    age = found.age(now)
    shown = {
        "source": root.source,
        "how": found.how,
        "origin": found.origin,
        "digest": root.digest,
        "asOf": found.as_of,
        "ageDays": None if age is None else age.days,
        "entries": [{**msgspec.to_builtins(entry), "state": entry.state(now)} for entry in entries(root)],
    }
    return printable_json(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())


def _export_keys(folder: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from verifier.cli.output import write_file
    from verifier.errors import ConfigurationError
    from verifier.trust import KEYRING
    from verifier.trust.keyring import load

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ConfigurationError(f"{folder} cannot be made: {fault.strerror}") from None
    for key in (load(entry) for entry in KEYRING if entry.status == "active"):
        pem = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_file(folder / f"{key.name}.pub", pem.decode())
        _say_lines([f"sha256:{key.fingerprint}  {folder / key.name}.pub (of the DER)"])


def _say_lines(lines: list[str]) -> None:
    """On stderr, each on one line whatever a file may have put into it."""
    from verifier.cli.guard import say
    from verifier.report.escape import printable

    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        say(indent + printable(line.lstrip()), "")
