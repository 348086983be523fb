"""Writes artifacts to a registry: a manifest with its blobs, and manifests that hang on another one.

`oras` walks through the uploads of the distribution-spec and is imported here only. It speaks to nobody itself: every
request that it makes goes out through our own session, so that TLS, proxies, deadlines, tokens and the rules about who
gets a credential are those of reading. Its own would send a password to any realm that a server names, read Docker's
configuration by other rules, and repeat for two minutes whatever went wrong. It computes no digest of a manifest and
compares none: callers read back by digest what they pushed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from verifier import strictjson
from verifier.errors import LimitExceeded, MalformedContent, NotFound, RegistryError, Unreachable, UsageError
from verifier.model import Descriptor, Digest, Manifest, Reference, Source
from verifier.oci.artifacts import Artifact, Content, encoded, entry_of
from verifier.oci.credentials import Credentials
from verifier.oci.deadline import Deadline
from verifier.oci.exchange import Answer, Question
from verifier.oci.locations import Endpoint, Location
from verifier.oci.manifests import OCI_INDEX
from verifier.oci.registry import Registry, fallback_tag
from verifier.oci.session import Session
from verifier.oci.settings import Settings
from verifier.oci.transport import HttpTransport

_TRIES = 3  # to list a manifest where others list theirs at the same time
_MAY_YOU_PUSH = "Check the name and that you may push there; some registries want a repository to be created first."


class Pusher:
    """Writes to the repository that `reference` names. The time of `settings.timeout` starts here.

    Use it as a context manager. Its methods raise `RegistryError` and `AuthenticationError`; the constructor
    `UsageError` for a layout, and `ConfigurationError` when `settings.cacert` cannot be used.
    """

    def __init__(self, reference: Reference, settings: Settings, credentials: Credentials) -> None:
        if reference.is_layout:
            raise UsageError(f"{reference} is a layout on disk", hint="Name a repository as HOST/NAME[:TAG].")
        self._limits = settings.limits
        self._name = reference.repository
        self._place = reference.name
        self._transport = HttpTransport(settings)
        deadline = Deadline(settings.timeout)
        self._session = Session(
            reference.registry, settings, credentials, self._transport, deadline, actions="pull,push"
        )
        self._registry = Registry(reference.registry, self._session, settings.limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()

    def push(self, artifact: Artifact, tag: str = "") -> Descriptor:
        """Pushes the blobs that are not there yet, then the manifest: under `tag`, or by its digest alone."""
        descriptor = artifact.descriptor
        if descriptor.size > self._limits.manifest_bytes:
            raise LimitExceeded(
                f"the manifest would have {descriptor.size} bytes; registries take {self._limits.manifest_bytes}"
            )
        client, container = self._oras(tag or descriptor.digest)
        for content in {c.descriptor.digest: c for c in (artifact.config, *artifact.layers)}.values():
            _upload(client, container, content)
        client.upload_manifest(artifact.document, container)
        return descriptor

    def has(self, manifest: Manifest) -> bool:
        """Whether this very manifest is in the repository."""
        try:
            self._registry.repository(self._name).manifest(manifest.descriptor)
        except NotFound:
            return False
        return True

    def tagged(self, tag: str) -> Manifest | None:
        """What lies under `tag` now, None when nothing does."""
        return self._registry.repository(self._name).tagged(tag)

    def put(self, manifest: Manifest, blobs: Mapping[Digest, bytes], tag: str = "") -> None:
        """Pushes a manifest as it is, with those of its blobs that are given: under `tag`, or by its digest alone."""
        client, container = self._oras(tag or manifest.digest)
        described = (*((manifest.config,) if manifest.config else ()), *manifest.layers)
        for descriptor in {one.digest: one for one in described if one.digest in blobs}.values():
            _upload(client, container, Content(blobs[descriptor.digest], descriptor.media_type))
        location = Location(self._session.endpoint, f"/v2/{self._name}/manifests/{tag or manifest.digest}")
        self._send("PUT", location, {"Content-Type": manifest.media_type}, manifest.body)

    def list_referrers(self, subject: Digest, listed: Sequence[Descriptor]) -> None:
        """Sees to it that manifests which were pushed are listed for `subject`, as `attach` does for one."""
        source = self._registry.repository(self._name)
        for descriptor in listed:
            if not self._is_listed(source, subject, descriptor):
                self._list(source, subject, descriptor)

    def attach(self, artifact: Artifact, subject: Digest) -> Descriptor:
        """Pushes a manifest whose subject is `subject`, and sees to it that it is listed there.

        A registry without a referrers API gets it into the list under the fallback tag, which is read, changed and
        written again, since there is no other way. Whether it has one is learned by asking for the listing: there are
        registries that announce the API in their answer to a push and do not have it.
        """
        descriptor = self.push(artifact)
        source = self._registry.repository(self._name)
        for _ in range(_TRIES):
            if self._is_listed(source, subject, descriptor):
                return descriptor
            self._list(source, subject, descriptor)
        if self._is_listed(source, subject, descriptor):
            return descriptor
        raise RegistryError(
            f"{descriptor.digest} was pushed, and {self._place} does not list it for {subject}",
            hint="Somebody may be writing that list at the same time. Run again.",
        )

    def _is_listed(self, source: Source, subject: Digest, descriptor: Descriptor) -> bool:
        """Also when the registry makes the list itself: it may do so a little later."""
        listed = {entry.digest for entry in source.referrers(subject)}
        return descriptor.digest in listed or self._registry.has_referrers_api is True

    def _list(self, source: Source, subject: Digest, descriptor: Descriptor) -> None:
        tag = fallback_tag(subject)
        index = _listing(source.tagged(tag), f"{self._place}:{tag}")
        if len(index["manifests"]) >= self._limits.index_entries:
            raise LimitExceeded(f"{self._place}:{tag} lists {len(index['manifests'])} manifests and takes no more")
        index["manifests"].append(entry_of(descriptor))
        location = Location(self._session.endpoint, f"/v2/{self._name}/manifests/{tag}")
        self._send("PUT", location, {"Content-Type": OCI_INDEX}, encoded(index))

    def _oras(self, wanted: str) -> tuple[Any, Any]:
        """oras's client, with our session for its requests, and its name of the manifest `wanted`: a tag or digest."""
        from oras.client import OrasClient
        from oras.container import Container

        endpoint = self._session.endpoint
        host = _with_port(endpoint)
        client = OrasClient(host, insecure=endpoint.scheme == "http")
        client.do_request = self._request
        mark = "@" if ":" in wanted else ":"
        return client, Container(f"{host}/{self._name}{mark}{wanted}")

    def _request(
        self,
        url: str,
        method: str = "GET",
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        stream: bool = False,
    ) -> _Answered:
        """Takes the place of the method of oras by which it makes every request."""
        location = _located(url)
        body = data if json is None else encoded(json)
        answer = self._send(method, location, headers or {}, body)
        found = answer.headers.get("Location", "")
        if method == "POST" and not found:
            raise RegistryError(f"{answer} without saying where to upload")
        return _Answered(answer.status, {"location": _url(location.resolve(found))} if found else {})

    def _send(self, method: str, location: Location, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Raises `RegistryError` for every answer that does not let the upload go on."""
        question = Question(location, headers, self._limits.attestation_bytes, body=body, verb=method)
        answer = self._session.send(question, self._name)
        if method != "HEAD" and answer.status not in (200, 201, 202):
            raise RegistryError(f"{answer}: it does not take what is pushed to {self._place}", hint=_MAY_YOU_PUSH)
        return answer


class _Answered(msgspec.Struct, frozen=True):
    """As much of an answer as oras looks at. What is no success has been raised before."""

    status_code: int
    headers: dict[str, str]


def _upload(client: Any, container: Any, content: Content) -> None:
    """oras takes blobs from files alone."""
    descriptor = content.descriptor
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "blob"
        file.write_bytes(content.body)
        client.upload_blob(str(file), container, {"digest": str(descriptor.digest), "size": descriptor.size})


def _listing(found: Manifest | None, where: str) -> dict[str, Any]:
    """The list under a fallback tag, with all that others wrote into it."""
    if found is None:
        return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}
    if found.media_type != OCI_INDEX:
        raise MalformedContent(
            f"expected a list of referrers under {where}, found {found.media_type}, which is not overwritten",
            hint="Remove that tag if it is no list; then run again.",
        )
    index: dict[str, Any] = strictjson.loads(found.body)
    return index


def _with_port(endpoint: Endpoint) -> str:
    """oras takes a host for one only when it has a dot or a port."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    return f"{host}:{endpoint.port}"


def _located(url: str) -> Location:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreachable(f"the registry wants an upload to {url!r:.100}, which is no URL")
    return Location(Endpoint.of(parts.scheme, parts.netloc), parts.path + (f"?{parts.query}" if parts.query else ""))


def _url(location: Location) -> str:
    return f"{location.endpoint}{location.path}"
