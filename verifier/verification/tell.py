"""How the outcome of each step of a diagnosis reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verifier.model import Descriptor, Digest, Manifest, Plan, Reference
from verifier.oci import Credentials, Identity
from verifier.oci.contact import Address, Greeting
from verifier.policy import LoadedDocument
from verifier.verification.diagnosis import Mark, Said
from verifier.verification.image import Image

_NO_REGISTRY = "Is this host a registry, or is there a captive portal or proxy between?"


def nothing(_: object) -> None:
    """For a step that is worth a word only when it fails."""


def reference(read: Reference) -> Said:
    wanted = f"digest {read.digest}" if read.digest else f"tag {read.tag}" if read.tag else "its only image"
    beside = f" (the tag {read.tag} beside it decides nothing)" if read.digest and read.tag else ""
    where = f"layout {read.path}" if read.is_layout else f"registry {read.registry}, repository {read.repository}"
    return Said(f"{where}, {wanted}{beside}")


def document(read: LoadedDocument) -> Said:
    return Said(f"{read.document.name}, from {read.path}")


def stores(found: Credentials) -> Said:
    return Said(", ".join(found.origins) or "none is found, so every registry is asked anonymously")


def plan(made: Plan, section: str) -> Said:
    signers = ", ".join((*made.keys, *made.key_files, *map(str, made.identities))) or "nobody"
    log = made.transparency or "if-present for keys, require for certificates"
    places = ", ".join(place.repository for place in made.places)
    also = f"; evidence is also looked for in {places}" if places else ""
    return Said(f"{section}: {len(made.rules)} rules; trusted: {signers}; transparency log: {log}{also}")


def opened(_: object) -> Said:
    return Said("it is an OCI layout")


def address(where: Address) -> Said:
    answer = f"{where}, through the proxy {where.proxy}" if where.proxy else f"{where}, without a proxy"
    return (
        Said(answer, Mark.WARN, "Serve it with TLS, and leave --allow-http-registry out.")
        if where.is_open
        else Said(answer)
    )


def identity(used: Identity | None, host: str) -> Said:
    if used is None:
        return Said(f"anonymous: none is stored for {host}")
    user = f" of {used.username}" if used.username else ""
    entry = f", entry of {used.entry}" if used.entry != host else ""
    return Said(f"{used.form}{user} from {used.origin}{entry}")


def greeting(answer: Greeting) -> Said:
    if answer.is_web_page:
        return Said(f"{answer.status} with a web page", Mark.WARN, _NO_REGISTRY)
    if answer.status == 200:
        return Said("200, no login is asked for here")
    if answer.status == 401:
        asked = " or ".join(scheme.capitalize() for scheme in dict.fromkeys(answer.schemes))
        realm = f", tokens from {answer.realm}" if answer.realm else ""
        return Said(f"401, asks for {asked}{realm}") if asked else Said("401 without saying how to log in", Mark.WARN)
    return Said(f"{answer.status}, which no registry should answer here", Mark.WARN, _NO_REGISTRY)


def image(resolved: Image) -> Said:
    root, platforms = resolved.root, len(resolved.entries)
    names = ", ".join(str(entry.platform or "unnamed") for entry in resolved.entries)
    holds = f"{platforms} platform{'s' * (platforms != 1)}: {names}" if root.is_index else "a single manifest"
    return Said(f"{root.digest}, {root.media_type}, {holds}")


def subjects(resolved: Image) -> dict[Digest, str]:
    """Every manifest of the image on which evidence may hang, with what to call it."""
    named = dict.fromkeys(resolved.index_digests, "a nested index")
    if resolved.root.is_index:
        named[resolved.digest] = "the index"
    return named | {entry.digest: str(entry.platform or "the image") for entry in resolved.entries}


def referrers(
    listings: Sequence[Sequence[Descriptor]], names: Sequence[str], has_api: bool | None, *, is_layout: bool
) -> Said:
    how = {
        True: "the referrers API lists",
        False: "there is no referrers API; the fallback tags list",
        None: "it lists",
    }
    counts = ", ".join(f"{len(listed)} for {name}" for listed, name in zip(listings, names, strict=True))
    return Said(f"{'the layout lists' if is_layout else how[has_api]} {counts}")


def tag(digest: Digest, suffix: str) -> str:
    """Where cosign 1 and 2 keep what belongs to a manifest."""
    return f"{digest.algorithm}-{digest.hex}{suffix}"


def tags(looked_for: Mapping[str, str], found: Sequence[Manifest | None]) -> Said:
    there = [f"{name} for {owner}" for (name, owner), one in zip(looked_for.items(), found, strict=True) if one]
    if not there:
        return Said(f"none of the {len(found)} possible ones is there")
    return Said(f"{', '.join(there)}; the other {len(found) - len(there)} are not there")
