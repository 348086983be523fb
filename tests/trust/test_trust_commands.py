"""`dhiverify trust` as its users meet it: what it shows, asks, writes and refuses."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trust.root_documents import authority, log, root_bytes
from tests.trust.tuf_repository import ServedMirror, TufRepository
from verifier.trust.keys import load_key_file
from verifier.trust.shipped import shipped_file

Ran = subprocess.CompletedProcess[str]
Trust = Callable[..., Ran]

HEAVY = {"tuf", "securesystemslib", "sigstore", "sigstore_models", "pydantic", "requests", "urllib3", "ssl"}
SHIPPED = hashlib.sha256(shipped_file("trusted_root.json")).hexdigest()


@pytest.fixture
def trust(tmp_path: Path, pytestconfig: pytest.Config) -> Trust:
    """Calls `dhiverify trust` in a folder and with a home of its own; stdin is nobody's, or what `stdin` is."""
    environ = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"], "PYTHONPATH": str(pytestconfig.rootpath)}
    work = tmp_path / "work"
    work.mkdir()

    def call(*arguments: str, stdin: int = subprocess.DEVNULL, **more: str) -> Ran:
        command = [sys.executable, "-m", "verifier", "trust", *arguments]
        return subprocess.run(
            command, cwd=work, env=environ | more, stdin=stdin, capture_output=True, text=True, timeout=30, check=False
        )

    return call


@pytest.fixture
def work(trust: Trust, tmp_path: Path) -> Path:
    return tmp_path / "work"


def test_F08_show_names_source_digest_and_age(trust: Trust) -> None:
    ran = trust("show")

    assert ran.returncode == 0
    assert "trusted root: shipped with dhiverify: the root of https://tuf-repo-cdn.sigstore.dev as of 20" in ran.stdout
    assert f"sha256:{SHIPPED}" in ran.stdout
    assert "days old" in ran.stdout
    assert "certificate transparency log: https://ctfe.sigstore.dev/test (ended)" in ran.stdout
    assert "key id c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d" in ran.stdout


def test_show_says_the_same_in_json(trust: Trust) -> None:
    shown = json.loads(trust("show", "-o", "json").stdout)

    assert (shown["how"], shown["digest"]) == ("shipped", f"sha256:{SHIPPED}")
    assert shown["ageDays"] >= 0
    assert [entry["kind"] for entry in shown["entries"]].count("certificate authority") == 2
    first = shown["entries"][0]
    assert (first["name"], first["start"], first["end"]) == ("https://rekor.sigstore.dev", "2021-01-12T11:53:27Z", None)
    assert (
        first["identifier"]
        == first["fingerprint"]
        == "c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d"
    )


def test_F10_show_fails_in_a_script_when_the_root_is_older_than_allowed(trust: Trust) -> None:
    ran = trust("show", "--max-age", "1")

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "days old; at most 1 are allowed" in ran.stderr
    assert "trust update" in ran.stderr


def test_show_looks_into_a_file_and_escapes_what_it_says(trust: Trust, work: Path) -> None:
    (work / "root.json").write_bytes(
        root_bytes(
            tlogs=[log(url="https://log.example/\x1b[2J\n::error::x")],
            certificateAuthorities=[authority(uri="\u202ex")],
        )
    )

    ran = trust("show", "--trusted-root", "root.json")

    assert ran.returncode == 0
    assert "age unknown" in ran.stdout
    assert "\x1b" not in ran.stdout
    assert "\u202e" not in ran.stdout
    assert not any(line.startswith("::") for line in ran.stdout.splitlines())


def test_export_writes_root_and_keys_for_another_site(trust: Trust, work: Path) -> None:
    ran = trust("export", "root.json", "--keys", "keys")

    assert ran.returncode == 0
    assert (work / "root.json").read_bytes() == shipped_file("trusted_root.json")
    assert f"sha256:{SHIPPED}  root.json" in ran.stderr
    assert [path.name for path in (work / "keys").iterdir()] == ["dhi-2.pub"]
    key = load_key_file(str(work / "keys" / "dhi-2.pub"))
    assert f"sha256:{key.fingerprint}" in ran.stderr
    assert trust("import", "--yes", "root.json").returncode == 0


def test_import_shows_fingerprints_and_changes(trust: Trust, work: Path) -> None:
    body = root_bytes()
    (work / "root.json").write_bytes(body)

    ran = trust("import", "--yes", "root.json")

    assert ran.returncode == 0
    assert f"sha256:{hashlib.sha256(body).hexdigest()}" in ran.stderr
    assert "key id " + "05" * 32 in ran.stderr
    assert "+ transparency log: https://log.example" in ran.stderr
    assert "- transparency log: https://rekor.sigstore.dev" in ran.stderr
    assert json.loads(trust("show", "-o", "json").stdout)["how"] == "imported"


def test_import_needs_somebody_or_yes(trust: Trust, work: Path) -> None:
    (work / "root.json").write_bytes(root_bytes())

    ran = trust("import", "root.json")

    assert ran.returncode == 2
    assert "--yes" in ran.stderr
    assert json.loads(trust("show", "-o", "json").stdout)["how"] == "shipped"


@pytest.mark.parametrize(("answer", "code", "how"), [("y", 0, "imported"), ("n", 1, "shipped"), ("", 1, "shipped")])
def test_import_asks_on_a_terminal(trust: Trust, work: Path, answer: str, code: int, how: str) -> None:
    (work / "root.json").write_bytes(root_bytes())
    person, terminal = pty.openpty()
    os.write(person, f"{answer}\n".encode())

    ran = trust("import", "root.json", stdin=terminal)

    os.close(person)
    os.close(terminal)
    assert ran.returncode == code
    assert "Trust this from now on? [y/N]" in ran.stderr
    assert json.loads(trust("show", "-o", "json").stdout)["how"] == how


def test_F01_import_of_an_older_root_says_so(trust: Trust, work: Path) -> None:
    (work / "new.json").write_bytes(root_bytes(tlogs=[log(), log(9, start="2025-06-01T00:00:00Z")]))
    (work / "old.json").write_bytes(root_bytes())
    assert "WARNING" not in trust("import", "--yes", "new.json").stderr

    ran = trust("import", "--yes", "old.json")

    assert "WARNING: the file looks older than the root in use" in ran.stderr
    assert "2025-06-01T00:00:00Z" in ran.stderr


def test_F09_import_refuses_what_is_not_sound(trust: Trust, work: Path) -> None:
    (work / "root.json").write_bytes(root_bytes(mediaType="none"))

    ran = trust("import", "--yes", "root.json")

    assert ran.returncode == 2
    assert "media type 'none'" in ran.stderr


def test_update_from_a_private_repository_and_again(trust: Trust, work: Path) -> None:
    repository = TufRepository(root_bytes())
    (work / "initial.json").write_bytes(repository.initial)
    with ServedMirror(repository.files) as mirror:
        first = trust("update", "--mirror", mirror.url, "--root", "initial.json")
        repository.publish(root_bytes(tlogs=[log(), log(9, url="https://new.example")]))
        second = trust("update")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "+ transparency log: https://log.example" in first.stderr
    assert "+ transparency log: https://new.example" in second.stderr
    assert f"updated from {mirror.url} on " in trust("show").stdout


def test_F01_update_that_fails_has_an_exit_code_and_changes_nothing(trust: Trust, work: Path) -> None:
    repository = TufRepository(root_bytes())
    (work / "initial.json").write_bytes(repository.initial)
    repository.files["timestamp.json"] = repository.files["timestamp.json"].replace(b"9999", b"9998")
    with ServedMirror(repository.files) as mirror:
        ran = trust("update", "--mirror", mirror.url, "--root", "initial.json")

    assert ran.returncode == 5
    assert "is not proved" in ran.stderr
    assert "The root in use stays as it is" in ran.stderr
    assert json.loads(trust("show", "-o", "json").stdout)["how"] == "shipped"


def test_update_refuses_offline(trust: Trust) -> None:
    for ran in (trust("update", "--offline"), trust("update", DHIVERIFY_OFFLINE="1")):
        assert ran.returncode == 2
        assert "--offline" in ran.stderr


def test_nothing_of_tuf_is_loaded_but_for_an_update(trust: Trust, work: Path, pytestconfig: pytest.Config) -> None:
    (work / "root.json").write_bytes(root_bytes())
    program = (
        "import sys\nfrom verifier.cli.root import root\n"
        "for words in (['show'], ['show', '-o', 'json'], ['export', 'x.json', '--keys', 'k'],"
        " ['import', '--yes', 'root.json']):\n"
        "    root.main(['trust', *words], standalone_mode=False)\n"
        "print('modules', *sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=work,
        env={"HOME": str(work / "home"), "PYTHONPATH": str(pytestconfig.rootpath)},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {name.partition(".")[0] for name in ran.stdout.rpartition("modules ")[2].split()}
    assert loaded.isdisjoint(HEAVY)


def test_each_command_shows_examples(trust: Trust) -> None:
    for command in ("list", "show", "update", "export", "import"):
        assert f"dhiverify trust {command}" in trust(command, "--help").stdout
