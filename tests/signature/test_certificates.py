"""Signing certificates against a private Sigstore: which leaves are read, and which authority stands behind them."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.sigstore import (
    ALWAYS,
    CODE_SIGNING,
    EMAIL,
    EMAIL_ISSUER,
    END,
    ISSUED,
    ISSUER,
    LIFETIME,
    SIGNED,
    START,
    TIME_STAMPING,
    USER,
    WORKFLOW,
    Authority,
    PrivateSigstore,
    Trusted,
    key,
)
from tests.sigstore.certificates import certificate, key_identifiers, key_usage, name_of, pem_of
from tests.sigstore.certificates import der_of as der
from tests.sigstore.claims import general_name
from verifier.errors import EvidenceInvalid
from verifier.limits import DEFAULT_LIMITS
from verifier.model.trust import TrustedRoot
from verifier.signature.certificates import Leaf, issued_by, read_leaf, rules_of
from verifier.trust.trusted_root import read_trusted_root

SIGSTORE = PrivateSigstore()
SECOND = timedelta(seconds=1)
UNKNOWN_AND_CRITICAL = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)


def root_of(document: Any) -> TrustedRoot:
    return read_trusted_root(json.dumps(document).encode(), "test")


def root(*authorities: Authority | Trusted) -> TrustedRoot:
    return root_of(SIGSTORE.trusted_root(**({"authorities": authorities} if authorities else {})))


def leaf(**options: Any) -> Leaf:
    return read_leaf(SIGSTORE.leaf(**options).der)


def refused(read: Leaf, under: TrustedRoot, times: Sequence[datetime] = (SIGNED,)) -> str:
    with pytest.raises(EvidenceInvalid) as caught:
        issued_by(read, under, times)
    return f"{type(caught.value).__name__}: {caught.value}"


def test_a_leaf_says_who_it_is_and_who_vouches() -> None:
    read = read_leaf(SIGSTORE.signer.der)

    assert str(read) == f"{WORKFLOW} ({ISSUER})"
    assert read.name.kind == "uri"
    assert (read.claims[12], read.claims[5]) == ("https://github.com/example/app", "example/app")
    assert issued_by(read, root(), [SIGNED]).authority.uri == SIGSTORE.ca.uri


@pytest.mark.parametrize(("identity", "kind"), [(EMAIL, "email"), (USER, "username"), (WORKFLOW, "uri")])
def test_C09_a_name_keeps_its_type(identity: str, kind: str) -> None:
    read = leaf(identity=identity, issuer=EMAIL_ISSUER)

    assert (read.name.kind, read.name.text) == (kind, identity)
    issued_by(read, root(), [SIGNED])


@pytest.mark.parametrize(
    "names",
    [(), (WORKFLOW, EMAIL), (WORKFLOW, WORKFLOW), (x509.IPAddress(ipaddress.ip_address("::1")),)],
)
def test_C08_a_leaf_has_exactly_one_name_of_a_known_type(names: tuple[Any, ...]) -> None:
    with pytest.raises(EvidenceInvalid, match="name"):
        leaf(names=names)


def test_C09_another_kind_of_other_name_is_no_user_name() -> None:
    strange = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x05alice")

    with pytest.raises(EvidenceInvalid, match="OtherName"):
        leaf(names=(strange,))


def test_C05_two_issuers_in_one_certificate_are_refused() -> None:
    with pytest.raises(EvidenceInvalid, match="two issuers"):
        leaf(claims={1: "https://evil.example"})


@pytest.mark.parametrize("left_out", [1, 8])
def test_C05_either_issuer_extension_alone_is_enough(left_out: int) -> None:
    assert leaf(claims={left_out: None}).issuer == ISSUER


@pytest.mark.parametrize("value", [b"text without DER", b"\x0c\x05long", b"\x0c\x01\xff", b"\x16\x01a", b"\x0c\x01ab"])
def test_a_claim_that_is_no_utf8_string_is_refused(value: bytes) -> None:
    with pytest.raises(EvidenceInvalid):
        leaf(claims={12: value})


def test_C10_a_self_signed_certificate_is_untrusted() -> None:
    own = key("self")
    name = name_of("", "self")
    made = certificate(
        name,
        own,
        name,
        own,
        ALWAYS,
        [
            (x509.SubjectAlternativeName([general_name(WORKFLOW)]), False),
            (key_usage("digital_signature"), True),
            (x509.ExtendedKeyUsage([CODE_SIGNING]), False),
        ],
    )

    assert refused(read_leaf(der(made)), root()).startswith("Untrusted")


def test_C10_a_foreign_sigstore_is_untrusted() -> None:
    foreign = PrivateSigstore("foreign")

    assert refused(read_leaf(foreign.signer.der), root()).startswith("Untrusted")
    assert refused(read_leaf(foreign.signer.der, list(map(der, foreign.ca.chain[:-1]))), root()).startswith("Untrusted")


def test_C10_a_foreign_authority_of_the_same_name_is_invalid() -> None:
    twin = PrivateSigstore("twin").authority(organization=SIGSTORE.organization)
    named = [certificate(SIGSTORE.ca.issuer.subject, twin.key, twin.chain[1].subject, twin.key, ALWAYS, [])]
    disguised = Authority("twin", "", twin.key, (named[0], *twin.chain[1:]))

    assert "leads to the trusted root" in refused(leaf(ca=disguised), root())


def test_C11_a_root_brought_along_by_a_bundle_is_refused() -> None:
    with pytest.raises(EvidenceInvalid, match="root certificate"):
        read_leaf(SIGSTORE.signer.der, list(map(der, SIGSTORE.ca.chain)))


def test_C11_the_root_that_a_chain_annotation_ends_in_is_never_an_anchor() -> None:
    foreign = PrivateSigstore("foreign")
    chain = "".join(pem_of(one).decode() for one in foreign.ca.chain)
    own = "".join(pem_of(one).decode() for one in SIGSTORE.ca.chain)

    assert refused(read_leaf(foreign.signer.pem.decode(), chain), root()).startswith("Untrusted")
    issued_by(read_leaf(SIGSTORE.signer.pem.decode(), own), root(), [SIGNED])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        SIGSTORE.signer.pem.decode() * 2,
        SIGSTORE.signer.pem.decode() + "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\n" + "A" * 100_000,
        "not PEM \ud800",
    ],
)
def test_C11_pem_that_is_not_one_certificate_is_refused(text: str) -> None:
    with pytest.raises(EvidenceInvalid):
        read_leaf(text)


@pytest.mark.parametrize(
    "options",
    [
        {"is_ca": True},
        {"usages": ("key_cert_sign",)},
        {"usages": ("content_commitment",)},
        {"eku": None},
        {"eku": (TIME_STAMPING,)},
        {"eku": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)},
    ],
)
def test_C12_a_leaf_is_no_authority_and_is_for_signing_code(options: dict[str, Any]) -> None:
    with pytest.raises(EvidenceInvalid):
        leaf(**options)


def test_C12_a_critical_extended_key_usage_is_fine() -> None:
    issued_by(leaf(eku_critical=True), root(), [SIGNED])


def test_C12_an_authority_for_another_purpose_issues_no_signing_certificates() -> None:
    odd = SIGSTORE.authority("odd", eku=(TIME_STAMPING,))

    assert "for this usage" in refused(leaf(ca=odd), root(odd))


def test_C13_an_unknown_critical_extension_is_refused() -> None:
    assert "critical" in refused(leaf(extensions=(UNKNOWN_AND_CRITICAL,)), root())
    odd = SIGSTORE.authority("odd-extension", extensions=[UNKNOWN_AND_CRITICAL])
    assert "critical" in refused(leaf(ca=odd), root(odd))


def below(authority: Authority, name: str) -> Authority:
    """An authority that the issuing certificate of another has made."""
    own = key(name)
    made = certificate(
        name_of("Example", name),
        own,
        authority.issuer.subject,
        authority.key,
        ALWAYS,
        [
            (x509.BasicConstraints(True, None), True),
            (key_usage("key_cert_sign"), True),
            *key_identifiers(own, authority.key),
        ],
    )
    return Authority(name, authority.uri, own, (made, *authority.chain))


def test_C13_a_path_longer_than_an_authority_allows_is_refused() -> None:
    too_deep = below(SIGSTORE.ca, "below")

    brought = read_leaf(SIGSTORE.leaf(ca=too_deep).der, [der(too_deep.issuer)])

    assert "path" in refused(brought, root())
    assert "path" in refused(leaf(ca=too_deep), root(too_deep))


@pytest.mark.parametrize(
    ("constraints", "identity"),
    [
        (x509.NameConstraints([x509.RFC822Name("other.example")], None), EMAIL),
        (x509.NameConstraints(None, [x509.RFC822Name("example.com")]), EMAIL),
        (x509.NameConstraints([x509.UniformResourceIdentifier("other.example")], None), WORKFLOW),
        (x509.NameConstraints(None, [x509.UniformResourceIdentifier("github.com")]), WORKFLOW),
    ],
)
def test_C13_a_name_outside_an_authoritys_constraints_is_refused(
    constraints: x509.NameConstraints, identity: str
) -> None:
    bound = SIGSTORE.authority("bound", extensions=[(constraints, True)])

    assert "constraint" in refused(leaf(ca=bound, identity=identity), root(bound))


def test_C13_a_name_inside_an_authoritys_constraints_is_good() -> None:
    bound = SIGSTORE.authority(
        "bound-well", extensions=[(x509.NameConstraints([x509.RFC822Name("example.com")], None), True)]
    )

    issued_by(leaf(ca=bound, identity=EMAIL), root(bound), [SIGNED])


@pytest.mark.parametrize("moment", [ISSUED - SECOND, ISSUED + LIFETIME + SECOND, ISSUED + LIFETIME + SECOND / 2])
def test_C14_E06_a_time_outside_the_certificate_is_refused(moment: datetime) -> None:
    assert "is valid from" in refused(leaf(), root(), [moment])
    assert "is valid from" in refused(leaf(), root(), [SIGNED, moment])
    assert "is valid from" in refused(leaf(), root(), [moment, SIGNED])


@pytest.mark.parametrize("moment", [ISSUED, ISSUED + LIFETIME])
def test_P14_both_ends_of_a_certificates_validity_belong_to_it(moment: datetime) -> None:
    issued_by(leaf(), root(), [moment])


@pytest.mark.parametrize("who", ["intermediate", "root"])
def test_C15_every_certificate_of_the_chain_is_valid_at_every_time(who: str) -> None:
    ended = SIGSTORE.authority(f"ended-{who}", windows={who: (START, SIGNED)})
    read = leaf(ca=ended)

    issued_by(read, root(ended), [ISSUED, SIGNED])
    assert "valid" in refused(read, root(ended), [ISSUED, SIGNED + SECOND])
    assert "valid" in refused(read, root(ended), [SIGNED + SECOND])


@pytest.mark.parametrize(("start", "end"), [(START, SIGNED - SECOND), (SIGNED + SECOND, None)])
def test_C16_an_authority_counts_in_its_window_only(start: datetime, end: datetime | None) -> None:
    assert "counts" in refused(leaf(), root(Trusted(whom=SIGSTORE.ca, start=start, end=end)))


@pytest.mark.parametrize(("start", "end"), [(START, SIGNED), (SIGNED, END), (SIGNED, SIGNED)])
def test_C16_P14_both_ends_of_an_authoritys_window_belong_to_it(start: datetime, end: datetime) -> None:
    issued_by(leaf(), root(Trusted(whom=SIGSTORE.ca, start=start, end=end)), [SIGNED])


def test_C17_C18_without_a_proved_time_no_certificate_counts() -> None:
    assert "no trusted time" in refused(leaf(), root(), [])


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_a_private_authority_may_have_any_depth(depth: int) -> None:
    private = SIGSTORE.authority(f"private-{depth}", depth=depth)

    assert len(issued_by(leaf(ca=private), root(private), [SIGNED]).chain) == depth


def test_intermediates_that_came_along_lead_to_a_trusted_root() -> None:
    private = SIGSTORE.authority("private-root-only", depth=3)
    only_root = Authority("", private.uri, private.key, private.chain[-1:])
    made = SIGSTORE.leaf(ca=private)

    issued_by(read_leaf(made.der, list(map(der, private.chain[:-1]))), root(only_root), [SIGNED])
    assert refused(read_leaf(made.der), root(only_root)).startswith("Untrusted")


def test_every_authority_whose_window_covers_is_tried() -> None:
    others = [SIGSTORE.authority(f"other-{number}", organization="GitHub, Inc.") for number in range(4)]

    assert issued_by(leaf(), root(*others, SIGSTORE.ca), [SIGNED]).authority.uri == SIGSTORE.ca.uri


def test_P28_a_leaf_of_githubs_own_instance_needs_no_logs_under_its_root() -> None:
    github = root_of(SIGSTORE.github_root())
    read = read_leaf(SIGSTORE.github_signer.der)

    assert issued_by(read, github, [SIGNED]).authority.uri == SIGSTORE.github_ca.uri
    assert (rules_of(github).certificate_log, rules_of(github).log) == (False, False)
    assert (rules_of(root()).certificate_log, rules_of(root()).log) == (True, True)


def test_C36_a_leaf_of_githubs_own_instance_does_not_count_under_the_public_root() -> None:
    assert refused(read_leaf(SIGSTORE.github_signer.der), root()).startswith("Untrusted")


def test_C33_a_huge_certificate_is_refused_before_it_is_parsed() -> None:
    padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(DEFAULT_LIMITS.certificate_bytes))

    with pytest.raises(EvidenceInvalid, match="larger"):
        leaf(extensions=((padding, False),))


def test_C33_thousands_of_names_are_refused() -> None:
    names = tuple(x509.DNSName(f"a{number}") for number in range(3_000))

    with pytest.raises(EvidenceInvalid, match="3000 subject alternative names"):
        leaf(names=names)


def test_C33_a_long_chain_is_refused() -> None:
    with pytest.raises(EvidenceInvalid, match="longer"):
        read_leaf(SIGSTORE.signer.der, [der(SIGSTORE.ca.issuer)] * DEFAULT_LIMITS.certificates)


def test_C33_intermediates_that_lead_in_circles_are_given_up() -> None:
    """Two authorities that vouch for each other, many times over: millions of paths, if all were walked."""
    names, own = (name_of("E", "one"), name_of("E", "other")), (key("one"), key("other"))
    says = [(x509.BasicConstraints(True, None), True), (key_usage("key_cert_sign"), True)]

    def issued(whom: int, by: int, serial: int) -> x509.Certificate:
        wanted = [*says, *key_identifiers(own[whom], own[by])]
        return certificate(names[whom], own[whom], names[by], own[by], ALWAYS, wanted, serial)

    circle = [issued(number % 2, 1 - number % 2, 1 + number) for number in range(8)]
    trusted_name = SIGSTORE.ca.issuer.subject
    way_out = certificate(names[0], own[0], trusted_name, own[1], ALWAYS, says, 99)
    made = SIGSTORE.leaf(ca=Authority("circle", "", own[0], (circle[0],)))

    assert "no chain" in refused(read_leaf(made.der, list(map(der, (*circle, way_out)))), root())


@pytest.mark.parametrize("subject", ["#04024869", "a=b,+c", '"', "\\"])
def test_C32_what_the_subject_says_is_nobody(subject: str) -> None:
    read = leaf(subject=subject)

    assert read.name.text == WORKFLOW
    assert "is valid from" in refused(read, root(), [ISSUED - SECOND])
