"""How one platform of an image stands to one platform of another: is it built on it?

A manifest names its compressed layers in order, and its digest covers them. When the first of them are all layers of
the base, this image starts with the base's very bytes: that is `proved`. A builder that compressed the layers anew
leaves only the contents equal, which both configurations state as `diff_ids` (the ChainID of OCI's image-spec is made
of them): that is `claimed`, since no layer is read here, and nothing ties a `diff_id` to a layer but whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.model import Relation
from verifier.verification.image import PlatformImage


def relation(image: PlatformImage, base: PlatformImage) -> tuple[Relation, str]:
    """The relation, and why it is not `proved`. Neither manifest nor configuration is trusted to make sense."""
    for name, one in (("the base", base), ("the image", image)):
        if problem := _disagreement(one):
            return Relation.REFUTED, f"{name} cannot be compared: {problem}"
    own, below = layers_of(image), layers_of(base)
    if _starts_with(own, below):
        if _starts_with(_diff_ids(image), _diff_ids(base)):
            return Relation.PROVED, ""
        return Relation.REFUTED, "the layers are those of the base, and the configurations state other contents"
    if _starts_with(_diff_ids(image), _diff_ids(base)):
        return Relation.CLAIMED, "the contents of the layers are said to be those of the base; their bytes are others"
    same = next((n for n, (a, b) in enumerate(zip(own, below, strict=False)) if a != b), min(len(own), len(below)))
    return Relation.REFUTED, f"expected the {len(below)} layers of the base first, found {same} of them"


def layers_of(image: PlatformImage) -> tuple[str, ...]:
    """The digests of the compressed layers, the lowest first."""
    return tuple(layer.digest for layer in image.manifest.layers)


def _starts_with(texts: Sequence[str], first: Sequence[str]) -> bool:
    return bool(first) and texts[: len(first)] == first


def _diff_ids(image: PlatformImage) -> tuple[str, ...]:
    rootfs = image.config.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return tuple(found) if isinstance(found, list) and all(isinstance(one, str) for one in found) else ()


def _disagreement(image: PlatformImage) -> str:
    """Layers, their contents and, where there is one, the history without empty entries must agree in number."""
    layers, contents = len(image.manifest.layers), len(_diff_ids(image))
    if not layers:
        return "it has no layers"
    if layers != contents:
        return f"it has {layers} layers, and its configuration states the contents of {contents}"
    history = image.config.get("history")
    if history is None:
        return ""
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        return "its history is no list of entries"
    filled = sum(entry.get("empty_layer") is not True for entry in history)
    return f"it has {layers} layers, and its history {filled}" if filled not in (layers, 0) else ""
