"""What makes a judgement less strict, one line each, as every report shows it, by whichever way it was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from verifier.times import written


def relaxed(
    *,
    platforms: Sequence[str] = (),
    ignore_transparency: bool = False,
    allow_http: bool = False,
    effective_time: datetime | None = None,
    policy_config: str = "",
    compat: str = "",
) -> Iterator[str]:
    """Named as the command line names them; a program sets the same in `Options`."""
    if platforms:
        yield f"only platform {', '.join(platforms)} is judged (--platform)"
    if ignore_transparency:
        yield "transparency log proofs are not looked at (--insecure-ignore-tlog)"
    if allow_http:
        yield "registries may be read over plain HTTP (--allow-http-registry)"
    if effective_time:
        yield f"rules are judged as of {written(effective_time)} (--effective-time)"
    if policy_config:
        yield f"rules are configured or switched off by {policy_config} (--policy-config)"
    if compat:
        yield "rules come to what Docker Scout would; required kinds and ages are not asked for (--compat scout)"
