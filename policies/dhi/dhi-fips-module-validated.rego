# METADATA
# title: Every FIPS module is validated
# description: >-
#   The verified FIPS evidence calls every cryptographic module active. Modules whose validation is still in process
#   are shipped in real images, so this warns; any other status fails the rule dhi-fips-module-sunset.
# custom:
#   name: dhi-fips-module-validated
#   requires: dhiverify
#   effect: warn
#   result_type: generic
#   remediation: Ask your assessor whether a module in process is acceptable.
#   details_order: [module, status]
#   evidence: []
#   optional: [fips]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if count(dhi.facts("fips")) == 0

violation contains {
	"message": sprintf("expected %s %s to be active, found %s", [module.name, module.version, module.status]),
	"detail": {"module": module.name, "status": module.status},
} if {
	some document in dhi.facts("fips")
	some module in document.modules
	lower(trim_space(module.status)) != "active"
}
