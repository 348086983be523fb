"""SLSA provenance v0.2 and v1, as BuildKit and others write it, brought to one view."""

from __future__ import annotations

from typing import Any

from verifier.attestation import members
from verifier.attestation.interface import Facts, Unreadable
from verifier.attestation.kinds import KINDS
from verifier.attestation.moment import Moment, rfc3339

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
        materials=_length(document.get("materials"), "materials"),
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
        materials=_length(definition.get("resolvedDependencies"), "resolvedDependencies"),
        config_source=members.text(source, "uri") if isinstance(source, dict) else "",
    )


def _length(value: object, what: str) -> int:
    return 0 if value is None else len(members.a_list(value, what))


def _facts(started: Moment, finished: Moment, **data: Any) -> Facts:
    if started.ns is not None and finished.ns is not None and finished.ns < started.ns:
        raise Unreadable(f"the build finished at {finished.text}, before it started at {started.text}")
    times = {"started": started.text, "finished": finished.text, "finished_ns": finished.ns}
    stated = finished if finished.ns is not None or finished.problem else started
    return Facts({**times, **data}, stated)
