"""Runs images through the stages and makes the report, in which a fault of an image is an entry.

The way of the data: reference ► source ► evidence ► signature ► attestation ► rules ► verdict ► report.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Self, TypeAlias

import msgspec
from msgspec.structs import replace

from verifier.errors import DhiverifyError, EvidenceUntrusted, NotFound, UsageError
from verifier.evidence import Wanted
from verifier.model import (
    SCHEMA,
    BaseDemand,
    BundleSource,
    Descriptor,
    Fault,
    ImageResult,
    Plan,
    PolicyEntry,
    Reference,
    Report,
    RuleModule,
    Source,
    TrustedRootEntry,
    Verdict,
)
from verifier.model.progress import Progress
from verifier.model.trust import Trust, TrustedRoot
from verifier.oci import Credentials, Settings, Sources, parse_reference
from verifier.policy import Additions, LoadedDocument, bundles_for, load_document, plan_for
from verifier.policy.bases import is_of_base
from verifier.policy.relaxations import relaxed
from verifier.rules import Rules
from verifier.times import written
from verifier.trust import trust_of
from verifier.verification import decide, verdict
from verifier.verification.details import with_details
from verifier.verification.examine import Examination, Task, examine
from verifier.verification.metered import ManifestMeter, Meter, Metered
from verifier.verification.suppression import has_findings, heard
from verifier.version import tool_name

logger = logging.getLogger(__name__)


class Options(msgspec.Struct, frozen=True):
    """How to verify. `effective_time` moves the rules' clock and nothing else.

    `relaxations` go into the report, beside those that the options themselves show.
    """

    policy: str = "dhi"
    additions: Additions = Additions()
    requested: str = ""  # --as: the name under which a layout is judged
    effective_time: datetime | None = None
    settings: Settings = Settings()
    environ: Mapping[str, str] = {}
    relaxations: tuple[str, ...] = ()
    details: tuple[str, ...] = ()  # kinds of evidence to decode into the report


Watch: TypeAlias = Callable[[Source], Source]


class Session:
    """One run: the policy document, connections and credentials that all of its images share."""

    def __init__(self, options: Options, progress: Progress | None = None, *, watch: Watch = lambda one: one) -> None:
        """Raises `ConfigurationError` for a policy, key or credential that cannot be used, before any request.

        `watch` may put something of its own before every place that is read.
        """
        self.watch = watch
        self.options = options
        self.progress = progress or Progress()
        self.clock = datetime.now(UTC)
        self.now = options.effective_time or self.clock
        self.document: LoadedDocument = load_document(options.policy)
        self.roots: list[TrustedRoot] = []
        self._of_bases: LoadedDocument | None = None
        self.bundles: dict[BundleSource, tuple[RuleModule, ...]] = {}
        self.sources = Sources(options.settings, Credentials.from_environment(options.environ))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sources.close()

    def requested(self, reference: Reference) -> Reference:
        """The name that chooses policy, product and tag: `--as` where it is given."""
        if not self.options.requested:
            return reference
        named = parse_reference(self.options.requested)
        if named.is_layout or named.digest:
            raise UsageError("--as names a registry reference by tag, not another layout and not a digest")
        return named

    def trust(self, plan: Plan) -> Trust:
        """Who counts under `plan`. Which trusted root was needed, if any, goes into the report."""
        return trust_of(plan, self.options.environ, self.roots.append)

    def plan(self, requested: Reference) -> Plan | None:
        """The plan of one image; rules in registries are fetched for it, each bundle once in a run."""
        return self._plan(self.document, requested, self.options.additions)

    def base_plan(self, reference: Reference, demand: BaseDemand) -> Plan:
        """The plan by which a base is judged: its own policy, and no other demand of the command line."""
        if self._of_bases is None:
            self._of_bases = load_document(demand.policy)
        plan = self._plan(self._of_bases, reference, Additions(key_files=demand.key_files))
        if plan is None:
            raise EvidenceUntrusted(
                f"policy {demand.policy} has no section for the base {reference.name}",
                hint="Give it one, or approve only bases that it covers.",
            )
        own = tuple(module for module in plan.rules if not is_of_base(module))  # no base is asked for its own
        return replace(plan, rules=own, base=None)

    def _plan(self, document: LoadedDocument, requested: Reference, additions: Additions) -> Plan | None:
        sources = bundles_for(document, requested, additions)
        for source in sources:
            if source not in self.bundles:
                from verifier.verification.bundles import fetch_bundle

                self.bundles[source] = fetch_bundle(self, source)
        fetched = {source.reference: self.bundles[source] for source in sources}
        return plan_for(document, requested, additions, fetched)

    def task(
        self, reference: Reference, requested: Reference, plan: Plan, wanted: Wanted, within: Reference | None = None
    ) -> Task:
        """`within` is the image that is built on this one: in its layout, if it is in one, this one may lie as well."""
        limits = self.options.settings.limits
        evidence = Meter("the pieces of evidence", limits.evidence_bytes)
        small = Meter("the small pieces of evidence", limits.small_bytes)
        configs = Meter("the configurations", limits.configs_bytes)
        manifests = ManifestMeter(limits.manifests_bytes)
        at = within if within and self._has(within, reference) else reference
        source = self.watch(self.sources.open(at))
        # A layout was copied with its evidence; a site without a network has no other place to ask.
        named = self.options.additions.attestation_repos if at.is_layout else [p.repository for p in plan.places]
        others = (self.watch(self.sources.open(parse_reference(repository))) for repository in named)
        places = tuple({place.place: place for place in (source, *others)}.values())
        return Task(
            requested,
            reference,
            Metered(source, configs, configs, manifests),
            tuple(Metered(place, evidence, small, manifests) for place in places),
            wanted,
            plan.platforms,
            self.options.settings.jobs,
            dict(plan.annotations),
            plan.counted,
            self.sources.alive,
        )

    def _has(self, layout: Reference, base: Reference) -> bool:
        """Whether the base was saved into this layout. Without a digest nothing there could be told to be it."""
        if not layout.is_layout or not base.digest:
            return False
        try:
            self.sources.open(layout).manifest(Descriptor("", base.digest, -1))
        except NotFound:
            return False
        return True


See: TypeAlias = Callable[[Session, Plan, Examination], None]
"""Called once an image is decided, with what the decision rests on. It cannot change the decision."""


def verify(
    references: Sequence[str], options: Options, progress: Progress | None = None, see: See | None = None
) -> Report:
    """Decides on every reference; the gravest result decides the run.

    Raises `UsageError` and its kin for a call that cannot be carried out; everything else is in the report.
    """
    return _report(references, options, progress, partial(_verified, see=see))


def inspect(references: Sequence[str], options: Options, progress: Progress | None = None) -> Report:
    """What evidence is there and who signed it, without rules; all of it is read, or what `options.details` names."""
    return _report(references, options, progress, _inspected)


def _verified(session: Session, reference: Reference, see: See | None) -> ImageResult:
    requested = session.requested(reference)
    plan = session.plan(requested)
    if plan is None:
        return decide.unmatched(requested, session.document.document.name)
    details = session.options.details
    result, examination = _decided(session, reference, requested, plan)
    if see:
        see(session, plan, examination)
    return with_details(result, examination, details)


def _decided(
    session: Session,
    reference: Reference,
    requested: Reference,
    plan: Plan,
    *,
    within: Reference | None = None,
    speaks: bool = False,
) -> tuple[ImageResult, Examination]:
    """The line itself: what is found of one image, and what the plan makes of it.

    `within` is as for a task. With `speaks`, also what its OpenVEX documents say about packages of an image that is
    built on it.
    """
    kinds = [*(requirement.kind for requirement in plan.required), *session.options.details]
    kinds += _SPEAKING if speaks else ()
    wanted = decide.wanted_by(plan.rules, kinds)
    with Rules(
        plan.rules, session.now, compat=plan.compat
    ) as rules:  # its worker starts while the next two lines load what they need
        trust = session.trust(plan)
        task = session.task(reference, requested, plan, wanted, within)
        rules.ready()
        examination = examine(task, trust, session.progress)
        examination = with_bases(session, reference, plan, examination)
        examination = heard(examination, plan, trust, thorough=speaks)
        session.progress.now("evaluating rules")
        result = decide.decide(examination, plan, rules, session.clock)
    return result, examination


_SPEAKING = ("sbom", "vex")


def with_bases(
    session: Session, reference: Reference, plan: Plan, examination: Examination, *, thorough: bool = False
) -> Examination:
    """With the base of each platform, where the plan demands something of it. No base is asked for its own.

    `reference` is where the image lies. The base's OpenVEX documents are read where there are findings to excuse, or
    when `thorough`.
    """
    if plan.base is None:
        return examination
    from verifier.verification.bases import Judge, bases_of

    demand, speaks = plan.base, thorough or has_findings(examination)
    session.progress.now("looking for the base")

    def task(base: Reference) -> Task:
        return session.task(base, base, session.base_plan(base, demand), Wanted(), reference)

    def judged(base: Reference, requested: Reference, platforms: Sequence[str]) -> tuple[ImageResult, Examination]:
        own = session.base_plan(base, demand)
        of_base = replace(
            own,
            platforms=tuple(platforms),
            enforce=True,  # whether the base itself may run is another question than whether to build on it
            denied_keys=(*own.denied_keys, *plan.denied_keys),
            vex=(*own.vex, *plan.vex),  # a feed may be of whoever signed the base
        )
        return _decided(session, base, requested, of_base, within=reference, speaks=speaks)

    found = bases_of(examination, demand, Judge(task, judged))
    pairs = zip(examination.platforms, found, strict=True)
    platforms = (replace(platform, base=below.entry, beneath=below.evidence) for platform, below in pairs)
    return replace(examination, platforms=tuple(platforms))


def read_bases(session: Session, reference: Reference, examination: Examination) -> None:
    """Reads the base of each platform with all of its evidence, where one is demanded, for whoever watches."""
    plan = session.plan(session.requested(reference))
    if plan is None or plan.base is None:
        return
    found = with_bases(session, reference, plan, examination, thorough=True)
    for base in {parse_reference(one.base.reference) for one in found.platforms if one.base and one.base.reference}:
        own = session.base_plan(base, plan.base)
        examine(session.task(base, base, own, Wanted(everything=True), reference), session.trust(own), session.progress)


def _inspected(session: Session, reference: Reference) -> ImageResult:
    details = session.options.details
    wanted = decide.wanted_by((), details) if details else Wanted(everything=True)
    examination = examination_of(session, reference, wanted)
    return with_details(decide.listed(examination), examination, details)


def listed_of(session: Session, reference: Reference, wanted: Wanted) -> tuple[Examination, Report]:
    """The wanted evidence of one image, and the report that lists it. Raises what `examination_of` raises."""
    examination = examination_of(session, reference, wanted)
    return examination, _assembled(session, [decide.listed(examination)], [])


def examination_of(session: Session, reference: Reference, wanted: Wanted) -> Examination:
    """The wanted evidence of one image, read and checked. A name that no policy section covers is refused."""
    requested = session.requested(reference)
    plan = session.plan(requested)
    if plan is None:
        raise UsageError(f"policy {session.document.document.name} has no section for {requested.name}")
    trust = session.trust(plan)
    return examine(session.task(reference, requested, plan, wanted), trust, session.progress)


def _report(
    references: Sequence[str],
    options: Options,
    progress: Progress | None,
    work: Callable[[Session, Reference], ImageResult],
) -> Report:
    if not references:
        raise UsageError("no image was given, and nothing may pass without one")
    parsed = [parse_reference(text) for text in dict.fromkeys(references)]
    faults: list[Fault] = []
    with Session(options, progress) as session:
        images = []
        for reference in parsed:
            with _caught(reference, faults):
                images.append(work(session, reference))
        images += [_failed(fault) for fault in faults]
        return _assembled(session, images, faults)


@contextmanager
def _caught(reference: Reference, faults: list[Fault]) -> Iterator[None]:
    """A fault makes this image an error and lets the others be judged; a wrong call ends the run.

    A crash of ours is a fault like any other: it must stand in the report, and must never look like a pass.
    """
    try:
        yield
    except UsageError:
        raise
    except DhiverifyError as fault:
        faults.append(_fault(reference, fault))
    except Exception as fault:
        logger.debug("internal error", exc_info=True)
        faults.append(_fault(reference, DhiverifyError(f"internal error: {type(fault).__name__}: {fault}")))


def _fault(reference: Reference, fault: DhiverifyError) -> Fault:
    return Fault(str(reference), str(fault), fault.hint, fault.exit_code)


def _failed(fault: Fault) -> ImageResult:
    return ImageResult(fault.image, "", Verdict.ERROR, exit_code=fault.exit_code, reasons=(fault.message,))


def _relaxations(options: Options) -> tuple[str, ...]:
    """What the caller says of his options, and what must stand in a report also when nobody said it."""
    additions = options.additions
    own = relaxed(
        platforms=additions.platforms,
        ignore_transparency=additions.ignore_transparency,
        allow_http=options.settings.allow_http,
        effective_time=options.effective_time,
        policy_config=additions.policy_config,
        compat=additions.compat,
    )
    return tuple(dict.fromkeys((*options.relaxations, *own)))


def _assembled(session: Session, images: Sequence[ImageResult], faults: Sequence[Fault]) -> Report:
    loaded, options, roots = session.document, session.options, session.roots
    return Report(
        schema=SCHEMA,
        tool=tool_name(),
        effective_time=written(session.now),
        verdict=verdict.worst(image.verdict for image in images),
        exit_code=max(image.exit_code for image in images),
        complete=not faults,
        errors=tuple(faults),
        relaxations=_relaxations(options),
        policy=PolicyEntry(loaded.document.name, loaded.path, loaded.digest),
        trusted_root=TrustedRootEntry(roots[-1].source, roots[-1].digest) if roots else None,
        images=tuple(images),
    )
