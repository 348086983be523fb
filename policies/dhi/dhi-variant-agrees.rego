# METADATA
# title: Label and signed tags speak of one variant
# description: >-
#   The version label of a hardened image and at least one of its signed tags name the same variant: dev, sdk and fips
#   all in both or in neither. Images built on a hardened one inherit its labels and are not judged by this.
# custom:
#   name: dhi-variant-agrees
#   requires: dhiverify
#   result_type: boolean
#   remediation: Fetch evidence and image from the publisher again; they belong to different variants.
#   details_order: [label, signed]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if not labels["com.docker.dhi.version"]

applicable := false if count(image.signed.tags) == 0

applicable := false if not labels["com.docker.dhi.name"] in image.signed.products

violation contains {
	"message": sprintf("the label says %s, the signed tags are %s", [version, concat(", ", signed)]),
	"detail": {"label": version, "signed": image.signed.tags},
} if {
	every tag in image.signed.tags {
		variant(tag) != variant(version)
	}
}

version := labels["com.docker.dhi.version"]

variant(tag) := {token | some token in split(split(tag, "_")[0], "-")} & {"dev", "sdk", "fips"}

signed := {tag | some tag in image.signed.tags}

image := dhi.facts("image")[0]

default labels := {}

labels := input.source.image.config.config.Labels if is_object(input.source.image.config.config.Labels)
