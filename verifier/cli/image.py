"""`dhiverify image`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from verifier.cli.judging import judging
from verifier.cli.options import FILES, Command, common, output
from verifier.report import FORMATS


@click.command(cls=Command)
@click.argument("references", metavar="REF...", nargs=-1, required=True)
@click.option(
    "--result-file",
    metavar="PATH",
    help="Write what each rule came to in the form of `docker scout policy --result-file`, too.",
    shell_complete=FILES,
)
@output(*FORMATS)
@judging
@common
def image(**given: Any) -> int:
    """Decide whether images may run, from signed evidence alone. No layer is downloaded.

    REF is an image on a registry, or an OCI layout on disk as oci:DIR[:TAG|@DIGEST]. Every platform of an index must
    pass. With several images the gravest result decides.

    \b
    Exit codes:
      0 allowed          3 no evidence found         6 access refused
      1 denied           4 evidence, none trusted    7 internal error
      2 wrong call       5 registry or network

    \b
    Examples:
      dhiverify image dhi.io/python:3.13
      dhiverify image --output json=report.json docker.io/acme/dhi-python:3.13
      dhiverify image --platform linux/amd64 dhi.io/python@sha256:…
      dhiverify image --key publisher.pub oci:build/image
      dhiverify image --policy signed --key cosign.pub ghcr.io/acme/app:1.2
      dhiverify image --policy signed --certificate-identity release@acme.example \\
          --certificate-oidc-issuer https://accounts.google.com ghcr.io/acme/app:1.2
      dhiverify image --policy policy.yaml dhi.io/python:3.13      (policy init, show and explain help with that)
      dhiverify image --rules rules/ --policy-config config.json --result-file result.json dhi.io/python:3.13
      dhiverify image --policy attested --predicate-type slsaprovenance1 --key cosign.pub ghcr.io/acme/app:1.2
    """
    from verifier.cli.output import details_for, parse_outputs, write, write_file
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.errors import UsageError
    from verifier.verification import verify

    start_logging(given)
    outputs = parse_outputs(given["outputs"])
    if given["result_file"] and len(set(given["references"])) > 1:
        raise UsageError("a result file is about one image", hint="Judge one image per run, or use --output json=PATH.")
    options = options_of(given, details_for(outputs))
    with shown(given["quiet"]) as progress:
        report = verify(given["references"], options, progress)
    code = write(report, outputs)
    if given["result_file"]:
        from verifier.report.scout import result_file

        write_file(Path(given["result_file"]), result_file(report))
    return code
