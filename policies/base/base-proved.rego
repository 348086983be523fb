# METADATA
# title: The image is built on an approved base, proved layer by layer
# description: >-
#   The first layers of this platform are all layers of a base whose name is approved, and the base's own evidence is
#   trusted. Layers above the base may replace any of its files: this rule says nothing about them.
# custom:
#   name: base-proved
#   requires: dhiverify
#   waivable: false
#   result_type: boolean
#   remediation: >-
#     Build on an approved image, with provenance (docker buildx build --provenance=mode=max), or name the base with
#     --base; a build that flattens or compresses layers anew cannot be proved.
#   details_order: [base, relation]
#   evidence: []
#   optional: [provenance]
package docker.scout

import rego.v1

default pass := false

pass if {
	count(dhi.facts("base")) == 1
	count(violation) == 0
}

note := concat(", ", [sprintf("%s, %d layers", [base.reference, base.layers]) | some base in dhi.facts("base")])

violation contains {
	"message": sprintf("not built on %s: %s", [named(base), base.reason]),
	"detail": {"base": base.reference, "relation": base.relation},
} if {
	some base in dhi.facts("base")
	not good_relation(base)
}

violation contains {
	"message": sprintf("the base %s is not among those that are approved", [base.reference]),
	"detail": {"base": base.reference, "relation": base.relation},
} if {
	some base in dhi.facts("base")
	good_relation(base)
	not base.approved
}

violation contains {
	"message": sprintf("no evidence of the base %s is trusted: %s", [base.reference, concat("; ", base.reasons)]),
	"detail": {"base": base.reference, "relation": base.relation},
} if {
	some base in dhi.facts("base")
	good_relation(base)
	base.exit_code >= 3
}

good_relation(base) if base.relation == "proved"

good_relation(base) if {
	base.relation == "claimed"
	object.get(data.config, "accept_claimed", false) == true
}

named(base) := "any image that signed provenance, --base or a label names" if {
	base.reference == ""
} else := base.reference
