"""What verification costs, against what it cannot cost less than, and against the tools that it replaces.

    make benchmark            or: python -m benchmarks

One FIPS image, two platforms, 30 attestations, 500 packages in each SBOM. Everything is measured in one run and given
as ratios, since machines are noisy. Needs docker-registry; the shell loop also needs regctl and cosign. See README.md.
"""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks import rules
from benchmarks.memory import MemorySource, inline
from tests.e2e.conftest import distribution
from tests.publisher import FIPS, ImageSpec, PublishedImage, keys, publish, to_registry
from verifier import attestation
from verifier.evidence import Wanted
from verifier.model import Plan, Reference
from verifier.model.progress import Progress
from verifier.trust import trust_of
from verifier.verification import examine as examining
from verifier.verification.examine import Task, examine

LOOP = r"""
set -euo pipefail
for platform in linux/amd64 linux/arm64; do
    regctl artifact list "$IMAGE" --platform "$platform" --format '{{range .Descriptors}}{{println .Digest}}{{end}}'
done | sed '/^$/d' | xargs -P "$AT_ONCE" -I{} sh -c '
    flags="--experimental-oci11 --insecure-ignore-tlog=true --allow-http-registry"
    cosign verify --key "$KEY" $flags "$REPO@{}" >/dev/null 2>&1
    regctl artifact get "$REPO@{}" >/dev/null'
"""


def cpu(work: Callable[[], object], runs: int = 7) -> float:
    """Median seconds of CPU."""
    taken = []
    for _ in range(runs):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def wall(command: list[str], environment: dict[str, str], runs: int) -> float:
    """Median seconds of wall clock of a whole process."""
    taken = []
    for _ in range(runs):
        begun = time.monotonic()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        taken.append(time.monotonic() - begun)
    return statistics.median(taken)


def floor(image: PublishedImage) -> float:
    """Hashing every byte once and verifying each signature once: nothing that verifies can cost less."""
    bodies = [*image.blobs.values(), *(body for _, body in image.manifests.values())]
    public = keys.publisher.private.public_key()
    signed = [(s.signature, s.payload) for a in image.attestations for s in a.signatures]

    def work() -> None:
        for body in bodies:
            hashlib.sha256(body).digest()
        for signature, payload in signed:
            public.verify(signature, payload, ec.ECDSA(SHA256()))

    return cpu(work)


def discovery(image: PublishedImage, key_file: str, *, facts: bool) -> float:
    """Finding, hashing, parsing, checking and binding all 30, from memory; with `facts`, reading predicates too."""
    examining.run = lambda walks, *_: [inline(walk) for walk in walks]
    if not facts:
        attestation.facts = lambda statement, digest: {}
    trust = trust_of(Plan("benchmark", "", "", key_files=(key_file,)), os.environ)
    reference = Reference("memory", "dhi/python", digest=None, tag="3.13")

    def work() -> None:
        source = MemorySource(image)
        examine(Task(reference, reference, source, (source,), Wanted(everything=True), (), 1), trust, Progress())

    work()
    return cpu(work)


def row(name: str, seconds: float, note: str = "") -> None:
    print(f"{name:<58}{seconds * 1000:>9.1f} ms  {note}")


def against_the_loop(host: str, key_file: str, scratch: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch), "PYTHONPATH": str(Path.cwd())}
    image = f"{host}/dhi/python:3.13-fips"
    ours = wall([sys.executable, "-m", "verifier", "image", "--key", key_file, image, "-o", "json"], environment, 5)
    row("dhiverify image, whole process, rules included", ours)
    if not (shutil.which("regctl") and shutil.which("cosign")):
        print("regctl or cosign is not on this machine: no comparison with the shell loop")
        return
    subprocess.run(["regctl", "registry", "set", "--tls", "disabled", host], env=environment, check=True)
    given = {**environment, "IMAGE": image, "REPO": f"{host}/dhi/python", "KEY": key_file, "COSIGN_EXPERIMENTAL": "1"}
    for at_once in ("1", "4"):
        loop = wall(["bash", "-c", LOOP], {**given, "AT_ONCE": at_once}, 2)
        row(f"regctl + cosign loop, {at_once} at a time", loop, f"{loop / ours:.1f} times ours")


def memory(host: str, key_file: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    command = [sys.executable, "-m", "verifier", "image", "--key", key_file, f"{host}/dhi/python:3.13-fips"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"{'largest resident set of any process of a run':<58}{max(before, after) / 1024:>9.0f} MiB")


def main() -> None:
    image = publish(ImageSpec(**dict(FIPS), packages=500, stig_rules=198))
    attestations = sum(len(platform.attestations) for platform in image.platforms.values())
    size = sum(map(len, image.blobs.values())) + sum(len(body) for _, body in image.manifests.values())
    print(f"{attestations} attestations, {size / 1024:.0f} KiB of manifests and blobs\n")
    with tempfile.TemporaryDirectory() as name, distribution(Path(name)) as host:
        scratch = Path(name)
        key_file = scratch / "publisher.pub"
        key_file.write_bytes(keys.publisher.public_pem)
        to_registry(image, f"http://{host}/dhi/python")
        memory(host, str(key_file))
        least = floor(image)
        row("floor: hash all bytes, verify all signatures (CPU)", least)
        read = discovery(image, str(key_file), facts=True)
        found = discovery(image, str(key_file), facts=False)
        row("discovery, signatures, statement headers (CPU)", found, f"{found / least:.1f} times the floor")
        row("the same, and all 30 predicates read strictly (CPU)", read)
        version = wall([sys.executable, "-m", "verifier", "--version"], dict(os.environ), 5)
        row("dhiverify --version, whole process", version)
        started, evaluated, given = rules.measure(str(key_file))
        row("start of the rule worker, ten rules compiled (CPU)", started)
        row(
            f"ten rules, SBOMs of {rules.PACKAGES:,} packages (CPU)",
            evaluated,
            f"{given / 1024:,.0f} KiB of statements",
        )
        against_the_loop(host, str(key_file), scratch)


main()
