"""Policy documents, and the plan that they make for one image. Pure: no network, and no key is parsed here."""

from verifier.policy.document import LoadedDocument
from verifier.policy.locate import locate
from verifier.policy.modules import read_modules
from verifier.policy.plan import Additions, bundles_for, plan_for
from verifier.policy.reading import load_document

__all__ = ["Additions", "LoadedDocument", "bundles_for", "load_document", "locate", "plan_for", "read_modules"]
