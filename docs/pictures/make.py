"""Takes the pictures beside this file from real output: python docs/pictures/make.py [DIRECTORY]

Commands run as a user would run them, on images of `testdata` and on one that holds the real STIG scan of
`tests/publisher/data`. Screenshots need the package `playwright` and Chromium (`DHI_TEST_CHROMIUM` names it); terminal
captures are SVG by `rich`, without its fonts from the network.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from tests.publisher import FIPS, ImageSpec, publish, to_layout  # noqa: E402 - found from here
from tests.publisher.compliance import real_stig  # noqa: E402

COLUMNS, LINES = 140, 60
SCANNED = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)  # the day of the real scan
KEY = ("--key", "testdata/keys/publisher.pub")
AS_OF = ("--effective-time", "2026-01-20")
IMAGE = "oci:python-fips"
TERMINALS = {
    "image-refused": ("image", *KEY, *AS_OF, "--platform", "linux/arm64", "oci:testdata/refused"),
    "attestation-list": ("attestation", "list", *KEY, "--platform", "linux/amd64", "oci:testdata/fips"),
    "stig-show": ("stig", "show", *KEY, "--platform", "linux/amd64", "--result", "fail", IMAGE),
}
REPORT = ("image", *KEY, "--effective-time", "2026-11-23", "--quiet", "--output", "html=report.html", IMAGE)


def make(directory: Path) -> None:
    """Replaces all pictures in `directory`."""
    with desk() as place:
        terminals(place, directory)
        screenshots(place, directory)


@contextmanager
def desk() -> Iterator[Path]:
    """A directory to run commands in, so that no path of this machine is seen: `testdata`, and the image `IMAGE`."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "testdata").symlink_to(ROOT / "testdata")
        scanned = ImageSpec(at=SCANNED, evidence={"stig": lambda _: real_stig()}, **FIPS)
        to_layout(publish(scanned), place / IMAGE.removeprefix("oci:"))
        yield place


def terminals(place: Path, directory: Path) -> None:
    """What a person sees who runs each of `TERMINALS`."""
    for name, arguments in TERMINALS.items():
        shown = f"\x1b[1m$\x1b[0m dhiverify {' '.join(arguments)}\r\n{_seen(place, arguments)}"
        title = " ".join(("dhiverify", *takewhile(lambda word: not word.startswith("-"), arguments)))
        (directory / f"{name}.svg").write_text(_svg(shown, title, name), encoding="utf-8")


def _seen(place: Path, arguments: tuple[str, ...]) -> str:
    """What the command writes to a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environ = {**_environ(), "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    process = subprocess.Popen(_command(arguments), stdout=theirs, stderr=subprocess.DEVNULL, cwd=place, env=environ)
    os.close(theirs)
    with os.fdopen(ours, "rb") as reader:
        seen = b"".join(_read(reader))
    _check(process.wait(), arguments)
    return seen.decode()


def _check(code: int, arguments: tuple[str, ...]) -> None:
    """A verdict is 0 or 1; anything else is no picture of the program at work."""
    if code not in (0, 1):
        raise SystemExit(f"dhiverify {' '.join(arguments)}: exit code {code}")


def _read(reader: Any) -> Iterator[bytes]:
    """All of it. The end of a terminal is an error on Linux, and an empty answer elsewhere."""
    while True:
        try:
            part = reader.read1(65_536)
        except OSError:
            return
        if not part:
            return
        yield part


def _command(arguments: tuple[str, ...]) -> tuple[str, ...]:
    return (sys.executable, "-m", "verifier", *arguments)


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DHIVERIFY_")}
    kept.pop("NO_COLOR", None)
    return {**kept, "PYTHONPATH": str(ROOT)}


def _svg(seen: str, title: str, name: str) -> str:
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    theme = TerminalTheme((22, 27, 34), (222, 228, 236), _COLOURS, _BRIGHT)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(seen.replace("\r\n", "\n").rstrip()))
    console.print()  # the frame is tight around the last line
    return console.export_svg(title=title, theme=theme, code_format=_FRAME, unique_id=name)


_COLOURS = [(22, 27, 34), (255, 123, 114), (86, 211, 128), (227, 179, 65), (121, 192, 255), (210, 168, 255)]
_COLOURS += [(118, 227, 234), (177, 186, 196)]
_BRIGHT = [(110, 118, 129), (255, 161, 152), (126, 231, 150), (240, 202, 100), (165, 214, 255), (226, 197, 255)]
_BRIGHT += [(179, 240, 255), (255, 255, 255)]
_FRAME = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}}
.{unique_id}-title {{ font: 16px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def screenshots(place: Path, directory: Path) -> None:
    """The report of an image that is refused for its STIG score, as a browser shows it."""
    done = subprocess.run(_command(REPORT), cwd=place, env=_environ(), check=False, capture_output=True)
    _check(done.returncode, REPORT)
    with _browser() as browser:
        address = (place / "report.html").as_uri()
        for name, scheme in (("report-light", "light"), ("report-dark", "dark")):
            page = browser.new_page(viewport={"width": 1200, "height": 1000}, color_scheme=scheme)
            page.goto(address)
            page.screenshot(path=directory / f"{name}.png")
        page = browser.new_page(viewport={"width": 1200, "height": 1300}, color_scheme="light")
        page.goto(address)
        page.locator(".f-notapplicable").first.uncheck()
        page.locator(".checks summary").nth(2).click()
        page.locator(".stig").first.evaluate("section => section.scrollIntoView()")
        page.screenshot(path=directory / "report-stig.png")


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        executable = os.environ.get("DHI_TEST_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]) if sys.argv[1:] else HERE)
