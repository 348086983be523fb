# A STIG scan is a list of profiles. `data.dhiverify` has the scans and what was signed about the image. What the image
# claims stands in its labels.
package docker.scout_test

import data.docker.scout
import rego.v1

type := "https://docker.com/dhi/stig/v0.1"

# A profile that reaches its score.
full := {
	"name": "gpos",
	"summary": {"defaultScore": 80, "maxDefaultScore": 80},
	"output": [{"format": "html", "content": "PGh0bWw+"}, {"format": "xccdf", "content": "PHhtbD4="}],
}

changed(members) := object.union(full, members)

scoring(reached, most) := changed({"summary": {"defaultScore": reached, "maxDefaultScore": most}})

scans(predicates) := {"statements": {type: [{"predicate": predicate} | some predicate in predicates]}}

tagged(tags) := {"image": {"signed": {"tags": tags}}, "statements": {}}

labelled(compliance) := configured({"Labels": {"com.docker.dhi.compliance": compliance}})

configured(config) := {"source": {"image": {"config": {"config": config}}}}

# Whether scans with these predicates are good enough.
met(predicates) if scout.pass with data.dhiverify as scans(predicates)

# The violations otherwise.
faults(predicates) := found if {
	found := scout.violation with data.dhiverify as scans(predicates)
	refused := scout.pass with data.dhiverify as scans(predicates)
	refused == false
}

test_the_full_score_passes if {
	met([[full, scoring(1, 1), scoring(1000000, 1000000)]])
}

test_a_lower_score_is_named if {
	faults([[scoring(72, 80)]]) == {{
		"message": "profile gpos: expected a score of at least 100, found 90",
		"detail": {"profile": "gpos", "score": 90, "failed": []},
	}}
}

test_the_configuration_says_what_is_enough if {
	met([[scoring(72, 80)]]) with data.config as {"target_score": 90}
	messages := {one.message | some one in faults([[scoring(71, 80), scoring(0, 80)]])}
		with data.config as {"target_score": 90}
	messages == {
		"profile gpos: expected a score of at least 90, found 88.75",
		"profile gpos: expected a score of at least 90, found 0",
	}
}

test_every_profile_of_every_scan_counts if {
	every predicates in [[[full, scoring(1, 2)]], [[full], [scoring(1, 2)]], [[scoring(1, 2)], [full]]] {
		count(faults(predicates)) == 1
	}
}

test_failed_rules_are_named_of_the_very_profile if {
	facts := object.union(scans([[full, scoring(72, 80)], [full]]), {"stig": [
		{"profiles": [results(1, ["V-1"]), results(3, ["V-2", "V-3"])]},
		{"profiles": [results(1, ["V-4"])]},
	]})
	found := scout.violation with data.dhiverify as facts
	found == {{
		"message": "profile gpos: expected a score of at least 100, found 90; 3 rules failed: V-2, V-3",
		"detail": {"profile": "gpos", "score": 90, "failed": ["V-2: title of V-2", "V-3: title of V-3"]},
	}}
}

test_where_no_rule_failed_none_is_told if {
	facts := object.union(scans([[scoring(72, 80)]]), {"stig": [{"profiles": [results(0, [])]}]})
	messages := {one.message | some one in scout.violation} with data.dhiverify as facts
	messages == {"profile gpos: expected a score of at least 100, found 90"}
}

test_a_score_has_to_be_readable if {
	every profile in [
		object.remove(full, ["summary"]),
		scoring("80", 80),
		scoring(80, "80"),
		scoring(-1, 80),
		scoring(81, 80),
		scoring(0, 0),
		scoring(0.5, 0.5),
		scoring(1000001, 1000001),
		scoring(null, null),
	] {
		faults([[full, profile]]) == {{
			"message": "profile gpos: expected a score up to a maximum of at least 1, found none that can be read",
			"detail": {"profile": "gpos", "score": null},
		}}
	}
}

test_a_profile_has_to_hold_its_results if {
	every output in [
		null,
		[],
		{"xccdf": {"format": "xccdf", "content": "PHhtbD4="}},
		[{"format": "html", "content": "PGh0bWw+"}],
		[{"format": "xccdf"}],
		[{"format": "xccdf", "content": ""}],
		[{"format": "xccdf", "content": ["PHhtbD4="]}],
	] {
		faults([[full, changed({"output": output})]]) == {{
			"message": "profile gpos: expected its XCCDF results, found none",
			"detail": {"profile": "gpos"},
		}}
	}
}

test_a_scan_without_profiles_fails if {
	every predicate in [[], {}, {"gpos": full}, null, "gpos"] {
		faults([[full], predicate]) == {{"message": "expected a list with at least one scanned profile, found none"}}
	}
}

test_a_profile_without_a_name_is_called_so if {
	every name in [null, 7] {
		{one.detail.profile | some one in faults([[object.union(scoring(1, 2), {"name": name})]])} == {"without a name"}
	}
}

test_a_claim_without_a_scan_has_no_answer if {
	every label in ["fips", "stig", "CIS, FIPS", "cis;stig", "cis/fips"] {
		scout.applicable with input as labelled(label) with data.dhiverify as tagged(["3.13"])
		answers := [passed | passed := scout.pass] with input as labelled(label) with data.dhiverify as tagged(["3.13"])
		answers == []
	}
}

test_a_signed_tag_claims_fips_too if {
	scout.applicable with input as labelled("cis") with data.dhiverify as tagged(["3.13", "3.13-fips_acme"])
}

test_an_image_that_claims_neither_is_not_asked if {
	every label in ["", "cis", "fipsy", "cis-stig"] {
		facts := tagged(["3.13", "3.13-fipsy", "3.13_acme-fips"])
		not scout.applicable with input as labelled(label) with data.dhiverify as facts
	}
	not scout.applicable with input as labelled("cis") with data.dhiverify as tagged([])
}

test_an_image_without_labels_and_signed_tags_may_claim_anything if {
	scout.applicable with input as configured({}) with data.dhiverify as tagged([])
	not scout.applicable with input as configured({}) with data.dhiverify as tagged(["3.13"])
}

test_a_scan_that_is_there_counts if {
	every artifact in ["image", "chart", "package"] {
		facts := object.union(scans([[full]]), {"image": {"artifact": artifact}})
		scout.applicable with input as labelled("cis") with data.dhiverify as facts
	}
}

test_charts_and_packages_need_no_scan if {
	every artifact, asked in {"chart": false, "package": false, "image": true} {
		facts := {"image": {"artifact": artifact}, "statements": {}}
		scout.applicable == asked with input as labelled("fips") with data.dhiverify as facts
	}
}

# Docker Scout has no `data.dhiverify`, and one statement for each type.
test_docker_scout_is_asked_for_the_statement if {
	scout.pass with oci.referrer as referrer("abab", [full]) with input as this_image with data.dhiverify as false
	scout.pass == false with oci.referrer as referrer("abab", [scoring(1, 2)]) with input as this_image
		with data.dhiverify as false
}

test_docker_scout_may_answer_about_another_image if {
	answers := [passed | passed := scout.pass] with oci.referrer as referrer("cdcd", [full]) with input as this_image
		with data.dhiverify as false
	answers == []
}

results(failing, rules) := {"xccdf": {
	"failing": failing,
	"failed": [{"rule": rule, "title": sprintf("title of %s", [rule])} | some rule in rules],
}}

this_image := {"source": {"image": {"digest": "sha256:abab"}}}

referrer(digest, predicate) := {"statement": {"subject": [{"digest": {"sha256": digest}}], "predicate": predicate}}
