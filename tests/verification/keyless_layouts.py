"""Hangs signatures and attestations by certificate on an image, in every storage layout."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests import publisher as publishing
from tests.conftest import ImageUnderTest
from tests.publisher.about import JSON
from tests.publisher.documents import encode
from tests.publisher.envelopes import COSIGN_SIGN, simple_signing
from tests.publisher.envelopes import statement as statement_about
from tests.publisher.keys import publisher as publisher_key
from tests.publisher.kinds import SLSA_V1
from tests.sigstore import WORKFLOW
from tests.verification.certificates import SIGSTORE

PREDICATE = {
    "buildDefinition": {"buildType": "https://actions.github.io/buildtypes/workflow/v1", "externalParameters": {}},
    "runDetails": {"builder": {"id": WORKFLOW}},
}

Hang = Callable[..., publishing.Attached]


def simple(how: Hang, image: ImageUnderTest, digest: str, **more: Any) -> publishing.Attached:
    """A simple-signing layer with the annotations of a certificate; `how` hangs it."""
    made = SIGSTORE.cosign_layer(file=encode(simple_signing("registry.example/app", digest, None)), **more)
    return how(image, digest, publisher_key, payload=lambda _: made.blob, layer=made.described)


def envelope(how: Hang, image: ImageUnderTest, digest: str, **more: Any) -> publishing.Attached:
    made = SIGSTORE.cosign_layer(statement=statement_about(digest, SLSA_V1, PREDICATE, version="v1"), **more)
    return how(image, digest, SLSA_V1, PREDICATE, publisher_key, envelope=lambda _: made.blob, layer=made.described)


def plain_envelope(image: ImageUnderTest, digest: str, **more: Any) -> publishing.Attached:
    """As a referrer of its own, annotated as cosign does it."""
    made = SIGSTORE.cosign_layer(statement=statement_about(digest, SLSA_V1, PREDICATE, version="v1"), **more)

    def manifest(document: JSON) -> JSON:
        return {**document, "layers": [made.described(layer) for layer in document["layers"]]}

    return publishing.attest_dsse(
        image, digest, SLSA_V1, PREDICATE, publisher_key, envelope=lambda _: made.blob, manifest=manifest
    )


def bundled(kind: str, image: ImageUnderTest, digest: str, *, version: str = "0.3", **more: Any) -> publishing.Attached:
    """A bundle around a statement of this predicate type, or around nothing but a signature of the manifest."""
    predicate = {} if kind == COSIGN_SIGN else PREDICATE
    content = {"statement": statement_about(digest, kind, predicate, version="v1")}
    made = SIGSTORE.bundle(
        version=version, **_logs(more), **(content if kind else {"file": image.manifests[digest][1]})
    )
    return publishing.hang_bundle(image, digest, made, version, kind)


def _logs(more: dict[str, Any]) -> dict[str, Any]:
    """The names that layers have for log entry and timestamp, as bundles have them."""
    log, stamp = more.pop("log", "v1"), more.pop("timestamp", None)
    return more | {"logs": (log,) if log else (), "timestamps": (stamp,) if stamp else ()}


SIGN: dict[str, tuple[str, Hang]] = {
    "tag": ("cosign-tag", partial(simple, publishing.sign_tag)),
    "referrer": ("cosign-referrer", partial(simple, publishing.sign_referrer)),
    "bundle 0.1": ("sigstore-bundle", partial(bundled, COSIGN_SIGN, version="0.1")),
    "bundle 0.2": ("sigstore-bundle", partial(bundled, COSIGN_SIGN, version="0.2")),
    "bundle 0.3": ("sigstore-bundle", partial(bundled, COSIGN_SIGN)),
    "bundle with Rekor v2": ("sigstore-bundle", partial(bundled, COSIGN_SIGN, log="v2", timestamp="tsa")),
    "bundle of a message": ("sigstore-bundle", partial(bundled, "")),
}
ATTEST: dict[str, tuple[str, Hang]] = {
    "tag": ("cosign-tag", partial(envelope, publishing.attest_tag)),
    "referrer": ("cosign-referrer", partial(envelope, publishing.attest_referrer)),
    "bundle 0.1": ("sigstore-bundle", partial(bundled, SLSA_V1, version="0.1")),
    "bundle 0.3": ("sigstore-bundle", partial(bundled, SLSA_V1)),
    "bundle with Rekor v2": ("sigstore-bundle", partial(bundled, SLSA_V1, log="v2", timestamp="tsa")),
    "envelope": ("dsse", plain_envelope),
}
