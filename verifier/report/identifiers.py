"""Identifiers for exports that need them: the same thing gets the same one in every run, on every machine.

UUIDs are of version 5 (RFC 9562, by name) in one namespace of our own. What a name is made of says how long it lives:
a platform's is made of its digest and stays, an observation's holds the time of the run as well.
"""

from __future__ import annotations

import hashlib
import json
import re
from uuid import NAMESPACE_URL, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://dhiverify.dev/ns/report")

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,79}")
_OUTSIDE = re.compile(r"[^A-Za-z0-9._-]+")
_KEPT = 40  # characters of a name that a person recognises; the hash after it tells apart


def stable_uuid(*parts: str) -> str:
    """The UUID of what `parts` name together, whatever they hold; ("a", "bc") and ("ab", "c") are two things."""
    return str(uuid5(NAMESPACE, json.dumps(parts)))


def token(text: str) -> str:
    """`text` where it is a short name in ASCII as XML and OSCAL want one, else one like it with a hash of it."""
    if _TOKEN.fullmatch(text):
        return text
    readable = _OUTSIDE.sub("-", text)[:_KEPT].strip("-.")
    told_apart = hashlib.sha256(json.dumps(text).encode()).hexdigest()[:12]
    return f"_{readable}-{told_apart}" if readable else f"_{told_apart}"
