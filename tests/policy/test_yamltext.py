"""What shipped YAML says is compiled, and only exactly those texts."""

from __future__ import annotations

import pytest

from verifier.policy import yamltext
from verifier.policy.compile import shipped_texts


def test_the_compiled_file_says_what_the_texts_say() -> None:
    assert yamltext.compiled_path().read_bytes() == yamltext.compile_texts(shipped_texts()), "run `make policies`"


def test_a_text_that_was_changed_is_parsed() -> None:
    text = next(text for text in shipped_texts() if "\nname: dhi\n" in text)

    assert yamltext.load(text)["name"] == "dhi"
    assert yamltext.load(text.replace("name: dhi", "name: other"))["name"] == "other"


def test_faults_have_a_place() -> None:
    with pytest.raises(yamltext.YAMLRefused) as caught:
        yamltext.load("a: 1\nb: [")

    assert caught.value.line == 1


@pytest.mark.parametrize("text", ["a: " + "[" * 200_000, "a: " + "{a: " * 50_000, "- " * 50_000 + "a"])
def test_H14_nesting_is_refused_before_it_costs_time(text: str) -> None:
    with pytest.raises(yamltext.YAMLRefused, match="deep"):
        yamltext.parse(text)
