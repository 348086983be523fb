"""Signing certificates of the private Sigstore, each wrong, or of somebody else, in one way."""

from __future__ import annotations

from collections.abc import Callable

from cryptography import x509

from tests.sigstore import ISSUED, TIME_STAMPING, WORKFLOW, Leaf, PrivateSigstore

SIGSTORE = PrivateSigstore()
FOREIGN = PrivateSigstore("foreign")
CLAIMS = ((11, "github-hosted"), (12, "https://github.com/example/app"), (14, "refs/tags/v1.2.3"), (17, "2002"))
"""What is asked of the workflow besides its name and issuer."""

_CRITICAL = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)
_HUGE = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.5"), b"\x0c" * 100_000), False)
_ODD = "#0500,CN=docker+O=Docker, Inc."
_MANY = tuple(f"https://github.com/{number}" for number in range(5_000))
UNTRUSTED: dict[str, Callable[[], Leaf]] = {
    "C04: of another issuer": lambda: SIGSTORE.leaf(issuer="https://accounts.example"),
    "C09: a name of another type": lambda: SIGSTORE.leaf(names=(x509.DNSName("github.com"),)),
    "C10: of a foreign authority": lambda: FOREIGN.leaf(),
    "C25: source of somebody else": lambda: SIGSTORE.leaf(claims={12: "https://github.com/evil/app"}),
    "C26: self-hosted runner": lambda: SIGSTORE.leaf(claims={11: "self-hosted"}),
    "C27: pull request": lambda: SIGSTORE.leaf(claims={14: "refs/pull/1/merge", 20: "pull_request"}),
    "C28: repository with a new owner": lambda: SIGSTORE.leaf(claims={17: "666"}),
    "C29: a name that looks alike": lambda: SIGSTORE.leaf(identity=WORKFLOW.replace("example", "exampIe")),
    "C30: a name that goes on": lambda: SIGSTORE.leaf(identity=f"{WORKFLOW}/../evil"),
    "C32: subject that reads like several": lambda: SIGSTORE.leaf(identity="https://evil.example", subject=_ODD),
    "C36: of GitHub's own instance": lambda: SIGSTORE.github_signer,
}
INVALID: dict[str, Callable[[], Leaf]] = {
    "C05: two issuers": lambda: SIGSTORE.leaf(claims={1: "https://accounts.example"}),
    "C08: two names": lambda: SIGSTORE.leaf(names=(WORKFLOW, "dev@example.com")),
    "C12: an authority's": lambda: SIGSTORE.leaf(is_ca=True),
    "C12: for timestamps": lambda: SIGSTORE.leaf(eku=(TIME_STAMPING,)),
    "C13: unknown critical extension": lambda: SIGSTORE.leaf(extensions=(_CRITICAL,)),
    "C14: of another time": lambda: SIGSTORE.leaf(at=ISSUED.replace(year=2025)),
    "C33: five thousand names": lambda: SIGSTORE.leaf(names=_MANY),
    "C33: huge": lambda: SIGSTORE.leaf(extensions=(_HUGE,)),
    "C34: no SCT": lambda: SIGSTORE.leaf(scts=()),
}
