# `dhi.facts` answers which verified documents there are about the platform (kind `evidence`) and about its index
# (`index_evidence`). Each demand has a name, and the predicate types or kinds that meet it.
package docker.scout_test

import data.docker.scout
import rego.v1

spdx := "https://spdx.dev/Document"

cyclonedx := "https://cyclonedx.org/bom"

sbom := {"name": "sbom", "types": ["sbom", spdx]}

provenance := {"name": "slsaprovenance1", "types": ["https://slsa.dev/provenance/v1"]}

document(kind, type) := {"kind": kind, "type": type}

demanding(demands) := {"types": demands}

about_platform(documents) := {"evidence": documents, "index_evidence": []}

about_index(documents) := {"evidence": [], "index_evidence": documents}

answer(kind) := data.given[kind]

test_a_document_about_platform_or_index_passes if {
	every found in [about_platform([document("sbom", spdx)]), about_index([document("sbom", spdx)])] {
		scout.pass with data.config as demanding([sbom]) with dhi.facts as answer with data.given as found
		count(scout.violation) == 0 with data.config as demanding([sbom]) with dhi.facts as answer with data.given as found
	}
}

test_where_it_was_found_is_noted if {
	both := {"evidence": [document("sbom", spdx)], "index_evidence": [document("sbom", spdx)]}
	said := scout.note with data.config as demanding([sbom]) with dhi.facts as answer with data.given as both
	said == "sbom about the index, sbom about the platform"
}

test_the_kind_meets_a_demand_as_well_as_the_type if {
	every types in [["sbom"], [cyclonedx]] {
		demand := demanding([{"name": "bom", "types": types}])
		found := about_platform([document("sbom", cyclonedx)])
		scout.pass with data.config as demand with dhi.facts as answer with data.given as found
	}
}

# A signer chooses the type of a document; what is no URI could pass for a kind.
test_a_type_that_is_no_uri_meets_nothing if {
	not scout.pass with data.config as demanding([sbom]) with data.given as about_platform([document("other", "sbom")])
		with dhi.facts as answer
}

test_every_demand_has_to_be_met if {
	not scout.pass with data.config as demanding([sbom, provenance])
		with data.given as about_platform([document("sbom", spdx)]) with dhi.facts as answer
}

test_the_message_keeps_what_would_meet_the_demand if {
	found := scout.violation with data.config as demanding([sbom]) with dhi.facts as answer
		with data.given as about_platform([])
	{one.detail | some one in found} == {{"demand": "sbom", "types": ["sbom", spdx]}}
}

test_what_is_missing_is_named if {
	every demand, words in {
		{"name": cyclonedx, "types": [cyclonedx]}: "of type https://cyclonedx.org/bom",
		provenance: "of slsaprovenance1 (https://slsa.dev/provenance/v1)",
		{"name": "sbom", "types": ["sbom", spdx, cyclonedx]}: "of sbom (any of its 3 types)",
	} {
		messages := {one.message | some one in scout.violation} with data.config as demanding([demand])
			with dhi.facts as answer with data.given as about_platform([])
		messages == {sprintf("expected a verified attestation %s about this platform or its index, found none", [words])}
	}
}

test_without_a_demand_there_is_no_answer if {
	every config in [{}, demanding([])] {
		answers := [passed | passed := scout.pass] with data.config as config
			with dhi.facts as answer with data.given as about_platform([document("sbom", spdx)])
		answers == []
	}
}
