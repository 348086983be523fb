"""`dhiverify fips show`: cryptographic modules as their publisher states them, and the self-tests."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import KEY, Run
from tests.conftest import Publisher
from tests.publisher.compliance import module
from tests.publisher.spec import FIPS

Publish = Callable[..., str]


def report(*tests: dict[str, Any]) -> dict[str, Any]:
    failed = sum(test["status"] == "failed" for test in tests)
    summary = {"tests": len(tests), "passed": len(tests) - failed, "failed": failed, "skipped": 0}
    return {"reportFormat": "CTRF", "results": {"summary": summary, "tests": list(tests)}}


def case(name: str, status: str = "passed", printed: str = "", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "status": status,
        "extra": {"stdout": base64.b64encode(printed.encode()).decode()},
        **more,
    }


@pytest.fixture
def certified(publisher: Publisher) -> Publish:
    def publish(modules: Any = None, tests: Any = None) -> str:
        evidence = {"fips": modules or [module(sunset="2030-03-10")]} | ({"tests": tests} if tests else {})
        return publisher.image(**{**FIPS, "platforms": ("linux/amd64",), "evidence": evidence}).layout()

    return publish


def test_modules_with_certificate_and_sunset_date(run: Run, certified: Publish) -> None:
    pending = module("Go Cryptographic Module", status="in process", sunset=None)

    ran = run("fips", "show", *KEY, "--effective-time", "2026-01-20", certified([module(sunset="2030-03-10"), pending]))

    assert ran.code == 0
    lines = [line.strip() for line in ran.out.splitlines()]
    assert "2 cryptographic modules" in lines
    assert "active     OpenSSL FIPS Provider 3.1.2, FIPS 140-3" in lines
    assert any(line.startswith("certificate: CMVP #4985 https://csrc.nist.gov/") for line in lines)
    assert "sunset date: 2030-03-10" in lines
    assert "in process Go Cryptographic Module 3.1.2, FIPS 140-3" in lines
    assert "certificate: none stated" in lines


@pytest.mark.parametrize(
    ("now", "passed"),
    [("2030-03-10T23:59:59Z", False), ("2030-03-11T00:00:00Z", True), ("2031-01-01", True)],
)
def test_sunset_date_that_has_passed_is_marked(run: Run, certified: Publish, now: str, passed: bool) -> None:
    ran = run("fips", "show", *KEY, "--effective-time", now, certified())

    assert ("sunset date: 2030-03-10, which has passed" in ran.out) is passed


def test_self_tests_are_those_that_say_fips(run: Run, certified: Publish) -> None:
    tests = report(
        case("python starts", printed="3.13\n"),
        case("OpenSSL fips provider", printed="".join(f"line {n}\n" for n in range(20))),
        case("known answers", "failed", message="no provider", suite="FIPS"),
    )

    ran = run("fips", "show", *KEY, certified(tests=tests))

    assert "2 of 3 tests call themselves FIPS tests" in ran.out
    assert "failed     known answers" in ran.out
    assert "no provider" in ran.out
    assert "line 11" in ran.out
    assert "line 12\n" not in ran.out
    assert "… and 8 more lines (see --output json)" in ran.out
    assert "python starts" not in ran.out


def test_json_has_modules_and_self_tests_with_all_that_they_printed(run: Run, certified: Publish) -> None:
    printed = "".join(f"line {n}\n" for n in range(20))

    ran = run("fips", "show", *KEY, "-o", "json", certified(tests=report(case("x"), case("FIPS", printed=printed))))

    (platform,) = json.loads(ran.out)
    assert platform["platform"] == "linux/amd64"
    assert platform["modules"][0]["modules"][0]["sunsetDate"] == "2030-03-10"
    assert platform["modules"][0]["attestation"]["status"] == "verified"
    assert [(t["name"], t["output"]) for t in platform["tests"][0]["cases"]] == [("FIPS", printed)]


def test_K07_K08_what_tests_printed_cannot_move_the_cursor_or_give_orders(run: Run, certified: Publish) -> None:
    hostile = "\x1b[2J\r::error::x\n::set-output name=a::b\n##[command]y\n\u202etxt"
    modules = [module("M\x1b]0;title\x07odule") | {"package": "\x1b[1A"}]

    ran = run("fips", "show", *KEY, certified(modules, report(case("fips " + hostile, printed=hostile))))

    assert ran.code == 0
    assert not {"\x1b", "\u202e", "\r", "\x07"} & set(ran.out)
    assert "##[" not in ran.out
    assert not [line for line in ran.out.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("oci:testdata/allowed", *KEY), 3, "no evidence of the kind fips is there"),
        (("oci:testdata/fips",), 4, "not verified"),
        (("oci:testdata/fips", *KEY, "--effective-time", "soon"), 2, "expected a time"),
    ],
)
def test_nothing_to_show_says_why(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = run("fips", "show", *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_list_that_cannot_be_decoded_is_said(run: Run, certified: Publish) -> None:
    ran = run("fips", "show", *KEY, certified([module(sunset="soon")]))

    assert ran.code == 1
    assert "cannot be decoded: sunsetDate of module" in ran.out
