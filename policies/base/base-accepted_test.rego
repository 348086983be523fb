# `dhi.facts` answers what the verdict about the base is (kind `base`), and for which reasons.
package docker.scout_test

import data.docker.scout
import rego.v1

judged(verdict, reasons) := {
	"reference": "dhi.io/python:3.13",
	"policy": "hardened",
	"verdict": verdict,
	"reasons": reasons,
}

test_an_allowed_base_passes if {
	every verdict in ["allow", "warn"] {
		scout.applicable with dhi.facts as [judged(verdict, [])]
		scout.pass with dhi.facts as [judged(verdict, [])]
	}
}

test_what_only_warns_refuses_nothing if {
	scout.pass with dhi.facts as [judged("warn", ["dhi-end-of-life: ends soon"])]
}

test_each_reason_to_deny_is_named if {
	denied := judged("deny", ["malware was found", "the provenance is old"])
	scout.pass == false with dhi.facts as [denied]
	found := scout.violation with dhi.facts as [denied]
	found == {
		{
			"message": "the base dhi.io/python:3.13 is refused by policy hardened: malware was found",
			"detail": {"base": "dhi.io/python:3.13", "verdict": "deny"},
		},
		{
			"message": "the base dhi.io/python:3.13 is refused by policy hardened: the provenance is old",
			"detail": {"base": "dhi.io/python:3.13", "verdict": "deny"},
		},
	}
}

test_a_base_that_nobody_judged_is_refused if {
	every verdict in ["error", "deny", ""] {
		scout.pass == false with dhi.facts as [judged(verdict, [])]
		found := scout.violation with dhi.facts as [judged(verdict, [])]
		found == {{
			"message": "the base dhi.io/python:3.13 could not be judged",
			"detail": {"base": "dhi.io/python:3.13", "verdict": verdict},
		}}
	}
}

# That there must be one is said by the rule base-proved.
test_without_a_base_there_is_nothing_to_ask if {
	not scout.applicable with dhi.facts as [object.union(judged("", []), {"reference": ""})]
}

test_where_none_was_looked_for_nothing_passes if {
	scout.pass == false with dhi.facts as []
}

test_only_bases_are_read if {
	scout.pass == false with dhi.facts as other_kinds
	count(scout.violation) == 0 with dhi.facts as other_kinds
	scout.applicable with dhi.facts as other_kinds
}

# With any of them, the rule would say something.
other_kinds(kind) := [base |
	some base in [judged("allow", []), judged("deny", []), judged("deny", ["old"]), {"reference": ""}]
	kind != "base"
]
