"""The report for a person: verdict first, then what stands in the way with its remedy, then what was proved.

`lines` says what is shown and in which tone; the terminal decides about colours, a pipe gets the same words plainly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from verifier.model import (
    AttestationEntry,
    BaseEntry,
    ImageResult,
    PlatformResult,
    Relation,
    Report,
    Result,
    RuleOutcome,
    SignatureEntry,
    Status,
    Verdict,
    Violation,
    WaiverState,
)
from verifier.report.escape import printable
from verifier.report.interface import Per

_SHOWN_VIOLATIONS = 5
_TYPE_COLUMN = 60  # a hostile predicate type must not push everything off the screen
_TIME_COLUMN = len("2026-01-15T12:00:00Z")


class Line(msgspec.Struct, frozen=True):
    """One line: `tone` names what it means (`allow`, `warn`, `deny`, `head`, `note`, ""), `indent` counts spaces."""

    text: str
    indent: int = 0
    tone: str = ""


class TextFormat:
    name = "text"
    description = "for people; colours on a terminal, plain in a pipe"
    suffix = "txt"
    details = ()
    per: Per = "run"

    def render(self, report: Report) -> str:
        return "".join(" " * line.indent + line.text + "\n" for line in lines(report))


def lines(report: Report) -> Iterator[Line]:
    """Every text in a line is already fit for a terminal."""
    for image in report.images:
        yield from _image(image, report)
        yield Line("")
    yield from _closing(report)


def _image(image: ImageResult, report: Report) -> Iterator[Line]:
    word = "EVIDENCE" if _only_listed(image) else image.verdict.upper()
    yield Line(f"{word}  {printable(_name(image))}", tone=image.verdict)
    if not image.enforced:
        yield Line("not enforced: the policy lets this image through in spite of what follows", 2, "warn")
    if image.platforms:
        yield from _standing(image)
        yield from _in_the_way(image)
        if image.health:
            said = (
                f"health score {image.health.score}, grade {image.health.grade}: the weighted share of rules that pass"
            )
            yield Line(said, 2, "note")
    no_evidence = image.exit_code in (3, 4)
    shown = image.reasons[:1] if no_evidence or image.verdict is Verdict.ERROR else ()
    yield from (Line(printable(reason), 2, "deny") for reason in shown)
    if no_evidence:
        yield Line(f"next: {_NO_EVIDENCE[image.exit_code]}", 2)
    yield from (Line(f"next: {printable(f.hint)}", 2) for f in report.errors if f.image == image.reference and f.hint)
    if not image.platforms and image.verdict is Verdict.DENY and not no_evidence:
        yield from (Line(printable(reason), 2, "deny") for reason in image.reasons)
    yield from (Line(f"note: {printable(note)}", 2, "note") for note in image.notes)
    yield from _waivers(image)
    if image.attestations or image.signatures:
        yield Line("index", 2, "head")
        yield from _evidence(image.attestations, image.signatures)
    for platform in image.platforms:
        yield from _platform(platform, with_rules=not no_evidence)


_NO_EVIDENCE = {
    3: "check the reference; for a mirrored image name the repository that holds its evidence with --attestation-repo",
    4: "see the reasons below; name a publisher's key with --key only if you trust that publisher",
}


def _name(image: ImageResult) -> str:
    if not image.digest or image.digest in image.reference:
        return image.reference
    return f"{image.reference}@{image.digest}"


def _standing(image: ImageResult) -> Iterator[Line]:
    """Two statements, each for itself: who signed, and what the evidence calls the image."""
    parts: tuple[ImageResult | PlatformResult, ...] = (image, *image.platforms)
    evidence = [entry.signer for part in parts for entry in part.attestations]
    signatures = [entry.signer for part in parts for entry in part.signatures]
    signers = {signer for signer in (*evidence, *signatures) if signer}
    is_dhi = "a Docker Hardened Image: yes" if image.is_dhi else "a Docker Hardened Image: not proved"
    product = f"signed product: {printable(image.product)}" if image.product else "signed product: none"
    signed = f"signed by: {printable(', '.join(sorted(signers)))}" if signers else "signed by: nobody trusted"
    yield Line(f"{is_dhi} · {product} · {signed}", 2, "note")


def _in_the_way(image: ImageResult) -> Iterator[Line]:
    """The rules that decided, in one line each for those that deny and those that warn."""
    bad = [r for p in image.platforms for r in p.rules if r.result in (Result.FAIL, Result.UNKNOWN)]
    for word, tone, standing in (
        ("denied by", "deny", "fail"),
        ("warned by", "warn", "warn"),
        ("waived", "warn", "waived"),
    ):
        names = sorted({rule.id for rule in bad if _standing_of(rule) == standing})
        if names and image.exit_code not in (3, 4):
            yield Line(f"{word}: {printable(', '.join(names))}", 2, tone)


_WAIVER_TONES = {WaiverState.APPLIED: "warn", WaiverState.EXPIRED: "deny"}


def _waivers(image: ImageResult) -> Iterator[Line]:
    """Every waiver of the policy with what became of it."""
    for waiver in image.waivers:
        about = " ".join(part for part in (waiver.rule, waiver.vulnerability, waiver.purl, waiver.digest) if part)
        until = f"from {waiver.starts}" if waiver.state is WaiverState.PENDING else f"until {waiver.expires}"
        said = f"waiver {waiver.state}: {about} · {waiver.ticket}, {waiver.owner}, {until}: {waiver.reason}"
        yield Line(printable(said), 2, _WAIVER_TONES.get(waiver.state, "note"))
        if waiver.note:
            yield Line(printable(waiver.note), 4, "note")


def _platform(platform: PlatformResult, *, with_rules: bool) -> Iterator[Line]:
    name = printable(platform.platform) or "image"
    yield Line(f"{name}  {printable(platform.digest)}", 2, "head")
    if platform.base:
        yield from _base(platform.base)
    if with_rules and platform.rules:
        yield from _rules(platform.rules)
    yield from _evidence(platform.attestations, platform.signatures)


def _base(base: BaseEntry) -> Iterator[Line]:
    """What is below, and that it says nothing about what is on top of it."""
    tone = {Relation.PROVED: "allow", Relation.CLAIMED: "warn"}.get(base.relation, "deny")
    named = f" {printable(base.reference)} ({base.layers} layers, by {base.source})" if base.reference else ""
    yield Line(f"built on: {base.relation}{named}", 4, tone)
    if base.reason:
        yield Line(printable(base.reason), 8, "note")
    if base.relation is not Relation.REFUTED:
        is_dhi = ", a Docker Hardened Image" if base.is_dhi else ""
        signed = printable(", ".join(base.signers)) or "nobody trusted"
        said = f"the base by policy {printable(base.policy)}: {base.verdict}{is_dhi}, signed by {signed}"
        yield Line(f"{said}; layers above it may replace any of its files", 8, "note")


_RULE_ORDER = (Result.FAIL, Result.UNKNOWN, Result.PASS, Result.SKIPPED)


def _rules(rules: Sequence[RuleOutcome]) -> Iterator[Line]:
    counts = ", ".join(f"{n} {result}" for result in _RULE_ORDER if (n := sum(r.result is result for r in rules)))
    yield Line(f"rules: {counts}", 4)
    bad = [rule for rule in rules if rule.result in (Result.FAIL, Result.UNKNOWN)]
    for rule in sorted(bad, key=lambda r: (_standing_of(r) != "fail", _RULE_ORDER.index(r.result), r.id)):
        yield from _rule(rule)
    passed = [rule.id for rule in rules if rule.result is Result.PASS]
    if passed:
        yield Line(f"passed: {printable(', '.join(passed))}", 4, "note")


def _standing_of(rule: RuleOutcome) -> str:
    """What a rule that did not pass means for the verdict: `fail`, `warn` or `waived`."""
    if rule.waiver is not None:
        return "waived"
    return "warn" if rule.effect == "warn" else "fail"


def _rule(rule: RuleOutcome) -> Iterator[Line]:
    standing = _standing_of(rule)
    word = str(rule.result) if standing == "fail" else standing
    tone = "deny" if standing == "fail" else "warn"
    yield Line(f"{word.upper():<8}{printable(rule.id)}: {printable(rule.title)}", 4, tone)
    if rule.waiver:
        yield Line(f"waived: {printable(rule.waiver)}", 12, "note")
    counted = sorted(rule.violations, key=lambda violation: violation.waiver is not None)
    told = [_message(violation) for violation in counted[:_SHOWN_VIOLATIONS]] or [rule.message]
    yield from (Line(printable(message), 12) for message in told if message)
    if len(rule.violations) > _SHOWN_VIOLATIONS:
        yield Line(f"… and {len(rule.violations) - _SHOWN_VIOLATIONS} more (see --output json)", 12, "note")
    if rule.remediation:
        yield Line(f"next: {printable(rule.remediation)}", 12)


def _message(violation: Violation) -> str:
    return f"(waived) {violation.message}" if violation.waiver else violation.message


Entry = AttestationEntry | SignatureEntry

_TONES = {Status.VERIFIED: "allow", Status.UNREAD: "note"}


def _evidence(attestations: Sequence[AttestationEntry], signatures: Sequence[SignatureEntry]) -> Iterator[Line]:
    read = [entry for entry in attestations if entry.status is not Status.UNREAD]
    width = min(max((len(printable(entry.predicate_type)) for entry in read), default=0), _TYPE_COLUMN)
    for heading, entries in _by_place((*signatures, *read)).items():
        yield Line(printable(heading), 4, "note")
        for entry in entries:
            yield from _entry(entry, width)
    unread = sorted({entry.kind for entry in attestations if entry.status is Status.UNREAD})
    if unread:
        yield Line(f"{'unread':<11}{', '.join(unread)} (no rule needs them)", 4, "note")
    if not read and not signatures and not unread:
        yield Line("no evidence of its own", 4, "note")


def _by_place(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Under the place and the storage layout in which they were found."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        place = entry.location.rpartition("@")[0]
        groups.setdefault(" · ".join(part for part in (place, entry.layout) if part), []).append(entry)
    return groups


def _entry(entry: Entry, width: int) -> Iterator[Line]:
    if isinstance(entry, SignatureEntry):
        kind, said = "signature", _annotated(entry)
    else:
        kind, said = entry.kind, entry.predicate_type
    columns = (
        f"{entry.status:<11}{printable(kind):<18}{printable(said):<{width}}",
        f"{printable(entry.time):<{_TIME_COLUMN}}",
        _signer(entry),
    )
    yield Line("  ".join(columns).rstrip(), 6, _TONES.get(entry.status, "deny"))
    if entry.reason:
        yield Line(printable(entry.reason), 17)
        if entry.hint:
            yield Line(f"next: {printable(entry.hint)}", 17)


def _annotated(signature: SignatureEntry) -> str:
    return ", ".join(f"{name}={text}" for name, text in signature.annotations.items())


def _signer(entry: Entry) -> str:
    if not entry.signer:
        return ""
    log = "" if entry.transparency == "absent" else f", log {entry.transparency}"
    return printable(f"by {entry.signer}{log}")


def _closing(report: Report) -> Iterator[Line]:
    for relaxation in report.relaxations:
        yield Line(f"relaxed: {printable(relaxation)}", tone="warn")
    if report.trusted_root:
        root = report.trusted_root
        yield Line(f"trusted root: {printable(root.source)} ({printable(root.digest)})", tone="note")
    policy = f"policy {printable(report.policy.name)} ({printable(report.policy.path)}) · " if report.policy else ""
    listed = any(map(_only_listed, report.images))
    said = "no rule was evaluated" if listed else f"as of {report.effective_time} · {report.verdict}"
    yield Line(f"{policy}{said}, exit code {report.exit_code}", tone=report.verdict)


def _only_listed(image: ImageResult) -> bool:
    """A list looks like a verdict and is none: it has platforms, and not a single rule."""
    return bool(image.platforms) and not any(platform.rules for platform in image.platforms)
