"""A document to start from, as `dhiverify policy init` writes it."""

from __future__ import annotations

_STARTER = """\
# yaml-language-server: $schema=policy.schema.json
# The line above completes and checks this file in editors, once `dhiverify policy schema > policy.schema.json` was run.
#
# Which images may run, and who says so. Try it with:
#   dhiverify policy lint policy.yaml
#   dhiverify image --policy policy.yaml dhi.io/python:3.13
version: 1
name: starter

# The first section whose pattern matches an image's name decides. What no section matches is denied.
images:
  # Docker Hardened Images. Patterns are HOST/NAME without tag; `*` is one component, `**` at the end all that follow.
  - match: dhi.io/*
    trust:
      keys: [dhi-2] # shipped keys: dhiverify trust list
    require: # kinds of evidence that must be there, verified
      - kind: sbom
      - kind: provenance
        maxAgeDays: 60
      - kind: malware
      - kind: secrets
    rules:
      - pack: dhi
        effects: {dhi-end-of-life: enforce} # enforce denies, warn only warns

    # A known failure that is accepted for a while, and shown in every report:
    # waivers:
    #   - rule: fixable-vulnerabilities
    #     images: dhi.io/python
    #     vulnerability: CVE-2026-12345
    #     reason: Not reachable, we do not parse XML.
    #     owner: team-payments
    #     ticket: SEC-142
    #     expires: 2026-12-31

  # Our own images: signed with our key, with a bill of materials and provenance.
  - match: registry.example.com/team/**
    trust:
      keyFiles: [release.pub] # beside this file
    rules:
      - pack: signed
      - pack: attested
        config: {attested: {types: [sbom, provenance]}}
"""


def starter() -> str:
    """A short commented policy document, which loads as it stands. It names the key file `release.pub` beside it."""
    return _STARTER
