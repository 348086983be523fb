# METADATA
# title: All required evidence is there and verified
# description: >-
#   Every kind of evidence that the policy requires is there, signed by a trusted key, about this image and readable.
#   Instead of a kind, the policy may name a predicate type. STIG and FIPS evidence is required of images that claim it,
#   by label or by a signed tag. The policy may limit a requirement to images, Helm charts or package images. Of a
#   package image, evidence of its sources or Scout's provenance answers for provenance. Where the policy states an age,
#   the newest verified document of that kind must state a time of its own, and not be older.
# custom:
#   name: dhi-required-evidence
#   requires: dhiverify
#   result_type: boolean
#   remediation: Fetch the evidence from the publisher, with --attestation-repo if it lies in another repository.
#   waivable: false
#   details_order: [kind, time]
#   evidence: []
package docker.scout

import rego.v1

# The policy document says what is required. A rule that is told nothing has no answer.
pass := count(violation) == 0 if is_array(data.config.required)

default applicable := true

applicable := false if count(data.config.required) == 0

violation contains {
	"message": sprintf("expected verified evidence of kind %s, found none", [requirement.kind]),
	"detail": {"kind": requirement.kind},
} if {
	some requirement in data.config.required
	required(requirement)
	not requirement.kind in present
}

violation contains {
	"message": sprintf("expected readable verified evidence of kind %s, found it unreadable", [requirement.kind]),
	"detail": {"kind": requirement.kind},
} if {
	some requirement in data.config.required
	required(requirement)
	requirement.kind in present
	not requirement.kind in met
}

violation contains {
	"message": sprintf("expected verified evidence of kind %s that is at most %d days old, %s", [
		requirement.kind,
		days,
		found_age(requirement.kind),
	]),
	"detail": {"kind": requirement.kind, "time": newest(requirement.kind)},
	"remediation": "Use a newer build of the image; the publisher rebuilds and scans again.",
} if {
	some requirement in data.config.required
	required(requirement)
	requirement.kind in met
	days := requirement.max_age_days
	not recent(requirement.kind, days)
}

required(requirement) if {
	for_artifact(requirement)
	for_compliance(requirement)
}

for_artifact(requirement) if count(object.get(requirement, "artifacts", [])) == 0

for_artifact(requirement) if artifact in requirement.artifacts

default artifact := "image"

artifact := found if {
	found := dhi.facts("image")[0].artifact
	found in {"chart", "package"}
}

for_compliance(requirement) if count(requirement.compliance) == 0

for_compliance(requirement) if {
	some token in requirement.compliance
	token in claimed
}

present := {word | some item in dhi.facts("evidence"); some word in words(item)}

met := {word |
	some item in dhi.facts("evidence")
	object.get(item, "readable", true) == true
	some word in words(item)
}

day := ((24 * 60) * 60) * 1000000000

# What lies more than a day in the future is no more believable than what states no time.
recent(kind, days) if {
	age(kind) <= days * day
	age(kind) >= 0 - day
}

times(kind) := {item.time_ns |
	some item in dhi.facts("evidence")
	object.get(item, "readable", true) == true
	kind in words(item)
	is_number(item.time_ns)
}

newest(kind) := time.format(max(times(kind))) if {
	count(times(kind)) > 0
} else := ""

found_age(kind) := "found none that states when it was made" if {
	count(times(kind)) == 0
} else := sprintf("the newest is of %s, which lies in the future", [newest(kind)]) if {
	max(times(kind)) > time.now_ns()
} else := sprintf("the newest is of %s, more than %d days ago", [newest(kind), floor(age(kind) / day)])

age(kind) := time.now_ns() - max(times(kind))

# What a requirement may call an item: its kind, or its predicate type, which is a URI.
words(item) := ({item.kind} | {type | type := item.type; contains(type, ":")}) | stands_for(item)

stands_for(item) := {"provenance"} if {
	artifact == "package"
	item.kind in {"source", "scout-provenance"}
} else := set()

claimed contains token if some token in regex.split(`[,;/\s]+`, lower(labels["com.docker.dhi.compliance"]))

claimed contains "fips" if {
	some tag in dhi.facts("image")[0].signed.tags
	"fips" in split(split(tag, "_")[0], "-")
}

default labels := {}

labels := input.source.image.config.config.Labels if is_object(input.source.image.config.config.Labels)
