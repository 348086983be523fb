"""Why can this image not be verified? Every step towards its evidence is tried alone, and what was answered is kept.

A step that fails does not end the diagnosis as long as a later one can still be tried.

diagnosis     the steps as values
tell          their outcomes in words
tally         what the whole examination found, layout by layout
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from verifier.errors import AuthenticationError, UsageError
from verifier.evidence import Wanted, ask, run
from verifier.model import Descriptor, Digest, ImageResult, Manifest, Place, Plan, Reference, Source
from verifier.model.progress import Progress
from verifier.oci import Credentials, parse_reference
from verifier.policy import load_document
from verifier.policy.match import matches
from verifier.verification import decide, tell
from verifier.verification.diagnosis import Diagnosis, Mark, Record, Said
from verifier.verification.examine import examine
from verifier.verification.hub import Options, Session
from verifier.verification.image import Image, announced_in, entries_of
from verifier.verification.tally import tell_evidence

T = TypeVar("T")


def diagnose(text: str, options: Options, progress: Progress | None = None) -> Diagnosis:
    """Tries each step for the image that `text` names. A fault is the answer of its step and is not raised."""
    record, environ = Record(), options.environ
    reference = record.tried("reference", "", "read the reference", lambda: parse_reference(text), tell.reference)
    document = record.tried("policy", "", "read the policy", lambda: load_document(options.policy), tell.document)
    stored = "look for stored credentials"
    credentials = record.tried("credentials", "", stored, lambda: Credentials.from_environment(environ), tell.stores)
    if reference and document and credentials:
        prepared = record.tried("settings", "", "prepare", lambda: Session(options, progress), tell.nothing)
        if prepared:
            with prepared as session:
                _Case(record, session, reference).examine()
    return record.closed(str(reference or ""))


class _Case:
    """One image on its way through the steps."""

    def __init__(self, record: Record, session: Session, reference: Reference) -> None:
        self._record = record
        self._session = session
        self._reference = reference
        self._greeted: dict[str, bool] = {}

    def examine(self) -> None:
        record, own = self._record, self._reference
        plan = record.tried("section", "", "choose the section that judges it", self._plan, self._told_plan)
        named = record.tried("places", "", "read the names of other places", lambda: _others(plan), tell.nothing)
        places = {place.name: place for place in (own, *(named or ()))}
        reached = [place for place in places.values() if self._contact(place)]
        if own not in reached:
            return
        image = record.tried("resolve", own.name, f"resolve {own.digest or own.tag or 'it'}", self._image, tell.image)
        if image is None:
            return
        subjects = tell.subjects(image)
        answering = [place.name for place in reached if self._lists(place, subjects)]
        if plan is not None and named is not None:
            self._evidence(plan, answering)

    def _plan(self) -> Plan:
        requested = self._session.requested(self._reference)
        plan = self._session.plan(requested)
        if plan is None:
            raise UsageError(
                f"none is about {requested.name}, and what no policy allows is refused",
                hint="Add a section to the policy, name another one with --policy, or the image as it is named there.",
            )
        return plan

    def _told_plan(self, plan: Plan) -> Said:
        requested = self._session.requested(self._reference)
        sections = self._session.document.document.images
        number, section = next((n, s) for n, s in enumerate(sections, 1) if matches(s.match, requested))
        return tell.plan(plan, f"section {number} ({section.match}), for {requested.name}")

    def _contact(self, place: Reference) -> bool:
        """Whether the place can be asked. A registry that has several of the places is greeted once."""
        if place.is_layout:
            return self._asked(place, "open", "open the layout", lambda source: source, tell.opened) is not None
        record, sources, host = self._record, self._session.sources, place.registry
        record.tried("address", place.name, "address", lambda: sources.address(place), tell.address)
        record.add("credential", place.name, "credential", self._credential(place))
        if host not in self._greeted:
            self._session.progress.now("asking", host)
            greeting = record.tried("ping", place.name, "GET /v2/", lambda: sources.greet(place), tell.greeting)
            self._greeted[host] = greeting is not None
        return self._greeted[host]

    def _credential(self, place: Reference) -> Said:
        """Only a registry that asks for a login makes a failing credential helper a failure."""
        try:
            return tell.identity(self._session.sources.identity(place), place.registry)
        except AuthenticationError as fault:
            return Said(str(fault), Mark.WARN, fault.hint)

    def _image(self) -> Image:
        source, options = self._session.sources.open(self._reference), self._session.options
        root = source.resolve(self._reference)
        (listing,) = run([entries_of(source, root)], options.settings.jobs)
        entries = announced_in(listing.entries, options.additions.platforms)
        return Image(self._reference, root, entries, listing.dangling)

    def _lists(self, place: Reference, subjects: Mapping[Digest, str]) -> bool:
        """What the place lists for each manifest of the image, and which of cosign's tags it has, if it says both."""
        tags = {tell.tag(digest, suffix): name for digest, name in subjects.items() for suffix in (".sig", ".att")}

        def referrers(source: Source) -> list[tuple[Descriptor, ...]]:
            return self._all(partial(source.referrers, digest) for digest in subjects)

        def tagged(source: Source) -> list[Manifest | None]:
            return self._all(partial(source.tagged, tag) for tag in tags)

        def told(listings: list[tuple[Descriptor, ...]]) -> Said:
            has_api = None if place.is_layout else self._session.sources.has_referrers_api(place)
            return tell.referrers(listings, list(subjects.values()), has_api, is_layout=place.is_layout)

        listings = self._asked(place, "referrers", "list referrers", referrers, told)
        manifests = self._asked(place, "cosign-tags", "look for cosign's tags", tagged, partial(tell.tags, tags))
        return listings is not None and manifests is not None

    def _evidence(self, plan: Plan, places: list[str]) -> None:
        """Of the image's own place, and of the others that can answer: for those that cannot, a step has failed."""
        session, own = self._session, self._reference
        plan = replace(plan, places=tuple(place for place in plan.places if _name(place) in places))

        def listed() -> ImageResult:
            task = session.task(own, session.requested(own), plan, Wanted(everything=True))
            return decide.listed(examine(task, session.trust(plan), session.progress))

        found = self._record.tried("evidence", "", "read and check all evidence", listed, tell.nothing)
        if found:
            tell_evidence(self._record, found, places)

    def _asked(
        self, place: Reference, name: str, what: str, work: Callable[[Source], T], told: Callable[[T], Said]
    ) -> T | None:
        self._session.progress.now(what, place.name)
        return self._record.tried(name, place.name, what, lambda: work(self._session.sources.open(place)), told)

    def _all(self, calls: Iterable[Callable[[], T]]) -> list[T]:
        return run([ask(call) for call in calls], self._session.options.settings.jobs)


def _others(plan: Plan | None) -> list[Reference]:
    return [parse_reference(place.repository) for place in plan.places] if plan else []


def _name(place: Place) -> str:
    return parse_reference(place.repository).name
