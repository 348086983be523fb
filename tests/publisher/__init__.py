"""A virtual publisher of hardened images: any image, in any damaged form, to a layout or a registry.

    image = publish(ImageSpec(statement_subject={"malware": OTHER_DIGEST}))
    to_layout(image, path)

It imports nothing of the product: it is the independent witness of what the product reads.
"""

from tests.publisher.about import EPOCH, About
from tests.publisher.image import publish
from tests.publisher.published import AttestationImage, PlatformImage, PublishedImage, SignatureImage
from tests.publisher.registry import MemoryRegistry, serve
from tests.publisher.spec import DEV, FIPS, ImageSpec, only
from tests.publisher.stores import to_layout, to_registry

OTHER_DIGEST = "sha256:" + "0123456789abcdef" * 4
"""The digest of some other image."""

__all__ = [
    "DEV",
    "EPOCH",
    "FIPS",
    "OTHER_DIGEST",
    "About",
    "AttestationImage",
    "ImageSpec",
    "MemoryRegistry",
    "PlatformImage",
    "PublishedImage",
    "SignatureImage",
    "only",
    "publish",
    "serve",
    "to_layout",
    "to_registry",
]
