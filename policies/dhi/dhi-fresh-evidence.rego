# METADATA
# title: Build and scan are recent
# description: >-
#   The newest build and the newest vulnerability scan that state a time are not older than max_age_days, and none lies
#   in the future. Documents that state no time are not judged by age.
# custom:
#   name: dhi-fresh-evidence
#   requires: dhiverify
#   effect: warn
#   result_type: generic
#   remediation: Use a newer build of the image; the publisher rebuilds and scans again.
#   details_order: [evidence, time]
#   evidence: []
#   optional: [provenance, vulnerabilities, "https://in-toto.io/attestation/vulns/v0.1"]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

note := "no document states when it was made" if count(dated) == 0

day := ((24 * 60) * 60) * 1000000000

max_age_days := object.get(data.config, "max_age_days", 30)

violation contains {
	"message": sprintf("the newest %s is of %s, more than %d days ago", [what, time.format(newest), max_age_days]),
	"detail": {"evidence": what, "time": time.format(newest)},
} if {
	some what in {item.what | some item in dated}
	newest := max([item.time_ns | some item in dated; item.what == what])
	time.now_ns() - newest > max_age_days * day
}

violation contains {
	"message": sprintf("a %s is of %s, which lies in the future", [item.what, time.format(item.time_ns)]),
	"detail": {"evidence": item.what, "time": time.format(item.time_ns)},
} if {
	some item in dated
	item.time_ns - time.now_ns() > day
}

dated contains {"what": "build", "time_ns": document.finished_ns} if {
	some document in dhi.facts("provenance")
	is_number(document.finished_ns)
}

dated contains {"what": "scan", "time_ns": document.time_ns} if {
	some document in dhi.facts("vulnerabilities")
	is_number(document.time_ns)
}
