"""What OpenVEX documents say about the findings of a vulnerability scan, and what follows. Pure: values in, values out.

    documents ─► scope: which packages of this image a statement is about
              ─► matching: which statements speak about which finding
              ─► conflicts: the newest word of each document, and whether documents agree
              ─► export: one document for scanners

The rules, each towards "affected": a statement is about a package by name, and by version, distribution and
architecture where it states them; only `not_affected` with a justification and `fixed` suppress; within a document the
newest statement counts; where documents disagree the finding stays. Nobody here asks who wrote a document: the caller
hands over only those that may speak.

OpenVEX: https://github.com/openvex/spec (0.2.0, and 0.0.x where products are texts).
"""
