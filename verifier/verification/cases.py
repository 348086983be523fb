"""Case files: an image, or what is said about one, with what the verdict and each rule shall come to.

    name: an infected image is refused
    image: oci:../images/infected          # verified for real; or `statements`, taken as verified
    as: dhi.io/python:3.13
    policy: ../policy.yaml
    keyFiles: [../publisher.pub]
    effectiveTime: 2026-01-20
    expect: {verdict: deny, exitCode: 1, rules: {dhi-no-embedded-malware: fail}}

All paths are relative to the file. Images lie on disk, so that a case says the same tomorrow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from verifier.model import ImageResult, Reference, Report, RuleModule, RuleOutcome
from verifier.oci import parse_reference
from verifier.policy import Additions, bundles_for, load_document, plan_for
from verifier.policy.modules import load_pack, load_rules, require_distinct
from verifier.policy.places import Places, Where, suggestion
from verifier.policy.shipped import BUILT_IN, builtin_names
from verifier.policy.waivers import moment
from verifier.rules import Coverage, Rules
from verifier.verification.assumed import Subject, assumed
from verifier.verification.hub import Options, verify
from verifier.verification.strict_files import read_strict

Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
RuleResult: TypeAlias = Literal["pass", "fail", "unknown", "skipped"]

_LAYOUT = "oci:"
_OF_IMAGES = ("policy", "keyFiles")
_OF_STATEMENTS = ("config", "product", "tag", "ruleConfig")


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What shall come out; what is not stated is not looked at. `rules` are results by rule id, on every platform."""

    verdict: Literal["allow", "warn", "deny", "error"] | None = None
    exit_code: Annotated[int, msgspec.Meta(ge=0, le=7)] | None = None
    rules: dict[str, RuleResult] = {}


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One case file. Of `image` and `statements` exactly one is stated."""

    name: Text
    expect: Expect
    image: Text = ""
    requested: Text = msgspec.field(default="", name="as")
    policy: Text = "dhi"
    key_files: tuple[Text, ...] = ()
    effective_time: Text = ""
    platform: Text = ""
    rules: tuple[Text, ...] = ()
    statements: tuple[Any, ...] | None = None
    config: dict[str, Any] = {}
    product: Text = ""
    tag: Text = ""
    rule_config: dict[str, dict[str, Any]] = {}


class CaseFile(msgspec.Struct, frozen=True):
    """A case as read. `now` is the time as of which it is judged, None for the real clock."""

    path: Path
    case: Case
    places: Places
    now: datetime | None


class CaseRun(msgspec.Struct, frozen=True):
    """What came of a case: one line for each thing that is not as expected, and which lines of rules it reached."""

    failures: tuple[str, ...]
    coverage: tuple[Coverage, ...] = ()


def read_case(path: Path) -> CaseFile:
    """Raises `ConfigurationError` with line and column for everything that is wrong with the file itself."""
    case, places = read_strict(path, Case)
    for where, text, hint in _problems(case, places):
        raise places.fault(where, text, hint)
    return CaseFile(path, case, places, _moment(case, places))


def _problems(case: Case, places: Places) -> Iterator[tuple[Where, str, str]]:
    if bool(case.image) == (case.statements is not None):
        found = "both `image` and" if case.image else "neither `image` nor"
        yield (), f"a case has {found} `statements`", "Give a saved image, or statements that count as verified."
    if case.image and not case.image.startswith(_LAYOUT):
        hint = "Save it to disk, and write oci:DIR. What lies on a registry may be another image tomorrow."
        yield ("image",), f"expected a saved image as oci:DIR, found {case.image[:200]!r}", hint
    foreign = _OF_STATEMENTS if case.image else _OF_IMAGES
    for member in foreign:
        if member in places.tree:
            yield (
                (member,),
                f"`{member}` means nothing beside `{'image' if case.image else 'statements'}`",
                "Remove it.",
            )
    expected = case.expect
    if expected.verdict is None and expected.exit_code is None and not expected.rules:
        yield ("expect",), "the case expects nothing, and so could never fail", "State verdict, exitCode or rules."
    for member in ("verdict", "exitCode"):
        if not case.image and member in places.tree["expect"]:
            text = f"`{member}` is that of an image, and statements alone have none"
            yield ("expect", member), text, "State `rules`, or give a saved `image`."


def _moment(case: Case, places: Places) -> datetime | None:
    try:
        return moment(case.effective_time) if case.effective_time else None
    except ValueError as fault:
        raise places.fault(("effectiveTime",), str(fault)) from None


def run_case(found: CaseFile, modules: Sequence[RuleModule], *, coverage: bool = False) -> CaseRun:
    """Evaluates a case; `modules` are the rules that count where it names none.

    Raises `ConfigurationError` for rules that it names and that do not exist, and for files that cannot be used.
    """
    if found.case.image:
        return CaseRun(tuple(_of_image(found)))
    return _of_statements(found, modules, coverage)


def _of_image(found: CaseFile) -> Iterator[str]:
    case, folder = found.case, found.path.parent
    options = Options(
        policy=case.policy if case.policy in builtin_names() else str(folder / case.policy),
        additions=Additions(
            key_files=tuple(str(folder / name) for name in case.key_files),
            platforms=(case.platform,) if case.platform else (),
            rules=tuple(str(folder / name) for name in case.rules),
        ),
        requested=case.requested,
        effective_time=found.now,
    )
    reference = f"{_LAYOUT}{folder / case.image.removeprefix(_LAYOUT)}"
    _refuse_network(found, parse_reference(case.requested or reference), options)
    report = verify([reference], options)
    (image,) = report.images
    evaluated = {platform.platform: platform.rules for platform in image.platforms if platform.rules}
    if evaluated:
        _require_rules(found, [rule.id for rules in evaluated.values() for rule in rules])
    elif case.expect.rules:
        yield f"expected results of rules, and none was evaluated: {_why(image)}"
    yield from _verdict(case.expect, report)
    yield from _results(case.expect, evaluated)


def _refuse_network(found: CaseFile, requested: Reference, options: Options) -> None:
    """A case says the same everywhere, so it may not depend on what some registry answers."""
    loaded = load_document(options.policy)
    for bundle in bundles_for(loaded, requested, options.additions):
        text = f"its policy takes the rules {bundle.reference} from a registry, which tests do not reach"
        raise found.places.fault(("policy",), text, "Fetch them with `dhiverify policy pull`, and name the directory.")
    plan = plan_for(loaded, requested, options.additions)
    for place in plan.places if plan else ():
        text = f"its policy looks for evidence in {place.repository}, too, which tests do not reach"
        raise found.places.fault(("as",), text, "Choose another `as`, or a policy without `evidence` for this image.")


def _why(image: ImageResult) -> str:
    return "; ".join(image.reasons) or "no reasons"


def _verdict(expect: Expect, report: Report) -> Iterator[str]:
    why = _why(report.images[0])
    if expect.verdict is not None and report.verdict != expect.verdict:
        yield f"expected verdict {expect.verdict}, found {report.verdict}: {why}"
    if expect.exit_code is not None and report.exit_code != expect.exit_code:
        yield f"expected exit code {expect.exit_code}, found {report.exit_code}: {why}"


def _results(expect: Expect, platforms: dict[str, tuple[RuleOutcome, ...]]) -> Iterator[str]:
    for rule, result in expect.rules.items():
        for name, outcomes in platforms.items():
            for outcome in outcomes:
                if outcome.id == rule and outcome.result != result:
                    on = f" ({name})" if len(platforms) > 1 else ""
                    said = f": {outcome.message}" if outcome.message else ""
                    yield f"rule {rule}{on}: expected {result}, found {outcome.result}{said}"


def _of_statements(found: CaseFile, modules: Sequence[RuleModule], coverage: bool) -> CaseRun:
    case, folder = found.case, found.path.parent
    named = [module for name in case.rules for module in _load(folder, name)]
    known = named or list(modules)
    _require_rules(found, [module.id for module in known])
    wanted = [module for module in known if module.id in case.expect.rules]
    require_distinct(wanted)
    given = assumed(
        Subject(
            folder,
            case.statements or (),
            case.config,
            requested=case.requested,
            product=case.product,
            tag=case.tag,
            platform=case.platform,
        )
    )
    told = [replace(module, config=module.config | case.rule_config.get(module.id, {})) for module in wanted]
    with Rules(told, found.now or datetime.now(UTC), coverage=coverage) as rules:
        outcomes = rules.evaluate(given)
        reached = rules.coverage() if coverage else ()
    return CaseRun(tuple(_results(case.expect, {"": outcomes})), reached)


def _load(folder: Path, name: str) -> tuple[RuleModule, ...]:
    """A file, a directory, or a shipped pack as `built-in:dhi`."""
    if name.startswith(BUILT_IN):
        return load_pack(name.removeprefix(BUILT_IN))
    return load_rules(folder / name)


def _require_rules(found: CaseFile, known: Collection[str]) -> None:
    """Raises `ConfigurationError` for a rule that the case names and that is not evaluated."""
    for member, named in (("rules", found.case.expect.rules), ("ruleConfig", found.case.rule_config)):
        for rule in named:
            if rule not in known:
                where: Where = ("expect", member, rule) if member == "rules" else (member, rule)
                text = f"there is no rule {rule[:200]!r} here"
                raise found.places.fault(where, text, suggestion(rule, tuple(dict.fromkeys(known))))
