"""Finds what may be evidence: every storage layout, every place, all platforms at once. It judges nothing."""

from verifier.evidence.dhi import DhiLayout
from verifier.evidence.interface import Found, Layout, Wanted
from verifier.evidence.walk import Walk, ask, both, each, fork, run, together

__all__ = ["LAYOUTS", "Found", "Layout", "Walk", "Wanted", "ask", "both", "each", "fork", "run", "together"]

LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in (DhiLayout(),)}
