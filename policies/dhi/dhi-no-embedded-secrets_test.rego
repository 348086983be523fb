# A secret scan is a list of findings.
package docker.scout_test

import data.docker.scout
import rego.v1

scans(results) := {"https://scout.docker.com/secrets/v0.1": [{"predicate": result} | some result in results]}

finding := {"category": "AWS", "title": "AWS access key"}

test_an_empty_scan_passes if {
	every empty in [[], {}] {
		scout.pass with data.dhiverify.statements as scans([empty])
	}
}

test_findings_are_counted_and_not_repeated if {
	found := scout.violation with data.dhiverify.statements as scans([[finding, finding]])
	found == {{"message": "2 findings of secrets", "detail": {"findings": 2}}}
}

test_findings_by_name_fail if {
	scout.pass == false with data.dhiverify.statements as scans([{"/app/.env": finding}])
}

test_one_bad_scan_of_two_fails if {
	scout.pass == false with data.dhiverify.statements as scans([[], [finding]])
}

test_what_is_no_list_fails if {
	every result in [null, "none", 0, false] {
		found := scout.violation with data.dhiverify.statements as scans([result])
		found == {{"message": "expected an empty list of findings, found no scan result"}}
	}
}

test_a_scan_without_a_result_fails if {
	empty := {"https://scout.docker.com/secrets/v0.1": [{}]}
	scout.pass == false with data.dhiverify.statements as empty
}

test_without_a_scan_there_is_no_answer if {
	answers := [answer | answer := scout.pass] with data.dhiverify.statements as {}
	answers == []
}

test_a_package_needs_no_scan if {
	not scout.applicable with data.dhiverify.image.artifact as "package" with data.dhiverify.statements as {}
}

test_an_image_needs_one if {
	scout.applicable with data.dhiverify.image.artifact as "image" with data.dhiverify.statements as {}
}

test_the_scan_of_a_package_counts if {
	found := scans([[finding]])
	scout.applicable with data.dhiverify.image.artifact as "package" with data.dhiverify.statements as found
	scout.pass == false with data.dhiverify.image.artifact as "package" with data.dhiverify.statements as found
}

# Docker Scout has no `data.dhiverify`, and one statement for each type.
test_docker_scout_is_asked_for_the_statement if {
	clean := referrer("abab", [])
	found := referrer("abab", [finding])
	scout.pass with oci.referrer as clean with input as this_image with data.dhiverify as false
	scout.pass == false with oci.referrer as found with input as this_image with data.dhiverify as false
}

test_docker_scout_may_answer_about_another_image if {
	answers := [answer | answer := scout.pass] with oci.referrer as referrer("cdcd", []) with input as this_image
		with data.dhiverify as false
	answers == []
}

this_image := {"source": {"image": {"digest": "sha256:abab"}}}

referrer(digest, result) := {"statement": {"subject": [{"digest": {"sha256": digest}}], "predicate": result}}
