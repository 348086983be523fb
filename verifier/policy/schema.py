"""The JSON Schema of policy documents, by which editors complete and check them."""

from __future__ import annotations

from typing import Any

import msgspec

from verifier.policy.bundles import REFERENCE
from verifier.policy.checks import KINDS
from verifier.policy.document import Document
from verifier.policy.shipped import packs

SCHEMA_ID = "https://dhiverify.dev/schema/policy/v1"

_SIGNED_BY = "Where it is given, one of these must have signed the bundle: "
_ABOUT: dict[str, dict[str, str]] = {
    "Document": {
        "": "A policy document of dhiverify: which images may run, and who says so.",
        "version": "The version of this form.",
        "name": "What reports call this policy.",
        "images": "Sections, tried in this order. The first whose pattern matches decides; an image that none matches "
        "is denied.",
    },
    "ImageSection": {
        "": "What holds for the images whose requested name matches.",
        "match": "HOST/NAME without tag, in lower case. `*` is any text within one component, `**` at the end any "
        "number of components; `*` alone is every image, also one on disk.",
        "trust": "Who may sign. All that are named count.",
        "rules": "The rules to evaluate. Every one of them must pass.",
        "evidence": "Other repositories to search for evidence, besides the image's own.",
        "transparency": "Whether a proof of a transparency log is demanded. Not stated: if-present for keys, require "
        "for certificates.",
        "require": "Kinds of evidence that must be there, signed by who is trusted and readable.",
        "maxAgeDays": "The age in days from which on build and vulnerability scan are too old. Not stated: 30.",
        "waivers": "Known failures that are accepted for a while.",
        "base": "What the image must be built on.",
        "vex": "OpenVEX documents besides those that come with the image, pinned by digest.",
        "enforce": "With false nothing of this section denies, and every report says that it is not enforced.",
    },
    "TrustSection": {
        "": "Who may sign. At least one key or identity.",
        "keys": "Names of shipped keys, as `dhiverify trust list` prints them.",
        "keyFiles": "Paths of public keys (PEM), relative to this document.",
        "deniedKeys": "SHA-256 fingerprints of keys that never count, wherever they are named.",
        "identities": "Signers with a certificate.",
        "trustedRoot": "Path of the Sigstore trusted root, relative to this document. Not stated: the user's or the "
        "shipped one.",
    },
    "IdentityEntry": {
        "": "A signer with a certificate. Of subject and issuer, give the text or the pattern of the whole text.",
        "subject": "The exact subject: a workflow's URI or an e-mail address.",
        "subjectPattern": "A regular expression that the whole subject must match.",
        "issuer": "The exact issuer of the identity.",
        "issuerPattern": "A regular expression that the whole issuer must match.",
        "sourceRepository": "The URI of the repository that was built.",
        "sourceRepositoryOwner": "The URI of that repository's owner.",
        "sourceRepositoryId": "The number of that repository, which outlives a change of its name.",
        "sourceRepositoryOwnerId": "The number of that owner.",
        "sourceRef": "The branch or tag that was built, such as refs/heads/main.",
        "sourceDigest": "The commit that was built.",
        "workflow": "The URI of the workflow that was started.",
        "signer": "The URI of the workflow that signed: a reusable one is not the one that was started.",
        "trigger": "The event that started the workflow, such as push.",
        "runner": "Where the workflow ran: github-hosted or self-hosted.",
    },
    "EvidencePlace": {
        "": "Another repository that holds evidence.",
        "repository": "HOST/NAME, in which {namespace} and {name} stand for the parts of the image's own path.",
        "match": "The images for which it is searched.",
    },
    "RequiredKind": {
        "": "One kind of evidence that must be there.",
        "kind": "A kind such as sbom, or a predicate type (a URI).",
        "compliance": "Required only of images that claim one of these tokens, such as stig or fips.",
        "artifacts": "Required only of these.",
        "maxAgeDays": "The newest document of this kind must say that it is not older than this.",
    },
    "RuleSource": {
        "": "Rules from one place: a pack, a path or a bundle.",
        "pack": "A rule pack that comes with dhiverify.",
        "path": "A Rego file, or a directory of them, relative to this document.",
        "bundle": "Rules in a registry, pinned: HOST/NAME@sha256:… as `dhiverify policy publish` prints it.",
        "keyFiles": f"{_SIGNED_BY}paths of public keys (PEM), relative to this document.",
        "identities": f"{_SIGNED_BY}signers with a certificate.",
        "effects": "By rule: whether it denies (enforce) or only warns when it fails. Not stated: as the rule says.",
        "unknown": "By rule: whether it denies or only warns when it cannot be evaluated. Not stated: deny.",
        "config": "By rule: its `data.config`.",
    },
    "BaseSection": {
        "": "What the base of each platform must be. It is found from signed provenance, or else from labels, and "
        "proved by its layers.",
        "images": "Patterns of names, as in `match`. Only such images are looked at.",
        "policy": "The document by which the base is judged: a built-in name, or a path relative to this document.",
        "keyFiles": "Paths of public keys (PEM), relative to this document, in place of the signers of that policy.",
        "layers": "What counts as built on it: proved (the compressed layers are the same) or also claimed (only their "
        "contents are said to be).",
        "maxAgeDays": "The base was built no longer ago. Not stated: any age.",
        "variants": "The variants that a base may have, such as runtime. Not stated: any.",
        "supported": "Whether the base's end of life must lie ahead.",
    },
    "VexEntry": {
        "": "An OpenVEX document that may excuse what a vulnerability scan found.",
        "digest": "The SHA-256 of its bytes: sha256: and 64 lower-case hex digits.",
        "file": "Its path, relative to this document. Not stated: it may be given with --vex.",
    },
    "StatedWaiver": {
        "": "A known failure of one rule that is accepted for a while, and shown in every report.",
        "rule": "The rule's id. Rules that say whether evidence is there and trusted cannot be waived.",
        "images": "The images that are meant, as in `match`; `*` only with a digest.",
        "reason": "Why this is acceptable.",
        "owner": "Who answers for it.",
        "ticket": "Where it is followed up.",
        "expires": "The last day (in UTC) on which it holds, or a time with a zone.",
        "starts": "The first day on which it holds, or a time with a zone.",
        "digest": "It holds for this image alone: the digest of an index or of a platform's manifest.",
        "purl": "It covers violations about this package alone; without version, about any version of it.",
        "vulnerability": "It covers violations about this vulnerability alone.",
    },
}
_PATTERN = {"pattern": r"^[^A-Z@\s]+$"}
_TWO = "[0-9]{2}"
_TIME = rf"[Tt]{_TWO}:{_TWO}:{_TWO}(\.[0-9]{{1,6}})?([Zz]|[+-]{_TWO}:{_TWO})"
_MOMENT = {"pattern": f"^[0-9]{{4}}-{_TWO}-{_TWO}({_TIME})?$"}
_FILLED = {"pattern": r"\S"}
_MORE: dict[str, dict[str, dict[str, Any]]] = {
    "Document": {"images": {"minItems": 1}},
    "ImageSection": {"match": _PATTERN, "rules": {"minItems": 1}},
    "EvidencePlace": {"match": _PATTERN},
    "BaseSection": {"images": {"minItems": 1, "items": {"type": "string", "minLength": 1, **_PATTERN}}},
    "RequiredKind": {"kind": {"anyOf": [{"enum": list(KINDS)}, {"pattern": ":"}]}},
    "RuleSource": {"bundle": {"pattern": f"^{REFERENCE}$"}},
    "StatedWaiver": {
        **dict.fromkeys(("rule", "reason", "owner", "ticket"), _FILLED),
        **dict.fromkeys(("expires", "starts"), _MOMENT),
        "images": _PATTERN,
        "purl": {"pattern": "^pkg:[a-z][a-z0-9.+-]*/[^\\s]+$"},
        "vulnerability": {"pattern": "^\\S+$"},
    },
}


def document_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of `Document`. It refuses what no document may say; the loader and `lint` refuse more."""
    _, types = msgspec.json.schema_components([Document], ref_template="#/$defs/{name}")
    for name, described in types.items():
        described["description"] = _ABOUT[name][""]
        for member, stated in described["properties"].items():
            if stated.get("default") == "" or stated.get("type") == "integer":
                stated.pop("default", None)  # it stands for a member that is not there, and is refused if it is
            stated |= {"description": _ABOUT[name][member]} | _MORE.get(name, {}).get(member, {})
    types["RuleSource"]["properties"]["pack"]["enum"] = list(packs())
    types["RuleSource"] |= _one_of("pack", "path", "bundle")
    types["RuleSource"]["dependentRequired"] = {"keyFiles": ["bundle"], "identities": ["bundle"]}
    types["TrustSection"]["anyOf"] = [_one_at_least(member) for member in ("keys", "keyFiles", "identities")]
    types["IdentityEntry"]["allOf"] = [_one_of("subject", "subjectPattern"), _one_of("issuer", "issuerPattern")]
    types["StatedWaiver"] |= {
        "if": {"properties": {"images": {"pattern": "^[*/]*$"}}},
        "then": {"required": ["digest"]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "dhiverify policy document",
        "$ref": "#/$defs/Document",
        "$defs": _of_editors(types),
    }


def _one_of(*members: str) -> dict[str, Any]:
    return {"oneOf": [{"required": [member]} for member in members]}


def _one_at_least(member: str) -> dict[str, Any]:
    return {"required": [member], "properties": {member: {"minItems": 1}}}


def _of_editors(value: Any) -> Any:
    """The same with patterns that every dialect of regular expressions reads."""
    if isinstance(value, dict):
        return {name: _of_editors(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_of_editors(one) for one in value]
    return value.replace(r"\A", "^").replace(r"\Z", "$") if isinstance(value, str) else value
