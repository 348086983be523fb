# `dhi.facts` answers what the verified summaries (kind `vsa`) say.
package docker.scout_test

import data.docker.scout
import rego.v1

summary(result, verifier) := {"result": result, "verifier": verifier, "policy": "https://example.com/policy"}

passed := summary("PASSED", "https://docker.com")

test_a_summary_that_says_passed_passes if {
	scout.applicable with dhi.facts as [passed]
	scout.pass with dhi.facts as [passed]
	count(scout.violation) == 0 with dhi.facts as [passed]
}

test_who_verified_is_noted_once if {
	said := scout.note with dhi.facts as [passed, passed, summary("PASSED", "https://example.com")]
	said == "PASSED, says https://docker.com, https://example.com"
}

test_a_failure_is_named if {
	scout.pass == false with dhi.facts as [summary("FAILED", "https://docker.com")]
	found := scout.violation with dhi.facts as [summary("FAILED", "https://docker.com")]
	found == {{
		"message": "expected the result PASSED, found FAILED, by https://docker.com",
		"detail": {
			"result": "FAILED",
			"verifier": "https://docker.com",
			"policy": "https://example.com/policy",
		},
	}}
}

test_every_other_result_fails if {
	every result in ["", "passed", "PASSED ", "UNKNOWN"] {
		scout.pass == false with dhi.facts as [summary(result, "https://docker.com")]
	}
}

test_one_failure_of_two_fails if {
	scout.pass == false with dhi.facts as [passed, summary("FAILED", "https://docker.com")]
}

test_without_a_summary_there_is_nothing_to_ask if {
	not scout.applicable with dhi.facts as []
}

test_only_summaries_are_read if {
	not scout.applicable with dhi.facts as other_kinds
	count(scout.violation) == 0 with dhi.facts as other_kinds
}

other_kinds(kind) := [summary("FAILED", "https://docker.com") | kind != "vsa"]
