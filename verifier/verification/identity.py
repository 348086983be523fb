"""What an image may call itself: the products and tag that its requested name stands for.

Chosen by the requested name alone, never by anything that was fetched.
"""

from __future__ import annotations

from verifier.model import Reference

_NO_TAG = ""


def acceptable_products(requested: Reference) -> tuple[str, ...]:
    """Signed product names that this image may carry; empty when its name says nothing about a product."""
    if requested.is_layout:
        return ()
    parts = requested.repository.split("/")
    path, last = requested.repository, parts[-1]
    if requested.registry == "dhi.io":
        return (f"dhi/{path}",)
    if last.startswith("dhi-") and len(last) > len("dhi-"):
        return (f"dhi/{last.removeprefix('dhi-')}", path)
    if requested.registry != "docker.io" and parts[-2:-1] == ["dhi"]:
        return (f"dhi/{last}", path)
    return ()


def enforces_tag(requested: Reference) -> bool:
    """Whether a requested tag must be among the signed ones: for DHI itself and its mirrors on Docker Hub."""
    if requested.registry == "dhi.io":
        return True
    return requested.registry == "docker.io" and requested.repository.split("/")[-1].startswith("dhi-")


def requested_tag(requested: Reference) -> str:
    """The tag that decides what was fetched: none when a digest was given."""
    return _NO_TAG if requested.digest else requested.tag
