"""The verdict on one image as a SLSA verification summary (VSA) v1, in an in-toto Statement v1. It is not signed.

    subject             the index, and every platform that was judged
    verifier, policy    this program and its version; the document by its digest, each rule by that of its Rego
    inputAttestations   everything that was verified and read, by digest, with its signer
    verificationResult  PASSED for allow and warn, FAILED for deny

Specification: https://slsa.dev/spec/v1.2/verification_summary. Who reads a summary sees nothing of how it came about
and ignores members that he does not know. So none is made of a run that was not complete, was not enforced, or was
relaxed: the format has no place to say so that would be heeded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from verifier.errors import UsageError
from verifier.model import AttestationEntry, ImageResult, Report, Status, Verdict
from verifier.report.escape import printable
from verifier.report.interface import Per

if TYPE_CHECKING:
    from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
    from in_toto_attestation.v1.statement import Statement

PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://dhiverify.dev/verifier/v1"
POLICIES = "https://dhiverify.dev/policy"
SLSA_VERSION = "1.2"
UNEVALUATED = "SLSA_BUILD_LEVEL_UNEVALUATED"
DHI_SIGNED = "DHIVERIFY_DHI_SIGNED"
"""Evidence of every platform was signed by a key of the shipped keyring; never said where the user named the keys."""

JSONObject: TypeAlias = dict[str, Any]

_PLACE = re.compile(
    r"(?P<repository>[a-z0-9.\[\]:-]+(?:/[a-z0-9._-]+)+)@(?P<digest>(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))"
)
_LAYOUT = "oci:"  # how the name of a layout begins, in place of a host


class VsaFormat:
    name = "vsa"
    description = "the verdict on an image as an unsigned SLSA verification summary v1 statement"
    suffix = "vsa.json"
    details = ()
    per: Per = "image"

    def render(self, report: Report) -> str:
        """Raises `UsageError` for a run of which no honest summary can be made."""
        (image,) = report.images
        for check in CHECKS:
            check(report, image)
        return json.dumps(_statement(report, image), sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def complete(report: Report, image: ImageResult) -> None:
    if not report.complete or report.errors:
        raise _refused(image, "the run was not complete", "Remove the error, or leave that image out, and run again.")


def decided(_: Report, image: ImageResult) -> None:
    verdicts = {image.verdict, *(platform.verdict for platform in image.platforms)}
    if Verdict.ERROR in verdicts or not image.digest or not image.platforms:
        raise _refused(image, "this image could not be judged", "See what `--output text` says of it.")


def enforced(_: Report, image: ImageResult) -> None:
    if not image.enforced:
        raise _refused(image, "it was refused, and let through by `enforce: false`", "Enforce the policy for it.")


def unrelaxed(report: Report, image: ImageResult) -> None:
    if report.relaxations:
        raise _refused(image, f"the run was relaxed: {report.relaxations[0]}", "Run again without that option.")


def by_a_policy(report: Report, image: ImageResult) -> None:
    if not report.policy or not report.policy.digest:
        raise _refused(image, "no policy was asked", "Use `dhiverify image`, which judges by one.")


def in_a_registry(_: Report, image: ImageResult) -> None:
    """A summary is about a digest at an address; only that keeps it from being used for another address."""
    if not _place(image):
        hint = "Name the image as in its registry; for a layout with --as HOST/NAME."
        raise _refused(image, "it has no address in a registry", hint)


def whole(_: Report, image: ImageResult) -> None:
    if not image.pinned.endswith(f"@{image.digest}"):
        raise _refused(image, "not all of its platforms were judged", "Run again without --platform.")


def consistent(_: Report, image: ImageResult) -> None:
    """Fails closed should the parts of a report ever disagree."""
    denied = any(platform.verdict is Verdict.DENY or not platform.rules for platform in image.platforms)
    if _passed(image) and (denied or image.exit_code != 0):
        raise _refused(image, "its verdict and those of its platforms disagree", "Report this as a fault of dhiverify.")


Check: TypeAlias = Callable[[Report, ImageResult], None]
CHECKS: tuple[Check, ...] = (
    complete,
    decided,
    enforced,
    unrelaxed,
    by_a_policy,
    in_a_registry,
    whole,
    consistent,
)
"""What has to hold before a summary is made; each raises `UsageError`."""


def _refused(image: ImageResult, why: str, hint: str) -> UsageError:
    return UsageError(f"no verification summary of {printable(image.reference)}: {printable(why)}", hint=hint)


def _passed(image: ImageResult) -> bool:
    return image.verdict in (Verdict.ALLOW, Verdict.WARN)


def _place(image: ImageResult) -> re.Match[str] | None:
    return None if image.pinned.startswith(_LAYOUT) else _PLACE.fullmatch(image.pinned)


def _statement(report: Report, image: ImageResult) -> JSONObject:
    from in_toto_attestation.v1.statement import Statement

    subjects = [subject.pb for subject in _subjects(image)]
    statement = Statement(subjects, PREDICATE_TYPE, _predicate(report, image))
    statement.validate()
    return _json_of(statement)


def _json_of(message: ResourceDescriptor | Statement) -> JSONObject:
    from google.protobuf.json_format import MessageToDict

    made: JSONObject = MessageToDict(message.pb)
    return made


def _subjects(image: ImageResult) -> Iterator[ResourceDescriptor]:
    """The index and each platform, every digest once: an image that is a single manifest is its only platform."""
    repository = image.pinned.partition("@")[0]
    platforms = {platform.digest: platform.platform for platform in image.platforms}
    for digest in dict.fromkeys((image.digest, *platforms)):
        platform = printable(platforms.get(digest, ""))
        about = {"platform": platform} if platform else None
        yield _resource(name=f"{repository}@{digest}", digest=digest, annotations=about)


def _resource(
    *, digest: str, name: str = "", uri: str = "", annotations: JSONObject | None = None
) -> ResourceDescriptor:
    from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor

    algorithm, _, value = digest.partition(":")
    return ResourceDescriptor(name=name, uri=uri, digest={algorithm: value}, annotations=annotations)


def _predicate(report: Report, image: ImageResult) -> JSONObject:
    """Written here member by member: the message that in-toto-attestation has for it allows one level, as a text, and
    no versions, where the specification has a list and, since 1.1, a map.
    """
    program, _, version = report.tool.partition(" ")
    made: JSONObject = {
        "verifier": {"id": VERIFIER, "version": {program: version}},
        "timeVerified": report.effective_time,
        "resourceUri": _package_url(image),
        "policy": _policy(report, image),
        "verificationResult": "PASSED" if _passed(image) else "FAILED",
        "verifiedLevels": _levels(image),
        "slsaVersion": SLSA_VERSION,
    }
    inputs = [_input(entry) for entry in _inputs(image)]
    return made | {"inputAttestations": inputs} if inputs else made


def _levels(image: ImageResult) -> list[str]:
    """No SLSA level is judged here, and the specification has a word for that."""
    if not _passed(image):
        return ["FAILED"]
    return [UNEVALUATED, DHI_SIGNED] if image.is_dhi else [UNEVALUATED]


def _package_url(image: ImageResult) -> str:
    """As purl-spec's type `oci` names an image; without a tag, which may move and is not what was judged."""
    place = _place(image)
    repository = place["repository"] if place else ""
    name = repository.rpartition("/")[2]
    return f"pkg:oci/{quote(name)}@{quote(image.digest, safe=':')}?repository_url={quote(repository, safe='/:')}"


def _policy(report: Report, image: ImageResult) -> JSONObject:
    """The document's digest does not cover rules that come from elsewhere, so each rule's stands beside it."""
    policy = report.policy
    name, path, digest = (policy.name, policy.path, policy.digest) if policy else ("", "", "")
    kind = "built-in" if path.startswith("built-in:") else "local"
    rules = {printable(rule.id): rule.digest for platform in image.platforms for rule in platform.rules if rule.digest}
    uri = f"{POLICIES}/{kind}/{quote(printable(name), safe='')}"
    return _json_of(_resource(uri=uri, digest=digest, annotations={"rules": rules} if rules else None))


def _inputs(image: ImageResult) -> list[AttestationEntry]:
    """Everything that was verified, about the index or a platform, each once and in the order of the digests."""
    entries = (*image.attestations, *(entry for platform in image.platforms for entry in platform.attestations))
    verified = {(entry.digest, entry.location): entry for entry in entries if entry.status is Status.VERIFIED}
    return [verified[key] for key in sorted(verified)]


def _input(entry: AttestationEntry) -> JSONObject:
    about = {"predicateType": printable(entry.predicate_type), "signer": printable(entry.signer)}
    found = not entry.location.startswith(_LAYOUT) and _PLACE.fullmatch(entry.location)
    return _json_of(_resource(uri=f"oci://{entry.location}" if found else "", digest=entry.digest, annotations=about))
