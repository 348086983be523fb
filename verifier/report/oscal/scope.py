"""An observation on its way into an OSCAL document, and what the observations of one image or platform share."""

from __future__ import annotations

import msgspec

from verifier.model import PlatformResult, RuleOutcome, StigRule
from verifier.report.oscal.subjects import Assessed, origins, subject
from verifier.report.oscal.values import JSONObject, line, moment, prose


class Observed(msgspec.Struct, frozen=True):
    """An observation, and of what it is: findings and risks collect theirs by that."""

    document: JSONObject
    platform: str = ""
    rule: RuleOutcome | None = None
    stig: StigRule | None = None
    decides: bool = True  # whether the decision about the image rests on it
    doubtful: bool = False  # of a scan that contradicts itself

    @property
    def uuid(self) -> str:
        uuid: str = self.document["uuid"]
        return uuid


class Scope(msgspec.Struct, frozen=True):
    """What all observations of one image, or of one of its platforms, share. `number` is the platform's."""

    assessed: Assessed
    platform: PlatformResult | None = None
    number: str = ""

    @property
    def name(self) -> str:
        return self.platform.platform if self.platform else ""

    def observation(self, *key: str, title: str, text: str, method: str, **more: object) -> JSONObject:
        """`more` replaces or adds members: origins and time are this tool's and this run's where it says nothing."""
        return {
            "uuid": self.assessed.once("observation", self.number, *key),
            "title": line(title),
            "description": prose(text) or line(title),
            "methods": [method],
            "origins": origins(self.assessed),
            "subjects": [subject(self.assessed, self.platform)],
            "collected": moment(self.assessed.report.effective_time),
            **more,
        }
