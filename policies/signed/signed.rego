# METADATA
# title: The image is signed by a trusted key
# description: >-
#   A trusted key signed the manifest of this platform, or the index through which it was resolved. Where annotations are
#   demanded, a signature counts only if it states every one of them. Evidence about the image is no signature of it.
# custom:
#   name: signed
#   requires: dhiverify
#   demand: true
#   waivable: false
#   result_type: boolean
#   remediation: >-
#     Have the publisher sign the image or its index, or name the key that did with --key; `dhiverify attestation list`
#     shows which signatures were found and why none counts.
#   details_order: [digest, annotations]
#   evidence: [signature]
package docker.scout

import rego.v1

default pass := false

pass if count(signatures) > 0

note := concat(", ", {text |
	some signature in signatures
	text := sprintf("the %s is signed by %s", [signature.level, signature.signer])
})

violation contains {
	"message": sprintf("expected a signature by a trusted key of %s, or of the index that led to it, %s", [
		input.source.image.digest,
		found_none,
	]),
	"detail": {"digest": input.source.image.digest, "annotations": annotations},
} if count(signatures) == 0

found_none := "found none" if {
	count(annotations) == 0
} else := sprintf("found none that states %s", [concat(", ", demanded)])

demanded := {sprintf("%s=%s", [name, value]) | some name, value in annotations}

annotations := object.get(data.config, "annotations", {})

signatures := dhi.facts("signature")
