# `dhi.facts` answers which tag was requested, and which are signed. Elsewhere than at the publisher the tag is not
# enforced.
package docker.scout_test

import data.docker.scout
import rego.v1

image(tag, signed) := {
	"requested": {"tag": tag},
	"signed": {"tags": signed},
	"tag_enforced": false,
	"is_layout": false,
	"index": {"signed": false},
}

but(changes) := object.union(image("3.13", []), changes)

test_a_signed_tag_passes if {
	scout.applicable with dhi.facts as [image("3.13", ["3", "3.13"])]
	scout.pass with dhi.facts as [image("3.13", ["3", "3.13"])]
	count(scout.violation) == 0 with dhi.facts as [image("3.13", ["3", "3.13"])]
}

test_another_tag_fails if {
	scout.pass == false with dhi.facts as [image("production", ["3", "3.13"])]
	found := scout.violation with dhi.facts as [image("production", ["3", "3.13"])]
	found == {{
		"message": "the tag production was requested; signed are: 3, 3.13",
		"detail": {"requested": "production", "signed": ["3", "3.13"]},
	}}
}

test_no_signed_tag_fails if {
	scout.pass == false with dhi.facts as [image("3.13", [])]
	messages := {one.message | some one in scout.violation} with dhi.facts as [image("3.13", [])]
	messages == {"the tag 3.13 was requested; signed are: none"}
}

test_a_digest_asks_for_no_tag if {
	not scout.applicable with dhi.facts as [image("", ["3.13"])]
}

test_where_the_other_rule_denies_this_one_is_silent if {
	not scout.applicable with dhi.facts as [but({"tag_enforced": true})]
}

test_a_signed_index_does_not_name_the_tag if {
	scout.applicable with dhi.facts as [but({"tag_enforced": true, "index": {"signed": true}})]
}

test_a_layout_is_not_asked if {
	not scout.applicable with dhi.facts as [but({"is_layout": true})]
}
