"""Who counts under a plan: keys that are shipped or given, identities, and the trusted root that is read last."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from tests.test_start_up import VERDICT, loaded
from tests.trust.root_documents import log, root_bytes
from verifier.errors import ConfigurationError
from verifier.model import Plan
from verifier.model.trust import Identity
from verifier.trust import load_key_file, trust_of

KEY = ec.derive_private_key(42, ec.SECP256R1())
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PLAN = Plan("test", "test.yaml", "sha256:0", keys=("dhi-2",))
SOMEBODY = Identity(subject="dev@example.com", issuer="https://accounts.example.com")


def key_file(folder: Path, body: bytes) -> str:
    path = folder / "key.pub"
    path.write_bytes(body)
    return str(path)


def test_C19_the_retired_key_is_recognised_and_not_trusted() -> None:
    trust = trust_of(PLAN, {})

    assert [key.name for key in trust.trusted] == ["dhi-2"]
    assert [(key.name, key.status) for key in trust.known] == [("dhi-1", "retired")]


def test_C19_a_policy_that_names_the_retired_key_trusts_it() -> None:
    assert [key.name for key in trust_of(replace(PLAN, keys=("dhi-1",)), {}).trusted] == ["dhi-1"]


def test_key_files_alone_never_say_dhi(tmp_path: Path) -> None:
    trust = trust_of(replace(PLAN, keys=(), key_files=(key_file(tmp_path, PEM),)), {})

    assert [(key.status, key.is_dhi) for key in trust.trusted] == [("file", False)]
    assert {key.name for key in trust.known} == {"dhi-1", "dhi-2"}


def test_C06_key_files_and_names_of_a_policy_both_count(tmp_path: Path) -> None:
    trust = trust_of(replace(PLAN, key_files=(key_file(tmp_path, PEM),)), {})

    assert [(key.status, key.is_dhi) for key in trust.trusted] == [("file", False), ("active", True)]


def test_B10_one_key_given_twice_is_one_key(tmp_path: Path) -> None:
    path = key_file(tmp_path, PEM)

    assert len(trust_of(replace(PLAN, keys=(), key_files=(path, path)), {}).trusted) == 1


def test_C20_a_denied_fingerprint_holds_for_key_files_too(tmp_path: Path) -> None:
    path = key_file(tmp_path, PEM)
    fingerprint = load_key_file(path).fingerprint

    trust = trust_of(replace(PLAN, keys=(), key_files=(path,), denied_keys=(fingerprint,)), {})

    assert trust.trusted == ()
    assert fingerprint in {key.fingerprint for key in trust.known}


def test_B11_G16_neither_key_nor_identity_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="trusts no key and no identity"):
        trust_of(replace(PLAN, keys=()), {})


def test_G16_a_key_name_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ConfigurationError, match="dhi-2"):
        trust_of(replace(PLAN, keys=("dhi-3",)), {})


def test_identities_alone_are_enough() -> None:
    trust = trust_of(replace(PLAN, keys=(), identities=(SOMEBODY,)), {})

    assert (trust.identities, trust.trusted) == ((SOMEBODY,), ())
    assert [key.name for key in trust.known] == ["dhi-2", "dhi-1"]  # so that a refusal can name the signer


def test_identities_and_keys_of_a_policy_both_count() -> None:
    trust = trust_of(replace(PLAN, identities=(SOMEBODY,)), {})

    assert (trust.identities, [key.name for key in trust.trusted]) == ((SOMEBODY,), ["dhi-2"])


@pytest.mark.parametrize("transparency", ["", "require", "if-present", "ignore"])
def test_what_is_asked_of_logs_is_passed_on(transparency: str) -> None:
    assert trust_of(replace(PLAN, transparency=transparency), {}).transparency == transparency


def test_the_trusted_root_is_read_when_it_is_first_needed_and_once(tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    trust = trust_of(replace(PLAN, trusted_root=str(path)), {})  # nothing is there yet
    path.write_bytes(root_bytes(tlogs=[log(url="https://named.example")]))

    root = trust.root()
    path.unlink()

    assert [entry.host for entry in root.logs] == ["named.example"]
    assert trust.root() is root


def test_F08_without_a_name_the_root_is_the_users_or_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trusted_root.json").write_bytes(root_bytes())
    broken = tmp_path / "data" / "dhiverify" / "trust"
    broken.mkdir(parents=True)
    (broken / "root.json").write_text("{")

    assert trust_of(PLAN, {}).root().source.startswith("shipped with dhiverify")
    with pytest.raises(ConfigurationError):  # the user's own is never passed over
        trust_of(PLAN, {"XDG_DATA_HOME": str(tmp_path / "data")}).root()


def test_a_root_that_cannot_be_used_is_said_when_it_is_needed(tmp_path: Path) -> None:
    trust = trust_of(replace(PLAN, trusted_root=str(tmp_path / "missing.json")), {})

    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"missing\.json"):
            trust.root()


def test_a_verdict_by_key_loads_nothing_of_roots_and_patterns(pytestconfig: pytest.Config) -> None:
    modules = loaded(VERDICT, str(pytestconfig.rootpath))

    assert "verifier.trust" in modules
    assert modules.isdisjoint({"verifier.trust.roots", "verifier.trust.trusted_root", "verifier.patterns"})
