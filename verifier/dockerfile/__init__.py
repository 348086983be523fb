"""Dockerfiles: what they are built on, verified, and what in them will not work on hardened images.

A product on top of the hub. `judge` reads the files and makes a report; `verify_images` is how it verifies, and
`unverified` how it does not.
"""

from verifier.dockerfile.judge import Request, judge, judge_sources
from verifier.dockerfile.report import DockerfileReport
from verifier.dockerfile.verifying import Outcome, Wanted, unverified, verify_images

__all__ = ["DockerfileReport", "Outcome", "Request", "Wanted", "judge", "judge_sources", "unverified", "verify_images"]
