"""`python -m verifier` is the same as `dhiverify`."""

from verifier.cli import main

main()
