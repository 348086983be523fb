# METADATA
# title: No verification summary says that the image failed
# description: >-
#   Every verified verification summary (SLSA VSA) of the image says PASSED. None is demanded, and who verified what is
#   only shown.
# custom:
#   name: dhi-verification-summary
#   requires: dhiverify
#   result_type: generic
#   remediation: See which policy the summary names, and why the image failed it.
#   details_order: [result, verifier, policy]
#   evidence: []
#   optional: [vsa]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if count(dhi.facts("vsa")) == 0

note := sprintf("PASSED, says %s", [concat(", ", {summary.verifier | some summary in dhi.facts("vsa")})])

violation contains {
	"message": sprintf("expected the result PASSED, found %s, by %s", [summary.result, summary.verifier]),
	"detail": {"result": summary.result, "verifier": summary.verifier, "policy": summary.policy},
} if {
	some summary in dhi.facts("vsa")
	summary.result != "PASSED"
}
