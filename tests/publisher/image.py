"""Publishes an image: index, platform manifests, configurations, and the two hops of evidence that hang on them.

    index ──► platform manifest ◄─subject─ attestation manifest ◄─subject─ signature manifest

Shapes as observed on dhi.io: a plain in-toto statement in an OCI artifact with the empty config, signed by manifest
digest with cosign simple signing.
"""

from __future__ import annotations

import base64
from typing import TypeVar

from tests.publisher.about import JSON, rfc3339
from tests.publisher.documents import (
    EMPTY_BYTES,
    IN_TOTO,
    MANIFEST,
    PREDICATE_TYPE,
    REKOR,
    SIGNATURE,
    SIGNATURE_ARTIFACT,
    SIMPLE_SIGNING,
    chain_id,
    descriptor,
    digest_of,
    empty_descriptor,
    encode,
    layer,
)
from tests.publisher.envelopes import STATEMENT, simple_signing
from tests.publisher.keys import SigningKey
from tests.publisher.kinds import one_uri
from tests.publisher.published import AttestationImage, PlatformImage, PublishedImage, SignatureImage
from tests.publisher.shapes import chart_config, types_of
from tests.publisher.spec import DIRECT, INDEX, Hook, ImageSpec, Predicate, said_of

Image = TypeVar("Image", bound=PublishedImage)


def publish(spec: ImageSpec) -> PublishedImage:
    """Makes all the bytes. The same description gives the same digests, but for RSA-PSS."""
    return publish_into(PublishedImage(spec_product=spec.product), spec)


def publish_into(image: Image, spec: ImageSpec) -> Image:
    """The same, into an empty store of any sort."""
    image.put_blob(EMPTY_BYTES)
    entries = [_platform(image, spec, platform) for platform in spec.places]
    root = _index(image, spec, entries) if spec.has_index else entries[0]
    image.index_digest = root["digest"]
    image.tags.update(dict.fromkeys(spec.tags, root["digest"]))
    if spec.has_index:
        image.index = _index_evidence(image, spec, root)
    return image


def _platform(image: PublishedImage, spec: ImageSpec, platform: str) -> JSON:
    """Publishes one platform with its evidence and gives its descriptor for the index."""
    types = types_of(spec)
    layers = [layer(number, platform) for number in range(1 if spec.chart else spec.layers)]
    for body, _ in layers:
        (image.blobs if spec.tiny_layers else image.layers)[digest_of(body)] = body
    diff_ids = [diff_id for _, diff_id in layers]
    config = chart_config(spec) if spec.chart else _config(spec, platform, diff_ids)
    if spec.image_config:
        config = spec.image_config(platform, config)
    config_body = encode(config)
    image.put_blob(config_body)
    manifest = {
        "schemaVersion": 2,
        "mediaType": types.manifest,
        "config": descriptor(types.config, config_body),
        "layers": [descriptor(types.layer, body) for body, _ in layers],
    }
    if spec.platform_manifest:
        manifest = spec.platform_manifest(platform, manifest)
    entry = image.put_manifest(manifest, types.manifest)
    image.platforms[platform] = _evidence(image, spec, platform, entry, digest_of(config_body))
    names = ("os", "architecture", "variant")
    build = {"com.docker.dhi.build.id": f"build-{platform.replace('/', '-')}"}
    annotated = {"annotations": build} if types.annotated else {}
    return {**entry, **annotated, "platform": dict(zip(names, platform.split("/"), strict=False))}


def _config(spec: ImageSpec, platform: str, diff_ids: list[str]) -> JSON:
    os, architecture, *variant = platform.split("/")
    created = rfc3339(spec.at)
    runtime = {
        "User": spec.user,
        "Env": [
            "PATH=/opt/python/bin:/usr/local/bin:/usr/bin:/bin",
            "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
        ],
        "Entrypoint": ["python3"],
        "WorkingDir": "/",
        "Labels": _labels(spec, created, chain_id(diff_ids) if diff_ids else ""),
        **spec.config,
    }
    return {
        "created": created,
        "architecture": architecture,
        "os": os,
        **({"variant": variant[0]} if variant else {}),
        "config": {name: value for name, value in runtime.items() if value is not None},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created": created, "created_by": f"layer {number}"} for number in range(len(diff_ids))],
    }


def _labels(spec: ImageSpec, created: str, chain: str) -> dict[str, str]:
    name = spec.product.rpartition("/")[2]
    labels: dict[str, str | None] = {
        "name": spec.product,
        "title": f"{name.capitalize()} 3.13.x",
        "version": spec.label_version,
        "variant": spec.variant,
        "flavor": "",
        "distro": "debian-13",
        "definition": f"image/{name}/debian-13/3.13" + ("-dev" if spec.variant == "dev" else ""),
        "compliance": ",".join(spec.compliance),
        "entitlement": "public",
        "package-manager": ",".join(spec.package_manager),
        "shell": ",".join(spec.shell),
        "url": f"https://dhi.io/catalog/{name}",
        "created": created,
        "date.release": "2024-10-07",
        "date.end-of-life": spec.end_of_life,
        "chain-id": chain,
    }
    own = {f"com.docker.dhi.{short}": value for short, value in labels.items()}
    own |= {_whole(label, labels): value for label, value in spec.labels.items()}
    return {label: value for label, value in own.items() if value is not None}


def _whole(label: str, short: dict[str, str | None]) -> str:
    return label if "." in label and label not in short else f"com.docker.dhi.{label}"


def _index(image: PublishedImage, spec: ImageSpec, entries: list[JSON]) -> JSON:
    types = types_of(spec)
    index: JSON = {"schemaVersion": 2, "mediaType": types.index, "manifests": entries}
    if types.annotated:
        index["annotations"] = {
            "org.opencontainers.image.title": spec.product,
            "org.opencontainers.image.version": spec.label_version,
            "org.opencontainers.image.created": rfc3339(spec.at),
        }
    return image.put_manifest(spec.index(index) if spec.index else index, types.index)


def _evidence(image: PublishedImage, spec: ImageSpec, platform: str, subject: JSON, config: str) -> PlatformImage:
    chosen = {one_uri(word): predicate for word, predicate in spec.chosen_predicates().items()}
    return PlatformImage(
        platform,
        subject["digest"],
        config,
        {uri: _attestation(image, spec, uri, predicate, platform, subject) for uri, predicate in chosen.items()},
        tuple(_attestation(image, spec, one_uri(word), predicate, platform, subject) for word, predicate in spec.extra),
        _direct_signatures(image, spec, platform, subject) if spec.sign_platforms else (),
    )


def _index_evidence(image: PublishedImage, spec: ImageSpec, root: JSON) -> PlatformImage:
    chosen = {one_uri(word): predicate for word, predicate in spec.index_evidence.items()}
    return PlatformImage(
        INDEX,
        root["digest"],
        "",
        {uri: _attestation(image, spec, uri, predicate, INDEX, root) for uri, predicate in chosen.items()},
        signatures=_direct_signatures(image, spec, INDEX, root) if spec.sign_index else (),
    )


def _hooked(hook: Hook | None, uri: str, platform: str, document: JSON) -> JSON:
    return hook(uri, platform, document) if hook else document


def _attestation(
    image: PublishedImage, spec: ImageSpec, uri: str, predicate: Predicate, platform: str, subject: JSON
) -> AttestationImage:
    statement = encode(_hooked(spec.statement, uri, platform, _statement(spec, uri, predicate, platform, subject)))
    annotations = {PREDICATE_TYPE: uri}
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": IN_TOTO,
        "config": empty_descriptor(),
        "layers": [descriptor(IN_TOTO, statement, annotations=annotations)],
        "subject": {name: subject[name] for name in ("mediaType", "digest", "size")},
        "annotations": annotations,
    }
    found = image.attach(subject, _hooked(spec.attestation_manifest, uri, platform, manifest))
    signed = f"{spec.product}@{said_of(spec.statement_subject, uri) or subject['digest']}"
    optional = {"type": STATEMENT + "v0.1", "predicateType": uri, "subject": signed}
    signatures = (
        _signature(image, spec, uri, platform, found, key, optional if uri else None) for key in spec.signers(uri)
    )
    return AttestationImage(uri, found["digest"], statement, image.put_blob(statement), tuple(signatures))


def _statement(spec: ImageSpec, uri: str, predicate: Predicate, platform: str, subject: JSON) -> JSON:
    """Several subjects with one digest: a package URL for every tag under which the image is found."""
    about = spec.about(spec.platforms[0] if platform == INDEX else platform, subject["digest"])
    digest = said_of(spec.statement_subject, uri) or subject["digest"]
    tags = spec.tags if spec.statement_tags is None else spec.statement_tags
    encoded = {"sha256": digest.partition(":")[2]}
    return {
        "_type": STATEMENT + spec.statement_version,
        "subject": [{"name": about.purl(tag), "digest": encoded} for tag in tags],
        "predicateType": uri,
        "predicate": predicate(about) if callable(predicate) else predicate,
    }


def _direct_signatures(
    image: PublishedImage, spec: ImageSpec, platform: str, subject: JSON
) -> tuple[SignatureImage, ...]:
    """As `cosign sign` makes them: nothing under `optional`."""
    return tuple(_signature(image, spec, DIRECT, platform, subject, key, None) for key in spec.keys)


def _signature(
    image: PublishedImage, spec: ImageSpec, uri: str, platform: str, covered: JSON, key: SigningKey, optional: JSON
) -> SignatureImage:
    reference = spec.docker_reference or f"registry.scout.docker.com/{spec.product}"
    said = simple_signing(reference, covered["digest"], optional)
    payload = encode(_hooked(spec.payload, uri, platform, said))
    signature = _hooked(spec.signature, uri, platform, key.sign(payload))
    annotations = {SIGNATURE: base64.b64encode(signature).decode()}
    if spec.rekor_annotation is not None:
        annotations[REKOR] = spec.rekor_annotation
    config = encode({"architecture": "", "os": "", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}})
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": SIGNATURE_ARTIFACT,
        "config": descriptor(SIGNATURE_ARTIFACT, config),
        "layers": [descriptor(SIMPLE_SIGNING, payload, annotations=annotations)],
        "subject": {name: covered[name] for name in ("mediaType", "digest", "size")},
    }
    image.put_blob(config)
    found = image.attach(covered, _hooked(spec.signature_manifest, uri, platform, manifest))
    return SignatureImage(found["digest"], payload, image.put_blob(payload), signature, key.name)
