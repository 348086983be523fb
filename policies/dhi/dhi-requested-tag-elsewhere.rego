# METADATA
# title: The requested tag is signed, also where it need not be
# description: >-
#   Whoever serves the registry could answer a tag with a genuine image of another one. Neither platform evidence nor
#   index signature names the requested tag, the statements' purls do. The tag that was asked for must be among those
#   that are signed for this image, whether its index is signed or not.
#   In other repositories than the publisher's and its mirrors people give images tags of their own, so this warns. A tag
#   in a layout on disk is not looked at.
# custom:
#   name: dhi-requested-tag-elsewhere
#   requires: dhiverify
#   result_type: boolean
#   effect: warn
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

# Without a signed index dhi-requested-tag denies.
applicable := false if {
	image.tag_enforced
	not image.index.signed
}

applicable := false if image.is_layout

violation contains {
	"message": sprintf("the tag %s was requested; signed are: %s", [image.requested.tag, signed]),
	"detail": {"requested": image.requested.tag, "signed": image.signed.tags},
} if not image.requested.tag in image.signed.tags

signed := concat(", ", {tag | some tag in image.signed.tags}) if {
	count(image.signed.tags) > 0
} else := "none"

image := dhi.facts("image")[0]
