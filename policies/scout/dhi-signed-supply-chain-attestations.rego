# METADATA
# title: An SPDX document and SLSA v0.2 provenance are signed by Docker
# description: >-
#   Of exactly these two types there is a statement about this image, and a key of Docker's keyring signed it. Neither
#   CycloneDX nor SLSA v1 answers for them, and no other statement is looked at.
# custom:
#   name: dhi-signed-supply-chain-attestations
#   result_type: generic
#   weight: 10
#   not_compliant_title: Supply chain evidence is missing or not signed
#   remediation: Fetch the evidence from the publisher again; use another build if it was never signed.
#   details_order: [predicate, reason]
#   evidence: ["https://spdx.dev/Document", "https://slsa.dev/provenance/v0.2"]
#   waivable: false
package docker.scout

import rego.v1

wanted := {"https://spdx.dev/Document", "https://slsa.dev/provenance/v0.2"}

default pass := false

pass if count(violation) == 0

violation contains complaint(type, "there is no such statement") if {
	some type, statement in found
	statement == null
}

violation contains complaint(type, sprintf("the statement does not speak about %s", [digest])) if {
	digest := input.source.image.digest
	some type in wanted
	not digest in subjects(type)
}

violation contains complaint(type, "the manifest of the statement is not known") if {
	some type in wanted
	not found[type].image
}

violation contains complaint(type, sprintf("not signed by Docker: %v", [signatures[found[type].image].error])) if {
	some type in wanted
	signatures[found[type].image].error
}

complaint(type, reason) := {
	"message": sprintf("%s: %s", [type, reason]),
	"detail": {"predicate": type, "reason": reason},
}

found[type] := oci.referrer(type) if some type in wanted

# Empty where there is no statement, so that its absence is said once more.
subjects(type) := {sprintf("sha256:%v", [sha256]) | sha256 := found[type].statement.subject[_].digest.sha256}

signatures := cosign.verify_images([statement.image | some statement in found], {
	"key_ref": "https://dhi.io/keyring/latest.pub",
	"ignore_tlog": true,
	"ignore_sct": true,
	"check_claims": true,
	"experimental_oci11": true,
})
