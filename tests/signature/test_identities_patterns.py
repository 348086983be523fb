"""Identity patterns: like regular expressions, for the whole text, in bounded time."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import ConfigurationError
from verifier.limits import DEFAULT_LIMITS
from verifier.patterns import lint, matches


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("abc", ["abc"], ["", "ab", "abcd", "xabc", "ABC"]),
        ("a.c", ["abc", "a.c", "aéc"], ["ac", "a\nc", "abbc"]),
        (r"a\.c", ["a.c"], ["abc"]),
        ("(build|bake)", ["build", "bake"], ["", "buildbake"]),
        ("v[0-9][0-9.]*", ["v1", "v1.2.3"], ["v", "v.1", "v1-evil"]),
        ("[^/]+/x", ["a/x"], ["/x", "a/b/x"]),
        ("a{2}b{1,}c{0,2}", ["aab", "aabbcc"], ["ab", "aac", "aabccc"]),
        (r"\d+\w\s", ["12_ ", "1a\t"], ["x_ ", "1é "]),
        (r"\D\W\S", ["a-b"], ["1-b", "aab", "a- "]),
        ("^abc$", ["abc"], ["xabc", "abcx"]),
        ("^a$|^b$", ["a", "b"], ["ab", ""]),
        ("(?:a|b)*", ["", "abba"], ["abc"]),
        ("(a*)*b", ["b", "aab"], ["a"]),
        ("a*?b??", ["", "aaab"], ["bb"]),
        ("[]x]", ["]", "x"], ["[", ""]),
        (r"[\]\-a-c]", ["]", "-", "b"], ["d", "\\"]),
        ("[a-]", ["a", "-"], ["b"]),
        (r"[\w.]+", ["a_1."], ["-"]),
        ("", [""], ["a"]),
        ("a^b|c$d", [], ["ab", "a^b", "cd"]),
    ],
)
def test_C01_patterns_mean_the_whole_text(pattern: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in (*good, *bad) if matches(pattern, text)] == good


@pytest.mark.parametrize(
    "pattern",
    [
        *("(", ")", "(a", "a)", "[", "[a", "[]", "[^]", "\\", "a\\", "*", "+a", "?", "{2}", "a|*", "a**", "a+{2}"),
        *("a{", "a{x}", "a{2,1}", "a{99999}", "^*", "$+", "(?i)a", "(?=a)", "(?!a)", "(?<n>a)", "(?P<n>a)", r"\1"),
        *(r"\b", r"\p{L}", r"\x41", r"[\D]", "[b-a]", r"[\d-z]", "[[:alpha:]]", r"\é"),
    ],
)
def test_C03_what_cannot_be_read_alike_everywhere_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="refused"):
        matches(pattern, "a")


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*", "(a|aa)+", "(.*)*x", ".*.*.*.*.*.*.*.*x", "(a?){20}a{20}"])
def test_C03_patterns_that_hang_other_engines_are_answered(pattern: str) -> None:
    assert not matches(pattern, "a" * (DEFAULT_LIMITS.identity_text - 1) + "!")


@pytest.mark.parametrize("pattern", ["a" * 513, "(a{100}){100}", "((a{9}){9}){99}", "(" * 40 + "a" + ")" * 40])
def test_C03_patterns_beyond_reason_are_refused(pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="refused"):
        matches(pattern, "a")


def test_C03_a_text_beyond_reason_matches_nothing() -> None:
    assert matches("a*", "a" * DEFAULT_LIMITS.identity_text)
    assert not matches("a*", "a" * (DEFAULT_LIMITS.identity_text + 1))


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"https://github\.com/docker/builder/\.github/workflows/(build|bake)\.yml@refs/tags/v[0-9][0-9.]*", 0),
        (r"https://github\.com/docker/.*", 0),
        ("https://github.com/docker/.*", 1),
        (r"^https://github\.com/docker/github-builder/.github/workflows/build.yml.*$", 2),
        (r"https://github\.com/org.*", 1),
    ],
)
def test_C01_C02_C30_traps_in_patterns_are_named(pattern: str, said: int) -> None:
    assert len(lint(pattern)) == said


NODES = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\."]),
    lambda inner: st.one_of(
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{0,1}"])),
    ),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(NODES, st.text(alphabet="ab.", max_size=6))
def test_patterns_mean_what_python_reads_in_them(pattern: str, text: str) -> None:
    assert matches(pattern, text) == bool(re.fullmatch(pattern, text))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab()[]{}|*+?.^$\\-,12:d", max_size=20), st.text(max_size=10))
def test_C03_any_pattern_is_answered_or_refused(pattern: str, text: str) -> None:
    with suppress(ConfigurationError):
        assert matches(pattern, text) in (True, False)
