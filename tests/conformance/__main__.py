"""The entry point of client conformance suites: `python -m tests.conformance verify-bundle … FILE_OR_DIGEST`.

Exit code 0 says verified, any other not. What decides is what `dhiverify blob` does.
"""

from __future__ import annotations

import os
import sys

import click

from verifier import BlobOptions, Identity, verify_blob
from verifier.errors import DhiverifyError


@click.group()
def client() -> None:
    """A verifying client."""


@client.command("verify-bundle")
@click.option("--bundle", required=True)
@click.option("--certificate-identity", default="")
@click.option("--certificate-oidc-issuer", default="")
@click.option("--key", default="")
@click.option("--trusted-root", default="")
@click.argument("file_or_digest")
def verify_bundle(
    bundle: str,
    certificate_identity: str,
    certificate_oidc_issuer: str,
    key: str,
    trusted_root: str,
    file_or_digest: str,
) -> None:
    """Verify one bundle."""
    named = Identity(subject=certificate_identity, issuer=certificate_oidc_issuer)
    options = BlobOptions(
        key_files=(key,) if key else (),
        identities=() if key else (named,),
        trusted_root=trusted_root,
        environ={name: os.environ[name] for name in ("HOME", "XDG_DATA_HOME") if name in os.environ},
    )
    try:
        report = verify_blob(file_or_digest, bundle, options)
    except DhiverifyError as fault:
        click.echo(f"{fault}", err=True)
        sys.exit(fault.exit_code)
    click.echo(f"{report.status} {report.signer} {report.reason}")
    sys.exit(report.exit_code)


if __name__ == "__main__":
    client()
