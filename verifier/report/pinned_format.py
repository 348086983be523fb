"""What to deploy: `name@sha256:…`, one line for each image that was allowed, and nothing for any other."""

from __future__ import annotations

from verifier.model import Report, Verdict
from verifier.report.interface import Per


class PinnedFormat:
    name = "pinned"
    description = "name@sha256:… of each allowed image, for the next step of a pipeline"
    suffix = "pinned.txt"
    details = ()
    per: Per = "run"

    def render(self, report: Report) -> str:
        allowed = (image for image in report.images if image.verdict in (Verdict.ALLOW, Verdict.WARN))
        return "".join(f"{image.pinned}\n" for image in allowed if image.enforced and image.pinned)
