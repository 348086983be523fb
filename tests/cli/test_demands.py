"""`--annotations` and `--predicate-type` of `dhiverify image`, as far as they are parsed."""

from __future__ import annotations

import click
import pytest

from verifier.cli.image import image
from verifier.cli.run import options_of
from verifier.errors import UsageError
from verifier.policy import Additions


def additions(*arguments: str) -> Additions:
    context = image.make_context("image", [*arguments, "oci:testdata/allowed"])
    return options_of(context.params).additions


def test_annotations_are_separated_at_the_first_equals_sign() -> None:
    found = additions("-a", "stage=production", "--annotations", "query=a=b", "-a", "empty=", "-a", "stage=production")

    assert found.annotations == (("stage", "production"), ("query", "a=b"), ("empty", ""))
    assert additions().annotations == ()


@pytest.mark.parametrize("text", ["stage", "=production", "", "="])
def test_an_annotation_without_key_or_value_is_a_usage_error(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected KEY=VALUE, found"):
        additions("-a", text)


def test_an_annotation_cannot_have_two_values() -> None:
    with pytest.raises(click.BadParameter, match="expected one value of 'stage'"):
        additions("-a", "stage=test", "-a", "stage=production")


def test_words_and_types_are_expanded_once_each() -> None:
    found = additions(
        *("--predicate-type", "slsaprovenance1", "--predicate-type", "https://example.com/review/v1"),
        *("--predicate-type", "slsaprovenance1"),
    )

    assert found.predicate_types == (
        ("slsaprovenance1", ("https://slsa.dev/provenance/v1",)),
        ("https://example.com/review/v1", ("https://example.com/review/v1",)),
    )
    assert additions().predicate_types == ()


@pytest.mark.parametrize("word", ["", "provenence"])
def test_G16_an_unknown_word_is_a_usage_error(word: str) -> None:
    with pytest.raises(UsageError, match="unknown predicate type"):
        additions("--predicate-type", word)


def test_both_are_environment_variables_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHIVERIFY_ANNOTATIONS", "stage=production team=a")
    monkeypatch.setenv("DHIVERIFY_PREDICATE_TYPE", "vsa https://example.com/review/v1")

    found = additions()

    assert found.annotations == (("stage", "production"), ("team", "a"))
    assert [word for word, _ in found.predicate_types] == ["vsa", "https://example.com/review/v1"]
