"""What stays the same from one run to the next: names, places and fingerprints of findings.

By them readers of lint results know that a finding is the one of yesterday, about another build and of another day.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from verifier.report.findings import Finding

_DIGEST = re.compile("@[a-z0-9+._-]+:[a-zA-Z0-9=_-]+$")
_TAG = re.compile(r"(?<!^oci):[\w][\w.-]{0,127}$", re.ASCII)
_PATH = 150  # characters of a name in a path; a fingerprint has all of it


def image_name(reference: str) -> str:
    """The reference without tag and digest: what stays the same when a new build is judged."""
    return _TAG.sub("", _DIGEST.sub("", reference))


def path_of(reference: str) -> str:
    """The image's name as a relative path that is also a URI: `dhi.io/python`.

    Readers of lint results want a file. No such file is there, and no name can point out of the directory.
    """
    segments = (part for part in re.split(r"[/\\:]+", image_name(reference)[:_PATH]) if part.strip(". "))
    return "/".join(quote(part, safe="", errors="backslashreplace") for part in segments) or "image"


_CHANGING = re.compile(
    r"(?P<digest>\bsha\d{3}:[0-9a-f]{40,})|(?P<time>\b\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)"
    r"|(?<![\w.@/#:+~-])\d+(?![\w.@/:+~-])"
)


def _lasting(text: str) -> str:
    """The text without what differs from day to day: counts, times and digests, but not versions or identifiers."""
    return _CHANGING.sub("#", text)


def fingerprints(found: Sequence[Finding]) -> tuple[str, ...]:
    """Of each finding 64 hex digits: unique among them, and the same for the same finding in another run."""
    prints = [_fingerprint(finding) for finding in found]
    seen: Counter[str] = Counter()
    unique = []
    for one in prints:
        unique.append(hashed(f"{one} {seen[one]}") if seen[one] else one)
        seen[one] += 1
    return tuple(unique)


def _fingerprint(finding: Finding) -> str:
    detail = json.dumps(finding.detail, sort_keys=True, default=str)
    about = (image_name(finding.image.reference), finding.where, finding.check)
    return hashed(json.dumps([*about, _lasting(finding.message), _lasting(detail)]))


def hashed(text: str) -> str:
    """64 hex digits. A surrogate counts as its escape."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
