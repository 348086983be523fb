"""`cosign.…`: what was verified about an attestation manifest, by its reference.

    cosign.verify_images(refs, opts)   for each manifest {} when a trusted key signed it, else {"error": …}
    cosign.verify_image(ref, opts)     the same for one
    cosign.verify_dsse(envelope, opts) not available

`key_ref` must be an address of Docker's keyring. Nothing is fetched from it: it names the keys that this run trusts.
The other options of cosign (`ignore_tlog` and its like) change nothing: signatures were checked as the policy says.
"""

from __future__ import annotations

from typing import Any

from verifier.rules.functions import Functions, Session, refusal

_LATEST = (
    "https://dhi.io/keyring/latest.pub",
    "https://registry.scout.docker.com/keyring/dhi/latest.pub",
    "https://registry.scout.docker.com/keyring/dhi/latest",
)
_RETIRED = "dhi-1"
_NO_ENVELOPES = (
    "signatures are checked before a rule runs; oci.referrer gives statements that are verified, in whatever envelope "
    "they came, and cosign.verify_image says by whom"
)


def functions(session: Session) -> Functions:
    """The functions by name."""
    known = _Signatures(session)
    return {
        "cosign.verify_image": (2, known.verify_image),
        "cosign.verify_images": (2, known.verify_images),
        "cosign.verify_dsse": (2, refusal(session, "cosign.verify_dsse", _NO_ENVELOPES)),
    }


class _Signatures:
    def __init__(self, session: Session) -> None:
        self._session = session

    def verify_images(self, images: Any, options: Any) -> dict[str, dict[str, str]]:
        if not isinstance(images, list | set):
            raise self._session.fail("cosign.verify_images wants an array of image references")
        named = [self._session.text(image, "an image reference") for image in images]
        return {image: self.verify_image(image, options) for image in named}

    def verify_image(self, image: Any, options: Any) -> dict[str, str]:
        address = options.get("key_ref") if isinstance(options, dict) else None
        signers = self._session.platform.verified.get(self._session.text(image, "an image reference"), [])
        if address in _LATEST:
            trusted = bool(signers)
        elif address == "https://dhi.io/keyring/1.pub":
            trusted = _RETIRED in signers
        elif address == "https://dhi.io/keyring/2.pub":
            trusted = any(name != _RETIRED for name in signers)
        else:
            return {"error": f"expected an address of Docker's keyring as key_ref, found {str(address)[:200]!r}"}
        return {} if trusted else {"error": "no signature by a key that this run trusts under that address"}
