"""A private Sigstore: certificate authority, logs and timestamp authorities, made at test time, valid until 2099.

    sigstore = PrivateSigstore()
    bundle = sigstore.bundle(file=b"content", logs=("v1",), timestamps=1)
    root = sigstore.trusted_root()

It imports nothing of the product, and everything it makes is a plain JSON document or bytes. Keys come from names and
signatures are deterministic. Certificates begin at `ISSUED` and live ten minutes, everything is signed at `SIGNED`.

| to make | call | options and hooks |
|---|---|---|
| a signer with a certificate | `sigstore.leaf(identity=…, claims={12: …}, at=…)` | `LeafOptions`, `ca`, `key`, `scts` |
| a signer with a bare key | `tests.publisher.keys`, `key(name, kind)` | p256, p384, p521, ed25519 |
| something signed | `sigstore.sign(file=… or statement=…)` | `signer`, `signature`, `payload_type`, `keyid` |
| a bundle | `sigstore.bundle(file=… or statement=…, logs=…, timestamps=…)` | `version`, `material`, `hint`, `edits` |
| a log entry | `logs=("v1", "v2", "v2-ecdsa", Logged(…))`, `sigstore.entry(signed, how)` | `Logged` |
| a checkpoint | `Logged(checkpoint=Checkpoint(…))` | `Checkpoint`, `Line`, `witnesses(n)`, `sigstore.log_line()` |
| a timestamp | `timestamps=2` or `(Stamped(…),)`, `sigstore.token(message, how)` | `Stamped` |
| cosign's `.sig`, `.att` | `sigstore.cosign_layer(file=payload or statement=…)` | `log`, `timestamp`, `shape` |
| a trusted root | `sigstore.trusted_root(…)` | lists of `Trusted(whom=…, start=…, end=…)`, `media_type`, `edits` |
| other authorities | `sigstore.authority(windows=…)`, `sigstore.tsa(…)` | for `leaf(ca=…)`, `Stamped(tsa=…)`, roots |
| GitHub's own instance | `sigstore.github_bundle(…)`, `sigstore.github_root()` | as above |
| somebody foreign | `PrivateSigstore("foreign")`, and any part of it | |

`edits` map paths to values, functions of the present value, or `REMOVED`:
`edits={"verificationMaterial.tlogEntries.0.inclusionProof.treeSize": "8"}`; `edited()` does the same to any document.
`mirrored()`, `flipped()` and `url_safe()` give another valid signature, a damaged one, and the other spelling.
What is changed before signing (`Logged.body`, `Checkpoint.text`, `Stamped.info`, `LeafOptions`) is rightly signed and
wrong in itself; what is changed after (`edits`, `Checkpoint.note`, `Stamped.info_after`) no longer fits its signature.

On an image of `tests.publisher`:

    hang_bundle(image, digest, sigstore.bundle(statement=…))
    layer = sigstore.cosign_layer(file=payload)
    sign_tag(image, digest, key, payload=lambda _: layer.blob, layer=layer.described)
    attest_tag(image, digest, kind, {}, key, envelope=lambda _: layer.blob, layer=layer.described)
"""

from tests.sigstore.certificates import CODE_SIGNING, TIME_STAMPING, Authority, Leaf, LeafOptions
from tests.sigstore.checkpoints import Checkpoint, Line, witnesses
from tests.sigstore.claims import EMAIL, EMAIL_ISSUER, ISSUER, USER, WORKFLOW, username
from tests.sigstore.cosign import CosignLayer
from tests.sigstore.ctlog import CtLog, Sct
from tests.sigstore.edits import REMOVED, Edits, edited, flipped, url_safe
from tests.sigstore.keys import key
from tests.sigstore.logs import Log, Logged
from tests.sigstore.moments import ALWAYS, END, ISSUED, LIFETIME, SIGNED, START
from tests.sigstore.private import PrivateSigstore
from tests.sigstore.roots import Trusted
from tests.sigstore.signed import Signed, mirrored, statement
from tests.sigstore.timestamps import Stamped, Tsa

__all__ = [
    "ALWAYS",
    "CODE_SIGNING",
    "EMAIL",
    "EMAIL_ISSUER",
    "END",
    "ISSUED",
    "ISSUER",
    "LIFETIME",
    "REMOVED",
    "SIGNED",
    "START",
    "TIME_STAMPING",
    "USER",
    "WORKFLOW",
    "Authority",
    "Checkpoint",
    "CosignLayer",
    "CtLog",
    "Edits",
    "Leaf",
    "LeafOptions",
    "Line",
    "Log",
    "Logged",
    "PrivateSigstore",
    "Sct",
    "Signed",
    "Stamped",
    "Trusted",
    "Tsa",
    "edited",
    "flipped",
    "key",
    "mirrored",
    "statement",
    "url_safe",
    "username",
    "witnesses",
]
