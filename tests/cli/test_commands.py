"""The command line as its users meet it: results, exit codes, messages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import KEY, THEN, Run
from tests.conftest import Publisher
from verifier.cli.root import root
from verifier.version import VERSION


@pytest.mark.parametrize(
    ("layout", "code", "verdict"),
    [
        ("allowed", 0, "allow"),
        ("fips", 0, None),
        ("refused", 1, "deny"),
        ("bare", 3, "deny"),
        ("unsigned", 4, "deny"),
        ("does-not-exist", 5, "error"),
    ],
)
def test_N01_each_outcome_has_its_exit_code(run: Run, layout: str, code: int, verdict: str | None) -> None:
    ran = run("image", *KEY, *THEN, "--output", "json", f"oci:testdata/{layout}")

    document = json.loads(ran.out)
    assert (ran.code, document["exitCode"]) == (code, code)
    assert verdict in (None, document["verdict"])
    assert document["complete"] is (code < 5)


def test_without_a_key_the_dhi_keyring_decides(run: Run) -> None:
    assert run("image", "oci:testdata/allowed").code == 4


def test_text_in_a_pipe_has_no_escapes(run: Run) -> None:
    ran = run("image", *KEY, *THEN, "oci:testdata/refused")

    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "infected" in ran.out
    assert ran.err == ""


def test_several_outputs_at_once(run: Run, tmp_path: Path) -> None:
    json_path, pinned = tmp_path / "report.json", tmp_path / "pinned.txt"

    ran = run(
        "image", *KEY, *THEN, "-o", "text", "-o", f"json={json_path}", "-o", f"pinned={pinned}", "oci:testdata/allowed"
    )

    assert ran.code == 0
    assert json.loads(json_path.read_text())["verdict"] == "allow"
    assert pinned.read_text().startswith("oci:testdata/allowed@sha256:")


def test_as_gives_a_layout_its_name(run: Run) -> None:
    assert run("image", *KEY, *THEN, "--as", "dhi.io/python:3.13", "oci:testdata/allowed").code == 0
    assert run("image", *KEY, *THEN, "--as", "dhi.io/node:24", "oci:testdata/allowed").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("image",),
        ("image", "--no-such-flag", "x"),
        ("image", "dhi.io/UPPER"),
        ("image", "a" * 64),
        ("image", "--output", "pdf", "oci:testdata/allowed"),
        ("image", "-o", "text", "-o", "json", "oci:testdata/allowed"),
        ("image", "--key", "/does/not/exist", "oci:testdata/allowed"),
        ("image", "--policy", "/does/not/exist", "oci:testdata/allowed"),
        ("image", "--platform", "amd64", "oci:testdata/allowed"),
        ("image", "--platform", "linux/s390x", "oci:testdata/allowed"),
        ("image", "--effective-time", "yesterday", "oci:testdata/allowed"),
        ("image", "--jobs", "0", "oci:testdata/allowed"),
        ("image", "--timeout", "0", "oci:testdata/allowed"),
        ("image", "--rules", "/does/not/exist", "oci:testdata/allowed"),
        ("image", "--as", "oci:x", "oci:testdata/allowed"),
        ("image", "--forbid-insecure", "--skip-tlog", "oci:testdata/allowed"),
        ("attestation", "get", "oci:testdata/allowed"),
        ("attestation", "get", "oci:testdata/allowed", "--predicate-type", "nonsense"),
        ("attestation", "get", "oci:testdata/allowed", *KEY, "--predicate-type", "malware"),
        ("no-such-command",),
    ],
)
def test_N04_wrong_calls_exit_2_with_a_message_and_no_report(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)

    assert ran.code == 2
    assert ran.err.strip()
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_N03_an_empty_list_of_images_is_refused(run: Run) -> None:
    assert run("image", "").code == 2


def test_N04_a_misspelt_variable_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHIVERIFY_KEYS", "x")

    ran = run("image", "oci:testdata/allowed")

    assert (ran.code, "DHIVERIFY_KEYS" in ran.err) == (2, True)


def test_every_flag_has_a_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHIVERIFY_KEY", "testdata/keys/publisher.pub")
    monkeypatch.setenv("DHIVERIFY_EFFECTIVE_TIME", "2026-01-20")
    monkeypatch.setenv("DHIVERIFY_OUTPUT", "json")

    ran = run("image", "oci:testdata/allowed")

    assert (ran.code, json.loads(ran.out)["verdict"]) == (0, "allow")


def test_N05_the_report_holds_its_errors(run: Run) -> None:
    document = json.loads(run("image", "-o", "json", "oci:/does/not/exist").out)

    (error,) = document["errors"]
    assert error["exitCode"] == 5
    assert error["message"]
    assert error["hint"]


def test_N08_relaxations_stand_in_the_report(run: Run) -> None:
    ran = run("image", *KEY, *THEN, "--platform", "linux/amd64", "--skip-tlog", "-o", "json", "oci:testdata/allowed")

    assert len(json.loads(ran.out)["relaxations"]) == 3


def test_N06_policy_and_rules_of_the_working_directory_are_not_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    for name in ("policy.yaml", "dhiverify.yaml", ".dhiverify.yaml", "dhi.yaml"):
        (tmp_path / name).write_text("enforce: false")
    monkeypatch.chdir(tmp_path)

    document = json.loads(run("image", "-o", "json", f"oci:{pytestconfig.rootpath}/testdata/bare").out)

    assert document["policy"]["path"] == "built-in:dhi"


def test_B39_a_crash_is_an_error_with_exit_code_7(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("verifier.verification.hub.examine", crash)

    ran = run("image", *KEY, "-o", "json", "oci:testdata/allowed")

    assert ran.code == 7
    assert json.loads(ran.out)["verdict"] == "error"
    assert "Traceback" not in ran.err


def test_B39_a_crash_outside_the_hub_exits_7_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> Any:
        raise RecursionError("deep")

    monkeypatch.setattr("verifier.cli.output.parse_outputs", crash)

    ran = run("image", "oci:testdata/allowed")

    assert (ran.code, "Traceback" in ran.err) == (7, False)
    assert "Traceback" in run("image", "--debug", "oci:testdata/allowed").err


def cli(*arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "verifier", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    )


def test_K15_a_full_disk_never_exits_0() -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [sys.executable, "-m", "verifier", "image", *KEY, *THEN, "oci:testdata/allowed"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert process.returncode not in (0, 1)
    assert b"Traceback" not in process.stderr


def test_K15_a_closed_pipe_is_neither_allowed_nor_denied() -> None:
    reader, writer = os.pipe()
    os.close(reader)

    process = subprocess.run(
        [sys.executable, "-m", "verifier", "image", *KEY, *THEN, "oci:testdata/allowed"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)

    assert process.returncode == 7
    assert b"Traceback" not in process.stderr


def test_K15_a_file_that_cannot_be_written_is_no_pass(run: Run) -> None:
    ran = run("image", *KEY, *THEN, "-o", "json=/does/not/exist.json", "oci:testdata/allowed")

    assert ran.code == 2


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_N10_an_interrupted_run_leaves_no_verdict(told: signal.Signals, tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        port = silent.getsockname()[1]
        target = tmp_path / "report.json"
        process = cli("image", f"127.0.0.1:{port}/dhi/python", "-o", f"json={target}")
        connection, _ = silent.accept()
        time.sleep(0.2)
        process.send_signal(told)
        process.communicate(timeout=20)
        connection.close()

    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_N11_the_whole_run_has_a_time_limit(run: Run) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        port = silent.getsockname()[1]
        ran = run("image", "--timeout", "1", f"127.0.0.1:{port}/dhi/python")

    assert ran.code == 5
    assert "--timeout" in ran.out + ran.err


def test_N12_output_that_is_not_utf8_does_not_crash(publisher: Publisher) -> None:
    process = cli("image", "oci:testdata/bare", env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    _, err = process.communicate(timeout=60)

    assert process.returncode == 3
    assert b"Traceback" not in err


def test_N13_library_and_command_line_are_one(run: Run) -> None:
    import verifier

    options = verifier.Options(additions=verifier.Additions(key_files=("testdata/keys/publisher.pub",)))
    report = verifier.verify(["oci:testdata/refused"], options)

    ran = run("image", *KEY, "-o", "json", "oci:testdata/refused")

    images = json.loads(ran.out)["images"]
    assert (report.exit_code, list(report.images[0].reasons)) == (ran.code, images[0]["reasons"])


def test_list_shows_everything_and_reads_it(run: Run) -> None:
    ran = run("attestation", "list", *KEY, "-o", "json", "oci:testdata/refused")

    document = json.loads(ran.out)
    entries = [entry for platform in document["images"][0]["platforms"] for entry in platform["attestations"]]
    assert ran.code == 0
    assert "unread" not in {entry["status"] for entry in entries}
    assert {entry["status"] for entry in entries if entry["kind"] == "secrets"} == {"untrusted"}
    assert all(platform["rules"] == [] for platform in document["images"][0]["platforms"])


@pytest.mark.parametrize(("layout", "code"), [("allowed", 0), ("unsigned", 4), ("bare", 3)])
def test_list_exits_by_what_is_verified(run: Run, layout: str, code: int) -> None:
    assert run("attestation", "list", *KEY, f"oci:testdata/{layout}").code == code


def test_a_list_never_looks_like_a_verdict(run: Run) -> None:
    listed = run("attestation", "list", *KEY, "oci:testdata/refused")
    document = json.loads(run("attestation", "list", *KEY, "-o", "json", "oci:testdata/refused").out)

    assert "ALLOW" not in listed.out.upper()
    assert "no rule was evaluated" in listed.out
    assert "as of" not in listed.out  # a time that rules are judged by
    assert document["verdict"] != "allow"
    assert run("attestation", "list", *KEY, "-o", "pinned", "oci:testdata/refused").code == 2


def test_list_of_one_type(run: Run) -> None:
    ran = run("attestation", "list", *KEY, "--predicate-type", "malware", "oci:testdata/allowed")

    assert "malware" in ran.out
    assert "secrets" not in ran.out


AMD = ("--platform", "linux/amd64")


def test_get_gives_the_verified_predicate_byte_for_byte(run: Run, publisher: Publisher) -> None:
    image = publisher.image()
    statement = image["amd64"].attestation("malware").statement

    predicate = run("attestation", "get", *KEY, *AMD, "--predicate-type", "malware", image.layout())
    whole = run("attestation", "get", *KEY, *AMD, "--predicate-type", "malware", "--statement", image.layout())

    assert predicate.out.encode() in statement
    assert json.loads(predicate.out) == json.loads(statement)["predicate"]
    assert whole.out.encode() == statement


def test_get_refuses_what_is_not_verified_and_marks_it_when_told_to(run: Run) -> None:
    arguments = ("attestation", "get", *KEY, *AMD, "--predicate-type", "secrets", "oci:testdata/refused")

    refused, shown = run(*arguments), run(*arguments, "--unverified")

    assert (refused.code, refused.out) == (4, "")
    assert shown.code == 0
    assert "NOT VERIFIED" in shown.err


def test_get_of_what_is_not_there_says_what_is(run: Run) -> None:
    ran = run("attestation", "get", *KEY, *AMD, "--predicate-type", "stig", "oci:testdata/allowed")

    assert ran.code == 3
    assert "https://spdx.dev/Document" in ran.err


def test_get_all_is_an_array(run: Run) -> None:
    ran = run("attestation", "get", *KEY, "--predicate-type", "malware", "--all", "oci:testdata/allowed")

    assert len(json.loads(ran.out)) == 2


def test_get_of_a_word_for_several_types_wants_one(run: Run) -> None:
    ran = run("attestation", "get", *KEY, *AMD, "--predicate-type", "sbom", "oci:testdata/allowed")

    assert ran.code == 2
    assert "https://spdx.dev/Document" in ran.err


def test_trust_list_shows_fingerprint_and_status(run: Run) -> None:
    ran = run("trust", "list")

    assert "118ba556dd52f4aec67018efd316c285c783cd3e54cc0f4527605715c643887c" in ran.out
    assert "retired" in ran.out
    assert json.loads(run("trust", "list", "-o", "json").out)[0]["name"] == "dhi-2"


def test_K12_C37_env_shows_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHIVERIFY_REGISTRY", "registry.example")
    monkeypatch.setenv("DHIVERIFY_REGISTRY_PASSWORD", "hunter2")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@proxy.example")

    ran = run("env")

    assert "DHIVERIFY_REGISTRY=registry.example" in ran.out
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize(
    "command",
    [
        ("image",),
        ("attestation",),
        ("attestation", "list"),
        ("attestation", "get"),
        ("trust",),
        ("trust", "list"),
        ("env",),
        (),
    ],
)
def test_help_of_every_command_has_examples(run: Run, command: tuple[str, ...]) -> None:
    ran = run(*command, "--help")

    assert ran.code == 0
    assert "Example" in ran.out


def test_version(run: Run) -> None:
    assert run("--version").out.strip() == f"dhiverify {VERSION}"
    assert root.name == "dhiverify"


def test_K09_log_lines_cannot_be_forged(capfd: Any) -> None:
    import logging

    from verifier.cli.run import start_logging

    for form in ("json", "text"):
        start_logging({"verbose": 2, "quiet": False, "log_format": form})
        logging.getLogger("verifier.test").warning('x\n{"level": "error"}\x1b[2J')
        err = capfd.readouterr().err
        assert len(err.splitlines()) == 1
        assert "\x1b" not in err
    logging.getLogger("verifier").handlers = []


def test_debug_shows_where_a_crash_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("verifier.verification.hub.examine", crash)

    assert "Traceback" in run("image", *KEY, "--debug", "oci:testdata/allowed").err


@pytest.mark.parametrize(("kind", "code"), [("malware", 0), ("secrets", 4), ("stig", 3)])
def test_a_list_of_one_type_exits_by_that_type(run: Run, kind: str, code: int) -> None:
    ran = run("attestation", "list", *KEY, "--predicate-type", kind, "-o", "json", "oci:testdata/refused")

    assert (ran.code, json.loads(ran.out)["exitCode"]) == (code, code)


def test_N08_configured_rules_are_a_relaxation(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"policies": []}')

    assert run("image", "--forbid-insecure", "--policy-config", str(config), "oci:testdata/allowed").code == 2


def test_K10_a_device_is_written_to_and_not_replaced(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    ran = run("image", *KEY, *THEN, "-o", f"pinned={tmp_path / 'pipe'}", "oci:testdata/allowed")

    assert ran.code == 0
    assert os.read(reader, 1000).startswith(b"oci:testdata/allowed@sha256:")
    os.close(reader)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_times_beyond_the_calendar_are_a_wrong_call(run: Run, moment: str) -> None:
    assert run("image", "--effective-time", moment, "oci:testdata/allowed").code == 2


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1"])
def test_N11_a_time_limit_is_a_number(run: Run, seconds: str) -> None:
    assert run("image", "--timeout", seconds, "oci:testdata/allowed").code == 2
