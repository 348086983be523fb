# METADATA
# title: The secret scan is empty
# description: >-
#   There is a secret scan of this image, and it has no members. A scan result that has no length, as null, counts as
#   empty.
# custom:
#   name: dhi-no-embedded-secrets
#   result_type: generic
#   weight: 10
#   not_compliant_title: Secrets found, or not looked for
#   remediation: Revoke the secret, and build the image again without it; deleting it in a later layer does not help.
#   details_order: [predicate, reason]
#   evidence: ["https://scout.docker.com/secrets/v0.1"]
package docker.scout

import rego.v1

scan_type := "https://scout.docker.com/secrets/v0.1"

scan := oci.referrer(scan_type)

default pass := false

pass if count(violation) == 0

violation contains complaint("there is no secret scan") if scan == null

violation contains complaint(sprintf("the scan does not speak about %s", [digest])) if {
	digest := input.source.image.digest
	not digest in subjects
}

violation contains complaint("the scan found secrets") if {
	not scan.statement.predicate in [[], {}, ""]
	type_name(scan.statement.predicate) in {"array", "object", "string"}
}

complaint(reason) := {
	"message": sprintf("%s: %s", [scan_type, reason]),
	"detail": {"predicate": scan_type, "reason": reason},
}

# Empty where there is no scan, so that its absence is said twice.
subjects contains sprintf("sha256:%v", [sha256]) if sha256 := scan.statement.subject[_].digest.sha256
