"""The media types with which an image is published, and what a Helm chart has in the place of a configuration."""

from __future__ import annotations

import msgspec

from tests.publisher.about import JSON
from tests.publisher.documents import (
    CONFIG,
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_LIST,
    DOCKER_MANIFEST,
    HELM_CHART,
    HELM_CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
)
from tests.publisher.spec import ImageSpec


class Types(msgspec.Struct, frozen=True):
    """Docker's index has no annotations, neither its own nor at its entries."""

    index: str
    manifest: str
    config: str
    layer: str
    annotated: bool = True


_OCI = Types(INDEX, MANIFEST, CONFIG, LAYER)
_DOCKER = Types(DOCKER_LIST, DOCKER_MANIFEST, DOCKER_CONFIG, DOCKER_LAYER, annotated=False)
_CHART = Types(INDEX, MANIFEST, HELM_CONFIG, HELM_CHART)


def types_of(spec: ImageSpec) -> Types:
    if spec.chart:
        return _CHART
    return _DOCKER if spec.docker_types else _OCI


def chart_config(spec: ImageSpec) -> JSON:
    """The content of Chart.yaml as JSON."""
    name = spec.product.rpartition("/")[2]
    return {
        "name": name,
        "version": spec.label_version,
        "description": f"The chart {name}",
        "apiVersion": "v2",
        "appVersion": "8.2.1",
        "type": "application",
    }
