"""What a signature brings along as proof of its publication in a transparency log.

Log proofs are not verified yet: an annotation makes the fact `unchecked`, which a policy that requires proof refuses.
Its two known shapes are told apart, and an annotation that has both is invalid: two readings are none.
"""

from __future__ import annotations

from verifier import strictjson
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Transparency


def of_annotation(annotation: str | None, mode: str) -> tuple[Transparency, str]:
    """The fact and, when it is `invalid`, why. In mode `ignore` the annotation is not opened."""
    if annotation is None:
        return Transparency.ABSENT, ""
    if mode == "ignore":
        return Transparency.UNCHECKED, ""
    if len(annotation) > DEFAULT_LIMITS.rekor_annotation_bytes:
        return Transparency.INVALID, f"the log annotation is larger than {DEFAULT_LIMITS.rekor_annotation_bytes} bytes"
    try:
        entry = strictjson.loads(annotation.encode("utf-8", "surrogatepass"))
    except strictjson.JSONRefused as fault:
        return Transparency.INVALID, f"the log annotation is {fault}"
    if not isinstance(entry, dict):
        return Transparency.INVALID, "the log annotation is not a JSON object"
    promise = "SignedEntryTimestamp" in entry or "Payload" in entry
    if promise == ("content" in entry):
        return Transparency.INVALID, "the log annotation has not exactly one of its two known shapes"
    return Transparency.UNCHECKED, ""
