"""What the final image is based on, whom it runs as, and what it starts."""

from __future__ import annotations

import pytest

from tests.dockerfile import guides
from tests.dockerfile.conftest import Judge


@pytest.mark.parametrize("guide", list(guides.ALL))
def test_files_after_the_guides_have_nothing_but_notes_about_digests(judge: Judge, guide: str) -> None:
    judged = judge(guides.ALL[guide])

    assert judged.exit_code == 0
    assert judged.grave == []
    assert {finding.id for finding in judged.report.findings} == {"no-digest"}


@pytest.mark.parametrize(
    ("base", "severity"),
    [
        ("python:3.13", "error"),
        ("registry.example/team/app", "error"),
        ("docker.io/acme/python:3.13", "error"),
        ("dhi.io.example/python:3.13", "error"),
        ("scratch", "warning"),
        ("dhi.io/python:3.13", None),
        ("acme/dhi-python:3.13", None),
        ("registry.example/mirror/dhi/python:3.13", None),
        ("registry.example/mirror/dhi-python:3.13", None),
    ],
)
def test_the_final_stage_has_to_be_based_on_a_hardened_image(judge: Judge, base: str, severity: str | None) -> None:
    found = judge(f'FROM {base}\nUSER 65532\nCMD ["/app"]\n').all("base-not-hardened")

    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_an_earlier_stage_on_another_image_is_a_warning(judge: Judge) -> None:
    judged = judge('FROM golang:1.26 AS build\nFROM dhi.io/static:1\nCOPY --from=build /a /a\nENTRYPOINT ["/a"]\n')

    assert (judged.exit_code, judged.grave) == (0, ["warning base-not-hardened"])


@pytest.mark.parametrize(
    ("base", "twin"),
    [
        ("dhi.io/python:3.13-alpine3.24-dev", "dhi.io/python:3.13-alpine3.24"),
        ("acme/dhi-node:24-debian13-sfw-ent-dev", "docker.io/acme/dhi-node:24-debian13"),
        ("dhi.io/dotnet:8-sdk-alpine3.24", "dhi.io/dotnet:8-alpine3.24"),
        ("dhi.io/python:3.13-fips-dev@sha256:" + "0" * 64, "dhi.io/python:3.13-fips"),
        ("dhi.io/python:3.13-dev_acme", "dhi.io/python:3.13"),
    ],
)
def test_an_image_for_building_in_the_final_stage_names_its_runtime_twin(judge: Judge, base: str, twin: str) -> None:
    judged = judge(f"FROM dhi.io/go:1-dev AS b\nFROM {base} AS last\nUSER 65532\n")

    finding = judged.only("build-variant-in-final-stage")
    assert (finding.severity, finding.line, finding.column) == ("error", 2, 6)
    assert f" {twin}, its runtime twin" in finding.remedy
    assert judged.exit_code == 1


def test_a_final_stage_on_a_stage_is_judged_by_what_lies_under_both(judge: Judge) -> None:
    judged = judge("FROM dhi.io/python:3.13-dev AS Base\nUSER 0\nFROM base\nFROM bAsE AS last\n")

    assert judged.only("build-variant-in-final-stage").line == 1
    assert judged.only("root-user").line == 2


def test_target_chooses_the_final_stage(judge: Judge) -> None:
    text = "FROM dhi.io/python:3.13 AS app\nFROM dhi.io/python:3.13-dev AS debug\n"

    assert judge(text).exit_code == 1
    assert judge(text, target="APP").exit_code == 0
    assert judge(text, target="0").report.files[0].target == "app"


@pytest.mark.parametrize("user", ["root", "0", "0:0", "root:nonroot", "00", "+0", "${WHO}", '"root"'])
def test_root_by_any_spelling(judge: Judge, user: str) -> None:
    finding = judge(f"FROM dhi.io/python:3.13\nARG WHO=0\nUSER nonroot\nUSER {user}\n").only("root-user")

    assert (finding.severity, finding.line) == ("error", 4)


@pytest.mark.parametrize("user", ["nonroot", "65532", "65532:0", "1000"])
def test_another_user_is_no_finding(judge: Judge, user: str) -> None:
    assert not judge(f"FROM dhi.io/python:3.13\nUSER root\nUSER {user}\n").all("root-user")


def test_a_user_that_cannot_be_known_is_a_warning(judge: Judge) -> None:
    finding = judge("FROM dhi.io/python:3.13\nUSER $WHO\n").only("root-user")

    assert finding.severity == "warning"
    assert "WHO" in finding.message


@pytest.mark.parametrize(
    ("instruction", "fixed"),
    [
        ("CMD python app.py", 'CMD ["python", "app.py"]'),
        ("ENTRYPOINT python /app/x.py", 'ENTRYPOINT ["python", "/app/x.py"]'),
        ("HEALTHCHECK --interval=5s CMD curl localhost", 'HEALTHCHECK CMD ["curl", "localhost"]'),
        ("CMD python a.py && echo $HOME", 'CMD ["program", "argument"]'),
        ('CMD ["sh", "-c", "python a.py"]', 'CMD ["program", "argument"]'),
        ('ENTRYPOINT ["/bin/bash", "/start"]', 'ENTRYPOINT ["program", "argument"]'),
        ('HEALTHCHECK CMD ["/bin/sh", "-c", "x"]', 'HEALTHCHECK CMD ["program", "argument"]'),
    ],
)
def test_a_command_in_shell_form_without_a_shell(judge: Judge, instruction: str, fixed: str) -> None:
    finding = judge(f"FROM dhi.io/python:3.13\n{instruction}\n").only("shell-form")

    assert (finding.severity, finding.line) == ("warning", 2)
    assert fixed in finding.remedy


@pytest.mark.parametrize(
    "text",
    [
        'FROM dhi.io/python:3.13\nCMD ["python"]\nHEALTHCHECK NONE\n',
        "FROM dhi.io/python:3.13-compat\nCMD python\n",
        "FROM dhi.io/python:3.13\nCMD python\nCMD []\n",
        'FROM dhi.io/python:3.13\nENTRYPOINT ["run"]\nCMD ["sh", "-c", "x"]\n',
        "FROM dhi.io/python:3.13\nCOPY --from=dhi.io/busybox:1 /bin/busybox /bin/sh\nCMD python\n",
    ],
)
def test_a_command_that_needs_no_shell_or_has_one(judge: Judge, text: str) -> None:
    assert not judge(text).all("shell-form")


def test_what_static_lacks_is_known_and_no_guess(judge: Judge) -> None:
    judged = judge('FROM dhi.io/static:20260611\nRUN apk add curl\nRUN echo hi\nRUN ["sh", "-c", "x"]\nCMD /app\n')

    shell = "error run-without-shell"
    assert judged.grave == ["error missing-package-manager", shell, shell, "error shell-form"]


def test_programs_are_installed_where_there_is_a_package_manager(judge: Judge) -> None:
    judged = judge(
        "FROM dhi.io/python:3.13-debian13-dev AS build\nRUN apt-get update && apt-get install -y gcc\n"
        "FROM dhi.io/python:3.13-debian13\n"
        "RUN DEBIAN_FRONTEND=noninteractive \\\n    /usr/bin/apt-get install gcc\n"
        'RUN ["apk", "add", "curl"]\nRUN echo apt-get; echo "; apk add x"\n'
    )

    first, second = judged.all("missing-package-manager")
    assert (first.line, first.column, second.line) == (5, 14, 6)
    assert "dhi.io/python:3.13-debian13-dev" in first.remedy
    assert judged.only("run-without-shell").line == 7


def test_a_heredoc_is_run_by_a_shell(judge: Judge) -> None:
    judged = judge("FROM dhi.io/python:3.13\nRUN <<EOF\nset -e\napk add curl\nEOF\n")

    assert judged.only("missing-package-manager").line == 4


@pytest.mark.parametrize(("port", "count"), [("80", 1), ("443/tcp 8080", 1), ("$PORT", 1), ("8080-8090/udp", 0)])
def test_ports_below_1024_are_not_for_everybody(judge: Judge, port: str, count: int) -> None:
    text = f"FROM dhi.io/nginx:1\nARG PORT=22\nEXPOSE {port}\n"

    assert len(judge(text).all("privileged-port")) == count
    assert not judge(text + "USER root\n").all("privileged-port")


@pytest.mark.parametrize(
    "instruction",
    [
        "COPY --chmod=600 a /a",
        "COPY --chmod=0640 --chown=root:root a /a",
        "COPY --chmod=u=rw,go= a /a",
        "COPY --chmod=$MODE a /a",
        "COPY --chmod=044 --chown=nonroot a /a",
        "COPY --chmod=604 --chown=root:65532 a /a",
        "ADD https://example.com/a /a",
    ],
)
def test_files_that_the_user_cannot_read(judge: Judge, instruction: str) -> None:
    judged = judge(f"FROM dhi.io/python:3.13\nARG MODE=400\n{instruction}\nUSER 65532\n")

    assert judged.grave == ["error unreadable-file"]


@pytest.mark.parametrize(
    "instruction",
    [
        "COPY a /a",
        "COPY --chmod=644 a /a",
        "COPY --chmod=600 --chown=nonroot:nonroot a /a",
        "COPY --chmod=640 --chown=0:65532 a /a",
        "COPY --chmod=600 --chown=app a /a",
        "COPY --chmod=a+rX a /a",
        "COPY --chmod=$UNKNOWN a /a",
        "ADD --chmod=644 https://example.com/a /a",
        "ADD https://example.com/a.git /a",
        "ADD https://example.com/a.git#v1 /a",
        "ADD https://example.com/a.git?ref=v1 /a",
        "ADD --unpack=true https://example.com/a.tgz /a",
        "ADD --chmod=644 https://example.com/ /a",
        "COPY --chmod=755 a/ /a",
        "COPY --chmod=u=rwX,go=rX a/ /a",
        "USER root\nCOPY --chmod=600 a /a",
        "COPY --chmod=600 a /a\nRUN chmod 644 /a",
    ],
)
def test_files_that_the_user_can_read_or_that_cannot_be_judged(judge: Judge, instruction: str) -> None:
    assert not judge(f"FROM dhi.io/python:3.13\n{instruction}\n").all("unreadable-file")


@pytest.mark.parametrize("sources", [".", "conf/", "a conf/"])
def test_a_mode_for_files_closes_directories(judge: Judge, sources: str) -> None:
    finding = judge(f"FROM dhi.io/python:3.13\nCOPY --chmod=644 {sources} /a/\nUSER 65532\n").only("unreadable-file")

    assert finding.severity == "warning"
    assert "cannot enter the directories" in finding.message


def test_whom_an_image_runs_as_is_said_to_be_a_guess_where_it_is_one(judge: Judge) -> None:
    port = "FROM dhi.io/nginx:1.29\nEXPOSE 80\n"

    assert judge(port).only("privileged-port").message.startswith("nonroot, the usual user of runtime variants, is not")
    assert judge(f"{port}USER app\n").only("privileged-port").message.startswith("app is not")


def test_no_message_shows_half_a_digest(judge: Judge) -> None:
    name = f"{'a' * 40}/dhi-python:3.13-dev"
    judged = judge(f"FROM {name}@sha256:{'0' * 64}\n")

    assert f"as {name} does" in judged.only("root-user").message


@pytest.mark.parametrize(
    ("copy", "entrypoint", "count"),
    [
        ("COPY --chmod=644 run /run", "/run", 1),
        ("WORKDIR /app\nCOPY --chmod=644 a b ./", "./b", 1),
        ("COPY --chmod=755 run /run", "/run", 0),
        ("COPY --chmod=644 data /data", "/run", 0),
    ],
)
def test_an_entrypoint_that_the_user_cannot_run(judge: Judge, copy: str, entrypoint: str, count: int) -> None:
    judged = judge(f'FROM dhi.io/python:3.13\n{copy}\nENTRYPOINT ["{entrypoint}"]\n')

    assert len(judged.all("not-executable")) == count


def test_a_volume_that_belongs_to_root(judge: Judge) -> None:
    owned = "COPY --chown=65532:65532 empty /data\n"

    assert judge("FROM dhi.io/redis:8\nVOLUME /data\n").only("unwritable-volume").severity == "note"
    assert not judge(f"FROM dhi.io/redis:8\n{owned}VOLUME /data\n").all("unwritable-volume")


def test_without_a_command_it_is_not_known_what_runs(judge: Judge) -> None:
    assert judge("FROM dhi.io/nginx:1\n").only("no-command").severity == "note"
    assert judge("FROM scratch\n").only("no-command").severity == "warning"
    assert not judge('FROM dhi.io/nginx:1 AS a\nCMD ["x"]\nFROM a\n').all("no-command")


@pytest.mark.parametrize(
    ("instruction", "count"),
    [
        ("RUN apt-get install -y ca-certificates", 1),
        ("RUN apt-get update && apt-get install -y ca-certificates", 1),
        ("RUN apk add --no-cache curl ca-certificates", 1),
        ("RUN apk add ca-certificates && update-ca-certificates", 0),
        ("RUN apk add curl", 0),
    ],
)
def test_ca_certificates_are_there_already(judge: Judge, instruction: str, count: int) -> None:
    judged = judge(f"FROM dhi.io/python:3.13-dev\n{instruction}\n")

    assert [one.severity for one in judged.all("needless-ca-certificates")] == ["note"] * count


def test_a_bundle_of_ca_certificates_need_not_be_copied(judge: Judge) -> None:
    judged = judge("FROM dhi.io/go:1-dev AS b\nFROM dhi.io/static:1\nCOPY --from=b /etc/ssl/certs/ /etc/ssl/certs/\n")

    assert judged.only("needless-ca-certificates").line == 3


@pytest.mark.parametrize(
    ("base", "instruction", "count"),
    [
        ("golang:1.26-dev", "RUN go build -o /app", 1),
        ("golang:1.26-dev", "RUN cd x && go install ./...", 1),
        ("golang:1.26-dev", "RUN CGO_ENABLED=0 go build", 0),
        ("golang:1.26-dev", "ENV CGO_ENABLED=0\nRUN go build", 0),
        ("golang:1.26-dev", "ENV CGO_ENABLED 0\nRUN go build", 0),
        ("golang:1.26-dev", "ENV CGO_ENABLED=\"0\" GOOS='linux'\nRUN go build", 0),
        ("golang:1.26-dev", "RUN go install example.com/tool@latest", 1),
        ("golang:1.26-dev", "RUN go install example.com/tool@latest\nRUN CGO_ENABLED=0 go build", 0),
        ("golang:1.26-dev", "RUN go test ./...", 0),
        ("rust:1-debian13-dev", "RUN cargo build --release", 1),
        ("rust:1-debian13-dev", "RUN cargo install cargo-chef\nRUN cargo build --release", 1),
        ("rust:1-debian13-dev", "RUN cargo install --path .", 1),
        ("rust:1-debian13-dev", "RUN cargo build --target x86_64-unknown-linux-musl", 0),
        ("rust:1-alpine3.24-dev", "RUN cargo build --release", 0),
        ("gcc:14-dev", "RUN gcc -o app main.c", 1),
        ("gcc:14-dev", "RUN gcc -static -o app main.c", 0),
    ],
)
def test_what_runs_on_static_is_linked_statically(judge: Judge, base: str, instruction: str, count: int) -> None:
    build = f"FROM dhi.io/{base} AS build\n{instruction}\n"
    copy = "COPY --from=build /app /app\n"

    assert len(judge(f"{build}FROM dhi.io/static:20260611\n{copy}").all("dynamic-linking")) == count
    assert not judge(f"{build}FROM dhi.io/static:20260611-glibc\n{copy}").all("dynamic-linking")
    assert not judge(f"{build}FROM dhi.io/static:20260611\n").all("dynamic-linking")
