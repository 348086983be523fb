"""Secrets of user and machine: sent to whom they belong, shown to nobody. And what happens without a library."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import KEY, THEN, Run
from tests.conftest import Publisher
from tests.publisher import FIPS
from tests.publisher.handler import Handler

SECRET = "hunter2-of-the-user"
ENCODED = base64.b64encode(f"me:{SECRET}".encode()).decode()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.oci.exchange.time", SimpleNamespace(sleep=lambda _: None, time=lambda: 0.0))


@pytest.fixture
def indiscreet(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> str:
    """An image on a registry that wants a password and repeats what it was told, in body, headers and names."""

    def repeat(self: Handler) -> None:
        said = self.headers.get("Authorization")
        body = f'{{"errors": [{{"code": "DENIED", "message": "{said} {SECRET}"}}]}}'.encode()
        challenge = {"WWW-Authenticate": f'Basic realm="{said}"', "Content-Type": "application/json"}
        self._answer(403 if said else 401, body, challenge)

    monkeypatch.setattr(Handler, "_read", repeat)
    return publisher.image().registry()


def registry_variables(host: str) -> dict[str, str]:
    return {
        "DHIVERIFY_REGISTRY": host,
        "DHIVERIFY_REGISTRY_USERNAME": "me",
        "DHIVERIFY_REGISTRY_PASSWORD": SECRET,
    }


def docker_variables(host: str) -> dict[str, str]:
    return {"DOCKER_AUTH_CONFIG": f'{{"auths": {{"{host}": {{"auth": "{ENCODED}"}}}}}}'}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("variables", [registry_variables, docker_variables])
def test_K12_no_secret_in_reports_logs_and_tracebacks(
    run: Run, monkeypatch: pytest.MonkeyPatch, publisher: Publisher, indiscreet: str, variables: Any, form: str
) -> None:
    for name, value in variables(indiscreet.partition("/")[0]).items():
        monkeypatch.setenv(name, value)

    ran = run("image", *KEY, "-vv", "--debug", "-o", form, indiscreet)

    assert ran.code == 6
    assert ENCODED in str(publisher.registry().log)
    assert SECRET not in ran.out + ran.err
    assert ENCODED not in ran.out + ran.err


def test_K12_I26_no_secret_of_a_proxy_that_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    ran = run("image", *KEY, "-vv", "--debug", "registry.example/app:1")

    assert ran.code == 5
    assert SECRET not in ran.out + ran.err
    assert ENCODED not in ran.out + ran.err


@pytest.mark.parametrize(
    "reference", [f"me:{SECRET}@registry.example/app", f"https://me:{SECRET}@registry.example/app"]
)
def test_K12_a_password_in_a_reference_is_not_repeated(
    run: Run, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    given = run("image", reference)
    monkeypatch.setenv("DHIVERIFY_REGISTRY", reference.rpartition("/")[0])
    monkeypatch.setenv("DHIVERIFY_REGISTRY_USERNAME", "me")
    monkeypatch.setenv("DHIVERIFY_REGISTRY_PASSWORD", SECRET)
    configured = run("image", "registry.example/app")

    assert (given.code, configured.code) == (2, 2)
    assert SECRET not in given.out + given.err + configured.out + configured.err


CLOUDS = {
    "AWS_ACCESS_KEY_ID": SECRET,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": SECRET,
    "AZURE_CLIENT_SECRET": SECRET,
    "GOOGLE_OAUTH_ACCESS_TOKEN": SECRET,
    "GITHUB_TOKEN": SECRET,
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SECRET,
    "COSIGN_PASSWORD": SECRET,
}


def test_N15_credentials_of_a_cloud_or_pipeline_are_sent_nowhere(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CLOUDS.items():
        monkeypatch.setenv(name, value)

    def challenge(self: Handler) -> None:
        realm = f"http://{publisher.registry().host}/token"
        self._answer(401, b"{}", {"WWW-Authenticate": f'Bearer realm="{realm}",service="ecr.amazonaws.com"'})

    monkeypatch.setattr(Handler, "_read", challenge)

    ran = run("image", *KEY, publisher.image().registry("123456789012.dkr.ecr/app"))

    assert ran.code == 6
    assert publisher.registry().log
    assert not [asked for asked in publisher.registry().log if SECRET in str(asked) or "Authorization" in asked.headers]


NEEDED = ("cryptography", "regorus", "defusedxml", "msgspec")


@pytest.mark.parametrize("library", NEEDED)
def test_N09_a_library_that_is_missing_never_weakens_a_verdict(publisher: Publisher, library: str) -> None:
    """The FIPS image needs all of them: signatures, rules, and the XML of its STIG report."""
    layout = publisher.image(**FIPS, platforms=("linux/amd64",)).layout()
    hidden = (
        "import importlib.machinery as m, sys; find = m.PathFinder.find_spec\n"
        f"m.PathFinder.find_spec = lambda n, *a: None if n.partition('.')[0] == {library!r} else find(n, *a)\n"
        "from verifier.cli import main; main()"
    )
    arguments = [sys.executable, "-c", "PRELUDE", "image", *KEY, *THEN, layout]

    whole, without = (
        subprocess.run([code if a == "PRELUDE" else a for a in arguments], capture_output=True, check=False)
        for code in ("from verifier.cli import main; main()", hidden)
    )

    assert whole.returncode == 0, whole.stdout
    assert without.returncode not in (0, 3)
    assert library in (without.stdout + without.stderr).decode()


def test_N09_L01_a_run_leaves_nothing_behind(publisher: Publisher, tmp_path: Path) -> None:
    """No cache on disk that another user, another policy or a later run could meet."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    environ = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "TMPDIR": str(temporary)}

    process = subprocess.run(
        [sys.executable, "-m", "verifier", "image", *KEY, *THEN, publisher.image().registry()],
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **environ},
        check=False,
    )

    assert process.returncode == 0, process.stderr
    assert list(home.iterdir()) == list(temporary.iterdir()) == []


BLABBING = """# METADATA
# custom:
#   name: blabbing
#   evidence: [secrets]
package docker.scout

import rego.v1

default pass := false

violation contains {"message": sprintf("%v", [found.statement.predicate])} if {
	found := oci.referrer("https://scout.docker.com/secrets/v0.1")
}
"""


@pytest.mark.parametrize("member", ["match", "snippet"])
def test_K12_a_secret_that_a_scan_found_is_in_no_report(
    run: Run, publisher: Publisher, tmp_path: Path, member: str
) -> None:
    inside = {"rule_id": "aws-key", "start_line": 3, member: {"type": SECRET, "lines": [SECRET]}}
    source = {"location": {"path": "/app/key.pem"}}
    image = publisher.image(evidence={"secrets": [{"source": source, "findings": [inside, {member: SECRET}]}]})
    rule = tmp_path / "blabbing.rego"
    rule.write_text(BLABBING)
    layout = image.layout()

    judged = run("image", *KEY, *THEN, "-vv", "-o", "json", "--rules", str(rule), layout)
    explained = run("policy", "explain", *KEY, *THEN, "--rules", str(rule), layout, "blabbing")

    assert judged.code == 1
    assert "aws-key" in judged.out
    assert "/app/key.pem" in judged.out
    assert "[redacted]" in explained.out
    assert SECRET not in judged.out + judged.err + explained.out + explained.err
