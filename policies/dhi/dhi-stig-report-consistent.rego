# METADATA
# title: The STIG scan does not contradict itself
# description: >-
#   The summary of every verified STIG scan agrees with the XCCDF results inside it, and those results are about this
#   image as far as they name one. A plain host name as target says nothing and is only shown.
# custom:
#   name: dhi-stig-report-consistent
#   requires: dhiverify
#   result_type: generic
#   remediation: Ask the publisher for a scan whose parts agree; do not hand this one to an auditor.
#   details_order: [profile, found]
#   evidence: []
#   optional: [stig]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

# Whether a STIG scan must be there is for the rule dhi-required-evidence.
applicable := false if count(dhi.facts("stig")) == 0

note := sprintf("scanned as %s", [concat(", ", targets)]) if count(targets) > 0

targets := {target |
	some profile in profiles
	target := profile.xccdf.target
	target != ""
}

profiles contains profile if {
	some document in dhi.facts("stig")
	some profile in document.profiles
}

violation contains {
	"message": sprintf("profile %s: %s", [profile.name, contradiction]),
	"detail": {"profile": profile.name, "found": contradiction},
} if {
	some profile in profiles
	some contradiction in profile.contradictions
}

violation contains {
	"message": sprintf("profile %s is about another image: expected %s, found %s", [
		profile.name,
		input.source.image.digest,
		digest,
	]),
	"detail": {"profile": profile.name, "found": digest},
} if {
	some profile in profiles
	some digest in profile.xccdf.target_digests
	not digest in {input.source.image.digest, image.index.digest, image.config_digest}
}

violation contains {
	"message": sprintf("profile %s is about another image: expected %s, found %s", [
		profile.name,
		concat(" or ", {product | some product in image.signed.products}),
		reference,
	]),
	"detail": {"profile": profile.name, "found": reference},
} if {
	some profile in profiles
	some reference in object.get(profile, ["xccdf", "target_references"], [])
	count(image.signed.products) > 0
	not names_this_image(reference)
}

names_this_image(reference) if contains(reference, input.source.image.digest)

names_this_image(reference) if contains(reference, image.index.digest)

# Whatever registry it came from: dhi/python may be scanned as dhi.io/python, or as acme/dhi-python.
names_this_image(reference) if {
	repository := regex.replace(reference, `(:[^/@]*)?(@.*)?$`, "")
	some product in image.signed.products
	some name in {product, replace(product, "dhi/", "dhi.io/"), replace(product, "dhi/", "dhi-")}
	endswith(sprintf("/%s", [repository]), sprintf("/%s", [name]))
}

image := dhi.facts("image")[0]
