# `dhi.facts` answers which tag was requested, and which are signed.
package docker.scout_test

import data.docker.scout
import rego.v1

image(tag, signed) := {
	"requested": {"tag": tag},
	"signed": {"tags": signed},
	"tag_enforced": true,
	"index": {"signed": false},
}

test_a_signed_tag_passes if {
	scout.applicable with dhi.facts as [image("3.13", ["3", "3.13"])]
	scout.pass with dhi.facts as [image("3.13", ["3", "3.13"])]
	count(scout.violation) == 0 with dhi.facts as [image("3.13", ["3", "3.13"])]
}

test_another_tag_is_refused if {
	scout.pass == false with dhi.facts as [image("3.13", ["3.12"])]
	found := scout.violation with dhi.facts as [image("3.13", ["3.12"])]
	found == {{
		"message": "the tag 3.13 was requested; signed are: 3.12",
		"detail": {"requested": "3.13", "signed": ["3.12"]},
	}}
}

test_no_signed_tag_is_refused if {
	scout.pass == false with dhi.facts as [image("3.13", [])]
	messages := {one.message | some one in scout.violation} with dhi.facts as [image("3.13", [])]
	messages == {"the tag 3.13 was requested; signed are: none"}
}

test_a_digest_asks_for_no_tag if {
	not scout.applicable with dhi.facts as [image("", ["3.13"])]
}

test_elsewhere_tags_are_free if {
	not scout.applicable with dhi.facts as [object.union(image("production", []), {"tag_enforced": false})]
}

test_a_signed_index_is_for_the_other_rule if {
	not scout.applicable with dhi.facts as [object.union(image("3.13", []), {"index": {"signed": true}})]
}
