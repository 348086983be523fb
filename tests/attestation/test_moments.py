import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.attestation.moment import clamav, day, epoch_milliseconds, rfc3339

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02t03:04:05z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.25+02:30", "2026-01-02T00:34:05.25Z"),
        ("2026-01-02T03:04:05.123456789123-00:00", "2026-01-02T03:04:05.123456789Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ],
)
def test_rfc3339_times_are_brought_to_utc(stated, text):
    assert rfc3339(stated).text == text
    assert rfc3339(stated).problem == ""


def test_nanoseconds_are_exact():
    assert rfc3339("1970-01-01T00:00:01.000000007Z").ns == SECOND + 7


@pytest.mark.parametrize(
    "stated",
    [
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00",
        "2262-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01-02",
        "2026-01-02T03:04:60Z",
        "2026-01-02T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+01:60",
        "2026-01-02T03:04:05Z ",
        "٢٠٢٦-01-02T03:04:05Z",
        "yesterday",
        1767322800,
        True,
        {},
    ],
)
def test_J19_times_that_are_none_are_a_problem_and_no_time(stated):
    found = rfc3339(stated)

    assert found.ns is None
    assert found.text == ""
    assert found.problem


@pytest.mark.parametrize("stated", [None, ""])
def test_no_time_stated_is_no_problem(stated):
    assert rfc3339(stated).ns is None
    assert rfc3339(stated).problem == ""


def test_other_forms_of_time():
    assert clamav("2026:01:02 03:04:05").text == "2026-01-02T03:04:05Z"
    assert clamav("2 January").problem
    assert epoch_milliseconds(1767323045250).text == "2026-01-02T03:04:05.25Z"
    assert epoch_milliseconds(0).problem == ""
    assert all(epoch_milliseconds(value).problem for value in (-1, 10**15, "1", True, 9.3e12))


def test_day_ends_with_its_midnight():
    assert day("2030-03-10").text == "2030-03-11T00:00:00Z"
    assert day("2030-03-10T12:00:00Z").text == "2030-03-11T00:00:00Z"
    assert day("2030-13-10").problem
    assert day(None).problem == ""


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([+-][0-9]{2}:[0-9]{2}|Z)"),
    )
)
def test_any_text_is_a_time_or_a_problem(stated):
    for found in (rfc3339(stated), day(stated), clamav(stated)):
        assert found.ns is None or (found.ns >= 0 and found.text)


@settings(max_examples=100, deadline=None)
@given(st.integers() | st.floats())
def test_any_number_is_a_time_or_a_problem(stated):
    found = epoch_milliseconds(stated)

    assert found.ns is None or found.text
