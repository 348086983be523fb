"""STIG Manager, the one reader of CKLB that there is, finds the rules that the scan has, each with its result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checkers.conftest import Reader, written
from tests.checkers.test_checkers_ckl import NINE_WORDS, REAL, found
from tests.report.samples import FULL, HOSTILE_TEXTS, hostile

pytestmark = pytest.mark.checker


def test_stig_manager_finds_the_same_in_cklb_as_in_ckl(stigman: Reader, exports: dict[str, Path]) -> None:
    read = stigman({f"real.{name}": exports[name].read_text() for name in ("ckl", "cklb")})

    assert found(read["real.cklb"]["counts"]) == REAL
    assert read["real.cklb"] == read["real.ckl"]


def test_K13_all_nine_words_and_hostile_texts_are_read_alike(stigman: Reader) -> None:
    documents = {f"{n}.cklb": written("cklb", hostile(text)) for n, text in enumerate(HOSTILE_TEXTS.values())}
    documents["plain.cklb"] = written("cklb", FULL)

    for read in stigman(documents).values():
        assert found(read["counts"]) == NINE_WORDS, read


def test_stig_manager_drops_or_refuses_what_is_wrong(stigman: Reader) -> None:
    good = written("cklb", FULL)
    unnamed = json.loads(good)
    unnamed["target_data"]["host_name"] = ""
    documents = {
        "rule.cklb": good.replace('"rule_id_src"', '"rule_id_source"'),
        "status.cklb": good.replace('"status": "open"', '"status": "Open"'),
        "host.cklb": json.dumps(unnamed),
        "cut.cklb": good[: len(good) // 2],
    }

    read = stigman(documents)

    assert read["rule.cklb"]["reviews"] == []
    assert found(read["status.cklb"]["counts"]) == {"pass": 2, "notapplicable": 1, "notchecked": 5}
    assert "error" in read["host.cklb"]
    assert "error" in read["cut.cklb"]
