"""Names of images and stages: variables, platforms, where they may stand, and what cannot be resolved."""

from __future__ import annotations

import pytest

from tests.dockerfile.conftest import Judge
from verifier.dockerfile.arguments import automatic
from verifier.dockerfile.parser import parse
from verifier.dockerfile.source import source_of
from verifier.dockerfile.stages import Build, build
from verifier.dockerfile.verifying import wanted
from verifier.dockerfile.words import expand
from verifier.errors import ConfigurationError, UsageError
from verifier.model import Platform

DIGEST = "sha256:" + "1" * 64


def built(text: str, platform: str = "", target: str = "", **given: str) -> Build:
    chosen = Platform.parse(platform) if platform else None
    dockerfile = parse(source_of("Dockerfile", text.encode()))
    return build(dockerfile, automatic(chosen, target, given), given, target)


def bases(text: str, platform: str = "", **given: str) -> list[str]:
    return [stage.base.name for stage in built(text, platform, **given).stages]


@pytest.mark.parametrize(
    ("word", "text", "missing"),
    [
        ("$A", "1", ()),
        ("${A}x$A", "1x1", ()),
        ("${B:-d$A}", "d1", ()),
        ("${A:-$B}", "1", ()),
        ("${E:-z}${E-z}", "z", ()),
        ("${A:+y}${B:+y}", "y", ()),
        ("${B}", "", ("B",)),
        ("${B:?it is needed}", "", ("B",)),
        ("'$A' \"$A\" \\$A", "$A 1 $A", ()),
        ("${P%:3}${P#py}${P/python/node}${P//o/0}", "pythonthon:3node:3pyth0n:3", ()),
        ("${P%:*}", "python:3", ("P",)),
        ("$", "$", ()),
    ],
)
def test_variables_are_replaced_as_buildkit_does(word: str, text: str, missing: tuple[str, ...]) -> None:
    found = expand(word, {"A": "1", "E": "", "P": "python:3"})

    assert (found.text, found.missing, found.fault) == (text, missing, "")


@pytest.mark.parametrize("word", ["${", "${A", "${}", "${A:", '"x', "'x", "${A:#x}", "${A/x", "${A^}", "${A:-" * 20])
def test_words_that_no_shell_reads_are_faults(word: str) -> None:
    assert expand(word, {"A": "1"}).fault


def test_names_use_what_stands_above_the_first_from() -> None:
    text = "ARG V=3.13\nARG BASE=dhi.io/python:${V}\nFROM $BASE AS a\nARG V=9\nFROM dhi.io/node:${V}\n"

    assert bases(text) == ["dhi.io/python:3.13", "dhi.io/node:3.13"]
    assert bases(text, V="3.14") == ["dhi.io/python:3.14", "dhi.io/node:3.14"]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("ARG TAG\nFROM dhi.io/python:$TAG\n", "Pass --build-arg TAG=VALUE"),
        ("FROM dhi.io/python:${TAG}\n", "Pass --build-arg TAG=VALUE"),
        ("ARG A=$TAG\nFROM dhi.io/python:${A}\n", "Pass --build-arg A=VALUE"),
        ("FROM dhi.io/python:3-${TARGETARCH}\n", "Pass --platform OS/ARCH."),
        ("FROM dhi.io/python:3-${BUILDARCH}\n", "Pass --build-arg BUILDARCH=VALUE"),
        ("FROM dhi.io/python:${TAG\n", "Write the name of the image plainly."),
    ],
)
def test_a_name_without_its_value_says_what_to_pass(judge: Judge, text: str, remedy: str) -> None:
    finding = judge(text).only("unresolved-argument")

    assert finding.severity == "error"
    assert finding.remedy.startswith(remedy)


def test_arguments_and_platforms_given_make_it_a_name() -> None:
    assert bases("ARG TAG\nFROM dhi.io/python:$TAG\n", TAG="3.13") == ["dhi.io/python:3.13"]
    assert bases("FROM dhi.io/x:${TARGETARCH}\n", platform="linux/arm64") == ["dhi.io/x:arm64"]
    assert bases("FROM dhi.io/x:${BUILDARCH}\n", BUILDARCH="amd64") == ["dhi.io/x:amd64"]


def test_a_build_for_two_platforms_is_read_for_each(judge: Judge) -> None:
    text = "FROM dhi.io/python:3-${TARGETARCH}\nFROM python:3\n"
    judged = judge(text, platforms=("linux/amd64", "linux/arm64"))

    assert [finding.message for finding in judged.all("no-digest")] == [
        "tag '3-amd64' can point to another image tomorrow",
        "tag '3-arm64' can point to another image tomorrow",
        "tag '3' can point to another image tomorrow",
    ]
    assert len(judged.all("base-not-hardened")) == 1


@pytest.mark.parametrize(
    ("text", "asked", "judged"),
    [
        ("FROM dhi.io/x:1\n", (), ()),
        ("FROM dhi.io/x:1\n", ("linux/arm64",), ("linux/arm64",)),
        ("FROM --platform=linux/amd64 dhi.io/x:1\n", ("linux/arm64",), ("linux/amd64",)),
        ("FROM --platform=$TARGETPLATFORM dhi.io/x:1\n", ("linux/arm64",), ("linux/arm64",)),
        ("FROM --platform=$BUILDPLATFORM dhi.io/x:1\n", ("linux/arm64",), ()),
        ("FROM --platform=amd64 dhi.io/x:1\n", ("linux/arm64",), ()),
        ("FROM --platform=linux/amd64 dhi.io/x:1\nFROM dhi.io/x:1\n", (), ()),
        ("FROM --platform=linux/amd64 dhi.io/x:1\nFROM dhi.io/x:1\n", ("linux/386",), ("linux/amd64", "linux/386")),
    ],
)
def test_each_image_is_judged_on_the_platforms_on_which_it_is_used(
    text: str, asked: tuple[str, ...], judged: tuple[str, ...]
) -> None:
    builds = [built(text, platform) for platform in asked or ("",)]

    assert wanted(builds, asked).platforms == {"dhi.io/x:1": judged}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM a\nCOPY --from=1 x y\n", "is no stage above"),
        ("FROM a\nCOPY --from=-1 x y\n", "is no stage above"),
        ("FROM a\nCOPY --from=0 x y\n", "is this stage itself"),
        ("FROM a AS b\nCOPY --from=B x y\n", "is this stage itself"),
        ("FROM a\nCOPY --from=later x y\nFROM b AS later\n", "is no stage above"),
    ],
)
def test_stages_that_cannot_be_copied_from(judge: Judge, text: str, said: str) -> None:
    assert said in judge(text).only("unknown-stage").message


def test_no_variable_is_replaced_where_buildkit_replaces_none(judge: Judge) -> None:
    judged = judge("ARG I=x\nFROM dhi.io/a:1\nCOPY --from=$I a b\nRUN --mount=from=${I},target=/x y\n")

    assert [finding.line for finding in judged.all("unresolved-argument")] == [3, 4]


def test_a_name_means_the_stage_above_it_and_the_image_before_that() -> None:
    assert [stage.base.stage for stage in built("FROM python\nFROM b AS python\nFROM python\n").stages] == [
        None,
        None,
        1,
    ]
    assert [
        use.stage for use in built("FROM a AS x\nFROM b\nRUN --mount=from=0 --mount=from=X y\n").stages[1].uses
    ] == [
        None,
        0,
    ]


def test_stages_that_nothing_needs_are_noted(judge: Judge) -> None:
    judged = judge("FROM dhi.io/a:1 AS one\nFROM one AS two\nFROM dhi.io/b:1 AS three\nFROM two\n")

    assert judged.only("unused-stage").line == 3


def test_triggers_take_effect_in_the_stage_that_is_built_on_them(judge: Judge) -> None:
    judged = judge(
        "FROM dhi.io/a:1 AS base\nONBUILD USER root\nONBUILD COPY --from=1 a b\nFROM dhi.io/b:1 AS mid\nFROM base\n"
    )

    assert judged.only("root-user").line == 2
    assert not judged.all("unknown-stage")
    assert not judged.all("unused-stage")


@pytest.mark.parametrize(
    "name",
    [
        "<your-namespace>/dhi-python:3.13",
        "dhi.io/python:<tag>",
        "your-org/dhi-python:3",
        "yourorg/x",
        "your-dockerhub-username/dhi-node:24",
    ],
)
def test_placeholders_of_the_documentation_are_said_to_be_that(judge: Judge, name: str) -> None:
    judged = judge(f"FROM {name}\n")

    assert judged.exit_code == 1
    assert "docker.io/ORGANIZATION/dhi-NAME:TAG" in judged.only("placeholder").remedy
    assert not judged.all("invalid-reference")


@pytest.mark.parametrize(
    "name", ["Builder", "https://dhi.io/python", "dhi.io/python:", "a@sha256:12", "registry://a/b", "x y"]
)
def test_what_is_no_name_of_an_image_is_an_error(judge: Judge, name: str) -> None:
    judged = judge(f"FROM {name}\n")

    assert judged.exit_code == 1
    assert [finding.id for finding in judged.report.findings if finding.severity == "error"] in (
        ["invalid-reference"],
        ["invalid-instruction", "base-not-hardened"],
        ["base-not-hardened", "invalid-instruction"],
    )


@pytest.mark.parametrize("name", ["oci:testdata/allowed", "oci:x", "oci-layout://testdata/allowed", "oci://x/y"])
def test_no_dockerfile_can_name_a_layout_on_this_machine(name: str) -> None:
    asked = wanted([built(f"FROM {name}\n")], ()).platforms

    assert set(asked) <= {"docker.io/library/oci:x"}


def test_a_digest_is_no_note(judge: Judge) -> None:
    judged = judge(f"FROM dhi.io/python:3.13@{DIGEST} AS a\nFROM dhi.io/python@{DIGEST}\nCOPY --from=a x y\n")

    assert not judged.all("no-digest")


def test_a_target_that_is_no_stage_is_a_wrong_call(judge: Judge) -> None:
    with pytest.raises(UsageError, match="no stage 'c' for --target") as raised:
        judge("FROM dhi.io/a:1 AS a\nFROM dhi.io/b:1 AS b\n", target="c")

    assert raised.value.hint == "Stages: 'a', 'b'."


def test_more_images_than_a_run_takes_are_refused(judge: Judge) -> None:
    with pytest.raises(ConfigurationError, match="201 images"):
        judge("".join(f"FROM dhi.io/a:{number}\n" for number in range(201)))
