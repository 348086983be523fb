"""Start-up counts: a key-only verdict loads nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    *("asyncio", "betterproto", "google.protobuf", "jinja2", "jsonschema", "multiprocessing", "oras", "protobuf"),
    *("pydantic", "requests", "sigstore", "sqlalchemy", "starlette", "tuf"),
)

VERDICT = """
import sys
from verifier.verification import verify, Options
from verifier.policy import Additions
report = verify(["oci:testdata/allowed"], Options(additions=Additions(key_files=("testdata/keys/publisher.pub",))))
assert report.verdict in ("allow", "warn"), report
"""


def loaded(program: str, root: str) -> set[str]:
    program += "\nimport sys; print('=loaded=', *sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    return set(run.stdout.rpartition("=loaded=")[2].split())


@pytest.fixture(scope="session")
def root(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.rootpath)


def test_a_key_only_verdict_loads_no_heavy_module(root: str) -> None:
    assert loaded(VERDICT, root).isdisjoint(HEAVY)


def test_a_key_only_verdict_loads_nothing_of_certificates_and_logs(root: str) -> None:
    keyless = {"cryptography.x509", "verifier.signature.keyless", "verifier.signature.logproof", "verifier.trust.roots"}

    assert loaded(VERDICT, root).isdisjoint(keyless)


def test_a_file_with_log_and_timestamp_loads_no_heavy_module_either(root: str) -> None:
    data = "tests/signature/data/CVE-2026-42899.json.sha256"
    program = f"from verifier import verify_blob; assert verify_blob({data!r}, {data + '.sig'!r}).exit_code == 0"

    assert loaded(program, root).isdisjoint({*HEAVY, "rfc3161_client", "OpenSSL", "urllib3"})


def test_a_verdict_on_files_loads_no_terminal_network_or_yaml(root: str) -> None:
    assert loaded(VERDICT, root).isdisjoint({"rich", "urllib3", "ssl", "ruamel.yaml", "regorus"})


def test_import_verifier_loads_next_to_nothing(root: str) -> None:
    modules = loaded("import verifier", root)

    assert modules.isdisjoint({"msgspec", "click", "cryptography", "urllib3", "ruamel.yaml", "regorus"})


def test_version_loads_no_stage(root: str) -> None:
    modules = loaded("import verifier.cli.root", root)

    assert not {name for name in modules if name.startswith(("verifier.oci", "verifier.verification", "regorus"))}
