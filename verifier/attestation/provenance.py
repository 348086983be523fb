"""SLSA provenance v0.2 and v1, as BuildKit and others write it, brought to one view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.attestation import members
from verifier.attestation.binding import subject_name
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import Moment, rfc3339
from verifier.model import Subject

_IMAGES = 64  # images that went into one build; a multi-stage build with its tools has about ten
_V1 = "https://slsa.dev/provenance/v1"


class ProvenanceReader:
    kind = "provenance"
    types = KINDS["provenance"]
    members: frozenset[str] | None = None

    def read(self, predicate_type: str, predicate: Any) -> Facts:
        document = members.an_object(predicate, "the predicate")
        return _v1(document) if predicate_type == _V1 else _v02(document)


def _v02(document: members.JSONObject) -> Facts:
    metadata = members.inner(document, "metadata")
    builder = members.an_object(document.get("builder"), "builder")
    source = members.inner(members.inner(document, "invocation"), "configSource")
    return _facts(
        started=rfc3339(metadata.get("buildStartedOn")),
        finished=rfc3339(metadata.get("buildFinishedOn")),
        builder=members.text(builder, "id"),
        build_type=members.text(document, "buildType"),
        **_materials(document.get("materials"), "materials"),
        config_source=members.text(source, "uri"),
    )


def _v1(document: members.JSONObject) -> Facts:
    definition = members.an_object(document.get("buildDefinition"), "buildDefinition")
    details = members.an_object(document.get("runDetails"), "runDetails")
    metadata = members.inner(details, "metadata")
    source = members.inner(definition, "externalParameters").get("configSource")
    return _facts(
        started=rfc3339(metadata.get("startedOn")),
        finished=rfc3339(metadata.get("finishedOn")),
        builder=members.text(members.inner(details, "builder"), "id"),
        build_type=members.text(definition, "buildType"),
        **_materials(definition.get("resolvedDependencies"), "resolvedDependencies"),
        config_source=members.text(source, "uri") if isinstance(source, dict) else "",
    )


def _materials(value: object, what: str) -> members.JSONObject:
    """How many things went into the build, and which container images among them, by name, tag and digest."""
    listed = [] if value is None else members.a_list(value, what)
    images = {(one["name"], one["digest"]): one for one in _images(listed)}
    return {"materials": len(listed), "images": list(images.values())[:_IMAGES]}


def _images(listed: list[Any]) -> Iterator[members.JSONObject]:
    for entry in listed:
        uri, digests = (entry.get("uri"), entry.get("digest")) if isinstance(entry, dict) else (None, None)
        hashed = digests.get("sha256") if isinstance(digests, dict) else None
        named = subject_name(Subject(uri, {})) if isinstance(uri, str) else None
        if named and isinstance(hashed, str) and hashed:
            yield {"name": named.product, "tag": named.tag, "digest": f"sha256:{hashed}"}


def _facts(started: Moment, finished: Moment, **data: Any) -> Facts:
    if started.ns is not None and finished.ns is not None and finished.ns < started.ns:
        raise Unreadable(f"the build finished at {finished.text}, before it started at {started.text}")
    times = {"started": started.text, "finished": finished.text, "finished_ns": finished.ns}
    stated = finished if finished.ns is not None or finished.problem else started
    return Facts({**times, **data}, stated)
