"""`dhiverify stig`: the STIG scans of an image as rules with results, and as the documents that were signed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.options import FILES, Command, common, output

if TYPE_CHECKING:
    from verifier.attestation.decode import StigDocument
    from verifier.verification import Extract

_SEVERITIES = ("high", "medium", "low", "info", "unknown")
_SUFFIXES = {"xccdf": "xml", "html": "html"}


class _PathOption(click.Option):
    """`--output` names a file here; what DHIVERIFY_OUTPUT says is a format of other commands."""

    def resolve_envvar_value(self, ctx: click.Context) -> None:
        del ctx


@click.command("show", cls=Command)
@click.argument("reference", metavar="REF")
@click.option("--result", "results", multiple=True, metavar="WORD", help="Only rules with this result, such as fail.")
@click.option("--severity", "severities", multiple=True, type=click.Choice(_SEVERITIES), help="Only such rules.")
@click.option("--texts", is_flag=True, help="With json: the texts of each rule, and the signed document in base64.")
@output("text", "json")
@common
def show_command(reference: str, **given: Any) -> int:
    """Every STIG scan of an image: profile, benchmark, scanner, time, scores, and each rule with its result.

    Only verified attestations are read. Nothing is judged: `dhiverify image` does that. Scores are computed again from
    the results, and shown beside those that the scanner and the summary state; contradictions are listed.

    Exit codes: 0 shown, 1 a verified attestation could not be decoded, 3 no scan, 4 a scan and none trusted, others as
    for `dhiverify image`.

    \b
    Examples:
      dhiverify stig show dhi.io/python:3.13-fips --platform linux/amd64
      dhiverify stig show dhi.io/python:3.13-fips --result fail --result error --severity high
      dhiverify stig show dhi.io/python:3.13-fips --output json=scans.json --texts
    """
    from verifier.cli.output import parse_outputs, put
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.cli.scan_text import Chosen, scans_json, scans_text
    from verifier.verification.decoded import decoded

    start_logging(given)
    outputs = parse_outputs(given["outputs"], ("text", "json"))
    chosen = Chosen(_result_words(given["results"]), given["severities"])
    options = options_of(given)
    with shown(given["quiet"]) as progress:
        image = decoded(reference, "stig", options, progress)

    def rendered(form: str, colours: bool) -> str:
        if form == "json":
            return scans_json(image, chosen, texts=given["texts"])
        return scans_text(image, chosen, options.relaxations, colours=colours)

    put(outputs, rendered)
    return int(any(platform.details.unreadable for platform in image.platforms if platform.details))


def _result_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Raises `UsageError` for what is none of XCCDF's words."""
    from verifier.attestation.xccdf_score import RESULTS
    from verifier.errors import UsageError

    for word in words:
        if word not in RESULTS:
            raise UsageError(f"{word!r:.50} is no result of XCCDF", hint=f"Results: {', '.join(RESULTS)}.")
    return words


@click.command("extract", cls=Command)
@click.argument("reference", metavar="REF")
@click.option(
    "--format", "form", type=click.Choice(list(_SUFFIXES)), default="xccdf", show_default=True, help="Which document."
)
@click.option("--profile", metavar="ID|NAME", help="Only this profile, by its XCCDF id or its name in the attestation.")
@click.option(
    "-o",
    "--output",
    "path",
    cls=_PathOption,
    metavar="FILE|DIR/",
    help="Where to; a directory takes a file per platform and profile. [default: stdout]",
    shell_complete=FILES,
)
@common
def extract_command(reference: str, **given: Any) -> int:
    """The XCCDF results or the HTML report of a scan: the very bytes that were signed, nothing added or mended.

    The HTML report is a document by somebody else, and a signature does not make it harmless. It is written and never
    looked into; open it in a sandbox.

    Exit codes: 0 written, 3 no such document, 4 a scan and none trusted, others as for `dhiverify image`.

    \b
    Examples:
      dhiverify stig extract dhi.io/python:3.13-fips --platform linux/amd64 --output results.xml
      dhiverify stig extract dhi.io/python:3.13-fips --format html --output reports/
    """
    from verifier.attestation import expand
    from verifier.cli.progress import shown
    from verifier.cli.run import options_of, start_logging
    from verifier.verification import extract

    start_logging(given)
    with shown(given["quiet"]) as progress:
        found = extract(reference, expand("stig"), options_of(given), progress=progress)
    documents = _documents(found, given["form"], given["profile"])
    _write(reference, documents, given)
    return 0


def _documents(found: list[Extract], form: str, profile: str | None) -> list[tuple[Extract, StigDocument]]:
    """Of each attestation the documents in this format. Raises `EvidenceMissing` and `EvidenceUntrusted`."""
    from verifier.attestation.decode import stig_documents
    from verifier.errors import EvidenceInvalid, EvidenceMissing, EvidenceUntrusted

    documents = []
    for one in found:
        try:
            documents += [(one, document) for document in stig_documents(one.statement, form)]
        except EvidenceInvalid as fault:
            raise EvidenceUntrusted(f"attestation {one.digest} cannot be decoded: {fault}", hint=fault.hint) from None
    chosen = [(one, d) for one, d in documents if profile is None or profile in (d.profile, d.name)]
    if not chosen:
        named = ", ".join(dict.fromkeys(document.profile or document.name for _, document in documents)) or "none"
        hint = f"Profiles with one: {named}." if profile else "`dhiverify stig show` says what the scans hold."
        raise EvidenceMissing(f"there is no {form} document" + (f" of profile {profile}" if profile else ""), hint=hint)
    return chosen


def _write(reference: str, documents: list[tuple[Extract, StigDocument]], given: dict[str, Any]) -> None:
    from verifier.cli.guard import say
    from verifier.cli.output import is_directory, to_stdout, write_file, write_into
    from verifier.errors import UsageError
    from verifier.report.parts import file_stem

    path = to_stdout(given["path"] or "")
    if path and is_directory(path):
        for number, (one, document) in enumerate(documents):
            stem = file_stem(reference, one.platform, one.digest, given["form"], str(number))
            name = f"{stem}.{_SUFFIXES[given['form']]}"
            write_into(Path(path), name, document.body)
            _tell(one, document, name, quiet=given["quiet"])
        return
    one, document = _only(documents)
    if path:
        write_file(Path(path), document.body)
    elif sys.stdout.isatty():
        raise UsageError("a signed document is not printed on a terminal", hint="Name a file: --output FILE.")
    else:
        sys.stdout.buffer.write(document.body)
        sys.stdout.buffer.flush()
    _tell(one, document, path, quiet=given["quiet"])
    if given["form"] == "html" and not given["quiet"]:
        say("the report is a document by somebody else", "Open it in a sandbox.")


def _only(documents: list[tuple[Extract, StigDocument]]) -> tuple[Extract, StigDocument]:
    """Raises `UsageError` for several, and names them."""
    from verifier.errors import UsageError

    if len(documents) > 1:
        named = "; ".join(f"{one.platform}: {document.profile or document.name}" for one, document in documents)
        raise UsageError(
            f"there are {len(documents)} such documents, and a file holds one: {named}",
            hint="Name one with --platform and --profile, or a directory: --output DIR/.",
        )
    return documents[0]


def _tell(one: Extract, document: StigDocument, name: str, *, quiet: bool) -> None:
    from verifier.cli.guard import say

    if quiet:
        return
    written = f"{name}: " if name else ""
    about = f"profile {document.profile or document.name} on {one.platform}"
    say(f"{written}{len(document.body)} bytes, {about}, attestation {one.digest} by {one.entry.signer}", "")
