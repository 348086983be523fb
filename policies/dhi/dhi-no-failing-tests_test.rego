# A test report (CTRF) has a summary, which counts, and a list of tests.
package docker.scout_test

import data.docker.scout
import rego.v1

type := "https://scout.docker.com/tests/v0.1"

reports(all_results) := {type: [{"predicate": {"results": results}} | some results in all_results]}

counted(summary) := reports([{"summary": summary}])

good := {"tests": 3, "passed": 3, "failed": 0}

bad := {"tests": 3, "passed": 2, "failed": 1}

# What CTRF calls optional counts as 0.
whole(summary) := object.union({"skipped": 0, "pending": 0, "other": 0}, summary)

# The messages under a report with this summary.
messages(summary) := {one.message | some one in violations} if {
	violations := scout.violation with data.dhiverify.statements as counted(summary)
}

test_passed_tests_pass if {
	scout.pass with data.dhiverify.statements as counted(good)
}

test_skipped_tests_are_no_failure if {
	some_skipped := {"tests": 6, "passed": 1, "failed": 0, "skipped": 2, "pending": 2, "other": 1}
	scout.pass with data.dhiverify.statements as counted(some_skipped)
}

test_a_failed_test_fails if {
	messages(bad) == {"1 of 3 tests failed"}
	messages({"tests": 2, "passed": 0, "failed": 2}) == {"2 of 2 tests failed"}
}

test_the_counts_are_kept_with_each_fault if {
	every summary in [bad, {"tests": 0, "passed": 0, "failed": 0}, {"tests": 9, "passed": 3, "failed": 0}] {
		found := scout.violation with data.dhiverify.statements as counted(summary)
		{one.detail.summary | some one in found} == {whole(summary)}
	}
}

test_one_bad_report_of_two_fails if {
	scout.pass == false with data.dhiverify.statements as reports([{"summary": good}, {"summary": bad}])
}

test_something_has_to_pass if {
	messages({"tests": 2, "passed": 0, "failed": 0, "skipped": 2}) == {"none of 2 tests passed"}
	messages({"tests": 0, "passed": 0, "failed": 0}) == {"none of 0 tests passed"}
}

test_numbers_have_to_agree if {
	messages({"tests": 9, "passed": 3, "failed": 0}) == {"the summary contradicts itself: 9 tests, and 3 results"}
}

test_a_failure_in_the_list_is_seen if {
	listed := reports([{"summary": good, "tests": [{"status": "passed"}, {"status": "passed"}, {"status": "failed"}]}])
	found := scout.violation with data.dhiverify.statements as listed
	found == {{"message": "the summary counts 0 failed tests, the list 1", "detail": {"summary": whole(good)}}}
}

test_a_summary_has_to_count if {
	every summary in [
		null,
		{},
		{"tests": 3, "passed": 3},
		{"tests": 3, "passed": "3", "failed": 0},
		{"tests": 3, "passed": 4, "failed": -1},
		{"tests": 3, "passed": 2.5, "failed": 0.5},
		{"tests": 3, "passed": 3, "failed": 0, "skipped": "none"},
	] {
		messages(summary) == {"expected a summary that counts tests, passed and failed, found none"}
	}
}

test_without_a_report_there_is_no_answer if {
	answers := [answer | answer := scout.pass] with data.dhiverify.statements as {}
	answers == []
}

test_a_package_needs_no_report if {
	not scout.applicable with data.dhiverify.image.artifact as "package" with data.dhiverify.statements as {}
}

test_an_image_needs_one if {
	scout.applicable with data.dhiverify.image.artifact as "image" with data.dhiverify.statements as {}
}

test_the_report_of_a_package_counts if {
	scout.applicable with data.dhiverify.image.artifact as "package" with data.dhiverify.statements as counted(bad)
	scout.pass == false with data.dhiverify.image.artifact as "package" with data.dhiverify.statements as counted(bad)
}

# Docker Scout has no `data.dhiverify`, and one statement for each type.
test_docker_scout_is_asked_for_the_statement if {
	scout.pass with oci.referrer as referrer("abab", good) with input as this_image with data.dhiverify as false
	scout.pass == false with oci.referrer as referrer("abab", bad) with input as this_image with data.dhiverify as false
}

test_docker_scout_may_answer_about_another_image if {
	answers := [answer | answer := scout.pass] with oci.referrer as referrer("cdcd", good) with input as this_image
		with data.dhiverify as false
	answers == []
}

this_image := {"source": {"image": {"digest": "sha256:abab"}}}

referrer(digest, summary) := {"statement": {
	"subject": [{"digest": {"sha256": digest}}],
	"predicate": {"results": {"summary": summary}},
}}
