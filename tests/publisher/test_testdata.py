"""The images in testdata/ are what their script makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTDATA = Path(__file__).resolve().parents[2] / "testdata"
MADE = ("allowed", "refused", "fips", "unsigned", "bare", "keys")


def made(directory: Path) -> dict[str, bytes]:
    files = (path for name in MADE for path in (directory / name).rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def test_the_script_gives_the_same_bytes_again(tmp_path: Path) -> None:
    for _ in range(2):  # the second time over its own files
        subprocess.run([sys.executable, TESTDATA / "make.py", tmp_path], check=True, cwd=tmp_path)

    assert made(tmp_path) == made(TESTDATA)


def test_each_image_is_small() -> None:
    for name in MADE:
        assert sum(len(body) for path, body in made(TESTDATA).items() if path.startswith(f"{name}/")) < 150_000


def test_no_private_key_is_among_them() -> None:
    assert not [path for path, body in made(TESTDATA).items() if b"PRIVATE KEY" in body]
