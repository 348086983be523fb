"""Policy documents, and the plan that they make for one image. Pure: no network, and no key is parsed here."""

from verifier.policy.document import LoadedDocument, load_document
from verifier.policy.locate import locate
from verifier.policy.plan import Additions, plan_for

__all__ = ["Additions", "LoadedDocument", "load_document", "locate", "plan_for"]
