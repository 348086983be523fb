# `dhi.facts` answers what was signed about the image, and in what tag, labels and evidence disagree about its variant.
package docker.scout_test

import data.docker.scout
import rego.v1

image(disagreements) := {
	"signed": {"products": ["dhi/python"], "tags": ["3.13"]},
	"variant": {"disagreements": disagreements},
}

named(name) := labelled({"com.docker.dhi.name": name})

labelled(labels) := {"source": {"image": {"config": {"config": {"Labels": labels}}}}}

test_one_variant_passes if {
	scout.applicable with input as named("dhi/python") with dhi.facts as [image([])]
	scout.pass with input as named("dhi/python") with dhi.facts as [image([])]
}

test_each_disagreement_is_named if {
	two := image(["the label says alpine, the tag debian", "no FIPS evidence"])
	scout.pass == false with input as named("dhi/python") with dhi.facts as [two]
	found := scout.violation with input as named("dhi/python") with dhi.facts as [two]
	found == {
		{
			"message": "the label says alpine, the tag debian",
			"detail": {"disagreement": "the label says alpine, the tag debian"},
		},
		{"message": "no FIPS evidence", "detail": {"disagreement": "no FIPS evidence"}},
	}
}

test_without_a_signed_tag_there_is_nothing_to_ask if {
	untagged := object.union(image([]), {"signed": {"tags": []}})
	not scout.applicable with input as named("dhi/python") with dhi.facts as [untagged]
}

test_an_image_built_on_a_hardened_one_is_not_asked if {
	every given in [named("dhi/node"), labelled({}), labelled(null)] {
		not scout.applicable with input as given with dhi.facts as [image(["no FIPS evidence"])]
	}
}
