"""What a signature brings along as proof of its publication in a transparency log.

Log proofs are not verified yet: an entry makes the fact `unchecked`, which a policy that requires proof refuses.
The two known shapes of cosign's annotation are told apart, and one that has both is invalid: two readings are none.
"""

from __future__ import annotations

from verifier import strictjson
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Transparency
from verifier.signature.interface import Logged

_ABSENT = Logged(Transparency.ABSENT)
_UNCHECKED = Logged(Transparency.UNCHECKED)


def of_annotation(annotation: str | None, mode: str) -> Logged:
    """What cosign keeps beside a signature or an envelope. In mode `ignore` the annotation is not opened."""
    if annotation is None:
        return _ABSENT
    if mode == "ignore":
        return _UNCHECKED
    if len(annotation) > DEFAULT_LIMITS.rekor_annotation_bytes:
        return _invalid(f"the log annotation is larger than {DEFAULT_LIMITS.rekor_annotation_bytes} bytes")
    try:
        entry = strictjson.loads(annotation.encode("utf-8", "surrogatepass"))
    except strictjson.JSONRefused as fault:
        return _invalid(f"the log annotation is {fault}")
    if not isinstance(entry, dict):
        return _invalid("the log annotation is not a JSON object")
    promise = "SignedEntryTimestamp" in entry or "Payload" in entry
    if promise == ("content" in entry):
        return _invalid("the log annotation has not exactly one of its two known shapes")
    return _UNCHECKED


def of_entries(entries: object, mode: str) -> Logged:
    """The `tlogEntries` of a bundle; None when it has none. In mode `ignore` they are not looked at."""
    if entries is None or entries == []:
        return _ABSENT
    if mode == "ignore":
        return _UNCHECKED
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return _invalid("the bundle's log entries are not a list of objects")
    if len(entries) > DEFAULT_LIMITS.log_entries:
        return _invalid(f"the bundle has {len(entries)} log entries; at most {DEFAULT_LIMITS.log_entries} are read")
    return _UNCHECKED


def _invalid(why: str) -> Logged:
    return Logged(Transparency.INVALID, why)
