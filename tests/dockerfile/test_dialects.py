"""Dockerfiles that were written to have one image judged and another one built."""

from __future__ import annotations

import pytest

from tests.dockerfile.conftest import Judge
from verifier.errors import ConfigurationError

END = 'USER 65532\nCMD ["/a"]\n'


@pytest.mark.parametrize(
    "head",
    [
        "#\u00a0escape=q\n",
        "#\x0bescape=q\n",
        "# escape\u00a0=q\n",
        "#\u00a0escape=`\n",
        " # escape=`\n",
        "#!/usr/bin/env x\n# escape=`\n",
        "#\u00a0syntax=acme/frontend\n",
        " # syntax=acme/frontend\n",
        "// syntax=acme/frontend\n",
    ],
)
def test_a_directive_that_not_every_buildkit_reads_is_refused(judge: Judge, head: str) -> None:
    """With `q` as escape character `qdhi.io` would be read as `dhi.io`."""
    with pytest.raises(ConfigurationError, match="read differently"):
        judge(f"{head}FROM qdhi.io/python:3.13\n{END}")


def test_a_frontend_behind_a_shebang_is_seen(judge: Judge) -> None:
    found = judge(f"#!/usr/bin/env x\n# syntax=acme/frontend\nFROM dhi.io/python:3.13\n{END}")

    assert found.only("foreign-frontend").line == 2


def test_an_escape_behind_another_directive_ends_lines_as_it_says(judge: Judge) -> None:
    found = judge(f"# check=skip=all\n# escape=`\nFROM dhi.io/python:3.13\nENV A=\\\nFROM acme/app:1\n{END}")

    assert found.only("base-not-hardened").line == 5


@pytest.mark.parametrize(
    "text",
    [
        "RUN true # << <<#x\nFROM acme/app:1\n#x\n",  # older versions take the FROM for text
        "RUN cat << '#x'\nFROM dhi.io/static:1\n#x\n",  # newer ones do
        "RUN x=${A#b} <<'#x'\nFROM dhi.io/static:1\n#x\n",
        'RUN ["a"] <<#x\nFROM dhi.io/static:1\n#x\n',
    ],
)
def test_no_heredoc_hides_a_stage_from_one_version_of_buildkit(judge: Judge, text: str) -> None:
    with pytest.raises(ConfigurationError, match="read differently"):
        judge(f"FROM dhi.io/python:3.13\n{text}{END}")


def test_no_flag_hides_another_from_one_version_of_buildkit(judge: Judge) -> None:
    flags = '--exclude="a\\"b --from=acme/app:1 --exclude=c`"'

    with pytest.raises(ConfigurationError, match=r"a flag .* read differently"):
        judge(f"# escape=`\nFROM dhi.io/python:3.13\nCOPY {flags} / /\n{END}")


def test_what_stands_behind_a_list_makes_it_a_command_for_the_shell(judge: Judge) -> None:
    with pytest.raises(ConfigurationError, match=r"a list .* read differently"):
        judge('FROM dhi.io/python:3.13\nUSER 65532\nCMD ["/a"] # b\n')


def test_lists_heredocs_and_flags_as_everybody_writes_them_are_taken(judge: Judge) -> None:
    text = "# escape=`\nFROM dhi.io/python:3.13-dev AS b\nRUN <<EOF\nFROM x\nEOF\nFROM dhi.io/python:3.13\n"

    found = judge(f'{text}COPY --from=b C:\\app C:\\app\nHEALTHCHECK --interval=1s CMD ["/a"]\n{END}')

    assert found.grave == []


@pytest.mark.parametrize(
    "word",
    [
        "${A/$B\u00e9/acme/app}",  # BuildKit's names have any letters
        "${A/$E/acme.example/}",  # an empty pattern fits before the first character
        "${A#$H}",  # doubled only by what the variable holds
        '${A/"a"/b}',
        "${T:+dhi.io/python:3.13}",
        "${M:+dhi.io/python:3.13}",
        "${W:-dhi.io/python:3.13}",
        "${TARGETOS:-dhi.io/python:3.13}",
        "${L:-dhi.io/python:3.13}",
    ],
)
def test_a_substitution_of_which_buildkit_may_make_something_else_is_no_name(judge: Judge, word: str) -> None:
    arguments = "ARG A=dhi.io/python:3.13\nARG B=z\nARG B\u00e9=$A\nARG E=\nARG H=#dhi.io/\n"
    arguments += "ARG R='$1'\nARG T=${A//i/$R}\nARG M=\ufeff\nARG W=${B/?/acme}\nARG L=${TARGETOS:+acme/app}\n"

    found = judge(f"{arguments}FROM {word}\n{END}")

    assert found.exit_code == 1


def test_an_older_value_does_not_stand_for_one_that_is_not_known(judge: Judge) -> None:
    above = judge(f"ARG A=dhi.io/python:3.13\nARG B=x\nARG A=${{B/?/acme}}\nFROM $A\n{END}")
    inside = judge("FROM dhi.io/python:3.13\nARG U=65532\nENV B=x\nARG U=${B/?/0}\nUSER $U\n")

    assert above.only("unresolved-argument").severity == "error"
    assert inside.only("root-user").severity == "warning"


def test_what_is_set_for_every_build_is_not_in_a_stage_that_does_not_ask_for_it(judge: Judge) -> None:
    text = "FROM dhi.io/python:3.13\n{}USER ${{TARGETARCH:-0}}\n"

    without = judge(text.format(""), platforms=("linux/amd64",))
    asking = judge(text.format("ARG TARGETARCH\n"), platforms=("linux/amd64",))

    assert without.only("root-user").severity == "error"
    assert asking.all("root-user") == []


def test_an_argument_behind_a_variable_of_its_name_outranks_it(judge: Judge) -> None:
    found = judge("FROM dhi.io/python:3.13\nENV U=65532\nARG U=0\nUSER $U\n")

    assert found.only("root-user").severity == "error"


@pytest.mark.parametrize("base", ["scratch", "dhi.io/static:1"])
@pytest.mark.parametrize("source", ["/", "/.", "/*", "."])
def test_an_image_that_is_copied_whole_is_the_final_image(judge: Judge, base: str, source: str) -> None:
    found = judge(f"FROM acme/app:1 AS build\nFROM {base}\nCOPY --from=build {source} /\n{END}")

    assert "error base-not-hardened" in found.grave


def test_an_image_for_building_that_is_copied_whole_is_found(judge: Judge) -> None:
    build = "FROM dhi.io/python:3.13-dev AS build\n"

    finding = judge(f"{build}FROM dhi.io/python:3.13\nCOPY --from=build / /\n").only("build-variant-in-final-stage")

    assert (finding.severity, finding.line) == ("error", 3)
