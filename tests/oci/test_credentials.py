"""Which credential goes to which host."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.errors import AuthenticationError, ConfigurationError
from verifier.oci import Credential, Credentials
from verifier.oci.authfile import parse_auth_file
from verifier.oci.credentialhelper import ask_helper

HUB = "https://index.docker.io/v1/"


def login(user: str, password: str = "pass:word") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def docker(auths: dict[str, Any], **members: Any) -> dict[str, str]:
    return {"DOCKER_AUTH_CONFIG": json.dumps({"auths": auths, **members})}


def user(environ: dict[str, str], host: str, repository: str = "") -> str | None:
    found = Credentials.from_environment(environ).lookup(host, repository)
    return found.username if found else None


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts `docker-credential-NAME` with a shell script as its body on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def write(name: str, script: str) -> Path:
        path = tmp_path / f"docker-credential-{name}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return tmp_path

    return write


def test_password_may_have_colons_and_trailing_nuls() -> None:
    environ = docker({"ghcr.io": login("me", "pass:word\0\0")})

    found = Credentials.from_environment(environ).lookup("ghcr.io")

    assert found is not None
    assert (found.username, found.password) == ("me", "pass:word")


def test_nothing_configured_is_anonymous() -> None:
    assert Credentials.from_environment({}).lookup("ghcr.io") is None


@pytest.mark.parametrize(
    ("key", "host", "serves"),
    [
        ("registry.example", "registry.example", True),
        ("https://registry.example", "registry.example", True),
        ("http://registry.example/v2/", "registry.example", True),
        ("Registry.Example", "registry.example", True),
        ("registry.example:5000", "registry.example:5000", True),
        ("https://registry.example:5000/v1/", "registry.example:5000", True),
        ("registry.example", "registry.example:5000", False),
        ("registry.example:5000", "registry.example", False),
        ("registry.example:5000", "registry.example:50000", False),
        ("registry.example", "registry.example.evil", False),
        ("registry.example", "evil-registry.example", False),
        ("registry.example", "sub.registry.example", False),
        ("example", "registry.example", False),
        ("*.example", "registry.example", False),
        ("", "registry.example", False),
        (HUB, "docker.io", True),
        ("docker.io", "docker.io", True),
        ("index.docker.io", "docker.io", True),
        (HUB + "access-token", "docker.io", False),
        (HUB, "registry.example", False),
        (HUB, "quay.io", False),
    ],
)
def test_I12_only_exactly_this_host_and_port(key: str, host: str, serves: bool) -> None:
    assert user(docker({key: login("me")}), host) == ("me" if serves else None)


def test_I12_docker_hub_serves_its_own_two_other_hosts_and_nobody_else() -> None:
    environ = docker({HUB: login("hub")})

    assert user(environ, "dhi.io") == user(environ, "registry.scout.docker.com") == "hub"
    assert user(environ, "scout.docker.com") is None
    assert user(environ, "evil.dhi.io") is None
    assert user(environ, "dhi.io:5000") is None
    assert user(docker({HUB: login("hub"), "dhi.io": login("own")}), "dhi.io") == "own"
    assert user(docker({"dhi.io": login("own")}), "docker.io") is None


def test_I12_most_specific_path_of_a_host_wins() -> None:
    environ = docker(
        {
            "quay.io": login("all"),
            "quay.io/team": login("team"),
            "quay.io/team/app": login("app"),
            "https://quay.io/v2/": login("also all"),
        }
    )

    assert user(environ, "quay.io", "team/app") == "app"
    assert user(environ, "quay.io", "team/app2") == "team"
    assert user(environ, "quay.io", "teams/app") == "all"
    assert user(docker({"quay.io/team": login("team")}), "quay.io", "other/app") is None


def test_own_variables_go_first_and_to_one_host_alone() -> None:
    environ = {
        "DHIVERIFY_REGISTRY": "https://docker.io/",
        "DHIVERIFY_REGISTRY_USERNAME": "own",
        "DHIVERIFY_REGISTRY_PASSWORD": "p",
        **docker({HUB: login("hub"), "ghcr.io": login("git")}),
    }

    assert user(environ, "docker.io") == "own"
    assert user(environ, "ghcr.io") == "git"
    assert user(environ, "dhi.io") == "hub"  # the fallback knows stored entries only


def test_own_token_is_a_registry_token() -> None:
    environ = {"DHIVERIFY_REGISTRY": "registry.example:5000", "DHIVERIFY_REGISTRY_TOKEN": "t0ken"}

    found = Credentials.from_environment(environ).lookup("registry.example:5000")

    assert found is not None
    assert (found.registry_token, found.origin) == ("t0ken", "DHIVERIFY_REGISTRY")


@pytest.mark.parametrize(
    "environ",
    [
        {"DHIVERIFY_REGISTRY": "ghcr.io"},
        {"DHIVERIFY_REGISTRY": "ghcr.io", "DHIVERIFY_REGISTRY_USERNAME": "me"},
        {"DHIVERIFY_REGISTRY_TOKEN": "t"},
        {"DHIVERIFY_REGISTRY": "ghcr.io/path", "DHIVERIFY_REGISTRY_TOKEN": "t"},
        {"DHIVERIFY_REGISTRY": "gh cr", "DHIVERIFY_REGISTRY_TOKEN": "t"},
    ],
)
def test_half_set_variables_are_an_error(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="DHIVERIFY_REGISTRY"):
        Credentials.from_environment(environ)


def test_files_in_order(tmp_path: Path) -> None:
    for name, who in (("home/.docker/config.json", "home"), ("docker/config.json", "docker"), ("auth.json", "auth")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"auths": {"a.example": login(who), f"{who}.example": login(who)}}))
    runtime = tmp_path / "run" / "containers"
    runtime.mkdir(parents=True)
    (runtime / "auth.json").write_text(json.dumps({"auths": {"run.example": login("run")}}))
    home, podman = {"HOME": str(tmp_path / "home")}, {"XDG_RUNTIME_DIR": str(tmp_path / "run")}

    assert user(home, "a.example") == "home"
    assert user({**home, "DOCKER_CONFIG": str(tmp_path / "docker")}, "a.example") == "docker"
    assert user({**home, "DOCKER_CONFIG": str(tmp_path / "docker")}, "home.example") is None
    assert user({"REGISTRY_AUTH_FILE": str(tmp_path / "auth.json"), **podman}, "auth.example") == "auth"
    assert user({**home, **podman}, "run.example") == "run"
    assert user({**home, **docker({"a.example": login("env")})}, "a.example") == "env"
    assert user({"HOME": str(tmp_path / "nobody"), "DOCKER_CONFIG": str(tmp_path / "none")}, "a.example") is None


SECRET = "s3cr3t-value"


@pytest.mark.parametrize(
    "content",
    [
        f'{{"auths": "{SECRET}"}}',
        f'{{"auths": {{"a": "{SECRET}"}}}}',
        f'{{"auths": {{"a": {{"auth": "{SECRET}!"}}}}}}',
        f'{{"auths": {{"a": {{"auth": ["{SECRET}"]}}}}}}',
        '{"auths": {"a": {"auth": "bm9jb2xvbg=="}}}',
        '{"auths": {"a": {"auth": "OnBhc3M="}}}',
        f'{{"auths": {{"a": {{"identitytoken": 1, "password": "{SECRET}"}}}}}}',
        f'{{"auths": {{}}, "auths": {{"a": {{"password": "{SECRET}"}}}}}}',
        f'{{"auths": {{}}}} {SECRET}',
        f"{SECRET}",
        "[]",
        '{"credsStore": 5}',
        '{"credHelpers": {"a": 5}}',
        '{"credHelpers": []}',
        " " * 2_000_000,
    ],
)
def test_I31_broken_source_is_an_error_that_names_it_and_shows_no_secret(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    for environ, name in (
        ({"DOCKER_AUTH_CONFIG": content}, "DOCKER_AUTH_CONFIG"),
        ({"DOCKER_CONFIG": str(tmp_path)}, str(tmp_path / "config.json")),
    ):
        with pytest.raises(ConfigurationError) as caught:
            Credentials.from_environment(environ)
        assert name in str(caught.value)
        assert SECRET not in str(caught.value)


def test_N14_credential_file_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.json")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        Credentials.from_environment({"DOCKER_CONFIG": str(tmp_path)})
    with pytest.raises(ConfigurationError, match="not a regular file"):
        Credentials.from_environment({"REGISTRY_AUTH_FILE": "/dev/zero"})
    with pytest.raises(ConfigurationError):
        Credentials.from_environment({"REGISTRY_AUTH_FILE": str(tmp_path)})


def test_L08_credentials_print_without_their_secrets() -> None:
    credential = Credential("me", "pa55", "1dentity", "reg1stry", "config.json")

    shown = repr(credential) + str(credential) + repr(list(credential.__rich_repr__())) + f"{[credential]}"

    assert "config.json" in shown
    assert not any(secret in shown for secret in ("pa55", "1dentity", "reg1stry"))


# ---- credential helpers


def test_helper_of_a_host_and_store_of_all_others(helper: Any) -> None:
    helper("one", """read server; printf '{"Username":"%s","Secret":"p"}' "one-$server" """)
    helper("all", """read server; printf '{"Username":"%s","Secret":"p"}' "all-$server" """)
    environ = docker({}, credHelpers={"ghcr.io": "one"}, credsStore="all")

    assert user(environ, "ghcr.io") == "one-ghcr.io"
    assert user(environ, "quay.io") == "all-quay.io"
    assert user(environ, "docker.io") == f"all-{HUB}"


def test_helper_may_hold_an_identity_token_or_nothing(helper: Any) -> None:
    helper("token", """printf '{"ServerURL":"x","Username":"<token>","Secret":"t"}'""")
    helper("none", "echo 'credentials not found in native keychain'; exit 1")
    environ = docker({"quay.io": login("file")}, credHelpers={"ghcr.io": "token"}, credsStore="none")
    credentials = Credentials.from_environment(environ)

    found = credentials.lookup("ghcr.io")
    assert found is not None
    assert (found.identity_token, found.password) == ("t", "")
    assert credentials.lookup("registry.example") is None
    assert user(environ, "quay.io") == "file"


def test_helper_is_asked_once_and_not_before_it_is_needed(helper: Any) -> None:
    directory = helper("slow", """echo x >> "$(dirname "$0")/log"; printf '{"Username":"u","Secret":"p"}'""")
    credentials = Credentials.from_environment(docker({}, credsStore="slow"))
    assert not (directory / "log").exists()

    assert {credentials.lookup("a.example") for _ in range(3)} == {credentials.lookup("a.example")}
    assert (directory / "log").read_text() == "x\n"


@pytest.mark.parametrize("suffix", ["../evil", "a/b", "-x", "a b", "a;id", "$(id)", "a\n", "", "x" * 65, "ü"])
def test_I30_N07_helper_names_are_checked_before_anything_runs(suffix: str) -> None:
    with pytest.raises(AuthenticationError, match="name may have only"):
        ask_helper(suffix, "ghcr.io")


def test_N07_server_name_is_no_part_of_a_command(helper: Any, tmp_path: Path) -> None:
    helper("echo", """[ "$*" = get ] || exit 9; read server; printf '{"Username":"%s","Secret":"p"}' "$server" """)

    assert ask_helper("echo", f"$(touch {tmp_path}/x);-o") == (f"$(touch {tmp_path}/x);-o", "p")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "script",
    [
        "echo s3cr3t-value >&2; echo s3cr3t-value; exit 3",
        "echo s3cr3t-value",
        "echo '[]'",
        """echo '{"Username":"u"}'""",
        """echo '{"Username":1,"Secret":"s3cr3t-value"}'""",
        "kill -9 $$",
        "exec yes s3cr3t-value",
    ],
)
def test_I30_failing_helper_is_no_anonymous_login_and_shows_nothing(
    helper: Any, script: str, capfd: pytest.CaptureFixture[str]
) -> None:
    helper("bad", script)

    with pytest.raises(AuthenticationError) as caught:
        Credentials.from_environment(docker({}, credsStore="bad")).lookup("ghcr.io")

    assert SECRET not in str(caught.value) + caught.value.hint + "".join(capfd.readouterr())


@pytest.mark.parametrize("script", ["exec sleep 5", "sleep 5 & printf '{'; exit 0", "exec sleep 5 >/dev/null"])
def test_I30_helper_that_hangs_is_ended(helper: Any, script: str) -> None:
    helper("hang", script)

    with pytest.raises(AuthenticationError, match="did not answer"):
        ask_helper("hang", "ghcr.io", timeout=0.2)


def test_I30_missing_helper(helper: Any) -> None:
    with pytest.raises(AuthenticationError, match="cannot be run") as caught:
        ask_helper("not-installed", "ghcr.io")
    assert "credsStore" in caught.value.hint


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=100)
    | st.dictionaries(
        st.text(max_size=30), st.dictionaries(st.sampled_from(["auth", "password"]), st.text(max_size=9)), max_size=3
    ).map(lambda auths: json.dumps({"auths": auths}).encode())
)
def test_any_bytes_give_credentials_or_our_error(body: bytes) -> None:
    try:
        found = parse_auth_file(body, "file")
    except ConfigurationError:
        return
    assert all(entry.credential.password for entry in found.entries)
