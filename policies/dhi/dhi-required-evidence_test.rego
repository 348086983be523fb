# `dhi.facts` answers which verified documents there are (kind `evidence`) and what was published (`image`). What is
# required of which image, and how old it may be, stands in the configuration.
package docker.scout_test

import data.docker.scout
import rego.v1

spdx := "https://spdx.dev/Document"

today := moment("2026-03-31")

moment(date) := time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [date]))

sbom := {"kind": "sbom", "type": spdx, "readable": true, "time_ns": null}

sbom_of(date) := object.union(sbom, {"time_ns": moment(date)})

# One requirement: a bill of materials, unless the changes say otherwise.
requiring(changes) := {"required": [object.union({"kind": "sbom", "compliance": [], "artifacts": []}, changes)]}

weekly := requiring({"max_age_days": 7})

# An image with these documents and signed tags.
facts(documents, tags) := {"evidence": documents, "image": [{"artifact": "image", "signed": {"tags": tags}}]}

with_documents(documents) := facts(documents, ["3.13"])

published_as(artifact, documents) := object.union(with_documents(documents), {"image": [{"artifact": artifact}]})

answer(kind) := data.given[kind]

labelled(compliance) := {"source": {"image": {"config": {"config": {"Labels": {
	"com.docker.dhi.compliance": compliance,
	"com.docker.dhi.name": "dhi/python",
}}}}}}

# Whether nothing is missing where these documents are there.
met(config, given) if {
	scout.pass with data.config as config with dhi.facts as answer with data.given as given with time.now_ns as today
}

# The violations otherwise.
faults(config, given) := found if {
	found := scout.violation with data.config as config with dhi.facts as answer with data.given as given
		with time.now_ns as today
	refused := scout.pass with data.config as config with dhi.facts as answer with data.given as given
		with time.now_ns as today
	refused == false
}

test_evidence_of_the_kind_passes if {
	met(requiring({}), with_documents([sbom]))
	scout.applicable with data.config as requiring({})
}

test_missing_evidence_is_named if {
	faults(requiring({}), with_documents([])) == {{
		"message": "expected verified evidence of kind sbom, found none",
		"detail": {"kind": "sbom"},
	}}
}

test_every_requirement_has_to_be_met if {
	both := {"required": array.concat(requiring({}).required, requiring({"kind": "provenance"}).required)}
	{one.detail.kind | some one in faults(both, with_documents([sbom]))} == {"provenance"}
}

test_unreadable_evidence_is_named if {
	faults(requiring({}), with_documents([object.union(sbom, {"readable": false})])) == {{
		"message": "expected readable verified evidence of kind sbom, found it unreadable",
		"detail": {"kind": "sbom"},
	}}
}

test_one_readable_document_is_enough if {
	met(requiring({}), with_documents([object.union(sbom, {"readable": false}), sbom]))
	met(weekly, with_documents([object.remove(sbom_of("2026-03-30"), ["readable"])]))
}

test_a_predicate_type_may_be_required if {
	met(requiring({"kind": spdx}), with_documents([sbom]))
	count(faults(requiring({"kind": "https://cyclonedx.org/bom"}), with_documents([sbom]))) == 1
}

# A signer chooses the type of a document; what is no URI could pass for a kind.
test_a_type_that_is_no_uri_meets_nothing if {
	count(faults(requiring({}), with_documents([{"kind": "unknown", "type": "sbom"}]))) == 1
}

test_a_compliance_that_the_label_claims_is_required if {
	every label in ["fips", "CIS, FIPS", "cis;stig/fips", "stig fips"] {
		count(faults(requiring({"compliance": ["fips"]}), with_documents([]))) == 1 with input as labelled(label)
	}
}

test_a_compliance_that_a_signed_tag_claims_is_required if {
	count(faults(requiring({"compliance": ["stig", "fips"]}), facts([], ["3.13", "3.13-fips_acme"]))) == 1
}

test_a_compliance_that_nothing_claims_is_not_required if {
	unclaimed := facts([], ["3.13", "3.13-fipsy", "3.13_acme-fips"])
	every label in ["", "cis", "fipsy", "cis-fips"] {
		met(requiring({"compliance": ["fips"]}), unclaimed) with input as labelled(label)
	}
	met(requiring({"compliance": ["fips"]}), with_documents([])) with input as {"source": {"image": {"config": {}}}}
	met(requiring({"compliance": ["stig"]}), facts([], ["3.13-stig"]))
}

test_a_requirement_may_be_of_charts_alone if {
	charts := requiring({"artifacts": ["chart"]})
	count(faults(charts, published_as("chart", []))) == 1
	met(charts, published_as("image", []))
	met(charts, published_as("package", []))
}

test_what_is_neither_chart_nor_package_is_an_image if {
	every artifact in ["image", "", "other"] {
		count(faults(requiring({"artifacts": ["image"]}), published_as(artifact, []))) == 1
	}
}

test_sources_answer_for_the_provenance_of_a_package if {
	every kind in ["source", "scout-provenance"] {
		documents := [{"kind": kind, "type": "https://docker.com/dhi/source/v0.1"}]
		met(requiring({"kind": "provenance"}), published_as("package", documents))
		count(faults(requiring({"kind": "provenance"}), published_as("image", documents))) == 1
	}
	count(faults(requiring({"kind": "provenance"}), published_as("package", [sbom]))) == 1
}

test_evidence_of_a_week_passes if {
	met(weekly, with_documents([sbom_of("2026-03-24")]))
}

test_older_evidence_is_named if {
	{object.remove(one, ["remediation"]) | some one in faults(weekly, with_documents([sbom_of("2026-03-23")]))} == {{
		"message": concat(" ", [
			"expected verified evidence of kind sbom that is at most 7 days old,",
			"the newest is of 2026-03-23T00:00:00Z, more than 8 days ago",
		]),
		"detail": {"kind": "sbom", "time": "2026-03-23T00:00:00Z"},
	}}
}

test_a_newer_build_is_what_helps_against_age if {
	{one.remediation | some one in faults(weekly, with_documents([sbom_of("2026-01-01")]))} == {concat(" ", [
		"Use a newer build of the image;",
		"the publisher rebuilds and scans again.",
	])}
}

test_the_newest_counts if {
	met(weekly, with_documents([sbom_of("2025-01-01"), sbom_of("2026-03-30"), sbom]))
}

test_the_age_of_what_is_unreadable_or_of_another_kind_does_not_count if {
	every change in [{"readable": false}, {"kind": "tests", "type": "https://scout.docker.com/tests/v0.1"}] {
		both := [sbom_of("2026-01-01"), object.union(sbom_of("2026-03-30"), change)]
		{one.detail.time | some one in faults(weekly, with_documents(both))} == {"2026-01-01T00:00:00Z"}
	}
}

test_an_age_has_to_be_stated if {
	found := faults(weekly, with_documents([sbom]))
	{one.detail | some one in found} == {{"kind": "sbom", "time": ""}}
	{one.message | some one in found} == {concat(" ", [
		"expected verified evidence of kind sbom that is at most 7 days old,",
		"found none that states when it was made",
	])}
}

test_clocks_may_differ_by_a_day_and_no_more if {
	met(weekly, with_documents([sbom_of("2026-04-01")]))
	{one.message | some one in faults(weekly, with_documents([sbom_of("2026-04-02")]))} == {concat(" ", [
		"expected verified evidence of kind sbom that is at most 7 days old,",
		"the newest is of 2026-04-02T00:00:00Z, which lies in the future",
	])}
}

test_nothing_is_asked_of_what_is_not_required if {
	every document in [sbom_of("2020-01-01"), object.union(sbom, {"readable": false})] {
		met(requiring({"compliance": ["fips"], "max_age_days": 7}), with_documents([document]))
	}
}

test_what_is_missing_or_unreadable_is_not_too_old_as_well if {
	every documents in [[], [object.union(sbom_of("2020-01-01"), {"readable": false})]] {
		count(faults(weekly, with_documents(documents))) == 1
	}
}

test_without_configuration_there_is_no_answer if {
	answers := [passed | passed := scout.pass] with data.config as {} with dhi.facts as [sbom]
	answers == []
}

test_where_nothing_is_required_there_is_nothing_to_ask if {
	not scout.applicable with data.config as {"required": []}
}
