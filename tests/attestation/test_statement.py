import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attestation.attestation_documents import IMAGE, NAME, V01, V1, body, members, statement
from verifier import attestation
from verifier.errors import StatementInvalid
from verifier.limits import DEFAULT_LIMITS


def refused(document: bytes) -> StatementInvalid:
    with pytest.raises(StatementInvalid) as caught:
        attestation.read_statement(document)
    assert str(caught.value)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("version", [V01, V1])
def test_both_statement_versions_are_read(version):
    read = statement({"packages": []}, _type=version)

    assert read.predicate_type == "https://spdx.dev/Document"
    assert read.subjects[0].name == NAME
    assert read.subjects[0].digests == {"sha256": IMAGE.hex}


@pytest.mark.parametrize(
    "text",
    [
        '{"packages": [1, 2]}',
        '{"predicate": {"predicate": 1}, "subject": []}',
        "[]",
        '"a string with \\"predicate\\": 1 in it"',
        "0",
        '{"é": "\U0001f600"}',
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_predicate_bytes_are_those_of_the_document(text, last):
    header = json.dumps({name: value for name, value in members().items() if name != "predicate"})
    header = header.replace("dhi/python", "dhi/pÿthön")
    middle = f'"predicate" :\n {text}'
    document = f"{header[:-1]}, {middle} }}" if last else f"{{ {middle}, {header[1:]}"

    read = attestation.read_statement(document.encode())

    assert read.predicate == text.encode()
    assert read.body == document.encode()
    assert attestation.predicate(read) == json.loads(text)


@settings(max_examples=100, deadline=None)
@given(
    predicate=st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
        max_leaves=9,
    ),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 0, 2]),
    first=st.booleans(),
)
def test_every_right_statement_is_read(predicate, ascii_only, indent, first):
    right = members() | {"predicate": predicate}
    ordered = {"predicate": predicate, **right} if first else right
    text = json.dumps(ordered, ensure_ascii=ascii_only, indent=indent)

    read = attestation.read_statement(text.encode())

    assert json.loads(read.predicate) == predicate


def test_escaped_member_name_is_the_same_member():
    document = body({"a": 1}).replace(b'"predicate"', b'"pr\\u0065dicate"')

    assert attestation.predicate(attestation.read_statement(document)) == {"a": 1}


@pytest.mark.parametrize("subject", [[], None, {}, "image", 0, [None], ["image"], [{}], [{"name": NAME}]])
def test_A18_subject_that_is_not_a_list_of_subjects(subject):
    refused(body(subject=subject))


@pytest.mark.parametrize("digest", [None, {}, [], "sha256:00", {"sha256": None}, {"sha256": 1}, {"sha256": ["00"]}])
def test_A18_subject_without_usable_digests(digest):
    refused(body(subject=[{"name": NAME, "digest": digest}]))


def test_A18_missing_subject():
    document = members()
    del document["subject"]

    assert "subjects" in str(refused(json.dumps(document).encode()))


def test_A19_many_subjects_are_read_up_to_the_limit():
    subjects = [{"name": f"{n}", "digest": {"sha256": f"{n:064x}"}} for n in range(DEFAULT_LIMITS.subjects)]

    read = statement(subject=subjects)

    assert len(read.subjects) == DEFAULT_LIMITS.subjects
    assert "at most" in str(refused(body(subject=[*subjects, subjects[0]])))


def test_A19_too_many_digests_of_one_subject():
    digests = {f"alg{n}": "00" for n in range(DEFAULT_LIMITS.subject_digests + 1)}

    assert "at most" in str(refused(body(subject=[{"name": NAME, "digest": digests}])))


def test_name_is_asked_for_in_v01_and_optional_in_v1():
    nameless = [{"digest": {"sha256": IMAGE.hex}}]

    assert statement(subject=nameless, _type=V1).subjects[0].name == ""
    assert "name" in str(refused(body(subject=nameless)))


@pytest.mark.parametrize("name", [7, [], {}, False])
def test_name_that_is_no_string(name):
    refused(body(subject=[{"name": name, "digest": {"sha256": IMAGE.hex}}], _type=V1))


@pytest.mark.parametrize("member", ["_type", "predicateType", "subject", "predicate"])
def test_B14_duplicate_member_of_the_header(member):
    extra = json.dumps({member: members()[member]})[1:]

    assert "stands twice" in str(refused(body({"a": 1})[:-1] + b"," + extra.encode()))


@pytest.mark.parametrize("first", [b"1", b"12", b'{"a": {"b": 1}}', b'"x"', b"null", b"[[[[[[[[1]]]]]]]]"])
def test_B14_first_of_two_predicates_cannot_hide_the_second(first):
    document = body({"a": 1}).replace(b'"predicate":', b'"predicate": ' + first + b', "predicate":')

    assert "stands twice" in str(refused(document))


def test_B14_duplicate_inside_a_subject():
    refused(body().replace(b'"sha256":', b'"sha256": "00", "sha256":'))


def test_B14_duplicate_inside_the_predicate_is_found_when_it_is_read():
    read = attestation.read_statement(body({"infected": 0}).replace(b'"infected": 0', b'"infected": 9, "infected": 0'))

    for strict in (attestation.check_predicate, attestation.predicate):
        with pytest.raises(StatementInvalid, match="stands twice"):
            strict(read)


@pytest.mark.parametrize("variant", ["PredicateType", "PREDICATETYPE", "Subject", "\u017fubject", "_Type", "Predicate"])
def test_B15_case_variant_beside_the_exact_member(variant):
    assert "stands beside" in str(refused(body(**{variant: "x"})))


def test_B15_case_variant_inside_a_subject():
    subject = {"name": NAME, "digest": {"sha256": IMAGE.hex}, "Digest": {"sha256": "00"}}

    assert "stands beside" in str(refused(body(subject=[subject])))


def test_B15_case_variant_alone_is_not_the_member():
    document = members()
    document["Predicate"] = document.pop("predicate")

    read = attestation.read_statement(json.dumps(document).encode())

    assert read.predicate == b""


@pytest.mark.parametrize("broken", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80"])
def test_B16_bytes_that_are_not_utf8_wherever_they_stand(broken):
    refused(body({"a": "X"}).replace(b'"X"', b'"' + broken + b'"'))
    refused(body().replace(b"dhi/python", broken))


def test_B16_byte_order_mark_and_other_encodings():
    refused(b"\xef\xbb\xbf" + body())
    refused(body().decode().encode("utf-16"))


def test_B16_lone_surrogate():
    refused(body().replace(b"dhi/python", b"\\ud800"))


@pytest.mark.parametrize("control", ["\\u0000", "\\n", "\\u007f", "\\u0085"])
def test_B16_control_characters_in_identifiers(control):
    refused(body().replace(b"spdx.dev/Document", b"spdx.dev/" + control.encode()))
    refused(body().replace(b"dhi/python", b"dhi/" + control.encode()))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e400", b"1" * 5000])
def test_B17_numbers_that_are_none(number):
    refused(body().replace(b'"subject"', b'"extra": ' + number + b', "subject"'))
    document = body({"a": 1}).replace(b'{"a": 1}', b'{"a": ' + number + b"}")

    with pytest.raises(StatementInvalid):
        attestation.check_predicate(attestation.read_statement(document))


@pytest.mark.parametrize("depth", [100, 100_000])
def test_B18_deep_nesting(depth):
    deep = b"[" * depth + b"]" * depth

    refused(body().replace(b'"subject"', b'"extra": ' + deep + b', "subject"'))
    with pytest.raises(StatementInvalid):
        attestation.check_predicate(
            attestation.read_statement(body(7).replace(b'"predicate": 7', b'"predicate": ' + deep))
        )


@pytest.mark.parametrize("found", [None, "", 1, [V1], V1 + "/", "https://in-toto.io/Statement/v2", V1.upper()])
def test_B22_type_unknown(found):
    assert "_type" in str(refused(body(_type=found)))


def test_B22_type_missing():
    document = members()
    del document["_type"]

    refused(json.dumps(document).encode())


@pytest.mark.parametrize("found", [None, "", 1, {}])
def test_predicate_type_that_is_none(found):
    assert "predicateType" in str(refused(body(predicateType=found)))


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b'"x"', b"null", b"{}", b"{}{}", body() + b"x", body()[:-1]])
def test_not_a_statement(document):
    refused(document)


def test_B23_predicate_missing_or_null_is_never_read_as_empty():
    missing = members()
    del missing["predicate"]

    for document in (missing, members() | {"predicate": None}):
        read = attestation.read_statement(json.dumps(document).encode())
        with pytest.raises(StatementInvalid, match="found none"):
            attestation.predicate(read)


def test_B23_facts_of_an_absent_predicate_are_unreadable():
    document = members(predicate_type="https://scout.docker.com/secrets/v0.1") | {"predicate": None}

    found = attestation.facts(attestation.read_statement(json.dumps(document).encode()), "sha256:x")

    assert set(found) == {"digest", "type", "unreadable"}


def reads_or_refuses(document: bytes) -> None:
    try:
        read = attestation.read_statement(document)
        attestation.check_predicate(read)
    except StatementInvalid:
        return
    assert read.predicate == b"" or json.loads(read.predicate) == json.loads(document)["predicate"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_statement_or_a_refusal(document):
    reads_or_refuses(document)


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 400), length=st.integers(0, 5), put=st.text(alphabet='{}[]":,\\ 0predicat\u00e9', max_size=12))
def test_any_damage_gives_a_statement_or_a_refusal(at, length, put):
    document = body({"predicate": [1, "x"], "é": None}, extra="é")

    reads_or_refuses(document[:at] + put.encode() + document[at + length :])
