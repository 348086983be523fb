# METADATA
# title: Every FIPS module is validated or in process, and none past its sunset date
# description: >-
#   The verified FIPS evidence lists at least one cryptographic module. Each is active or in process, and no certificate
#   among them has reached the date on which its validation ends. Any other status, as revoked or historical, fails.
# custom:
#   name: dhi-fips-module-sunset
#   requires: dhiverify
#   result_type: generic
#   remediation: Use a build with a module whose validation is current, or record a waiver with your assessor.
#   details_order: [module, status, certification, sunset]
#   evidence: []
#   optional: [fips]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

# Whether FIPS evidence must be there is for the rule dhi-required-evidence.
applicable := false if count(dhi.facts("fips")) == 0

violation contains {
	"message": sprintf("the validation of %s %s ended on %s", [module.name, module.version, module.sunset_date]),
	"detail": {"module": module.name, "certification": module.certification, "sunset": module.sunset_date},
} if {
	some document in dhi.facts("fips")
	some module in document.modules
	module.sunset_date != ""
	not valid(module)
}

violation contains {
	"message": sprintf("expected %s %s to be active or in process, found %s", [
		module.name,
		object.get(module, "version", ""),
		shown(status(module)),
	]),
	"detail": {"module": module.name, "status": status(module)},
} if {
	some document in dhi.facts("fips")
	some module in document.modules
	not lower(status(module)) in {"active", "in process"}
}

violation contains {"message": "expected at least one cryptographic module, found none"} if {
	some document in dhi.facts("fips")
	count(document.modules) == 0
}

status(module) := trim_space(module.status) if {
	is_string(module.status)
} else := ""

shown(word) := "no status" if {
	word == ""
} else := word

# `sunset_ns` is the end of that day in UTC.
valid(module) if {
	is_number(module.sunset_ns)
	time.now_ns() < module.sunset_ns
}
