"""`dhiverify trust`: who may sign."""

from __future__ import annotations

import click


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
