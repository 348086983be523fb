"""May this image run here? Verifies the signed supply-chain evidence of container images.

    import verifier

    report = verifier.verify(["dhi.io/python:3.13"])
    report.verdict                     # "allow", "warn", "deny" or "error"
    report.images[0].digest            # what was judged, and what to deploy
    report.images[0].reasons           # why not

`verify` and `inspect` take image references and `Options`, and return a `Report`: one immutable value with everything
that the command line shows. They raise `UsageError` for a call, policy or key that cannot be used; a registry that does
not answer, or evidence that is no good, stands in the report. `extract` returns single verified statements and raises
`DhiverifyError`; `verify_blob` decides on a signed file. The command `dhiverify` is a thin layer over these functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier import version

__version__ = version.VERSION

if TYPE_CHECKING:
    from verifier.errors import DhiverifyError, UsageError
    from verifier.model import ImageResult, PlatformResult, Report, Result, RuleOutcome, Status, Verdict
    from verifier.model.trust import Identity
    from verifier.oci import Settings
    from verifier.policy import Additions
    from verifier.verification import BlobOptions, BlobReport, Extract, Options, extract, inspect, verify, verify_blob

__all__ = [
    "Additions",
    "BlobOptions",
    "BlobReport",
    "DhiverifyError",
    "Extract",
    "Identity",
    "ImageResult",
    "Options",
    "PlatformResult",
    "Report",
    "Result",
    "RuleOutcome",
    "Settings",
    "Status",
    "UsageError",
    "Verdict",
    "__version__",
    "extract",
    "inspect",
    "verify",
    "verify_blob",
]

_HOMES = {
    "verifier.errors": ("DhiverifyError", "UsageError"),
    "verifier.model": ("ImageResult", "PlatformResult", "Report", "Result", "RuleOutcome", "Status", "Verdict"),
    "verifier.model.trust": ("Identity",),
    "verifier.oci": ("Settings",),
    "verifier.policy": ("Additions",),
    "verifier.verification": (
        "BlobOptions",
        "BlobReport",
        "Extract",
        "Options",
        "extract",
        "inspect",
        "verify",
        "verify_blob",
    ),
}


def __getattr__(name: str) -> object:
    """Loads public names on first use, so that `import verifier` and the rule worker cost next to nothing."""
    import importlib

    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(importlib.import_module(home), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'verifier' has no attribute {name!r}")
