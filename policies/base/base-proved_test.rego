# `dhi.facts` answers what the layers have to do with the base (kind `base`), and whether its own evidence is trusted.
package docker.scout_test

import data.docker.scout
import rego.v1

proved := {
	"reference": "dhi.io/python:3.13",
	"relation": "proved",
	"reason": "",
	"reasons": [],
	"approved": true,
	"exit_code": 0,
	"layers": 4,
}

changed(members) := [object.union(proved, members)]

claimed := changed({"relation": "claimed", "reason": "no provenance that is signed names it"})

test_an_approved_base_passes if {
	scout.pass with dhi.facts as [proved]
	count(scout.violation) == 0 with dhi.facts as [proved]
}

test_base_and_layers_are_noted if {
	said := scout.note with dhi.facts as [proved]
	said == "dhi.io/python:3.13, 4 layers"
}

test_other_layers_are_refused if {
	foreign := changed({"relation": "refuted", "reason": "expected the 4 layers of the base first, found 3"})
	scout.pass == false with dhi.facts as foreign
	found := scout.violation with dhi.facts as foreign
	found == {{
		"message": "not built on dhi.io/python:3.13: expected the 4 layers of the base first, found 3",
		"detail": {"base": "dhi.io/python:3.13", "relation": "refuted"},
	}}
}

test_a_base_that_nothing_names_is_refused if {
	found := scout.violation with dhi.facts as changed({"reference": "", "relation": "refuted", "reason": "none is named"})
	found == {{
		"message": "not built on any image that signed provenance, --base or a label names: none is named",
		"detail": {"base": "", "relation": "refuted"},
	}}
}

test_a_claim_is_no_proof_unless_configured if {
	every config in [{}, {"accept_claimed": false}, {"accept_claimed": "yes"}] {
		found := scout.violation with dhi.facts as claimed with data.config as config
		{one.message | some one in found} == {"not built on dhi.io/python:3.13: no provenance that is signed names it"}
	}
	scout.pass with dhi.facts as claimed with data.config as {"accept_claimed": true}
}

test_other_layers_are_refused_even_where_claims_count if {
	scout.pass == false with dhi.facts as changed({"relation": "refuted"}) with data.config as {"accept_claimed": true}
}

test_a_base_that_is_not_approved_is_refused if {
	scout.pass == false with dhi.facts as changed({"approved": false})
	found := scout.violation with dhi.facts as changed({"approved": false})
	found == {{
		"message": "the base dhi.io/python:3.13 is not among those that are approved",
		"detail": {"base": "dhi.io/python:3.13", "relation": "proved"},
	}}
}

# Whether a base without the evidence that its policy demands is allowed is for the rule base-accepted.
test_a_base_without_trusted_evidence_is_refused if {
	every code in [3, 4, 5] {
		untrusted := changed({"exit_code": code, "reasons": ["no signature", "no trusted key"]})
		scout.pass == false with dhi.facts as untrusted
		found := scout.violation with dhi.facts as untrusted
		found == {{
			"message": "no evidence of the base dhi.io/python:3.13 is trusted: no signature; no trusted key",
			"detail": {"base": "dhi.io/python:3.13", "relation": "proved"},
		}}
	}
	scout.pass with dhi.facts as changed({"exit_code": 1, "reasons": ["malware was found"]})
}

test_where_it_is_not_built_on_the_base_nothing_else_is_said if {
	found := scout.violation with dhi.facts as changed({"relation": "refuted", "approved": false, "exit_code": 3})
	count(found) == 1
}

test_where_none_was_looked_for_nothing_passes if {
	scout.pass == false with dhi.facts as []
}

test_only_bases_are_read if {
	scout.pass == false with dhi.facts as other_kinds
	scout.note == "" with dhi.facts as other_kinds
	count(scout.violation) == 0 with dhi.facts as other_kinds
}

# With any of them, the rule would say something.
other_kinds(kind) := [object.union(proved, members) |
	some members in [{}, {"relation": "refuted"}, {"approved": false}, {"exit_code": 3}]
	kind != "base"
]
