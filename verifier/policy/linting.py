"""Everything that is wrong or doubtful in a policy document or in rules, as far as it can be told without an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.limits import DEFAULT_LIMITS
from verifier.model import RuleModule
from verifier.policy import doubts, yamltext
from verifier.policy.checks import Problem, problems
from verifier.policy.demands import ATTESTED, with_demands
from verifier.policy.document import Document, ImageSection
from verifier.policy.findings import Finding, LintReport, Severity, placed, together
from verifier.policy.modules import require_distinct
from verifier.policy.places import Places, Where
from verifier.policy.rule_doubts import lint_rules
from verifier.policy.salvage import salvaged
from verifier.policy.shipped import BUILT_IN, builtin_names, packs, shipped_policies
from verifier.policy.sources import misnamed, modules_of, not_carried_out, told

__all__ = ["Finding", "LintReport", "lint"]


def lint(path: Path | str, now: datetime | None = None) -> LintReport:
    """Looks at a policy document (a file, or a built-in one by name), a Rego file, or a directory of rules.

    Of a document, also at the rules on disk that it loads. Waivers are judged as of `now`, by default the real clock.
    Raises `ConfigurationError` only for a path that cannot be read.
    """
    builtin = str(path) in builtin_names()
    file = shipped_policies() / f"{path}.yaml" if builtin else Path(path)
    if file.suffix == ".rego" or file.is_dir():
        return lint_rules(file)
    name = f"{BUILT_IN}{path}" if builtin else str(file)
    body = read_regular(file, f"policy {file}", DEFAULT_LIMITS.policy_bytes)
    try:
        places = Places(name, yamltext.parse(body.decode("utf-8")))
        found = salvaged(places)
    except UnicodeDecodeError as fault:
        return LintReport((name,), (Finding("error", name, 0, 0, f"not UTF-8 at byte {fault.start}"),))
    except yamltext.YAMLRefused as fault:
        return LintReport((name,), (Finding("error", name, fault.line + 1, fault.column + 1, str(fault)),))
    findings = [placed("error", problem, places) for problem in found.problems]
    if found.document is None:
        return together([name], findings)
    whole = [(n, section) for n, section in enumerate(found.document.images) if n not in found.broken]
    looked = _document(found.document, whole, file.parent, now or datetime.now(UTC))
    findings += [placed(severity, problem, places) for severity, problem in looked]
    rules = list(_rules_on_disk(whole, file.parent))
    files = (name for one in rules for name in one.files)
    return together((name, *files), (*findings, *(finding for one in rules for finding in one.findings)))


def _rules_on_disk(sections: Sequence[tuple[int, ImageSection]], folder: Path) -> Iterator[LintReport]:
    for path in dict.fromkeys(source.path for _, section in sections for source in section.rules if source.path):
        if (folder / path).exists():
            yield lint_rules(folder / path)


def _document(
    document: Document, whole: Sequence[tuple[int, ImageSection]], folder: Path, now: datetime
) -> Iterator[tuple[Severity, Problem]]:
    """What is found in a document of which the sections `whole` could be read."""
    numbers = {number for number, _ in whole}
    for problem in problems(document):
        if len(problem.where) < 2 or problem.where[1] in numbers:
            yield "error", problem
    yield from (("warning", problem) for problem in doubts.unreachable(whole))
    yield from (("note", problem) for problem in doubts.unmatched(document.images))
    for number, section in whole:
        at = ("images", number)
        yield from (("warning", problem) for problem in doubts.of_section(section, at, folder, now))
        yield from _rules(section, at, folder)


def _rules(section: ImageSection, at: Where, folder: Path) -> Iterator[tuple[Severity, Problem]]:
    """Loads the rules of a section, and holds against them what the section says about them."""
    modules: list[RuleModule] = []
    is_whole = True
    for number, source in enumerate(section.rules):
        where = (*at, "rules", number)
        if source.bundle or (source.pack and source.pack not in packs()):  # nothing is fetched, or its name is wrong
            is_whole = False
            continue
        try:
            found = modules_of(source, folder, {})
        except ConfigurationError as fault:
            is_whole = False
            yield "error", Problem(where, str(fault), fault.hint)
            continue
        yield from (("error", problem) for problem in misnamed(source, where, [module.id for module in found]))
        modules += told(found, source, {})
    yield from _fitting(modules, at)
    yield from (("error", problem) for problem in doubts.not_waivable(section, at, modules))
    if is_whole:
        yield from (("error", problem) for problem in not_carried_out(section, at, [module.id for module in modules]))
        yield from (("warning", problem) for problem in doubts.of_rules(modules, at))


def _fitting(modules: Sequence[RuleModule], at: Where) -> Iterator[tuple[Severity, Problem]]:
    """Rules that cannot be evaluated together, or with their configuration."""
    told_by_command_line = [(ATTESTED, (ATTESTED,))] if any(module.id == ATTESTED for module in modules) else []
    try:
        require_distinct(modules)
        with_demands(modules, (), told_by_command_line)
    except ConfigurationError as fault:
        yield "error", Problem((*at, "rules"), str(fault), fault.hint)
