"""`python -m verifier.policy.compile`: writes `policies/compiled.json` anew, after a shipped policy or rule changed."""

from __future__ import annotations

from verifier.policy.modules import metadata_text
from verifier.policy.shipped import shipped_policies
from verifier.policy.yamltext import compile_texts, compiled_path


def shipped_texts() -> list[str]:
    """Every YAML text of the shipped documents and rules."""
    folder = shipped_policies()
    documents = [path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))]
    rules = [path.read_text("utf-8") for path in sorted(folder.glob("*/*.rego"))]
    return documents + [text for rule in rules if (text := metadata_text(rule))]


if __name__ == "__main__":
    compiled_path().write_bytes(compile_texts(shipped_texts()))
