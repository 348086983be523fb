import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attestation.attestation_documents import IMAGE, NAME, OTHER, statement
from verifier import attestation
from verifier.attestation import SubjectName
from verifier.attestation.binding import subject_name
from verifier.errors import StatementInvalid
from verifier.model import Subject

SHA512 = hashlib.sha512(b"the image").hexdigest()


def about(*digests: dict[str, str], names: tuple[str, ...] = (NAME,)):
    return statement(subject=[{"name": name, "digest": digest} for digest in digests for name in names])


def test_statement_covers_its_subject():
    attestation.covers(about({"sha256": OTHER.hex}, {"sha256": IMAGE.hex}), IMAGE)

    assert attestation.is_subject(about({"sha256": IMAGE.hex}), IMAGE)


def test_A01_subject_digest_mismatch_says_what_was_found():
    with pytest.raises(StatementInvalid, match="speaks about another image") as caught:
        attestation.covers(about({"sha256": OTHER.hex}), IMAGE)

    assert IMAGE in str(caught.value)
    assert OTHER in str(caught.value)
    assert caught.value.hint


def test_A14_name_of_the_image_with_the_digest_of_another_does_not_bind():
    named = about({"sha256": OTHER.hex}, names=(f"registry.example/app@{IMAGE}",))

    assert not attestation.is_subject(named, IMAGE)


@pytest.mark.parametrize("algorithm", ["sha1", "md5", "gitCommit", "dirHash", "SHA256", "sha-256", "sha512"])
def test_A15_algorithm_that_does_not_bind(algorithm):
    with pytest.raises(StatementInvalid, match="speaks about another image"):
        attestation.covers(about({algorithm: IMAGE.hex}), IMAGE)


def test_A15_weak_digest_beside_the_right_one_is_ignored():
    attestation.covers(about({"sha1": "00", "sha256": IMAGE.hex}), IMAGE, {"sha1": "11"})


def test_A16_right_sha256_with_wrong_sha512():
    conflicting = about({"sha256": IMAGE.hex, "sha512": "0" * 128})

    with pytest.raises(StatementInvalid, match="contradicts itself"):
        attestation.covers(conflicting, IMAGE, {"sha512": SHA512})


def test_A16_wrong_sha256_with_right_sha512():
    conflicting = about({"sha256": OTHER.hex, "sha512": SHA512})

    with pytest.raises(StatementInvalid, match="contradicts itself"):
        attestation.covers(conflicting, IMAGE, {"sha512": SHA512})


def test_A16_agreeing_digests_bind():
    attestation.covers(about({"sha256": IMAGE.hex, "sha512": SHA512}), IMAGE, {"sha512": SHA512})


@pytest.mark.parametrize(
    "value", [IMAGE.hex.upper(), str(IMAGE), f" {IMAGE.hex}", f"{IMAGE.hex}\n", IMAGE.hex[:-1], ""]
)
def test_A17_only_exact_lower_case_hex_binds(value):
    assert not attestation.is_subject(about({"sha256": value}), IMAGE)


def test_A19_one_of_a_thousand_subjects_covers_and_the_message_stays_short():
    many = about(*({"sha256": f"{n:064x}"} for n in range(1000)), {"sha256": IMAGE.hex})

    attestation.covers(many, IMAGE)
    with pytest.raises(StatementInvalid, match="and 998 more") as caught:
        attestation.covers(many, OTHER)
    assert len(str(caught.value)) < 600


def test_A25_subject_that_is_a_file_inside_the_image():
    inside = about({"sha256": OTHER.hex}, names=(f"pkg:docker/dhi/python@3.13#usr/bin/python?digest={IMAGE}",))

    assert not attestation.is_subject(inside, IMAGE)


def test_products_and_tags_come_from_matching_subjects_only():
    found = statement(
        subject=[
            {"name": "pkg:docker/dhi/python@3.13-debian13?platform=linux%2Famd64", "digest": {"sha256": IMAGE.hex}},
            {"name": "pkg:docker/dhi/python@3.13?platform=linux%2Famd64", "digest": {"sha256": IMAGE.hex}},
            {"name": "pkg:docker/dhi/python@3?platform=linux%2Famd64", "digest": {"sha512": SHA512}},
            {"name": "pkg:docker/dhi/node@24", "digest": {"sha256": OTHER.hex}},
        ]
    )

    assert attestation.products(found, IMAGE) == ("dhi/python",)
    assert attestation.tags(found, IMAGE) == ("3.13-debian13", "3.13")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (NAME, SubjectName("dhi/python", "3.13-debian13", "linux/amd64")),
        (
            "pkg:docker/dhi/postgres@15-alpine3.23&platform=linux/amd64",
            SubjectName("dhi/postgres", "15-alpine3.23", "linux/amd64"),
        ),
        ("pkg:docker/acme/dhi-python@3.13", SubjectName("acme/dhi-python", "3.13")),
        ("pkg:docker/dhi/python", SubjectName("dhi/python")),
        (f"pkg:docker/dhi/python@sha256%3A{'0' * 64}", SubjectName("dhi/python")),
        ("pkg:docker/dhi/c%2B%2B@1%2B2#sub", SubjectName("dhi/c++", "1+2")),
        ("pkg:docker/", None),
        ("pkg:docker/@3.13", None),
        ("pkg:deb/debian/bash@5", None),
        ("dhi/python:3.13", None),
        ("", None),
    ],
)
def test_package_urls_are_taken_apart_tolerantly(name, expected):
    assert subject_name(Subject(name, {})) == expected


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_name_is_taken_apart_without_an_exception(rest):
    found = subject_name(Subject("pkg:docker/" + rest, {}))

    assert found is None or found.product
