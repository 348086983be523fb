# METADATA
# title: The publisher's tests ran and none failed
# description: >-
#   Every verified test report of exactly this image (CTRF) counts at least one passed test and no failed one, and its
#   numbers agree with each other and with its list of tests.
# custom:
#   name: dhi-no-failing-tests
#   result_type: boolean
#   remediation: Use another build of the image; the publisher's own tests do not show that this one works.
#   details_order: [summary]
#   evidence: [tests]
package docker.scout

import rego.v1

report_type := "https://scout.docker.com/tests/v0.1"

default applicable := true

# A package image comes without a report; one that has one is judged like any other.
applicable := false if {
	data.dhiverify.image.artifact == "package"
	count(statements(report_type)) == 0
}

# Without a report there is no answer.
pass := count(violation) == 0 if count(statements(report_type)) > 0

violation contains {"message": "expected a summary that counts tests, passed and failed, found none"} if {
	some statement in statements(report_type)
	not summary(statement)
}

violation contains {
	"message": sprintf("%d of %d tests failed", [found.failed, found.tests]),
	"detail": {"summary": found},
} if {
	some statement in statements(report_type)
	found := summary(statement)
	found.failed > 0
}

violation contains {"message": sprintf("none of %d tests passed", [found.tests]), "detail": {"summary": found}} if {
	some statement in statements(report_type)
	found := summary(statement)
	found.passed == 0
	found.failed == 0
}

violation contains {
	"message": sprintf("the summary contradicts itself: %d tests, and %d results", [found.tests, results(found)]),
	"detail": {"summary": found},
} if {
	some statement in statements(report_type)
	found := summary(statement)
	results(found) != found.tests
}

violation contains {
	"message": sprintf("the summary counts %d failed tests, the list %d", [found.failed, listed]),
	"detail": {"summary": found},
} if {
	some statement in statements(report_type)
	found := summary(statement)
	listed := count([test | some test in statement.predicate.results.tests; test.status == "failed"])
	listed > found.failed
}

members := ["tests", "passed", "failed", "skipped", "pending", "other"]

# The counts, when those that matter are there and all are whole numbers. What CTRF calls optional counts as 0.
summary(statement) := counts if {
	stated := statement.predicate.results.summary
	every name in ["tests", "passed", "failed"] {
		is_number(stated[name])
	}
	counts := {name: object.get(stated, name, 0) | some name in members}
	every number in counts {
		is_number(number)
		number >= 0
		floor(number) == number
	}
}

results(counts) := (((counts.passed + counts.failed) + counts.skipped) + counts.pending) + counts.other

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}
