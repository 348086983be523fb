"""How far a long run is, for whoever watches. The engine writes it and knows no screen."""

from __future__ import annotations


class Progress:
    """Plain text that another thread may read at any time; nothing is decided by it."""

    def __init__(self) -> None:
        self.image = ""
        self.stage = ""

    def now(self, stage: str, image: str = "") -> None:
        self.stage = stage
        self.image = image or self.image
