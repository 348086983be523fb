"""The values that travel between the rooms, and the `Source` protocol. All of them are immutable.

`content` is what registries hold, `evidence` what is found there, `plan` what a policy asks, `report` what came out.
"""

from verifier.model.content import (
    INDEX_TYPES,
    MANIFEST_TYPES,
    Descriptor,
    Digest,
    Manifest,
    Platform,
    Reference,
    Source,
)
from verifier.model.evidence import (
    Candidate,
    Checked,
    FoundSignature,
    Origin,
    Signer,
    Statement,
    Status,
    Subject,
    Transparency,
)
from verifier.model.plan import Place, Plan, Requirement, RuleModule
from verifier.model.report import (
    SCHEMA,
    AttestationEntry,
    Fault,
    ImageResult,
    PlatformResult,
    PolicyEntry,
    Report,
    Result,
    RuleOutcome,
    SignatureEntry,
    TrustedRootEntry,
    Verdict,
    Violation,
)

__all__ = [
    "INDEX_TYPES",
    "MANIFEST_TYPES",
    "SCHEMA",
    "AttestationEntry",
    "Candidate",
    "Checked",
    "Descriptor",
    "Digest",
    "Fault",
    "FoundSignature",
    "ImageResult",
    "Manifest",
    "Origin",
    "Place",
    "Plan",
    "Platform",
    "PlatformResult",
    "PolicyEntry",
    "Reference",
    "Report",
    "Requirement",
    "Result",
    "RuleModule",
    "RuleOutcome",
    "SignatureEntry",
    "Signer",
    "Source",
    "Statement",
    "Status",
    "Subject",
    "Transparency",
    "TrustedRootEntry",
    "Verdict",
    "Violation",
]
