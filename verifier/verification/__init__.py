"""The hub: the one place that joins the stages. Command line, library and later products all come through here.

`verify` decides on images, `inspect` says what is there without judging it, `extract` hands out single statements.
"""

from verifier.verification.hub import Options, inspect, verify
from verifier.verification.statements import Extract, extract, only_one

__all__ = ["Extract", "Options", "extract", "inspect", "only_one", "verify"]
