"""HTML: one file that a person reads, prints, archives and sends on. No script is in it, and it loads nothing.

Its content security policy allows its own style element, by hash, and nothing else. Every text of a template passes
through `html.texts.shown` and Jinja's escaping; a browser makes the PDF of it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from verifier.limits import DEFAULT_LIMITS
from verifier.model import Report
from verifier.report.interface import Per

if TYPE_CHECKING:
    from jinja2 import Environment, Template


class HtmlFormat:
    name = "html"
    description = "one page to read, print and keep: verdict, rules, evidence, STIG, FIPS, tests and packages"
    suffix = "html"
    details = ("stig", "fips", "tests", "sbom")
    per: Per = "run"

    def render(self, report: Report) -> str:
        from verifier.report import admission
        from verifier.report.html import view

        template, style, policy = _page()
        return template.render(
            report=report,
            images=view.views(report),
            word=view.word(report.verdict, report.images),
            admission=admission,
            style=style,
            policy=policy,
        )


@cache
def _page() -> tuple[Template, object, str]:
    """The template, its style as markup, and the content security policy that allows just this style."""
    from markupsafe import Markup

    environment = _environment()
    style = files("verifier.report.html").joinpath("templates", "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'none'; script-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )
    return environment.get_template("page.html"), Markup(style), policy  # noqa: S704 - our own file


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from verifier.report import charts
    from verifier.report.html import texts
    from verifier.report.html.commands import place

    made = Environment(
        loader=PackageLoader("verifier.report.html"),
        autoescape=True,
        finalize=texts.shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(detailed=texts.detailed, prose=texts.prose, number=texts.number)
    made.globals.update(link=texts.link, place=place, bar=charts.bar, rows=DEFAULT_LIMITS.html_rows)
    return made
