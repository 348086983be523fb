"""The private Sigstore itself: all parts under one name, and the short ways to use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

import msgspec

from tests.publisher.about import JSON
from tests.publisher.documents import IN_TOTO
from tests.publisher.keys import SigningKey
from tests.sigstore import bundles, certificates, cosign, logs, roots, timestamps
from tests.sigstore.certificates import Authority, Leaf, LeafOptions
from tests.sigstore.checkpoints import Line
from tests.sigstore.cosign import CosignLayer
from tests.sigstore.ctlog import CtLog, Sct
from tests.sigstore.edits import UNCHANGED, Edits
from tests.sigstore.keys import key
from tests.sigstore.logs import Log, Logged
from tests.sigstore.moments import ISSUED
from tests.sigstore.roots import Trusted
from tests.sigstore.signed import Signed, Signer, compact, signed
from tests.sigstore.timestamps import Stamped, Tsa


class PrivateSigstore:
    """Authority, logs and timestamp authorities, all made from `name`: another name is a foreign Sigstore.

    Everything is made when first asked for, and is the same in every run.
    """

    def __init__(self, name: str = "sigstore") -> None:
        self.name = name

    # Who there is

    @cached_property
    def ca(self) -> Authority:
        """Root and intermediate, P-384."""
        return self.authority()

    @cached_property
    def ctlog(self) -> CtLog:
        return CtLog(f"ctfe.{self.name}.example", key(f"{self.name}/ctlog"))

    @cached_property
    def logs(self) -> Mapping[str, Log]:
        """ "v1"; "v2" with an Ed25519 key; "v2-ecdsa"."""
        return {
            "v1": Log(f"rekor.{self.name}.example", key(f"{self.name}/rekor")),
            "v2": Log(f"log2025-1.rekor.{self.name}.example", key(f"{self.name}/log2025-1", "ed25519"), 2),
            "v2-ecdsa": Log(f"log2025-2.rekor.{self.name}.example", key(f"{self.name}/log2025-2"), 2),
        }

    @cached_property
    def tsas(self) -> Mapping[str, Tsa]:
        """ "tsa" with root, intermediate and leaf; "tsa-direct" without an intermediate; two of GitHub's kind."""
        return {
            "tsa": self.tsa(),
            "tsa-direct": timestamps.tsa(f"{self.name}-tsa-direct", organization=self.organization, depth=2),
            "github": timestamps.tsa(f"{self.name}-tsa-github", organization="GitHub, Inc."),
            "github-old": timestamps.tsa(f"{self.name}-tsa-github-old", organization="GitHub, Inc."),
        }

    @cached_property
    def github_ca(self) -> Authority:
        """Of GitHub's kind: three certificates, no logs beside it."""
        return self.authority("github", organization="GitHub, Inc.", depth=3)

    @cached_property
    def github_old_ca(self) -> Authority:
        """The one before it."""
        return self.authority("github-old", organization="GitHub, Inc.", depth=3)

    @property
    def organization(self) -> str:
        return f"{self.name}.example"

    def authority(self, label: str = "fulcio", **options: Any) -> Authority:
        """An authority with the keys of that label. `options` are those of `certificates.authority`."""
        uri = f"https://{label}.{self.name}.example"
        return certificates.authority(f"{self.name}-{label}", uri=uri, **{"organization": self.organization, **options})

    def tsa(self, **options: Any) -> Tsa:
        """The authority "tsa", otherwise made. `options` are those of `timestamps.tsa`."""
        return timestamps.tsa(f"{self.name}-tsa", **{"organization": self.organization, **options})

    # What they issue

    def leaf(
        self,
        *,
        ca: Authority | None = None,
        key: SigningKey | None = None,
        scts: Sequence[Sct | CtLog] | None = None,
        sct_extensions: bytes = b"",
        **options: Any,
    ) -> Leaf:
        """A signer with a certificate. `options` are those of `LeafOptions`; `scts=()` leaves the SCT out."""
        wanted = [Sct(log=self.ctlog, extensions=sct_extensions)] if scts is None else scts
        made = tuple(sct if isinstance(sct, Sct) else Sct(log=sct) for sct in wanted)
        return certificates.leaf(ca or self.ca, key or self.leaf_key, LeafOptions(scts=made, **options))

    @property
    def leaf_key(self) -> SigningKey:
        return key(f"{self.name}/leaf")

    @cached_property
    def signer(self) -> Leaf:
        """The default leaf."""
        return self.leaf()

    @cached_property
    def github_signer(self) -> Leaf:
        """A leaf of GitHub's own instance: no SCT, and a private source repository."""
        return self.leaf(ca=self.github_ca, scts=(), claims={22: "private"})

    def entry(self, signed: Signed, how: Logged | str = "v1") -> JSON:
        """One log entry about something signed."""
        logged = Logged(log=how) if isinstance(how, str) else how
        return logs.entry(self.log(logged.log), signed, logged)

    def token(self, message: bytes, how: Stamped | str = "tsa") -> bytes:
        """One TimeStampResp over a message, in DER."""
        stamped = Stamped(tsa=how) if isinstance(how, str) else how
        authority = self.tsas[stamped.tsa] if isinstance(stamped.tsa, str) else stamped.tsa
        return timestamps.response(authority, message, stamped)

    def log(self, log: Log | str) -> Log:
        return self.logs[log] if isinstance(log, str) else log

    def log_line(self, log: Log | str = "v1", **options: Any) -> Line:
        """A signature line in the name of a log, for `Checkpoint(before=…)`. `options` are those of `Line`."""
        named = self.log(log)
        return Line(**{"name": named.host, "key": named.key, **options})

    # What they are asked for

    def sign(
        self,
        *,
        file: bytes | None = None,
        statement: JSON | bytes | None = None,
        signer: Signer | None = None,
        payload_type: str = IN_TOTO,
        signature: bytes | None = None,
        keyid: str | None = None,
    ) -> Signed:
        """Signs a file, or a statement in a DSSE envelope. A statement of bytes stands as it is."""
        if (file is None) == (statement is None):
            raise ValueError("expected a file or a statement")
        who = signer or self.signer
        if file is not None:
            return signed(file, who, signature=signature)
        payload = statement if isinstance(statement, bytes) else compact(statement)
        return signed(payload, who, payload_type=payload_type, signature=signature, keyid=keyid)

    def bundle(
        self,
        *,
        logs: Sequence[str | Logged] = ("v1",),
        timestamps: int | Sequence[str | Stamped] = 0,
        version: str = "0.3",
        material: str = "",
        hint: str | None = None,
        edits: Edits = UNCHANGED,
        **content: Any,
    ) -> JSON:
        """A Sigstore bundle. `content` is that of `sign`; see `bundles.bundle` for version, material and hint."""
        made = self.sign(**content)
        entries = [self.entry(made, how) for how in logs]
        wanted = ("tsa", "tsa-direct")[:timestamps] if isinstance(timestamps, int) else timestamps
        tokens = [self.token(made.signature, how) for how in wanted]
        return bundles.bundle(made, entries, tokens, version=version, material=material, hint=hint, edits=edits)

    def github_bundle(self, **options: Any) -> JSON:
        """A bundle of GitHub's own instance: no log entry, one token that brings no certificates."""
        stamp = Stamped(tsa="github", embed=False)
        return self.bundle(**{"signer": self.github_signer, "logs": (), "timestamps": (stamp,), **options})

    def cosign_layer(
        self,
        *,
        log: str | Logged | None = "v1",
        timestamp: str | Stamped | None = None,
        shape: str = "cosign",
        **content: Any,
    ) -> CosignLayer:
        """A layer of `.sig` (`file` is the payload) or `.att` (`statement`), with its annotations."""
        made = self.sign(**content)
        entry = None if log is None else self.entry(made, self._cosign_entry(made, log))
        message = cosign.blob_of(made) if made.is_dsse else made.signature
        token = None if timestamp is None else self.token(message, timestamp)
        return cosign.layer(made, entry, token, shape=shape)

    def trusted_root(self, **options: Any) -> JSON:
        """Trusts all of this Sigstore but GitHub's part. `options` are those of `roots.trusted_root`."""
        everything = {
            "logs": tuple(self.logs.values()),
            "ctlogs": (self.ctlog,),
            "authorities": (self.ca,),
            "timestamp_authorities": (self.tsas["tsa"], self.tsas["tsa-direct"]),
        }
        return roots.trusted_root(**{**everything, **options})

    def github_root(self, **options: Any) -> JSON:
        """A root of GitHub's kind: no logs of either sort, and authorities with overlapping windows."""
        before, after = ISSUED - timedelta(days=60), ISSUED + timedelta(days=30)
        everything = {
            "authorities": (
                Trusted(whom=self.github_old_ca, end=after),
                Trusted(whom=self.github_ca, start=before),
            ),
            "timestamp_authorities": (
                Trusted(whom=self.tsas["github-old"], end=after),
                Trusted(whom=self.tsas["github"], start=before),
            ),
        }
        return roots.trusted_root(**{**everything, **options})

    def _cosign_entry(self, made: Signed, how: str | Logged) -> Logged:
        """cosign logged its attestations as intoto."""
        logged = Logged(log=how) if isinstance(how, str) else how
        if made.is_dsse and not logged.kind:
            return msgspec.structs.replace(logged, kind="intoto 0.0.2")
        return logged
