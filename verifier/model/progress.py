"""How far a long run is, for whoever watches. The engine writes it and knows no screen."""

from __future__ import annotations


class Progress:
    """Plain counters that another thread may read at any time; nothing is decided by them."""

    def __init__(self) -> None:
        self.image = ""
        self.stage = ""
        self.done = 0
        self.total = 0

    def now(self, stage: str, image: str = "") -> None:
        self.stage = stage
        self.image = image or self.image
