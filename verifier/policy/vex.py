"""The OpenVEX documents that a section pins, and those of the command line: each with what vouches for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from verifier.errors import UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import VexFile
from verifier.policy.document import ImageSection

_BUNDLE = "Name its Sigstore bundle with --vex-bundle, or pin it in the policy: `vex: [{digest: sha256:…}]`."


def vex_files(section: ImageSection, folder: Path, files: Sequence[str], bundles: Sequence[str]) -> tuple[VexFile, ...]:
    """The section's first. Raises `UsageError` where nothing could vouch for a file of the command line."""
    own = tuple(VexFile(str(folder / entry.file), digests=(entry.digest,)) for entry in section.vex if entry.file)
    digests = tuple(entry.digest for entry in section.vex)
    if bundles and len(bundles) != len(files):
        stated = f"expected a --vex-bundle for each --vex, found {len(bundles)} for {len(files)}"
        raise UsageError(stated, hint="Give both as often, in the same order; or none, and pin digests in the policy.")
    if files and not bundles and not digests:
        raise UsageError(f"nothing vouches for the VEX document {files[0]!r}", hint=_BUNDLE)
    if len(own) + len(files) > DEFAULT_LIMITS.vex_documents:
        raise UsageError(f"more than {DEFAULT_LIMITS.vex_documents} VEX documents are named")
    if bundles:
        return (*own, *(VexFile(path, bundle) for path, bundle in zip(files, bundles, strict=True)))
    return (*own, *(VexFile(path, digests=digests) for path in files))
