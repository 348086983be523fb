# METADATA
# title: No secrets were found
# description: Every verified secret scan of exactly this image is empty. What was found is never repeated here.
# custom:
#   name: dhi-no-embedded-secrets
#   result_type: boolean
#   remediation: Revoke the secret, and build the image again without it; deleting it in a later layer does not help.
#   details_order: [findings]
#   evidence: [secrets]
package docker.scout

import rego.v1

scan_type := "https://scout.docker.com/secrets/v0.1"

default applicable := true

# A package image comes without a scan; one that has one is judged like any other.
applicable := false if {
	data.dhiverify.image.artifact == "package"
	count(statements(scan_type)) == 0
}

# Without a scan there is no answer.
pass := count(violation) == 0 if count(statements(scan_type)) > 0

violation contains {"message": sprintf("%d findings of secrets", [findings]), "detail": {"findings": findings}} if {
	some statement in statements(scan_type)
	result := object.get(statement, "predicate", null)
	is_list(result)
	findings := count(result)
	findings > 0
}

violation contains {"message": "expected an empty list of findings, found no scan result"} if {
	some statement in statements(scan_type)
	not is_list(object.get(statement, "predicate", null))
}

is_list(result) if is_array(result)

is_list(result) if is_object(result)

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}
