"""`dhiverify doctor`: every step towards the evidence, what it answered and what to do; and no secret in any of it."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import KEY, Ran, Run
from tests.conftest import Publisher
from tests.publisher.handler import Handler

SECRET = "hunter2-of-the-user"
ENCODED = base64.b64encode(f"me:{SECRET}".encode()).decode()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credential or proxy of this machine, and no pause before a second try."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("verifier.oci.exchange.time", SimpleNamespace(sleep=lambda _: None, time=lambda: 0.0))


class Told:
    """The steps of a diagnosis."""

    def __init__(self, ran: Ran) -> None:
        self.code = ran.code
        self.document: dict[str, Any] = json.loads(ran.out)
        self.steps: list[dict[str, Any]] = self.document["steps"]
        assert self.document["exitCode"] == ran.code
        assert ran.err == ""

    def all(self, name: str) -> list[dict[str, Any]]:
        return [step for step in self.steps if step["name"] == name]

    def __getitem__(self, name: str) -> dict[str, Any]:
        (step,) = self.all(name)
        return step

    def answer(self, name: str) -> str:
        return str(self[name]["answer"])

    @property
    def failed(self) -> list[str]:
        return [step["name"] for step in self.steps if step["mark"] == "fail"]


def told(run: Run, *arguments: str) -> Told:
    return Told(run("doctor", *KEY, "-o", "json", *arguments))


def answering(monkeypatch: pytest.MonkeyPatch, part: str, status: int, body: bytes = b"{}", **headers: str) -> None:
    """Makes the publisher's registries answer in this way wherever `part` is in the path."""
    read = Handler._read
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(self: Handler) -> None:
        if part in self.path:
            self._answer(status, body, named)
        else:
            read(self)

    monkeypatch.setattr(Handler, "_read", answer)


def test_whole_way_on_a_registry(run: Run, publisher: Publisher) -> None:
    image = publisher.image()
    reference = image.registry()
    name = reference.rpartition(":")[0]

    found = told(run, reference)

    assert (found.code, found.document["reference"]) == (0, reference)
    assert {step["mark"] for step in found.steps} == {"ok"}
    assert {step["place"] for step in found.steps} == {"", name}
    assert found.answer("policy").startswith("dhi, from ")
    assert f"section 1 (*), for {name}: " in found.answer("section")
    assert found.answer("address") == f"http://{publisher.registry().host}, without a proxy"
    assert found.answer("credential").startswith("anonymous")
    assert found.answer("ping").startswith("200")
    assert found.answer("resolve").startswith(image.index_digest)
    assert "2 platforms: linux/amd64, linux/arm64" in found.answer("resolve")
    assert found.answer("referrers").startswith("the referrers API lists 0 for the index, 13 for linux/amd64")
    assert found.answer("cosign-tags") == "none of the 6 possible ones is there"
    assert found["layout"]["tried"] == "layout dhi"
    assert "linux/arm64: 13 attestations verified" in found.answer("layout")
    assert "cosign-tag" in found.answer("absent")
    assert found.answer("evidence") == "26 of 26 pieces are verified"


def test_nothing_is_fetched_twice_for_it(run: Run, publisher: Publisher) -> None:
    told(run, publisher.image().registry())

    assert publisher.registry().repeated == []


def test_text_stands_under_the_place_and_has_the_remedy(run: Run) -> None:
    ran = run("doctor", "oci:testdata/unsigned")

    lines = ran.out.splitlines()
    place = lines.index("oci:testdata/unsigned")
    assert lines[place + 1] == "ok    open the layout: it is an OCI layout"
    assert any(line.startswith("warn  layout dhi: ") and "unsigned" in line for line in lines)
    assert lines[-2].startswith("fail  ")
    assert lines[-1].startswith("      next: ")
    assert (ran.code, ran.err, "\x1b" in ran.out) == (4, "", False)


@pytest.mark.parametrize(
    ("reference", "code", "failed"),
    [
        ("oci:testdata/refused", 0, []),
        ("oci:testdata/bare", 3, ["evidence"]),
        ("oci:testdata/unsigned", 4, ["evidence"]),
        ("oci:testdata/no-such", 5, ["open"]),
        ("oci:testdata/allowed:no-such", 5, ["resolve"]),
        ("UPPER/case", 2, ["reference"]),
    ],
)
def test_N01_exit_code_is_that_of_the_first_failure(run: Run, reference: str, code: int, failed: list[str]) -> None:
    found = told(run, reference)

    assert (found.code, found.failed) == (code, failed)
    assert all(step["next"] and step["exitCode"] == code for step in found.steps if step["mark"] == "fail")


def test_results_go_to_files_as_well(run: Run, tmp_path: Path) -> None:
    ran = run("doctor", *KEY, "-o", "text", "-o", f"json={tmp_path / 'steps.json'}", "oci:testdata/allowed")

    assert "26 of 26" in ran.out
    assert json.loads((tmp_path / "steps.json").read_text())["exitCode"] == 0


def test_fallback_tags_where_there_is_no_referrers_api(run: Run, publisher: Publisher) -> None:
    found = told(run, publisher.image().registry(referrers_api=False))

    assert found.answer("referrers").startswith("there is no referrers API; the fallback tags list 0 for the index, 13")
    assert found.code == 0


def test_what_is_not_trusted_is_counted_with_its_reason(run: Run) -> None:
    found = Told(run("doctor", "-o", "json", "oci:testdata/allowed"))

    assert (found.code, found["layout"]["mark"]) == (4, "warn")
    assert "linux/amd64: 13 attestations untrusted" in found.answer("layout")
    assert "no trusted key" in found.answer("layout")
    assert "--key" in found["layout"]["next"]


def test_I21_place_that_does_not_answer_leaves_the_others_to_be_read(run: Run, publisher: Publisher) -> None:
    found = told(run, "--attestation-repo", "127.0.0.1:1/evidence", publisher.image().registry())

    assert (found.code, found.failed) == (5, ["ping"])
    assert [step["mark"] for step in found.all("ping")] == ["ok", "fail"]
    assert found.answer("evidence") == "26 of 26 pieces are verified"


def test_I13_place_that_refuses_its_listing_leaves_the_others_to_be_read(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = publisher.image().registry()
    answering(monkeypatch, "/evidence/", 403)

    found = told(run, "--attestation-repo", f"{publisher.registry().host}/evidence", reference)

    assert (found.code, found.failed) == (6, ["referrers", "cosign-tags"])
    assert len(found.all("ping")) == 1
    assert found.answer("evidence") == "26 of 26 pieces are verified"


def test_evidence_in_another_place_is_told_of_that_place(run: Run, publisher: Publisher) -> None:
    bare, whole = publisher.image(omit={"*"}), publisher.image()
    reference, evidence = bare.registry("mirror/app"), whole.registry("evidence/app").rpartition(":")[0]

    found = told(run, "--attestation-repo", evidence, reference)

    assert [step["place"] for step in found.all("layout")] == [evidence]
    assert len(found.all("absent")) == 2


def test_policy_without_a_section_for_the_image(run: Run, publisher: Publisher, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    section = "{match: registry.example/**, trust: {keys: [dhi-2]}, rules: [{pack: dhi}]}"
    policy.write_text(f"version: 1\nname: mine\nimages: [{section}]\n")

    found = told(run, "--policy", str(policy), publisher.image().registry())

    assert (found.code, found.failed) == (2, ["section"])
    assert found["resolve"]["mark"] == "ok"


def test_layout_is_judged_under_the_name_given_with_as(run: Run) -> None:
    found = told(run, "--as", "dhi.io/python:3.13", "oci:testdata/allowed")

    assert "for dhi.io/python: " in found.answer("section")


@pytest.mark.parametrize(
    ("content", "name"), [("{broken", "credentials"), ('{"auths": {"x": {"auth": "?"}}}', "credentials")]
)
def test_credentials_that_cannot_be_read(run: Run, tmp_path: Path, content: str, name: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(content)

    found = told(run, "oci:testdata/allowed")

    assert (found.code, found.failed) == (2, [name])
    assert "config.json" in found.answer(name)


def test_I25_tls_that_is_not_there_and_what_to_do(run: Run, publisher: Publisher) -> None:
    reference = publisher.image().registry()

    found = told(run, "--registry-cacert", "/etc/ssl/certs/ca-certificates.crt", reference)

    assert (found.code, found.failed) == (5, ["ping"])
    assert found.answer("address").startswith("https://")
    assert "--allow-http-registry" in found["ping"]["next"]


def test_I19_web_page_instead_of_a_registry(run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = publisher.image().registry()
    answering(monkeypatch, "/v2/", 200, b"<html>Sign in to the Wi-Fi</html>", Content_Type="text/html")

    found = told(run, reference)

    assert (found.code, found["ping"]["mark"], found.failed) == (5, "warn", ["resolve"])
    assert "captive portal" in found["ping"]["next"]


def test_login_that_is_asked_for_and_not_stored(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = publisher.image().registry()
    answering(monkeypatch, "/v2/", 401, WWW_Authenticate='Basic realm="x"')

    found = told(run, reference)

    assert (found.code, found.failed) == (6, ["resolve"])
    assert found.answer("ping") == "401, asks for Basic"
    assert "docker login" in found["resolve"]["next"]


def test_K07_K08_hostile_words_of_a_registry_are_made_fit_to_print(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = publisher.image().registry()
    realm = 'Bearer realm="http://\x1b[2J::error::/",service="s", \x1b]0;x\x07 ##[error]'
    answering(monkeypatch, "/v2/", 401, WWW_Authenticate=realm)

    ran = run("doctor", *KEY, reference)

    assert ran.code == 6
    assert "\x1b" not in ran.out + ran.err
    assert "##[" not in ran.out + ran.err


def in_config(host: str, **entry: str) -> dict[str, str]:
    return {"DOCKER_AUTH_CONFIG": json.dumps({"auths": {host: entry}})}


def of_password(host: str) -> dict[str, str]:
    return in_config(host, auth=ENCODED)


def of_identity_token(host: str) -> dict[str, str]:
    return in_config(host, identitytoken=SECRET, auth=base64.b64encode(b"me:-").decode())


def of_registry_token(host: str) -> dict[str, str]:
    return in_config(host, registrytoken=SECRET)


def of_token_as_user(host: str) -> dict[str, str]:
    return in_config(host, username=f"ghp_{SECRET}", password="x-oauth-basic")


def of_variables(host: str) -> dict[str, str]:
    user = {"DHIVERIFY_REGISTRY_USERNAME": "me", "DHIVERIFY_REGISTRY_PASSWORD": SECRET}
    return {"DHIVERIFY_REGISTRY": host, **user}


STORED = [of_password, of_identity_token, of_registry_token, of_token_as_user, of_variables]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("stored", STORED)
def test_K12_no_secret_in_a_diagnosis(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, stored: Any, form: str
) -> None:
    """On a registry that repeats what it is told, in every place where that could be."""
    reference = publisher.image().registry()
    for name, value in stored(publisher.registry().host).items():
        monkeypatch.setenv(name, value)

    def repeat(self: Handler) -> None:
        said = self.headers.get("Authorization", "")
        body = f'{{"errors": [{{"code": "DENIED", "message": "{said} {SECRET}"}}]}}'.encode()
        challenge = f'Bearer realm="http://me:{SECRET}@{self.headers["Host"]}/token?{said}", Basic realm="{SECRET}"'
        self._answer(403 if said else 401, body, {"WWW-Authenticate": challenge, "Content-Type": "application/json"})

    monkeypatch.setattr(Handler, "_read", repeat)

    ran = run("doctor", *KEY, "-vv", "--debug", "-o", form, reference)

    assert ran.code == 6
    assert next(iter(stored("x"))).removesuffix("_USERNAME") in ran.out
    assert SECRET not in ran.out + ran.err
    assert ENCODED not in ran.out + ran.err


def test_K12_user_and_origin_of_a_credential_are_told(
    run: Run, publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = publisher.image().registry()
    (tmp_path / "config.json").write_text(in_config(publisher.registry().host, auth=ENCODED)["DOCKER_AUTH_CONFIG"])
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    found = told(run, reference)

    assert found.answer("credential") == f"password of me from {tmp_path}/config.json"
    assert found.answer("credentials") == f"{tmp_path}/config.json"
    assert SECRET not in json.dumps(found.document)


def test_K12_credential_helper_that_fails_is_a_warning_until_a_login_is_asked_for(
    run: Run, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = publisher.image().registry()
    helper = {"auths": {}, "credHelpers": {publisher.registry().host: "no-such-helper"}}
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", json.dumps(helper))

    public = told(run, reference)
    answering(monkeypatch, "/manifests/", 401, WWW_Authenticate='Basic realm="x"')
    private = told(run, reference)

    assert (public.code, public["credential"]["mark"], public.failed) == (0, "warn", [])
    assert "no-such-helper" in public.answer("credential")
    assert (private.code, private.failed) == (6, ["resolve"])


def test_K12_I26_of_a_proxy_only_the_host_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://me:{SECRET}@127.0.0.1:1")

    text, found = run("doctor", *KEY, "-vv", "--debug", "registry.example/app:1"), told(run, "registry.example/app:1")

    assert (text.code, found.failed) == (5, ["ping"])
    assert found.answer("address") == "https://registry.example:443, through the proxy 127.0.0.1:1"
    assert SECRET not in text.out + text.err + json.dumps(found.document)


@pytest.mark.parametrize("reference", [f"me:{SECRET}@registry.example/app", f"https://me:{SECRET}@registry.example/a"])
def test_K12_password_in_a_reference_is_not_repeated(run: Run, reference: str) -> None:
    found = told(run, reference)

    assert (found.code, found.document["reference"]) == (2, "")
    assert SECRET not in json.dumps(found.document)
