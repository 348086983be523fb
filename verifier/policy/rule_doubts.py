"""What is wrong or doubtful in Rego files, as far as their headers and a glance at the text tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from verifier.errors import ConfigurationError
from verifier.model import RuleModule
from verifier.policy import yamltext
from verifier.policy.checks import KINDS
from verifier.policy.findings import Finding, LintReport, Severity, refused, together
from verifier.policy.modules import Custom, metadata_text, read_file, rule_files
from verifier.policy.places import suggestion

_MEMBERS = tuple(field.name for field in msgspec.structs.fields(Custom))


def lint_rules(path: Path) -> LintReport:
    """Looks at one Rego file, or at those of a directory but tests. Raises `ConfigurationError` where there is none."""
    files = rule_files(path)
    if not files:
        raise ConfigurationError(f"{path} holds no rules", hint="Rules are files that end in .rego, not in _test.rego.")
    modules: list[RuleModule] = []
    found: list[Finding] = []
    for file in files:
        try:
            modules.append(read_file(file))
        except ConfigurationError as fault:
            found.append(refused(str(file), fault))
    found += [finding for module in modules for finding in _module(module)]
    return together(map(str, files), (*found, *_twice(modules)))


def _twice(modules: Sequence[RuleModule]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for module in modules:
        if first.setdefault(module.id, module.path) != module.path:
            text = f"the rule id {module.id!r} is that of {first[module.id]}, too"
            yield _finding("error", module, "name", text, "Give each file its own `custom.name` in its METADATA.")


def _module(module: RuleModule) -> Iterator[Finding]:
    if not module.title:
        text = "its METADATA has no title, by which reports would name it"
        yield _finding("warning", module, "", text, "Write a `# METADATA` block above `package`, with `title`.")
    if module.evidence is None:
        text = "it does not say what evidence it reads, so all evidence of an image is fetched for it"
        yield _finding("note", module, "custom", text, "Write `custom.evidence: [malware]`, or [] if it reads none.")
    for kind in (*(module.evidence or ()), *module.optional):
        if kind not in (*KINDS, "signature") and ":" not in kind:
            text = f"there is no kind of evidence {kind[:100]!r}"
            yield _finding("warning", module, "evidence", text, suggestion(kind, KINDS))
    yield from _misspelt(module)
    code = "\n".join(line.partition("#")[0] for line in module.source.splitlines())
    if not re.search(r"^\s*(default\s+)?pass\b", code, re.MULTILINE):
        yield _finding("warning", module, "", "it never defines `pass`, so it is always unknown")


def _misspelt(module: RuleModule) -> Iterator[Finding]:
    """Members of `custom` that are nobody's, and look like one that means something."""
    tree = yamltext.plain(yamltext.load(metadata_text(module.source)) or {})
    for member in tree.get("custom") or {}:
        hint = "" if member in _MEMBERS else suggestion(member, _MEMBERS)
        if hint.startswith("Did you mean"):
            yield _finding("warning", module, member, f"`custom.{member[:100]}` means nothing here", hint)


def _finding(severity: Severity, module: RuleModule, member: str, text: str, hint: str = "") -> Finding:
    return Finding(severity, module.path, _line_of(module, member), 1, text, hint)


def _line_of(module: RuleModule, member: str) -> int:
    """The line that states `member` in the METADATA, or else the package."""
    lines = module.source.splitlines()
    package = next((n for n, line in enumerate(lines) if line.startswith("package")), 0)
    stated = rf"#\s+{re.escape(member)}\s*:"
    return 1 + next((n for n, line in enumerate(lines[:package]) if member and re.match(stated, line)), package)
