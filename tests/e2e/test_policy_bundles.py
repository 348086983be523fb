"""Rules on real registries: cosign accepts what we publish, we take what it signs, and no signature gets lost."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.e2e.conftest import SERVERS
from tests.e2e.cosign import REFERRER, SIGN, Cosign, KeyPair
from tests.e2e.judging import dhiverify
from tests.publisher import keys

pytestmark = pytest.mark.e2e

RULE = "# METADATA\n# custom: {name: always}\npackage docker.scout\n\nimport rego.v1\n\ndefault pass := true\n"
NUMBERS = count(1)

Share = Callable[..., str]


class Pair:
    """Files of a key of ours: private for `--signing-key`, public for everybody."""

    def __init__(self, folder: Path, key: keys.SigningKey) -> None:
        self.private = folder / f"{key.name}.pem"
        self.public = folder / f"{key.name}.pub"
        self.private.write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.public.write_bytes(key.public_pem)

    @property
    def as_cosign(self) -> KeyPair:
        return KeyPair(self.private.stem, str(self.private), str(self.public))


@pytest.fixture
def share(server: Callable[[str], str], tmp_path: Path) -> Share:
    """`share(name, *options)` publishes to a new repository of that registry, or with `again` to the same one."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "always.rego").write_text(RULE)

    def publish(name: str, *options: str, again: str = "") -> str:
        target = again.partition("@")[0] or f"{server(name)}/rules/of-{next(NUMBERS)}"
        code, out, err = dhiverify("policy", "publish", *options, f"{target}:1", str(folder))
        assert code == 0, err
        return out.strip()

    return publish


def pulled(reference: str, folder: Path, *options: str) -> tuple[int, str]:
    code, _, err = dhiverify("policy", "pull", *options, reference, str(folder / f"out-{next(NUMBERS)}"))
    return code, err


@pytest.mark.parametrize("name", SERVERS)
def test_every_registry_takes_rules_with_their_signature(share: Share, tmp_path: Path, name: str) -> None:
    pair, stranger = Pair(tmp_path, keys.publisher), Pair(tmp_path, keys.stranger)

    reference = share(name, "--signing-key", str(pair.private))

    tag = reference.partition("@")[0] + ":1"
    assert pulled(tag, tmp_path, "--key", str(pair.public))[0] == 0
    assert pulled(reference, tmp_path, "--key", str(pair.public))[0] == 0
    assert pulled(tag, tmp_path, "--key", str(stranger.public))[0] == 4


@pytest.mark.parametrize("name", SERVERS)
def test_unsigned_rules_are_pulled_by_digest_alone(share: Share, tmp_path: Path, name: str) -> None:
    key = str(Pair(tmp_path, keys.publisher).public)

    reference = share(name)

    assert pulled(reference, tmp_path, "--key", key)[0] == 3
    assert pulled(reference, tmp_path, "--unsigned")[0] == 0


@pytest.mark.parametrize("name", ["docker-registry", "ocimem"])
@pytest.mark.parametrize("key", [keys.publisher, keys.p384, keys.ed25519, keys.rsa2048], ids=lambda key: key.name)
def test_cosign_accepts_our_signatures(
    share: Share, cosign: Cosign, tmp_path: Path, name: str, key: keys.SigningKey
) -> None:
    ours, other = Pair(tmp_path, key), Pair(tmp_path, keys.stranger)

    reference = share(name, "--signing-key", str(ours.private))

    assert cosign.accepts(reference, ours.as_cosign, REFERRER)
    assert not cosign.accepts(reference, other.as_cosign, REFERRER)


@pytest.mark.parametrize("form", SIGN)
def test_rules_that_cosign_signed_are_taken(share: Share, cosign: Cosign, tmp_path: Path, form: str) -> None:
    key = cosign.key("p256")
    reference = share("docker-registry")

    cosign.sign(reference, key, SIGN[form])

    code, err = pulled(reference, tmp_path, "--key", key.public)
    assert code == 0, err
    assert pulled(reference, tmp_path, "--key", cosign.key("rsa3072").public)[0] == 4


@pytest.mark.parametrize("name", ["docker-registry", "ocimem-without-api"])
@pytest.mark.parametrize("form", ["bundle", "referrer"])
def test_what_cosign_listed_before_us_stays_listed(
    share: Share, cosign: Cosign, tmp_path: Path, name: str, form: str
) -> None:
    theirs, ours = cosign.key("p256"), Pair(tmp_path, keys.publisher)
    reference = share(name)
    cosign.sign(reference, theirs, SIGN[form])
    listed = _listing(reference)

    share(name, "--signing-key", str(ours.private), again=reference)

    assert _listing(reference)[: len(listed)] == listed
    assert len(_listing(reference)) == len(listed) + 1
    for key in (theirs.public, str(ours.public)):
        code, err = pulled(reference, tmp_path, "--key", key)
        assert code == 0, err


def _listing(reference: str) -> list[Any]:
    """The entries under the fallback tag."""
    name, _, digest = reference.partition("@")
    host, _, repository = name.partition("/")
    url = f"http://{host}/v2/{repository}/manifests/{digest.replace(':', '-')}"
    headers = {"Accept": "application/vnd.oci.image.index.v1+json"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        manifests: list[Any] = json.loads(answer.read())["manifests"]
    return manifests
