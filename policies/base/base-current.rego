# METADATA
# title: The base is recent, supported and of the right variant
# description: >-
#   The base was built no longer than max_age_days ago, its end of life, where it states one, lies ahead, and its variant
#   is one of those that are demanded. An age or a variant that is demanded and not stated by the base is a violation.
#   Where an age is demanded, so is a time more than a day in the future.
# custom:
#   name: base-current
#   requires: dhiverify
#   result_type: generic
#   remediation: Rebuild the image on the newest release of a supported runtime base.
#   details_order: [base, built, end_of_life, variant]
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

day := ((24 * 60) * 60) * 1000000000

max_age_days := object.get(data.config, "max_age_days", 0)

variants := object.get(data.config, "variants", [])

detail(base) := {
	"base": base.reference,
	"built": base.built,
	"end_of_life": base.end_of_life,
	"variant": base.variant,
}

violation contains {
	"message": sprintf("the base was built at %s, more than %d days ago", [base.built, max_age_days]),
	"detail": detail(base),
} if {
	max_age_days > 0
	some base in dhi.facts("base")
	is_number(base.built_ns)
	time.now_ns() - base.built_ns > max_age_days * day
}

violation contains {
	"message": sprintf("the base was built at %s, which lies in the future", [base.built]),
	"detail": detail(base),
} if {
	max_age_days > 0
	some base in dhi.facts("base")
	is_number(base.built_ns)
	base.built_ns - time.now_ns() > day
}

violation contains {
	"message": sprintf("no provenance of the base states when it was built; at most %d days are allowed", [max_age_days]),
	"detail": detail(base),
} if {
	max_age_days > 0
	some base in dhi.facts("base")
	not is_number(base.built_ns)
}

violation contains {
	"message": sprintf("the base reached its end of life on %s", [base.end_of_life]),
	"detail": detail(base),
} if {
	object.get(data.config, "supported", true)
	some base in dhi.facts("base")
	is_number(base.end_of_life_ns)
	time.now_ns() >= base.end_of_life_ns
}

violation contains {
	"message": sprintf("expected the end of life of the base as a date, found %s", [base.end_of_life]),
	"detail": detail(base),
} if {
	object.get(data.config, "supported", true)
	some base in dhi.facts("base")
	base.end_of_life != ""
	not is_number(base.end_of_life_ns)
}

violation contains {
	"message": sprintf("the base is of the variant %s; expected %s", [shown(base.variant), concat(" or ", variants)]),
	"detail": detail(base),
} if {
	count(variants) > 0
	some base in dhi.facts("base")
	not base.variant in variants
}

shown(variant) := "that it does not state" if {
	variant == ""
} else := variant
