# METADATA
# title: The test report counts no failed test
# description: >-
#   There is a test report of this image, and the number of failed tests in its summary, where it has one, is 0. A
#   report of no tests counts as good.
# custom:
#   name: dhi-no-failing-tests
#   result_type: generic
#   weight: 10
#   not_compliant_title: Tests failed, or none were reported
#   remediation: Use another build of the image; the publisher's own tests do not show that this one works.
#   details_order: [predicate, reason]
#   evidence: ["https://scout.docker.com/tests/v0.1"]
package docker.scout

import rego.v1

report_type := "https://scout.docker.com/tests/v0.1"

report := oci.referrer(report_type)

default pass := false

pass if count(violation) == 0

violation contains complaint("there is no test report") if report == null

violation contains complaint(sprintf("the report does not speak about %s", [digest])) if {
	digest := input.source.image.digest
	not digest in subjects
}

violation contains complaint(sprintf("failed tests: %v", [failed])) if {
	failed := report.statement.predicate.results.summary.failed
	failed != 0
}

complaint(reason) := {
	"message": sprintf("%s: %s", [report_type, reason]),
	"detail": {"predicate": report_type, "reason": reason},
}

# Empty where there is no report, so that its absence is said twice.
subjects contains sprintf("sha256:%v", [sha256]) if sha256 := report.statement.subject[_].digest.sha256
