"""Takes a trusted root from a file into the store: for a site that cannot be updated from a network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from verifier.errors import UsageError
from verifier.model.trust import TrustedRoot
from verifier.trust.contents import looks_older
from verifier.trust.roots import RootInUse, root_file, root_in_use
from verifier.trust.store import StoredRoot, keep_root, locked, require_directory
from verifier.trust.trusted_root import read_trusted_root


class Offer(msgspec.Struct, frozen=True):
    """A file that may be imported, and what is trusted until then."""

    file: RootInUse
    root: TrustedRoot
    present: TrustedRoot

    @property
    def looks_older(self) -> bool:
        return looks_older(self.root, self.present)


def offered(path: str, environ: Mapping[str, str]) -> Offer:
    """Reads the file and the root in use. Raises `ConfigurationError`."""
    file, present = root_file(path), root_in_use(None, environ)
    return Offer(file, read_trusted_root(file.body, path), read_trusted_root(present.body, present.source))


def import_root(offer: Offer, environ: Mapping[str, str]) -> None:
    """Makes the file that was shown the root in use. Raises `UsageError` if that has changed in the meantime."""
    directory = require_directory(environ)
    with locked(directory):
        present = root_in_use(None, environ)
        if read_trusted_root(present.body, present.source).digest != offer.present.digest:
            raise UsageError("the trusted root in use has just changed", hint="Run the import again.")
        origin = str(Path(offer.root.source).resolve())
        keep_root(directory, StoredRoot(offer.file.body.decode(), offer.root.digest, origin, datetime.now(UTC)))
