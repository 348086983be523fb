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
    program += "\nimport sys; print('modules', *sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    return set(run.stdout.rpartition("modules ")[2].split())


@pytest.fixture(scope="session")
def root(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.rootpath)


def test_a_key_only_verdict_loads_no_heavy_module(root: str) -> None:
    assert loaded(VERDICT, root).isdisjoint(HEAVY)


def test_a_verdict_on_files_loads_no_terminal_network_or_yaml(root: str) -> None:
    assert loaded(VERDICT, root).isdisjoint({"rich", "urllib3", "ssl", "ruamel.yaml", "regorus"})


def test_import_verifier_loads_next_to_nothing(root: str) -> None:
    modules = loaded("import verifier", root)

    assert modules.isdisjoint({"msgspec", "click", "cryptography", "urllib3", "ruamel.yaml", "regorus"})


def test_version_loads_no_stage(root: str) -> None:
    modules = loaded("import verifier.cli.root", root)

    assert not {name for name in modules if name.startswith(("verifier.oci", "verifier.verification", "regorus"))}
