"""`dhiverify vex`: what the OpenVEX documents of an image excuse, and one document of all of it for scanners."""

from __future__ import annotations

from typing import Any

import click

from verifier.cli.options import Command, common, output, vex_files, with_base


@click.command("show", cls=Command)
@click.argument("reference", metavar="REF")
@click.option(
    "--all", "everything", is_flag=True, help="In text, name every statement that met nothing, not the first."
)
@output("text", "json")
@vex_files
@with_base
@common
def show_command(reference: str, **given: Any) -> int:
    """What the OpenVEX documents of an image excuse, where they disagree, and which statements met nothing.

    Documents that hang on the image are heard when they are verified; a file given with --vex, when the one who signed
    it also signed the image's evidence, or when the policy names its digest. Statements are held against the findings
    of verified Scout scans. Nothing is judged: `dhiverify image` does that.

    Exit codes: 0 shown, 3 no OpenVEX document, 4 documents and none that may speak, others as for `dhiverify image`.

    \b
    Examples:
      dhiverify vex show dhi.io/nginx:1.29
      dhiverify vex show --output json --platform linux/amd64 dhi.io/nginx:1.29
      dhiverify vex show --vex dhi-nginx.vex.json --vex-bundle dhi-nginx.vex.json.sig dhi.io/nginx:1.29
    """
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.cli.vex_text import vex_text
    from verifier.report import as_json
    from verifier.verification.openvex import show_vex

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    with shown(given["quiet"]) as progress:
        report = show_vex(reference, options_of(given), progress)

    def rendered(form: str, colours: bool) -> str:
        return as_json(report) if form == "json" else vex_text(report, everything=given["everything"], colours=colours)

    put(outputs, rendered)
    return 0


@click.command("export", cls=Command)
@click.argument("reference", metavar="REF")
@click.option("--format", "form", type=click.Choice(["openvex"]), default="openvex", help="Form of the document.")
@vex_files
@with_base
@common
def export_command(reference: str, **given: Any) -> int:
    """One OpenVEX document for scanners, on stdout: all that verified documents excuse, in the spelling they match.

    Trivy and Grype compare package URLs letter by letter, so the image is named by its digests and packages without
    qualifiers. What documents disagree about is left out. What holds for all platforms also names the index,
    unless --platform narrows the choice.

    Exit codes: 0 written, 3 no OpenVEX document or nothing excused, 4 documents and none that may speak, others as for
    `dhiverify image`.

    \b
    Examples:
      dhiverify vex export dhi.io/nginx:1.29 > nginx.vex.json
      trivy image --vex nginx.vex.json dhi.io/nginx:1.29
      grype --vex nginx.vex.json dhi.io/nginx:1.29
    """
    import json

    from verifier.cli.guard import say
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.report.escape import printable_json
    from verifier.verification.openvex import export_vex

    start_logging(given)
    with shown(given["quiet"]) as progress:
        exported = export_vex(reference, options_of(given), progress)
    left_out = {
        "contradicted by another statement": exported.contradicted,
        "about version ranges": exported.unspeakable,
    }
    for why, count in left_out.items():
        if count and not given["quiet"]:
            say(f"left out, {why}: {count}", "")
    click.echo(printable_json(json.dumps(exported.document, indent=2, ensure_ascii=False)))
    return 0
