"""The parts of OSCAL assessment results; `verifier.report.oscal_format` puts them together."""
