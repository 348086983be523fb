"""How a run may reach registries: what the command line and environment decided."""

from __future__ import annotations

import msgspec

from verifier.limits import DEFAULT_LIMITS, Limits


class Settings(msgspec.Struct, frozen=True):
    """`timeout` is in seconds and covers everything that one `Sources` does; `cacert` is a PEM file."""

    allow_http: bool = False
    cacert: str | None = None
    jobs: int = DEFAULT_LIMITS.jobs
    timeout: float = DEFAULT_LIMITS.run_timeout
    limits: Limits = DEFAULT_LIMITS
    user_agent: str = "dhiverify"


class Stats(msgspec.Struct):
    """What was asked of the network so far: requests sent and body bytes received."""

    requests: int = 0
    bytes_received: int = 0
