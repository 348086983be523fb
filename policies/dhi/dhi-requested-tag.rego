# METADATA
# title: The requested tag is signed
# description: >-
#   Whoever serves the registry could answer a tag with a genuine image of another one, and an index without a trusted
#   signature proves nothing. The tag that was asked for must be among those that statements name for this image.
# custom:
#   name: dhi-requested-tag
#   requires: dhiverify
#   waivable: false
#   result_type: boolean
#   remediation: Request one of the signed tags, or the digest of the image that you mean.
#   details_order: [requested, signed]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if image.requested.tag in image.signed.tags

default applicable := true

# A request by digest names no tag.
applicable := false if image.requested.tag == ""

applicable := false if not image.tag_enforced

# dhi-requested-tag-elsewhere warns then.
applicable := false if image.index.signed

violation contains {
	"message": sprintf("the tag %s was requested; signed are: %s", [image.requested.tag, signed]),
	"detail": {"requested": image.requested.tag, "signed": image.signed.tags},
} if not image.requested.tag in image.signed.tags

signed := concat(", ", {tag | some tag in image.signed.tags}) if {
	count(image.signed.tags) > 0
} else := "none"

image := dhi.facts("image")[0]
