"""Chromium opens the HTML report: nothing in it runs or is loaded, it works by keyboard, on a telephone and on paper.

`DHI_TEST_CHROMIUM` names the browser, else /usr/bin/chromium. Never downloads one.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.report.samples import ALLOWED, FAILED, FULL, HOSTILE_TEXTS, NOTHING, hostile
from tests.report.test_html import large, render
from verifier.model import Report

pytestmark = pytest.mark.checker

CHROMIUM = os.environ.get("DHI_TEST_CHROMIUM", "/usr/bin/chromium")
SEVERAL = replace(FULL, images=(*FULL.images, *ALLOWED.images, *FAILED.images, *NOTHING.images))


def absent(what: str) -> None:
    if os.environ.get("DHI_TEST_REQUIRE_CHECKERS") == "1":
        pytest.fail(f"{what} is not here")
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not importlib.util.find_spec("playwright"):
        absent("the package playwright")
    if not Path(CHROMIUM).exists():
        absent(f"Chromium at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Visit:
    """A page in the browser, and everything that happened which should not: dialogs, requests, complaints."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.happened: list[str] = []
        self.page = browser.new_context(**context).new_page()
        self.page.on("dialog", lambda dialog: (self.happened.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("console", lambda message: self.happened.append(f"console {message.text}"))
        self.page.on("pageerror", lambda fault: self.happened.append(f"error {fault}"))
        self.page.on("request", lambda request: self._requested(request.url, path.as_uri()))
        self.page.goto(path.as_uri())

    def _requested(self, address: str, own: str) -> None:
        if address != own:
            self.happened.append(f"request {address}")

    def seen(self, selector: str) -> int:
        """How many of these elements are to be seen."""
        found = self.page.locator(selector)
        return sum(found.nth(number).is_visible() for number in range(found.count()))


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Open:
    def opened(report: Report | str, **context: Any) -> Visit:
        path = tmp_path / "report.html"
        path.write_text(report if isinstance(report, str) else render(report), encoding="utf-8")
        return Visit(browser, path, **context)

    return opened


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_K01_K02_K03_hostile_text_runs_nothing_loads_nothing_and_breaks_no_rule_of_the_page(
    visit: Open, text: str
) -> None:
    opened = visit(hostile(text))

    opened.page.locator("summary").first.click()

    assert opened.happened == []
    assert opened.page.locator("h1").inner_text() == "Refused"


def test_K01_the_browser_refuses_what_a_page_without_escaping_would_hold(visit: Open) -> None:
    """The known-bad sample: the same security policy, and markup where text belongs."""
    bad = "<p style='color:red'>x</p><img src='https://evil.invalid/x.png'><script>alert(1)</script>"

    opened = visit(render(FULL).replace("<main", f"{bad}<main", 1))

    assert len([one for one in opened.happened if "Content Security Policy" in one]) == 3
    assert not [one for one in opened.happened if one.startswith("dialog")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_style_is_applied_and_follows_the_reader(visit: Open, scheme: str) -> None:
    opened = visit(FULL, color_scheme=scheme)

    ground = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    shades = [int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(",")]
    assert all(shade > 200 for shade in shades) if scheme == "light" else all(shade < 60 for shade in shades)
    assert opened.happened == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("report", [FULL, SEVERAL, hostile("x" * 500)], ids=["full", "several", "long"])
def test_no_page_is_wider_than_its_window(visit: Open, report: Report, width: int) -> None:
    opened = visit(report, viewport={"width": width, "height": 800})

    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_no_text_is_cut_off(visit: Open, width: int) -> None:
    """A time whose end cannot be seen looks like another one. What is wider than its place lies in `.scroll` alone."""
    entry = replace(FULL.images[0].platforms[0].attestations[0], time="2026-01-15T12:10:04.123456789Z")
    one = replace(FULL.images[0].platforms[0], attestations=(entry,))
    opened = visit(
        replace(FULL, images=(replace(FULL.images[0], platforms=(one,)),)), viewport={"width": width, "height": 900}
    )

    cut = opened.page.evaluate(
        """[...document.querySelectorAll("main *:not(.scroll)")].filter(
            element => getComputedStyle(element).overflowX != "visible" && element.scrollWidth > element.clientWidth
        ).map(element => element.outerHTML)"""
    )
    assert cut == []


def test_on_a_telephone_cells_say_what_their_column_would(visit: Open) -> None:
    opened = visit(FULL, viewport={"width": 390, "height": 800})

    sunset = opened.page.locator("td", has_text="2030-03-10").first
    assert "Sunset" in sunset.evaluate("cell => getComputedStyle(cell, '::before').content + cell.dataset.label")


def test_filters_hide_what_is_not_wanted_by_keyboard_and_together(visit: Open) -> None:
    opened = visit(FULL)
    assert opened.seen(".checks tbody tr") == 9

    opened.page.locator(".f-notapplicable").focus()
    opened.page.keyboard.press("Space")
    assert opened.seen(".checks tbody tr") == 8
    opened.page.locator(".f-low-severity").uncheck()

    assert opened.seen(".checks tbody tr") == 5
    assert opened.seen("tr.s-low") == 0


def test_the_keyboard_skips_to_the_report_and_opens_a_rule(visit: Open) -> None:
    opened = visit(FULL)

    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.className") == "skip"
    opened.page.keyboard.press("Enter")
    opened.page.locator(".checks summary").first.focus()
    opened.page.keyboard.press("Enter")

    assert opened.page.locator(".checks details").first.locator("dd").first.is_visible()


def test_a_rule_leads_to_the_evidence_that_it_rests_on(visit: Open) -> None:
    rule = replace(FULL.images[0].platforms[0].rules[1], evidence=(f"sha256:{100:064x}",))
    one = replace(FULL.images[0].platforms[0], rules=(rule,))
    opened = visit(replace(FULL, images=(replace(FULL.images[0], platforms=(one,)),)))

    opened.page.locator(".cited a").first.click()

    assert opened.page.locator("tr:target th").inner_text().startswith("stig")


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not here")
def test_on_paper_everything_is_open_nothing_is_filtered_and_no_control_is_printed(visit: Open, tmp_path: Path) -> None:
    opened = visit(FULL)
    opened.page.locator(".f-fail").uncheck()

    opened.page.pdf(path=tmp_path / "report.pdf")

    done = subprocess.run(["pdftotext", "-raw", tmp_path / "report.pdf", "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    assert text.count("Why it matters.") == 9
    assert "V-203601" in text
    assert "pkg:deb/debian/libc6" in text
    assert "dhiverify attestation get" in text
    assert "Show rules" not in text


def test_a_large_report_opens(visit: Open, record_property: Callable[[str, object], None]) -> None:
    """2,000 packages, two platforms, two scans of 198 rules. Prints the best of three; machines are no yardstick."""
    took = []
    for _ in range(3):
        opened = visit(large(), viewport={"width": 1280, "height": 900})
        timing = "performance.getEntriesByType('navigation')[0]"
        took.append(opened.page.evaluate(f"[{timing}.domContentLoadedEventEnd, {timing}.loadEventEnd]"))
        assert opened.happened == []

    ready, loaded = (round(min(column)) for column in zip(*took, strict=True))
    record_property("milliseconds", loaded)
    print(f"\na report of {len(render(large())) / 1e6:.1f} MB: content after {ready} ms, loaded after {loaded} ms")
    assert loaded > 0


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker of accessibility that other checkers are made of, as a script."""
    script = Path(os.environ.get("DHI_TEST_NODE_MODULES", "")) / "axe-core" / "axe.min.js"
    if not script.is_file():
        absent("axe-core in the directory that DHI_TEST_NODE_MODULES names")
    return script.read_text("utf-8")


Complaints = Callable[..., list[str]]


@pytest.fixture
def complaints(visit: Open, axe: str) -> Complaints:
    """What axe complains of, with everything unfolded. Scripts run only because the browser is told to let this one."""

    def found(document: Report | str, **context: Any) -> list[str]:
        page = visit(document, bypass_csp=True, **context).page
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate(axe)
        rules: list[str] = page.evaluate("axe.run().then(found => found.violations.map(rule => rule.id))")
        return rules

    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_has_nothing_to_complain_of(complaints: Complaints, scheme: str, width: int) -> None:
    for report in (FULL, SEVERAL):
        assert complaints(report, color_scheme=scheme, viewport={"width": width, "height": 900}) == []


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ('<html lang="en">', "<html>", "html-has-lang"),
        ("<h3 ", "<h6 ", "heading-order"),
        ("--quiet: #556172", "--quiet: #b5c1d2", "color-contrast"),
        ("<section class", '<section aria-label="Same" class', "landmark-unique"),
    ],
)
def test_axe_complains_of_a_page_that_some_people_cannot_read(
    complaints: Complaints, good: str, bad: str, rule: str
) -> None:
    document = render(FULL).replace(good, bad)

    assert rule in complaints(document)


@pytest.fixture(scope="module")
def pictures(browser: Any, pytestconfig: pytest.Config) -> Any:
    """The script that takes the pictures of the docs. It starts a browser of its own, in a process of its own."""
    del browser
    return Path(pytestconfig.rootpath) / "docs" / "pictures"


def test_the_pictures_of_the_docs_are_those_that_are_taken_now(pictures: Path, tmp_path: Path) -> None:
    """Captures of a terminal to the byte: after a change of what is said there, make them again.

    Screenshots differ with the fonts of a machine, so these are taken and not compared.
    """
    import sys

    subprocess.run([sys.executable, pictures / "make.py", tmp_path], check=True, capture_output=True, timeout=120)

    taken = {path.name for path in tmp_path.iterdir()}
    root = pictures.parent.parent
    documents = [(root / "README.md").read_text("utf-8"), *(page.read_text("utf-8") for page in root.glob("docs/*.md"))]
    assert taken == {path.name for path in pictures.iterdir() if path.suffix in (".png", ".svg")}
    assert taken == {name for text in documents for name in re.findall(r"pictures/([\w-]+\.(?:png|svg))", text)}
    for path in tmp_path.iterdir():
        body = path.read_bytes()
        assert len(body) < 250_000
        if path.suffix == ".svg":
            assert body == (pictures / path.name).read_bytes(), "run docs/pictures/make.py"
            assert ET.fromstring(body).tag.endswith("svg")
            assert b"url(http" not in body
            assert not [word for word in (b"Traceback", str(root).encode()) if word in body]
        else:
            assert body.startswith(b"\x89PNG")
