"""What the real cosign made for one image, hung on another as anyone can who may push: refused, as by cosign itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.e2e.cosign import ATTEST, SIGN, Cosign, Hosted
from tests.e2e.judging import judge
from tests.publisher import About, ImageSpec, predicates, publish

pytestmark = pytest.mark.e2e

Host = Callable[..., Hosted]

SLSA = "slsaprovenance1"

attested = partial(judge, policy="attested", demand=(SLSA,))


@pytest.fixture
def pair(hosted: Host) -> Callable[[str], tuple[Hosted, Hosted]]:
    """Two images in one repository of the registry that is named."""

    def push(registry: str) -> tuple[Hosted, Hosted]:
        image = hosted(registry)
        return image, image.beside(publish(ImageSpec(omit={"*"}, user="4000")))

    return push


def copy(source: Hosted, target: Hosted, form: str, suffix: str) -> None:
    if form == "tag":
        target.take_tag(source, suffix)
    else:
        target.take_referrers(source)


@pytest.mark.parametrize("registry", ["docker-registry", "ocimem"])
@pytest.mark.parametrize("form", SIGN)
def test_A01_A02_O05_a_signature_of_another_image(
    cosign: Cosign, pair: Callable[[str], tuple[Hosted, Hosted]], registry: str, form: str
) -> None:
    (signed, other), key = pair(registry), cosign.key("p256")
    cosign.sign(signed.reference, key, SIGN[form])
    copy(signed, other, form, "sig")

    seen = judge(other.reference, key)

    assert seen.exit_code == 4
    assert [(entry.status, entry.layout) for entry in seen.image.signatures] == [("invalid", SIGN[form].layout)]
    assert signed.digest in seen.image.signatures[0].reason
    assert judge(signed.reference, key).exit_code == 0
    assert not cosign.accepts(other.reference, key, SIGN[form])


@pytest.mark.parametrize("form", SIGN)
def test_A01_P01_a_copied_signature_beside_a_right_one(
    cosign: Cosign, pair: Callable[[str], tuple[Hosted, Hosted]], form: str
) -> None:
    (signed, other), key = pair("docker-registry"), cosign.key("p256")
    cosign.sign(signed.reference, key, SIGN[form])
    copy(signed, other, form, "sig")
    cosign.sign(other.reference, key, SIGN[form])

    seen = judge(other.reference, key)

    assert seen.exit_code == 0, seen.why
    assert [entry.status for entry in seen.image.signatures] == ["invalid", "verified"]


@pytest.mark.parametrize("form", ["bundle", "referrer"])
def test_A03_a_signature_that_is_listed_for_an_image_which_it_does_not_name(
    cosign: Cosign, pair: Callable[[str], tuple[Hosted, Hosted]], form: str
) -> None:
    """The fallback tag of the signed image, copied: its manifests still name that one as their subject."""
    (signed, other), key = pair("docker-registry"), cosign.key("p256")
    cosign.sign(signed.reference, key, SIGN[form])
    other.take_listing(signed)

    seen = judge(other.reference, key)

    assert seen.exit_code == 4
    statuses = [*(e.status for e in seen.image.signatures), *(e.status for e in seen.image.attestations)]
    assert statuses == ["invalid"]
    assert not cosign.accepts(other.reference, key, SIGN[form])


@pytest.mark.parametrize("registry", ["docker-registry", "ocimem"])
@pytest.mark.parametrize("form", ATTEST)
def test_A01_A02_an_attestation_about_another_image(
    cosign: Cosign, pair: Callable[[str], tuple[Hosted, Hosted]], registry: str, form: str
) -> None:
    (described, other), key = pair(registry), cosign.key("p256")
    cosign.attest(described.reference, key, ATTEST[form], SLSA, predicates.slsa_v1(About()))
    copy(described, other, form, "att")

    seen = attested(other.reference, key)

    assert seen.exit_code == 4
    assert [(entry.status, entry.layout) for entry in seen.image.attestations] == [("invalid", ATTEST[form].layout)]
    assert described.digest in seen.image.attestations[0].reason
    assert attested(described.reference, key).exit_code == 0
    assert not cosign.accepts_attestation(other.reference, key, ATTEST[form], SLSA)


@pytest.mark.parametrize("form", ATTEST)
def test_A04_an_attestation_of_the_other_platform(cosign: Cosign, hosted: Host, form: str) -> None:
    """Each platform's manifest is an image of its own here."""
    image, key = hosted(), cosign.key("p256")
    cosign.attest(image.platform("amd64"), key, ATTEST[form], SLSA, predicates.slsa_v1(About()))
    amd64, arm64 = image.only("amd64"), image.only("arm64")
    copy(amd64, arm64, form, "att")

    seen = attested(image.reference, key)

    assert seen.exit_code == 1
    assert [entry.status for entry in seen.platform("linux/amd64").attestations] == ["verified"]
    assert [entry.status for entry in seen.platform("linux/arm64").attestations] == ["invalid"]
    assert attested(arm64.reference, key).exit_code == 4


@pytest.mark.parametrize("form", SIGN)
def test_A05_the_signature_of_a_platform_copied_to_its_index(cosign: Cosign, hosted: Host, form: str) -> None:
    image, key = hosted(), cosign.key("p256")
    cosign.sign(image.platform("amd64"), key, SIGN[form])
    copy(image.only("amd64"), image, form, "sig")

    seen = judge(image.reference, key)

    assert seen.exit_code == 1
    assert [entry.status for entry in seen.image.signatures] == ["invalid"]
    assert seen.rule("signed", "linux/arm64").result == "fail"
