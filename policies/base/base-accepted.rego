# METADATA
# title: The base itself is allowed
# description: The base of this platform, judged by its own policy from its own evidence, is not denied.
# custom:
#   name: base-accepted
#   requires: dhiverify
#   result_type: generic
#   remediation: Build on a newer release of the base; `dhiverify image` with its name tells what stands in its way.
#   details_order: [base, verdict]
#   evidence: []
#   optional: [provenance]
package docker.scout

import rego.v1

default pass := false

pass if {
	count(dhi.facts("base")) == 1
	count(violation) == 0
}

default applicable := true

applicable := false if {
	some base in dhi.facts("base")
	base.reference == ""
}

violation contains {
	"message": sprintf("the base %s is refused by policy %s: %s", [base.reference, base.policy, reason]),
	"detail": {"base": base.reference, "verdict": base.verdict},
} if {
	some base in dhi.facts("base")
	not base.verdict in {"allow", "warn"}
	some reason in base.reasons
}

violation contains {
	"message": sprintf("the base %s could not be judged", [base.reference]),
	"detail": {"base": base.reference, "verdict": base.verdict},
} if {
	some base in dhi.facts("base")
	not base.verdict in {"allow", "warn"}
	count(base.reasons) == 0
}
