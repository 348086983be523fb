# `data.dhiverify` has every verified statement and the reference of its manifest. `cosign.verify_images` answers which
# of these references Docker signed: in these tests all but those that are called unsigned.
package docker.scout_test

import data.docker.scout
import rego.v1

spdx := "https://spdx.dev/Document"

slsa := "https://slsa.dev/provenance/v1"

source := "https://docker.com/dhi/source/v0.1"

content := {"predicate": {"member": "there"}}

# One statement of each type, and a reference that is called like its type.
known(types) := {
	"statements": {type: [content] | some type in types},
	"references": {type: [type] | some type in types},
}

by_docker(references, options) := {reference: result |
	options == {
		"key_ref": "https://dhi.io/keyring/latest.pub",
		"ignore_tlog": true,
		"ignore_sct": true,
		"check_claims": true,
		"experimental_oci11": true,
	}
	some reference in references
	result := signature(reference)
}

signature("unsigned") := {"error": "no trusted key signed it"}

signature(reference) := {} if reference != "unsigned"

# Whether all is there and signed.
met(facts) if scout.pass with data.dhiverify as facts with cosign.verify_images as by_docker

# The violations otherwise.
faults(facts) := found if {
	found := scout.violation with data.dhiverify as facts with cosign.verify_images as by_docker
	refused := scout.pass with data.dhiverify as facts with cosign.verify_images as by_docker
	refused == false
}

test_a_bill_of_materials_and_provenance_pass if {
	every type in [
		spdx,
		"https://spdx.dev/Document/v2.3",
		"https://cyclonedx.org/bom",
		"https://cyclonedx.org/bom/v1.4",
		"https://cyclonedx.org/bom/v1.5",
		"https://cyclonedx.org/bom/v1.6",
		"https://cyclonedx.org/bom/v1.7",
		"https://scout.docker.com/sbom/v0.1",
	] {
		met(known([type, slsa]))
		met(known([type, "https://slsa.dev/provenance/v0.2"]))
	}
}

test_what_is_missing_is_named if {
	faults(known([slsa])) == {{
		"message": "expected a signed bill of materials with content, found none",
		"detail": {"attestation": "bill of materials"},
	}}
	faults(known([spdx])) == {{
		"message": "expected a signed provenance with content, found none",
		"detail": {"attestation": "provenance"},
	}}
	count(faults(known([]))) == 2
}

test_other_types_count_as_neither if {
	others := ["https://cyclonedx.org/bom/v2.0", "https://slsa.dev/provenance/v2", "https://scout.docker.com/virus/v0.1"]
	count(faults(known(others))) == 2
}

test_a_statement_without_content_counts_as_none if {
	every empty in [{}, {"predicate": {}}, {"predicate": null}, {"predicate": [1]}, {"predicate": "text"}] {
		facts := object.union(known([spdx, slsa]), {"statements": {spdx: [empty]}})
		{one.detail.attestation | some one in faults(facts)} == {"bill of materials"}
		met(object.union(facts, {"statements": {spdx: [empty, content]}}))
	}
}

# Old cosign did so.
test_spdx_may_stand_in_a_string if {
	written := {"predicate": json.marshal({"spdxVersion": "SPDX-2.3"})}
	met(object.union(known([spdx, slsa]), {"statements": {spdx: [written]}}))
	count(faults(object.union(known([spdx, slsa]), {"statements": {slsa: [written]}}))) == 1
}

test_a_string_has_to_hold_an_object_with_content if {
	every text in ["{}", "[1]", "7", "{"] {
		facts := object.union(known([spdx, slsa]), {"statements": {spdx: [{"predicate": text}]}})
		count(faults(facts)) == 1
	}
}

test_an_unsigned_statement_is_named if {
	faults(object.union(known([spdx, slsa]), {"references": {slsa: ["unsigned"]}})) == {{
		"message": "the provenance unsigned is not signed by Docker: no trusted key signed it",
		"detail": {"attestation": "unsigned", "error": "no trusted key signed it"},
	}}
}

test_one_unsigned_statement_of_two_is_refused if {
	every type in [spdx, slsa] {
		facts := object.union(known([spdx, slsa]), {"references": {type: [type, "unsigned"]}})
		count(faults(facts)) == 1
	}
}

test_signatures_of_other_evidence_are_not_asked if {
	met(object.union(known([spdx, slsa]), {"references": {"https://scout.docker.com/virus/v0.1": ["unsigned"]}}))
}

test_a_package_needs_no_bill_of_materials if {
	every type in [slsa, source, "https://scout.docker.com/provenance/v0.1"] {
		met(as_package(known([type])))
	}
}

test_a_package_needs_provenance if {
	{one.detail.attestation | some one in faults(as_package(known([spdx])))} == {"provenance"}
}

test_the_bill_of_materials_of_a_package_has_to_be_signed if {
	facts := as_package(object.union(known([spdx, source]), {"references": {spdx: ["unsigned"]}}))
	{one.detail.attestation | some one in faults(facts)} == {"unsigned"}
}

test_sources_answer_for_no_image if {
	{one.detail.attestation | some one in faults(known([spdx, source]))} == {"provenance"}
}

# Here it is known what was published, and the name is not asked.
test_the_name_of_a_package_makes_none_here if {
	count(faults(object.union(known([source]), {"image": {"artifact": "image"}}))) == 2 with input as image("dhi/pkg-zlib")
}

# Docker Scout has no `data.dhiverify`, and one statement for each type.
test_docker_scout_is_asked_for_the_statement if {
	met(false) with oci.referrer as about_this with input as image("dhi/python")
}

test_docker_scout_is_asked_for_the_signature if {
	found := faults(false) with oci.referrer as unsigned with input as image("dhi/python")
	{one.detail.attestation | some one in found} == {"unsigned"}
}

test_docker_scout_may_answer_about_another_image if {
	found := faults(false) with oci.referrer as about_another with input as image("dhi/python")
	{one.detail.attestation | some one in found} == {"bill of materials", "provenance"}
}

test_docker_scout_knows_a_package_by_its_name if {
	met(false) with oci.referrer as about_sources with input as image("dhi/pkg-zlib")
	count(faults(false)) == 2 with oci.referrer as about_sources with input as image("dhi/python")
}

as_package(facts) := object.union(facts, {"image": {"artifact": "package"}})

image(name) := {"source": {"image": {"name": name, "digest": "sha256:abab"}}}

referrer(digest, reference) := {
	"image": reference,
	"statement": {"subject": [{"digest": {"sha256": digest}}], "predicate": {"member": "there"}},
}

about_this(type) := referrer("abab", type)

about_sources(type) := referrer("abab", type) if type == source

unsigned(_) := referrer("abab", "unsigned")

# Its signature is not asked either, as it is no evidence about this image.
about_another(_) := referrer("cdcd", "unsigned")
