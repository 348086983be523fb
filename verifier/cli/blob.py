"""`dhiverify blob`: a signed file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.options import FILES, Command, noise, output, signers
from verifier.report import as_json
from verifier.report.escape import printable

if TYPE_CHECKING:
    from verifier.verification import BlobReport


@click.command(cls=Command)
@click.argument("file", metavar="FILE|sha256:HEX")
@click.option(
    "--bundle", required=True, metavar="FILE", help="The Sigstore bundle that signs the file.", shell_complete=FILES
)
@output("text", "json")
@signers
@noise
def blob(file: str, bundle: str, **given: Any) -> int:
    """Decide whether somebody trusted signed a file, offline.

    The bundle holds a signature of the file, or a statement that names it. Without key and identity the keyring of
    Docker Hardened Images counts, which signs the advisory and VEX feeds. What looks like a digest is one: write
    ./sha256:… for a file of that name.

    \b
    Exit codes: 0 verified, 4 not trusted or about another file, 2 wrong call or unreadable file,
    7 a fault of dhiverify.

    \b
    Examples:
      dhiverify blob CVE-2026-42899.json.sha256 --bundle CVE-2026-42899.json.sha256.sig
      dhiverify blob app.tar.gz --bundle app.tar.gz.sigstore.json --key publisher.pub
      dhiverify blob app.tar.gz --bundle app.sigstore.json \\
        --certificate-identity https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1 \\
        --certificate-oidc-issuer https://token.actions.githubusercontent.com
    """
    from verifier.cli.identities import identities_of
    from verifier.cli.options import relaxations
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.run import start_logging, trusted_root_of
    from verifier.verification import BlobOptions, verify_blob

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    options = BlobOptions(
        key_files=given["keys"],
        identities=identities_of(given),
        trusted_root=trusted_root_of(given),
        ignore_transparency=given["ignore_tlog"],
        environ=os.environ,
        relaxations=relaxations(given),
    )
    report = verify_blob(file, bundle, options)
    put(outputs, partial(_rendered, report))
    return report.exit_code


def _rendered(report: BlobReport, form: str, colours: bool) -> str:
    if form == "json":
        return as_json(report)
    return "".join(f"{line}\n" for line in _lines(report, colours=colours))


def _lines(report: BlobReport, *, colours: bool) -> Iterator[str]:
    word = "VERIFIED" if report.exit_code == 0 else report.status.upper()
    styled = click.style(word, fg="green" if report.exit_code == 0 else "red") if colours else word
    yield f"{styled}  {printable(report.path)}{'@' if report.path else ''}{report.digest}"
    if report.signer:
        when = f" at {report.time}" if report.time else ""
        yield f"  signed by: {printable(report.signer)}{when} · log {report.transparency}"
    if report.predicate_type:
        yield f"  statement: {printable(report.predicate_type)}"
    if report.reason:
        yield f"  {printable(report.reason)}"
    if report.hint:
        yield f"  next: {printable(report.hint)}"
    yield from (f"relaxed: {printable(text)}" for text in report.relaxations)
    if report.trusted_root:
        yield f"trusted root: {printable(report.trusted_root.source)} ({printable(report.trusted_root.digest)})"
