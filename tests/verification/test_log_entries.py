"""Log entries beside the signatures of Docker Hardened Images, judged on whole images."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ImageUnderTest, Publisher
from tests.publisher.about import JSON
from tests.publisher.documents import encode
from tests.publisher.keys import publisher as publisher_key
from tests.publisher.keys import stranger
from tests.publisher.kinds import VIRUS
from tests.sigstore import Logged, PrivateSigstore, Signed, flipped
from tests.sigstore.cosign import REKOR, rekor
from tests.verification.conftest import Verify

SIGSTORE, FOREIGN = PrivateSigstore(), PrivateSigstore("foreign")


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Paths of trusted roots, by whose they are."""
    folder = tmp_path_factory.mktemp("roots")
    return {"ours": _written(folder / "ours.json", SIGSTORE), "foreign": _written(folder / "foreign.json", FOREIGN)}


def _written(path: Path, sigstore: PrivateSigstore) -> str:
    path.write_text(json.dumps(sigstore.trusted_root()))
    return str(path)


class Logging:
    """Hooks of an image: `change` makes the annotation of each signature of the malware scan from what was signed."""

    def __init__(self, change: Callable[[Signed], str]) -> None:
        self.change = change
        self.signed: dict[str, bytes] = {}

    def options(self) -> dict[str, Any]:
        return {"payload": self._keep, "signature_manifest": self._annotate}

    def _keep(self, uri: str, platform: str, document: JSON) -> JSON:
        self.signed[uri + platform] = encode(document)
        return document

    def _annotate(self, uri: str, platform: str, document: JSON) -> JSON:
        if uri != VIRUS:
            return document
        body = self.signed[uri + platform]
        (layer,) = document["layers"]
        text = self.change(SIGSTORE.sign(file=body, signer=publisher_key))
        return {**document, "layers": [{**layer, "annotations": {**layer["annotations"], REKOR: text}}]}


def logged(publisher: Publisher, change: Callable[[Signed], str]) -> ImageUnderTest:
    return publisher.image(platforms=("linux/amd64",), **Logging(change).options())


@pytest.mark.parametrize("shape", ["cosign", "docker"])
def test_O18_a_log_entry_beside_a_dhi_signature_is_proved(
    publisher: Publisher, verify: Verify, roots: dict[str, str], shape: str
) -> None:
    image = logged(publisher, lambda made: rekor(SIGSTORE.entry(made), shape))

    seen = verify(image.registry(), trusted_root=roots["ours"])

    assert seen.exit_code == 0, seen.why
    assert (seen.only("malware").status, seen.only("malware").transparency) == ("verified", "proved")
    assert seen.only("secrets").transparency == "absent"
    unknown = verify(image.registry(), trusted_root=roots["foreign"])
    assert (unknown.exit_code, unknown.only("malware").transparency) == (0, "unchecked")


FALSE: dict[str, Callable[[Signed, str], str]] = {
    "D01: of another payload": lambda made, shape: rekor(
        SIGSTORE.entry(made, Logged(about=SIGSTORE.sign(file=b"other", signer=publisher_key))), shape
    ),
    "D01: of another signer": lambda made, shape: rekor(
        SIGSTORE.entry(made, Logged(about=SIGSTORE.sign(file=made.content, signer=stranger))), shape
    ),
    "D03: with another time": lambda made, shape: rekor(
        SIGSTORE.entry(made, Logged(edits={"integratedTime": "1735689600"})), shape
    ),
    "D04: with a damaged promise": lambda made, shape: rekor(
        SIGSTORE.entry(made, Logged(edits={"inclusionPromise.signedEntryTimestamp": flipped})), shape
    ),
    "O21: in both shapes": lambda made, _: rekor(SIGSTORE.entry(made), "both"),
}


@pytest.mark.parametrize("shape", ["cosign", "docker"])
@pytest.mark.parametrize("what", FALSE)
def test_D01_D03_D04_O21_a_false_log_entry_beside_a_dhi_signature(
    publisher: Publisher, verify: Verify, roots: dict[str, str], what: str, shape: str
) -> None:
    image = logged(publisher, lambda made: FALSE[what](made, shape))

    seen = verify(image.registry(), trusted_root=roots["ours"])

    assert seen.exit_code == 1
    assert (seen.only("malware").status, seen.only("malware").transparency) == ("invalid", "invalid")
    assert seen.only("secrets").status == "verified"
    assert verify(image.registry(), ignore_transparency=True).only("malware").status == "verified"


REQUIRING = """\
version: 1
name: team
images:
  - match: "*"
    trust: {{keyFiles: [{key}], trustedRoot: {root}}}
    transparency: require
    rules:
      - pack: dhi
"""


def test_D17_a_document_that_requires_logs_of_keys(
    publisher: Publisher, verify: Verify, roots: dict[str, str], key_files: dict[str, str], policy_file: Any
) -> None:
    image = logged(publisher, lambda made: rekor(SIGSTORE.entry(made)))
    policy = policy_file(REQUIRING.format(key=key_files["publisher"], root=roots["ours"]))

    seen = verify(image.registry(), policy=policy, key_files=())

    assert seen.exit_code == 1
    assert seen.only("malware").status == "verified"
    assert seen.only("secrets").status == "invalid"
    assert "requires a transparency log proof" in seen.only("secrets").reason
