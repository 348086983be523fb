"""Which trusted root is in use: the file that was named, else the user's own, else the shipped one.

Never a file of the working directory: whoever may change a repository must not choose whom its checks trust.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from verifier.errors import ConfigurationError
from verifier.files import read_regular
from verifier.model.trust import TrustedRoot
from verifier.trust.shipped import REPOSITORY, SHIPPED_ON, shipped_file
from verifier.trust.store import BROKEN, PUBLIC_GOOD, StoredRoot, store_directory, stored_root
from verifier.trust.trusted_root import ROOT_BYTES, read_trusted_root

logger = logging.getLogger(__name__)

# Sigstore replaces a log about once a year: an older copy may not know the log that a new signature is in.
OLD = timedelta(days=365)

_UPDATE = "Run `dhiverify trust update`, import a newer root, or install a newer dhiverify."


class RootInUse(msgspec.Struct, frozen=True):
    """A trusted root as bytes. `how` is file, imported, updated or shipped.

    `as_of` is the day for which somebody vouches that it was current: the repository on an update, the user on an
    import. It is None for a named file, which tells no such day.
    """

    body: bytes
    how: str
    origin: str
    as_of: datetime | None = None
    repository: str = ""

    @property
    def source(self) -> str:
        """For reports, such as `updated from https://… on 2026-08-01`."""
        day = f"{self.as_of:%Y-%m-%d}" if self.as_of else ""
        if self.how == "file":
            return self.origin
        if self.how == "shipped":
            return f"shipped with dhiverify: {self.origin} as of {day}"
        return f"{self.how} from {self.origin} on {day}"

    def age(self, now: datetime) -> timedelta | None:
        return now - self.as_of if self.as_of else None


def load_root(
    path: str | None,
    environ: Mapping[str, str],
    *,
    max_age: timedelta | None = None,
    now: datetime | None = None,
) -> TrustedRoot:
    """The trusted root, parsed, with `source` and `digest` for reports.

    One that is old is warned of; over `max_age` it is refused. Neither concerns a file that was named. Raises
    `ConfigurationError` for a root that cannot be read, is not sound, or is too old.
    """
    found = root_in_use(path, environ)
    root = read_trusted_root(found.body, found.source)
    now = now or datetime.now(UTC)
    require_age(found, max_age, now)
    if warning := age_warning(found, now):
        logger.warning("%s", warning)
    return root


def root_in_use(path: str | None, environ: Mapping[str, str]) -> RootInUse:
    """The bytes that `load_root` parses. Raises `ConfigurationError`."""
    if path is not None:
        return root_file(path)
    directory = store_directory(environ)
    stored = stored_root(directory)
    if stored is None or _outdated(stored):
        return RootInUse(
            shipped_file("trusted_root.json"), "shipped", f"the root of {REPOSITORY}", SHIPPED_ON, PUBLIC_GOOD
        )
    body = stored.body.encode()
    if f"sha256:{hashlib.sha256(body).hexdigest()}" != stored.digest:
        raise ConfigurationError(
            f"the trusted root in {directory}/root.json is not the one that was put there", hint=BROKEN
        )
    return RootInUse(body, "updated" if stored.repository else "imported", stored.origin, stored.at, stored.repository)


def root_file(path: str) -> RootInUse:
    """A file that the user names. Raises `ConfigurationError`."""
    if not path:
        raise ConfigurationError("the path of the trusted root is empty", hint="Name a file, or leave the option out.")
    return RootInUse(read_regular(path, f"trusted root {path}", ROOT_BYTES), "file", path)


def require_age(root: RootInUse, max_age: timedelta | None, now: datetime) -> None:
    """Raises `ConfigurationError` for a root that is older than `max_age`."""
    age = root.age(now)
    if max_age is not None and age is not None and age > max_age:
        raise ConfigurationError(
            f"the trusted root ({root.source}) is {age.days} days old; at most {max_age.days} are allowed", hint=_UPDATE
        )


def age_warning(root: RootInUse, now: datetime) -> str:
    """ "" for a root that is young, or whose age nobody knows."""
    age = root.age(now)
    if age is None or age <= OLD:
        return ""
    return f"the trusted root ({root.source}) is {age.days} days old and may not know today's logs. {_UPDATE}"


def _outdated(stored: StoredRoot) -> bool:
    """A new release may bring a later copy of what was updated under an older one. An import stays until replaced."""
    return stored.repository == PUBLIC_GOOD and stored.at < SHIPPED_ON
