"""The parts of a SARIF log; `verifier.report.sarif_format` puts them together."""
