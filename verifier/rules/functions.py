"""The built-in functions of rules: Docker Scout's, as far as they are about evidence, and our own.

    oci.referrer(type)               {statement, image} of the newest verified statement of a predicate type, or null
    dhi.referrers(type)              the same for all of them, newest first
    dhi.facts(kind)                  what readers derived from all statements of a kind, each with its digest
    cosign.verify_images(refs, opts) for each manifest {} when a trusted key signed it, else {"error": …}
    scout.parse_purl(text)           the parts of a package URL
    time.now_ns()                    the run's effective time

Nothing here fetches: answers come from what was verified before. Whatever would reach network, environment, chance or
clock raises, and so does what grows without a bound. Standard library only, as the worker runs bare.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from verifier.rules.purl import parse_purl

# Kinds of facts that describe the run, always there.
NO_EVIDENCE = frozenset({"evidence", "image", "index_evidence", "platforms"})

_LATEST = (
    "https://dhi.io/keyring/latest.pub",
    "https://registry.scout.docker.com/keyring/dhi/latest.pub",
    "https://registry.scout.docker.com/keyring/dhi/latest",
)
_RETIRED = "dhi-1"


class RuleFault(Exception):
    """A rule asked for what cannot be answered; the text is for a person."""


class Platform:
    """What was verified about one platform: the request's members, and the statements inside the data document."""

    def __init__(self, request: dict[str, Any], document: str) -> None:
        self.facts: dict[str, list[dict[str, Any]]] = request["facts"]
        self.verified: dict[str, list[str]] = request["verified"]
        self.types: dict[str, list[str]] = request["types"]
        self.images: dict[str, list[str]] = request["images"]
        self._document = document
        self._statements: dict[str, list[Any]] | None = None

    def referrers(self, predicate_type: str) -> list[dict[str, Any]]:
        images = self.images.get(predicate_type, [])
        if not images:
            return []
        if self._statements is None:  # most rules read `data`, where the engine has parsed them already
            self._statements = json.loads(self._document)["dhiverify"]["statements"]
        found = self._statements[predicate_type]
        return [{"statement": s, "image": image} for s, image in zip(found, images, strict=True)]


class Session:
    """The answers for the rule that is being evaluated, and a record of what it wanted and was given."""

    def __init__(self) -> None:
        self.now = 0
        self.platform = Platform({"facts": {}, "verified": {}, "types": {}, "images": {}}, "")
        self.begin()

    def begin(self) -> None:
        self.asked: dict[str, None] = {}
        self.read: dict[str, None] = {}
        self.fault = ""

    def fail(self, text: str) -> RuleFault:
        """The fault to raise. It is kept, as the engine hides it in a text of its own."""
        self.fault = self.fault or text
        return RuleFault(text)

    def referrer(self, predicate_type: Any) -> dict[str, Any] | None:
        found = self._referrers(predicate_type)[:1]
        return self._given(found)[0] if found else None

    def referrers(self, predicate_type: Any) -> list[dict[str, Any]]:
        return self._given(self._referrers(predicate_type))

    def _referrers(self, predicate_type: Any) -> list[dict[str, Any]]:
        self.asked[self._text(predicate_type, "a predicate type")] = None
        return self.platform.referrers(predicate_type)

    def _given(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.read.update(dict.fromkeys(item["image"].rpartition("@")[2] for item in found))
        return found

    def facts(self, kind: Any) -> list[dict[str, Any]]:
        kind = self._text(kind, "a kind of evidence")
        found = self.platform.facts.get(kind, [])
        if kind == "image" and not found:
            raise self.fail("nothing is known of the image that was asked for")
        if kind in NO_EVIDENCE:
            return found
        if kind not in self.platform.types and not found:
            known = ", ".join(sorted(self.platform.types))
            raise self.fail(f"there is no kind of evidence {kind[:80]!r}; known are: {known}")
        self.asked[kind] = None
        for fact in found:
            self.read[str(fact.get("digest", ""))] = None
            if "unreadable" in fact:
                raise self.fail(f"the {kind} document {fact.get('digest', '')} cannot be read: {fact['unreadable']}")
        return found

    def verify_images(self, images: Any, options: Any) -> dict[str, dict[str, str]]:
        if not isinstance(images, list):
            raise self.fail("cosign.verify_images wants an array of image references")
        return {self._text(image, "an image reference"): self.verify_image(image, options) for image in images}

    def verify_image(self, image: Any, options: Any) -> dict[str, str]:
        address = options.get("key_ref") if isinstance(options, dict) else None
        signers = self.platform.verified.get(self._text(image, "an image reference"), [])
        if address in _LATEST:
            trusted = bool(signers)
        elif address == "https://dhi.io/keyring/1.pub":
            trusted = _RETIRED in signers
        elif address == "https://dhi.io/keyring/2.pub":
            trusted = any(name != _RETIRED for name in signers)
        else:
            return {"error": f"expected an address of Docker's keyring as key_ref, found {str(address)[:200]!r}"}
        return {} if trusted else {"error": "no signature by a key that this run trusts under that address"}

    def parse_purl(self, text: Any) -> dict[str, Any]:
        try:
            return parse_purl(self._text(text, "a package URL"))
        except ValueError as fault:
            raise self.fail(f"scout.parse_purl: {fault}") from None

    def _text(self, value: Any, what: str) -> str:
        if not isinstance(value, str):
            raise self.fail(f"expected {what} as a string, found {json.dumps(value)[:80]}")
        return value


_REFUSED = {
    "http.send": 1,
    "net.cidr_expand": 1,  # reaches nothing, but makes a list of any length of a short text
    "net.lookup_ip_addr": 1,
    "opa.runtime": 0,
    "rand.intn": 2,
    "rego.parse_module": 2,
    "trace": 1,
    "uuid.parse": 1,
    "uuid.rfc4122": 1,
}


def extend(engine: Any, session: Session) -> None:
    """Gives the built-in functions to `engine`; those that its author built in under these names are replaced."""
    functions: dict[str, tuple[int, Callable[..., Any]]] = {
        "oci.referrer": (1, session.referrer),
        "dhi.referrers": (1, session.referrers),
        "dhi.facts": (1, session.facts),
        "cosign.verify_image": (2, session.verify_image),
        "cosign.verify_images": (2, session.verify_images),
        "scout.parse_purl": (1, session.parse_purl),
        "time.now_ns": (0, lambda: session.now),
    }
    for name, count in _REFUSED.items():
        functions[name] = (count, _refusal(session, name, count))
    for name, (count, function) in functions.items():
        engine.add_extension(name, count, function)


def _refusal(session: Session, name: str, count: int) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise session.fail(f"{name} is not available to rules: they see verified evidence and nothing else")

    # The engine asks a function for its number of parameters.
    by_count: dict[int, Callable[..., Any]] = {
        0: lambda: refuse(),
        1: lambda a: refuse(a),
        2: lambda a, b: refuse(a, b),
    }
    return by_count[count]
