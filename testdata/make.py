"""Writes the images and keys beside this file: python testdata/make.py [DIRECTORY]

The same bytes every time: signatures are deterministic, keys come from numbers in the open, and all times are counted
from one fixed moment. Needs the package `cryptography` and the repository around it.
"""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests.publisher import FIPS, ImageSpec, keys, only, predicates, publish, to_layout  # noqa: E402 - found from here

ALLOWED = ImageSpec()


def _infected(statement: dict[str, object]) -> dict[str, object]:
    return {**statement, "predicate": predicates.malware(ALLOWED.about("linux/arm64", ""), infected=1)}


IMAGES = {
    "allowed": ALLOWED,
    "refused": ImageSpec(
        statement=only("malware", _infected, "linux/arm64"),
        signed_by={"secrets": keys.stranger},
    ),
    "fips": ImageSpec(
        evidence={"stig": partial(predicates.stig, rules=8), "tests": partial(predicates.ctrf, fips=True)}, **FIPS
    ),
    "unsigned": ImageSpec(unsigned={"*"}),
    "bare": ImageSpec(omit={"*"}),
}
KEYS = (keys.publisher, keys.stranger)


def make(directory: Path) -> None:
    """Replaces images and keys in `directory`; other files stay."""
    for name, spec in IMAGES.items():
        path = directory / name
        shutil.rmtree(path, ignore_errors=True)
        to_layout(publish(spec), path, tags=spec.tags[-1:])
    (directory / "keys").mkdir(parents=True, exist_ok=True)
    for key in KEYS:
        (directory / "keys" / f"{key.name}.pub").write_bytes(key.public_pem)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if sys.argv[1:] else HERE)
