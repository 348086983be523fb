"""Everything that can go wrong, as one tree.

    DhiverifyError                    7  internal error, and the root of all others
    ├── UsageError                    2  the call cannot be carried out as it stands
    │   ├── ReferenceInvalid             an image reference, digest or platform that does not parse
    │   └── ConfigurationError           a policy, rule pack, key file, credential file or variable
    ├── RegistryError                 5  a registry or layout did not give what was asked
    │   ├── NotFound                     it says that there is no such thing
    │   ├── Unreachable                  no answer: connection, TLS, time-out, retries used up
    │   ├── ContentMismatch              bytes that are not the ones asked for: digest, size, media type
    │   ├── LimitExceeded                more bytes, entries, pages or levels than `Limits` allows
    │   └── MalformedContent             right bytes that are not the document they should be
    ├── AuthenticationError           6  the registry refuses us: 401, 403, or a token service that does
    ├── EvidenceMissing               3  what was asked for by name is not there
    ├── EvidenceUntrusted             4  it is there, and nothing trusted vouches for it
    ├── EvidenceInvalid               -  one piece of evidence is no good; it becomes a status, never an exit
    │   └── StatementInvalid             the signed statement is not one, or not about this image
    └── RuleFailure                   -  a rule could not be evaluated; its result is `unknown`

The number is the process exit code when such an error ends a run. `dhiverify image` reaches 3 and 4 as verdicts.
"""

from __future__ import annotations


class DhiverifyError(Exception):
    """Root of all errors of this package.

    `hint` is advice for the person who sees the message: one sentence that says what to do next, or "".
    """

    exit_code: int = 7
    hint: str = "This is a fault of dhiverify. Run again with --debug and report what it prints."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class UsageError(DhiverifyError):
    """The request cannot be carried out as it stands."""

    exit_code = 2
    hint = "See --help."


class ReferenceInvalid(UsageError):
    """An image reference, digest or platform does not follow its grammar."""

    hint = "Write an image as HOST/NAME:TAG, HOST/NAME@sha256:…, or oci:DIR[:TAG|@DIGEST]."


class ConfigurationError(UsageError):
    """A policy, rule pack, key, credential file or variable cannot be used. Nothing is admitted on a half-read one."""

    hint = "Correct the named file or setting; dhiverify never guesses around a broken one."


class RegistryError(DhiverifyError):
    """A registry or OCI layout did not give what was asked for."""

    exit_code = 5
    hint = "Check the registry's address and state, then run again."


class NotFound(RegistryError):
    """The registry or layout says that there is no such manifest, blob or repository."""

    hint = "Check the name, the tag or digest, and that you may read this repository."


class Unreachable(RegistryError):
    """No usable answer: connection refused, TLS failure, time-out, or retries used up."""

    hint = "Check network, proxy and --timeout; nothing is concluded from a registry that did not answer."


class ContentMismatch(RegistryError):
    """The bytes are not the ones that were asked for: other digest, size or media type."""

    hint = "The registry or something between altered the content. Do not use this image until that is explained."


class LimitExceeded(RegistryError):
    """More bytes, entries, pages or levels than `verifier.limits.Limits` allows."""

    hint = "Real images stay far below this limit. If yours does not, report its size."


class MalformedContent(RegistryError):
    """The bytes hash to the right digest and still are not the document that they should be."""

    hint = "The publisher must repair the document; dhiverify does not guess what it means."


class AuthenticationError(DhiverifyError):
    """The registry or its token service refuses access. Never read as "there is no evidence"."""

    exit_code = 6
    hint = "Log in with `docker login HOST`, or set DHIVERIFY_REGISTRY with _USERNAME and _PASSWORD."


class EvidenceMissing(DhiverifyError):
    """The evidence that was asked for is not there."""

    exit_code = 3
    hint = "See `dhiverify attestation list` for what is there."


class EvidenceUntrusted(DhiverifyError):
    """The evidence that was asked for is there, and nothing trusted vouches for it."""

    exit_code = 4
    hint = "Give --key if you trust its publisher."


class EvidenceInvalid(DhiverifyError):
    """One piece of evidence cannot be used. It becomes a status in the report and never ends a run."""

    hint = "Ask the publisher, or whoever copied the image, for intact evidence."


class StatementInvalid(EvidenceInvalid):
    """The in-toto statement cannot be read strictly, or does not speak about this image."""


class RuleFailure(DhiverifyError):
    """A rule could not be evaluated: time, memory, an error inside it, or an undefined result."""

    hint = "A rule that cannot be evaluated never passes; see its message."
