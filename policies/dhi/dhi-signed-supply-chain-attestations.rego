# METADATA
# title: SBOM and provenance are signed by Docker
# description: >-
#   The image has a bill of materials (SPDX, CycloneDX or Scout's) and SLSA provenance (v0.2 or v1), and a trusted key
#   of Docker's keyring signed every one of them. A statement without content, that is a predicate with at least one
#   member, counts as neither. Of a package image no bill of materials is demanded, and evidence of its sources or
#   Scout's provenance answers for SLSA's.
# custom:
#   name: dhi-signed-supply-chain-attestations
#   waivable: false
#   result_type: boolean
#   remediation: Fetch the evidence from the publisher again; use another build if it was never signed.
#   details_order: [attestation, error]
#   evidence: []
#   optional: [sbom, provenance]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

wanted := {
	"bill of materials": {
		"https://spdx.dev/Document",
		"https://spdx.dev/Document/v2.3",
		"https://cyclonedx.org/bom",
		"https://cyclonedx.org/bom/v1.4",
		"https://cyclonedx.org/bom/v1.5",
		"https://cyclonedx.org/bom/v1.6",
		"https://cyclonedx.org/bom/v1.7",
		"https://scout.docker.com/sbom/v0.1",
	},
	"provenance": ({"https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1"} | provenance_of_package),
}

default provenance_of_package := set()

provenance_of_package := {"https://docker.com/dhi/source/v0.1", "https://scout.docker.com/provenance/v0.1"} if is_package

is_package if data.dhiverify.image.artifact == "package"

is_package if {
	not data.dhiverify
	startswith(input.source.image.name, "dhi/pkg-")
}

# A bill of materials is looked at where there is one.
demanded(name) if name == "provenance"

demanded(_) if not is_package

violation contains {
	"message": sprintf("expected a signed %s with content, found none", [name]),
	"detail": {"attestation": name},
} if {
	some name, types in wanted
	demanded(name)
	every type in types {
		not has_content(type)
	}
}

violation contains {
	"message": sprintf("the %s %s is not signed by Docker: %s", [name, reference, signature.error]),
	"detail": {"attestation": reference, "error": signature.error},
} if {
	some name, types in wanted
	some type in types
	some reference, signature in cosign.verify_images(references(type), {
		"key_ref": "https://dhi.io/keyring/latest.pub",
		"ignore_tlog": true,
		"ignore_sct": true,
		"check_claims": true,
		"experimental_oci11": true,
	})
	signature.error
}

has_content(type) if {
	some statement in statements(type)
	count(document(type, statement.predicate)) > 0
}

document(_, predicate) := predicate if is_object(predicate)

# Old cosign put SPDX into a JSON string.
document(type, predicate) := found if {
	startswith(type, "https://spdx.dev/")
	is_string(predicate)
	json.is_valid(predicate)
	found := json.unmarshal(predicate)
	is_object(found)
}

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}

# The manifests of all statements of a type. Docker Scout has one, whose subject is compared here.
references(type) := object.get(data.dhiverify.references, type, []) if {
	data.dhiverify
} else := [found.image] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
} else := []
