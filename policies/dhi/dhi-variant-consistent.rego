# METADATA
# title: Tag, labels and evidence agree on the variant
# description: >-
#   The requested tag, the signed tags, the labels and the evidence of a hardened image name one variant and one
#   distribution, and what the compliance label claims is there as evidence. Images built on a hardened one inherit its
#   labels and are not judged by this.
# custom:
#   name: dhi-variant-consistent
#   requires: dhiverify
#   effect: warn
#   result_type: generic
#   remediation: Look at which of them is wrong; a customised image may lack evidence that its labels promise.
#   details_order: [disagreement]
#   evidence: []
#   optional: [fips, stig]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if count(image.signed.tags) == 0

applicable := false if not labels["com.docker.dhi.name"] in image.signed.products

violation contains {
	"message": disagreement,
	"detail": {"disagreement": disagreement},
} if {
	some disagreement in image.variant.disagreements
}

image := dhi.facts("image")[0]

default labels := {}

labels := input.source.image.config.config.Labels if is_object(input.source.image.config.config.Labels)
