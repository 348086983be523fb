"""`dhiverify policy publish` and `policy pull`: what is printed where, exit codes, and secrets."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from tests.cli.conftest import Run
from tests.publisher import MemoryRegistry, keys
from tests.publisher.handler import Handler

SECRET = "hunter2-of-the-key"
RULE = "# METADATA\n# custom: {name: always}\npackage docker.scout\n\nimport rego.v1\n\ndefault pass := true\n"


@pytest.fixture
def registry() -> Iterator[MemoryRegistry]:
    with MemoryRegistry() as started:
        yield started


@pytest.fixture
def rules(tmp_path: Path) -> str:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "always.rego").write_text(RULE)
    (folder / "notes.txt").write_text("left out")
    return str(folder)


@pytest.fixture
def key(tmp_path: Path) -> Callable[..., str]:
    """`key(keys.publisher)` is the path of a private key; `.pub` beside it is the public one."""

    def make(of: keys.SigningKey = keys.publisher, password: str = "") -> str:
        encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        path = tmp_path / of.name
        path.write_bytes(of.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        path.with_suffix(".pub").write_bytes(of.public_pem)
        return str(path)

    return make


def test_only_the_pinned_reference_goes_to_stdout(
    run: Run, registry: MemoryRegistry, rules: str, key: Callable[..., str], tmp_path: Path
) -> None:
    name, out = f"{registry.host}/acme/rules:1", tmp_path / "out"

    published = run("policy", "publish", "--signing-key", key(), name, rules)
    pulled = run("policy", "pull", "--key", key() + ".pub", name, str(out))

    assert (published.code, pulled.code) == (0, 0)
    assert published.out == pulled.out
    assert published.out.startswith(f"{registry.host}/acme/rules@sha256:")
    assert published.err == (
        f"pushed always.rego\nleft out {rules}/notes.txt\nsigned by the key sha256:{keys.publisher.fingerprint}\n"
    )
    assert pulled.err == f"wrote always.rego\nsigned by {key()}.pub\n"
    assert (out / "always.rego").read_text() == RULE


def test_quiet_says_the_reference_alone(run: Run, registry: MemoryRegistry, rules: str, tmp_path: Path) -> None:
    published = run("policy", "publish", "-q", f"{registry.host}/acme/rules", rules)
    pulled = run("policy", "pull", "-q", "--unsigned", published.out.strip(), str(tmp_path / "out"))

    assert (published.code, published.err) == (0, "")
    assert (pulled.code, pulled.out) == (0, published.out)
    assert "without a signature" in pulled.err  # a relaxation is said in any case


def test_each_outcome_of_a_pull_has_its_exit_code(
    run: Run, registry: MemoryRegistry, rules: str, key: Callable[..., str], tmp_path: Path
) -> None:
    name, trusted = f"{registry.host}/acme/rules", ("--key", key() + ".pub")
    unsigned = run("policy", "publish", f"{name}:unsigned", rules).out.strip()
    assert run("policy", "pull", *trusted, f"{name}:unsigned", str(tmp_path / "out")).code == 3

    run("policy", "publish", "--signing-key", key(keys.stranger), f"{name}:strange", rules)
    refused = run("policy", "pull", *trusted, f"{name}:strange", str(tmp_path / "out"))

    assert (refused.code, refused.out) == (4, "")
    assert "nobody trusted signed" in refused.err
    assert run("policy", "pull", *trusted, f"{name}:missing", str(tmp_path / "out")).code == 5
    assert run("policy", "pull", unsigned, str(tmp_path / "out")).code == 2
    assert run("policy", "pull", "--unsigned", f"{name}:unsigned", str(tmp_path / "out")).code == 2
    assert run("policy", "pull", "--unsigned", "--forbid-insecure", unsigned, str(tmp_path / "out")).code == 2
    assert run("policy", "pull", *trusted, unsigned, rules).code == 2
    assert not (tmp_path / "out").exists()
    assert run("policy", "pull", "--unsigned", unsigned, str(tmp_path / "out")).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("registry.example/rules",),
        ("oci:rules", "{rules}"),
        ("registry.example/rules", "{rules}/notes.txt"),
        ("--signing-key", "", "registry.example/rules", "{rules}"),
        ("--signing-key", "missing.pem", "registry.example/rules", "{rules}"),
        ("--annotation", "no-value", "registry.example/rules", "{rules}"),
        ("--key", "x.pub", "registry.example/rules", "{rules}"),
    ],
)
def test_a_wrong_call_pushes_nothing(run: Run, rules: str, arguments: tuple[str, ...]) -> None:
    ran = run("policy", "publish", *(text.format(rules=rules) for text in arguments))

    assert (ran.code, ran.out) == (2, "")


def test_the_password_of_a_key_is_known_and_never_shown(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    registry: MemoryRegistry,
    rules: str,
    key: Callable[..., str],
) -> None:
    monkeypatch.setenv("DHIVERIFY_SIGNING_KEY_PASSWORD", SECRET)
    monkeypatch.setenv("DHIVERIFY_SIGNING_KEY", key(password=SECRET))

    published = run("policy", "publish", "-vv", "--debug", f"{registry.host}/acme/rules", rules)
    wrong = run("policy", "publish", "--debug", "--signing-key", rules, f"{registry.host}/acme/rules", rules)
    shown = run("env")

    assert published.code == 0
    assert keys.publisher.fingerprint in published.err
    assert "DHIVERIFY_SIGNING_KEY_PASSWORD=(set, not shown)" in shown.out
    assert not [ran for ran in (published, wrong, shown) if SECRET in ran.out + ran.err]


def test_K12_a_registry_that_repeats_a_password_does_not_get_it_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch, registry: MemoryRegistry, rules: str
) -> None:
    def repeat(self: Handler) -> None:
        said = self.headers.get("Authorization")
        body = json.dumps({"errors": [{"code": "DENIED", "message": f"{said} {SECRET}"}]}).encode()
        self._answer(403 if said else 401, body, {"WWW-Authenticate": "Basic"})

    monkeypatch.setattr(Handler, "_read", repeat)
    monkeypatch.setattr(Handler, "_write", repeat)
    monkeypatch.setattr("verifier.oci.exchange.time", SimpleNamespace(sleep=lambda _: None, time=lambda: 0.0))
    for name, value in (("", registry.host), ("_USERNAME", "me"), ("_PASSWORD", SECRET)):
        monkeypatch.setenv(f"DHIVERIFY_REGISTRY{name}", value)

    ran = run("policy", "publish", "-vv", "--debug", f"{registry.host}/acme/rules", rules)

    assert ran.code == 6
    assert SECRET not in ran.out + ran.err


def test_K07_names_of_others_are_shown_escaped(run: Run, registry: MemoryRegistry, rules: str, tmp_path: Path) -> None:
    published = run("policy", "publish", f"{registry.host}/acme/rules", rules).out.strip()
    store = registry.repository("acme/rules").pushed
    document = json.loads(store.manifests[published.partition("@")[2]][1])
    document["layers"][0]["annotations"]["org.opencontainers.image.title"] = "\x1b]0;gone\x07.rego"
    digest = store.put_manifest(document)["digest"]

    ran = run("policy", "pull", "--unsigned", f"{registry.host}/acme/rules@{digest}", str(tmp_path / "out"))

    assert ran.code == 2
    assert "which is refused" in ran.err
    assert "\x1b" not in ran.out + ran.err


@pytest.mark.parametrize("command", ["publish", "pull"])
def test_help_has_examples_and_loads_nothing_heavy(pytestconfig: pytest.Config, command: str) -> None:
    program = (
        "import sys\nfrom verifier.cli.root import root\n"
        f"try: root(['policy', {command!r}, '--help'])\nexcept SystemExit: pass\n"
        "print('=loaded=', *sys.modules)"
    )

    ran: Any = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=pytestconfig.rootpath
    )

    shown, _, loaded = ran.stdout.partition("=loaded=")
    assert "Examples:" in shown
    assert "Exit codes:" in shown
    assert {"oras", "requests", "jsonschema", "urllib3", "verifier.verification"}.isdisjoint(loaded.split())


def test_a_pull_does_not_load_what_pushes(pytestconfig: pytest.Config) -> None:
    program = "import sys, verifier.verification.bundles; print(*sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=pytestconfig.rootpath
    )

    assert {"oras", "requests", "urllib3", "ssl", "cryptography.hazmat"}.isdisjoint(ran.stdout.split())
