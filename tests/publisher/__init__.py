"""A virtual publisher of hardened images: any image, in any damaged form, to a layout or a registry.

    image = publish(ImageSpec(statement_subject={"malware": OTHER_DIGEST}))
    to_layout(image, path)

What else hangs on an image is added after publication. Each function takes the image and the digest of a stored
manifest (index, platform, attestation manifest), gives what is `Attached`, and has hooks for every step:

    sign_tag, attest_tag            cosign's tags `.sig` and `.att`: a layer per key, added to those that are there
    sign_referrer, attest_referrer  the same manifests as OCI 1.1 referrers; `artifact_type=False` is the older form
    sign_bundle, attest_bundle      Sigstore bundles around an envelope; `version`, `certificate`
    message_bundle, hang_bundle     a bundle over the manifest's bytes; any document in the place of a bundle
    attest_dsse                     a plain envelope as referrer; `name="provenance"` is docker/attest's form
    notary_signature                a Notary Project signature around any bytes
    with_buildkit                   a new index with BuildKit's attestation manifests; `form="artifact"`
    copy_tag, copy_referrer(s)      what hangs on one image, on another; `to_fallback_tag` moves a listing to its tag
    self_signed                     a certificate for bundles

`about=` makes the signed document speak of another digest, `CHART` and `ImageSpec(docker_types=True)` are other images,
`keys.ed25519.using("ph")` and `keys.p384.using("sha256")` the same keys with another algorithm.

It imports nothing of the product: it is the independent witness of what the product reads.
"""

from tests.publisher.about import EPOCH, About
from tests.publisher.attached import Attached
from tests.publisher.buildkit import with_buildkit
from tests.publisher.bundles import attest_bundle, hang_bundle, message_bundle, sign_bundle
from tests.publisher.certificates import self_signed
from tests.publisher.copies import copy_referrer, copy_referrers, copy_tag, to_fallback_tag
from tests.publisher.cosign import attest_referrer, attest_tag, sign_referrer, sign_tag
from tests.publisher.image import publish
from tests.publisher.published import AttestationImage, PlatformImage, PublishedImage, SignatureImage
from tests.publisher.referrers import attest_dsse, notary_signature
from tests.publisher.registry import MemoryRegistry, serve
from tests.publisher.spec import CHART, DEV, FIPS, ImageSpec, only
from tests.publisher.stores import to_layout, to_registry

OTHER_DIGEST = "sha256:" + "0123456789abcdef" * 4
"""The digest of some other image."""

__all__ = [
    "CHART",
    "DEV",
    "EPOCH",
    "FIPS",
    "OTHER_DIGEST",
    "About",
    "Attached",
    "AttestationImage",
    "ImageSpec",
    "MemoryRegistry",
    "PlatformImage",
    "PublishedImage",
    "SignatureImage",
    "attest_bundle",
    "attest_dsse",
    "attest_referrer",
    "attest_tag",
    "copy_referrer",
    "copy_referrers",
    "copy_tag",
    "hang_bundle",
    "message_bundle",
    "notary_signature",
    "only",
    "publish",
    "self_signed",
    "serve",
    "sign_bundle",
    "sign_referrer",
    "sign_tag",
    "to_fallback_tag",
    "to_layout",
    "to_registry",
    "with_buildkit",
]
