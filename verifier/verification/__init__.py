"""The hub: the one place that joins the stages. Command line, library and later products all come through here.

`verify` decides on images, `inspect` says what is there without judging it, `extract` hands out single statements, and
`verify_blob` decides on a signed file.
"""

from verifier.verification.blob import BlobOptions, BlobReport, verify_blob
from verifier.verification.hub import Options, inspect, verify
from verifier.verification.statements import Extract, extract, only_one

__all__ = [
    "BlobOptions",
    "BlobReport",
    "Extract",
    "Options",
    "extract",
    "inspect",
    "only_one",
    "verify",
    "verify_blob",
]
