"""The real cosign, and repositories in which it leaves what it makes. Nothing of that is kept after a run.

Signing goes without a transparency log: tests reach no network but loopback.
"""

from __future__ import annotations

import base64
import json
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.publisher import PublishedImage, to_registry
from tests.publisher.documents import DOCKER_LIST, DOCKER_MANIFEST, INDEX, MANIFEST, cosign_tag, digest_of, fallback_tag
from tests.publisher.keys import PrivateKey

VERSION = "v3.1.3"
"""What the tests were written against: other releases have other flags and write other bytes."""

_HTTP = "--allow-http-registry"
_WITHOUT_LOG = ("--tlog-upload=false", "--use-signing-config=false", "--yes", _HTTP)
_IGNORE_LOG = ("--insecure-ignore-tlog", _HTTP)
_OLD = "--new-bundle-format=false"
_ACCEPT = ", ".join((INDEX, MANIFEST, DOCKER_LIST, DOCKER_MANIFEST))
_MADE_HERE: dict[str, Callable[[], PrivateKey]] = {
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "ed25519": Ed25519PrivateKey.generate,
}


class Form(msgspec.Struct, frozen=True):
    """One way in which cosign stores things: the layout's name in reports, and how it is told to use it."""

    layout: str
    flags: tuple[str, ...] = ()
    environ: dict[str, str] = {}


BUNDLE = Form("sigstore-bundle")
TAG = Form("cosign-tag", (_OLD,))
REFERRER = Form("cosign-referrer", (_OLD, "--registry-referrers-mode=oci-1-1"), {"COSIGN_EXPERIMENTAL": "1"})

SIGN = {"bundle": BUNDLE, "tag": TAG, "referrer": REFERRER}
ATTEST = {"bundle": BUNDLE, "tag": TAG}


class KeyPair(msgspec.Struct, frozen=True):
    """Files with a private key as cosign encrypts it, under an empty password, and its public half."""

    name: str
    private: str
    public: str


class Cosign:
    """The program, with a home of its own and the keys that were made for this session."""

    def __init__(self, program: str, home: Path) -> None:
        self._program = program
        self._home = home
        self._keys: dict[str, KeyPair] = {}

    def try_to(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._home,
            env={"PATH": "/usr/bin", "HOME": str(self._home), "COSIGN_PASSWORD": "", **environ},
            timeout=60,
        )

    def run(self, *arguments: str, **environ: str) -> str:
        ran = self.try_to(*arguments, **environ)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    @property
    def version(self) -> str:
        return str(json.loads(self.run("version", "--json"))["gitVersion"])

    def key(self, name: str) -> KeyPair:
        """Made at the first call. `p384`, `rsa3072` and `ed25519` are imported, all others are cosign's own P-256."""
        if name not in self._keys:
            self._make(name)
            prefix = str(self._home / name)
            self._keys[name] = KeyPair(name, f"{prefix}.key", f"{prefix}.pub")
        return self._keys[name]

    def _make(self, name: str) -> None:
        if name not in _MADE_HERE:
            self.run("generate-key-pair", "--output-key-prefix", name)
            return
        forms = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = self._home / f"{name}.pem"
        pem.write_bytes(_MADE_HERE[name]().private_bytes(*forms))
        self.run("import-key-pair", "--key", str(pem), "--output-key-prefix", name)

    def sign(self, reference: str, key: KeyPair, form: Form = BUNDLE, *flags: str, **environ: str) -> None:
        self.run("sign", "--key", key.private, *_WITHOUT_LOG, *form.flags, *flags, reference, **form.environ, **environ)

    def attest(
        self, reference: str, key: KeyPair, form: Form, word: str, predicate: Any, *flags: str, **environ: str
    ) -> None:
        """`word` is one of those that `--type` takes, or a URI."""
        path = self._home / "predicate.json"
        path.write_text(json.dumps(predicate))
        said = ("--type", word, "--predicate", str(path), *flags)
        self.run(
            "attest", "--key", key.private, *_WITHOUT_LOG, *form.flags, *said, reference, **form.environ, **environ
        )

    def accepts(self, reference: str, key: KeyPair, form: Form, *flags: str) -> bool:
        """The verdict of `cosign verify`."""
        return self._judge("verify", reference, key, form, flags).returncode == 0

    def accepts_attestation(self, reference: str, key: KeyPair, form: Form, word: str) -> bool:
        """The verdict of `cosign verify-attestation`."""
        return self._judge("verify-attestation", reference, key, form, ("--type", word)).returncode == 0

    def statement(self, reference: str, key: KeyPair, form: Form, word: str) -> bytes:
        """The only attestation of this type that cosign accepts, as it was signed."""
        ran = self._judge("verify-attestation", reference, key, form, ("--type", word))
        return base64.b64decode(json.loads(ran.stdout)["payload"])

    def _judge(
        self, command: str, reference: str, key: KeyPair, form: Form, flags: tuple[str, ...]
    ) -> subprocess.CompletedProcess[str]:
        how = (_OLD, "--experimental-oci11") if form is REFERRER else form.flags
        said = ("--key", key.public, *_IGNORE_LOG, *how, *flags, reference)
        return self.try_to(command, *said, **form.environ)

    def save(self, reference: str, folder: Path) -> str:
        """Gives the layout that `cosign save` made, as references name it."""
        self.run("save", "--dir", str(folder), _HTTP, reference)
        return f"oci:{folder}"


class Hosted(msgspec.Struct, frozen=True):
    """An image in a repository of a running registry. `platform_digest` is set where one platform of it is meant."""

    image: PublishedImage
    repository: str
    platform_digest: str = ""

    @property
    def digest(self) -> str:
        return self.platform_digest or self.image.index_digest

    @property
    def reference(self) -> str:
        return self.of(self.digest)

    def of(self, digest: str) -> str:
        return f"{self.repository}@{digest}"

    def platform(self, name: str) -> str:
        return self.of(self.image[name].digest)

    def only(self, platform: str) -> Hosted:
        """One platform's manifest, taken for an image of its own."""
        return Hosted(self.image, self.repository, self.image[platform].digest)

    def push(self) -> None:
        """All of the image; what is there already stays."""
        to_registry(self.image, f"http://{self.repository}")

    def beside(self, image: PublishedImage) -> Hosted:
        """Another image in the same repository."""
        other = Hosted(image, self.repository)
        other.push()
        return other

    def manifest(self, reference: str) -> tuple[str, bytes]:
        """Media type and bytes of what the registry holds under a tag or digest."""
        return self._get(f"manifests/{reference}", Accept=_ACCEPT)

    def referrers(self) -> list[Any]:
        """What hangs on the image, parsed: by the fallback tag where the registry has no Referrers API."""
        try:
            _, body = self._get(f"referrers/{self.digest}")
        except HTTPError as absent:
            absent.close()
            _, body = self.manifest(fallback_tag(self.digest))
        return [json.loads(self.manifest(entry["digest"])[1]) for entry in json.loads(body)["manifests"]]

    def take_tag(self, source: Hosted, suffix: str) -> None:
        """Puts what lies under cosign's tag of another image under that of this one, unchanged."""
        self._tag(cosign_tag(self.digest, suffix), *source.manifest(cosign_tag(source.digest, suffix)))

    def take_referrers(self, source: Hosted) -> None:
        """Hangs on this image what hangs on another, every manifest naming this one as its subject."""
        for document in source.referrers():
            self.image.attach(self.digest, {**document, "subject": self.image.descriptor(self.digest)})
        self.push()

    def take_listing(self, source: Hosted) -> None:
        """Puts the list under another image's fallback tag under that of this one, unchanged."""
        self._tag(fallback_tag(self.digest), *source.manifest(fallback_tag(source.digest)))

    def _tag(self, tag: str, media_type: str, body: bytes) -> None:
        digest = digest_of(body)
        self.image.manifests[digest] = (media_type, body)
        self.image.tags[tag] = digest
        self.push()

    def _get(self, path: str, **headers: str) -> tuple[str, bytes]:
        host, _, name = self.repository.partition("/")
        asked = urllib.request.Request(f"http://{host}/v2/{name}/{path}", headers=headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.headers["Content-Type"], answer.read()
