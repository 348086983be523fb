"""`verify(reference)` judges an image as a user would with the publisher's key; what comes back answers questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.publisher import keys
from verifier.model import AttestationEntry, ImageResult, PlatformResult, Report, RuleOutcome
from verifier.oci import Settings
from verifier.policy import Additions
from verifier.verification import Options
from verifier.verification import verify as verify_images

SOON_AFTER = datetime(2026, 1, 20, tzinfo=UTC)


class Seen:
    """A report of one image, and the questions that tests ask of it."""

    def __init__(self, report: Report) -> None:
        self.report = report

    @property
    def exit_code(self) -> int:
        return self.report.exit_code

    @property
    def image(self) -> ImageResult:
        return self.report.images[0]

    @property
    def why(self) -> str:
        return "\n".join((*self.image.reasons, *(e.reason for p in self.image.platforms for e in p.attestations)))

    def platform(self, name: str = "linux/amd64") -> PlatformResult:
        return next(platform for platform in self.image.platforms if platform.platform == name)

    def all(self, kind: str, platform: str = "linux/amd64") -> list[AttestationEntry]:
        return [entry for entry in self.platform(platform).attestations if kind in (entry.kind, entry.predicate_type)]

    def only(self, kind: str, platform: str = "linux/amd64") -> AttestationEntry:
        (entry,) = self.all(kind, platform)
        return entry

    def rule(self, name: str, platform: str = "linux/amd64") -> RuleOutcome:
        return next(rule for rule in self.platform(platform).rules if rule.id == name)


Verify = Callable[..., Seen]


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("keys")
    files = {}
    for key in (keys.publisher, keys.stranger):
        path = folder / f"{key.name}.pub"
        path.write_bytes(key.public_pem)
        files[key.name] = str(path)
    return files


@pytest.fixture
def verify(key_files: dict[str, str]) -> Verify:
    def judge(
        reference: str, *, policy: str = "dhi", requested: str = "", environ: dict[str, str] | None = None, **more: Any
    ) -> Seen:
        more.setdefault("key_files", (key_files["publisher"],))
        settings = Settings(jobs=4, timeout=20)
        options = Options(
            policy=policy,
            additions=Additions(**more),
            requested=requested,
            effective_time=SOON_AFTER,
            settings=settings,
            environ=environ or {},
        )
        return Seen(verify_images([reference], options))

    return judge


@pytest.fixture
def policy_file(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "policy.yaml"
        path.write_text(text)
        return str(path)

    return write
