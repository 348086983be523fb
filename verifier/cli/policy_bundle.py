"""`dhiverify policy publish` and `policy pull`: rules that teams share through a registry."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from verifier.cli.judging import pairs
from verifier.cli.options import FILES, Command, registry, signers


@click.command("publish", cls=Command)
@click.argument("reference", metavar="REFERENCE")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--signing-key",
    metavar="FILE",
    help="Sign the bundle with this private key (PEM); its password is DHIVERIFY_SIGNING_KEY_PASSWORD.",
    shell_complete=FILES,
)
@click.option(
    "--annotation",
    multiple=True,
    callback=pairs,
    metavar="KEY=VALUE",
    help="Write this into the manifest, and so into the digest; repeatable.",
)
@registry
def publish_command(reference: str, paths: tuple[str, ...], **given: Any) -> None:
    """Push rules to a registry as one artifact, signed if a key is given, and print its pinned reference.

    PATH is a file, or a directory, which is taken with all below it: rules and their tests (.rego), policy documents
    and cases (.yaml, .yml, .json). Rules lie at the top, not in directories. Every rule must load before anything is
    sent. The same files give the same digest; a tag in REFERENCE is moved to it, `latest` without one. Credentials are
    those of reading, and must allow to push.

    The signature is cosign's simple signing as an OCI 1.1 referrer, without a transparency log: `cosign verify
    --experimental-oci11 --insecure-ignore-tlog --key FILE.pub` accepts it, too. Of keys, ECDSA (P-256, P-384), Ed25519
    and RSA sign. To sign keyless, publish without a key and run `cosign sign` on the printed reference.

    \b
    Exit codes: 0 pushed and read back, 2 wrong call or a rule that does not load, 5 registry or network,
    6 access refused.

    \b
    Examples:
      dhiverify policy publish registry.example/acme/rules:1 rules/
      dhiverify policy publish --signing-key release.pem registry.example/acme/rules:1 rules/
      dhiverify image --rules oci://$(dhiverify policy publish registry.example/acme/rules rules/) REF
    """
    from verifier.cli.guard import say
    from verifier.cli.progress import shown
    from verifier.cli.run import settings_of, start_logging
    from verifier.verification.bundles import PublishOptions, publish

    start_logging(given)
    options = PublishOptions(
        signing_key=given["signing_key"],
        annotations=dict(given["annotation"]),
        settings=settings_of(given),
        environ=os.environ,
    )
    with shown(given["quiet"]) as progress:
        published = publish(reference, paths, options, progress)
    if not given["quiet"]:
        _tell("pushed", published.files, published.left_out)
        say(f"signed by the key sha256:{published.signer}" if published.signer else "not signed", "")
    click.echo(published.reference)


@click.command("pull", cls=Command)
@click.argument("reference", metavar="REFERENCE")
@click.argument("directory", metavar="DIR")
@click.option("--unsigned", is_flag=True, help="Ask for no signature. REFERENCE must then have a digest.")
@signers
@registry
def pull_command(reference: str, directory: str, **given: Any) -> None:
    """Fetch published rules into DIR, once somebody whom you name has signed them, and print their pinned reference.

    Name who signs with --key or --certificate-identity. A tag in REFERENCE is resolved once, and the signature must be
    of what it led to. DIR must not exist, or be empty; it gets all files or none. Files of other kinds than `policy
    publish` takes are left out, and named.

    \b
    Exit codes:
      0 the files are in DIR       4 signed by nobody whom you named
      2 wrong call, or no bundle   5 registry or network
      3 not signed at all          6 access refused

    \b
    Examples:
      dhiverify policy pull --key release.pub registry.example/acme/rules:1 rules
      dhiverify policy pull --certificate-identity release@acme.example \\
          --certificate-oidc-issuer https://accounts.google.com registry.example/acme/rules:1 rules
      dhiverify policy pull --unsigned registry.example/acme/rules@sha256:… rules
    """
    from verifier.cli.guard import say
    from verifier.cli.identities import identities_of
    from verifier.cli.options import relaxations
    from verifier.cli.progress import shown
    from verifier.cli.run import settings_of, start_logging, trusted_root_of
    from verifier.verification.bundles import PullOptions, pull

    start_logging(given)
    options = PullOptions(
        key_files=given["keys"],
        identities=identities_of(given),
        trusted_root=trusted_root_of(given),
        ignore_transparency=given["ignore_tlog"],
        unsigned=given["unsigned"],
        settings=settings_of(given),
        environ=os.environ,
    )
    relaxed = relaxations(given)
    with shown(given["quiet"]) as progress:
        pulled = pull(reference, directory, options, progress)
    for text in relaxed:
        say(f"relaxed: {text}", "")
    if not given["quiet"]:
        _tell("wrote", pulled.files, pulled.left_out)
        say(f"signed by {pulled.signer}" if pulled.signer else "no signature was asked for", "")
    click.echo(pulled.reference)


def _tell(did: str, files: Sequence[str], left_out: Sequence[str]) -> None:
    from verifier.cli.guard import say

    for path in files:
        say(f"{did} {path}", "")
    for path in left_out:
        say(f"left out {path or 'a layer without a name'}", "")
